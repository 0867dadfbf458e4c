"""The database: peewee (and so SQLite or PostgreSQL) lives in this package alone."""

from aicalendar_tui.backend.store.lock import FileLock
from aicalendar_tui.backend.store.store import PeeweeStore

__all__ = ["FileLock", "PeeweeStore"]
