"""SQLite with a queue for those who write (decision 0028)."""
