"""Backup and restore: a consistent copy of rows and files, encrypted, that can be compared row by row after it was put back.

The copy is neutral: taken from SQLite it may be restored into PostgreSQL and the other way round, with equal hashes. Sealed
fields travel sealed: the keys of an installation are never in its backup (docs/backup.md says how to keep them).
"""

from config.backup.container import BackupError
from config.backup.restoring import check, restore
from config.backup.taking import last_taken, take

__all__ = ["BackupError", "check", "last_taken", "restore", "take"]
