"""Fault experiments: real server processes are killed, frozen and starved under load, and nothing may be lost."""
