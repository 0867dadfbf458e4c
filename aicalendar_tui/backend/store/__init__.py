"""The database: peewee (and so SQLite or PostgreSQL) lives in this package alone."""

from aicalendar_tui.backend.store.store import PeeweeStore

__all__ = ["PeeweeStore"]
