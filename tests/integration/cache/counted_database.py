"""A database for the tests of caches, reduced to what matters there: its revision, and how often it is read."""

from aicalendar_tui.backend.ports import Revision


class CountedDatabase:
    """A stand-in whose one value is its own revision, so that a stale answer shows by itself."""

    def __init__(self) -> None:
        self.revision = Revision("db-1", 1)
        self.reads = 0

    def write(self) -> None:
        """One more change."""
        self.revision = Revision(self.revision.database_id, self.revision.number + 1)

    def load(self) -> tuple[Revision, bytes]:
        """Revision and data, read at once."""
        self.reads += 1
        return self.revision, str(self.revision).encode()
