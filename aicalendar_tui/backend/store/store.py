"""Connections and transactions over SQLite; the units of work on top of them do the rest."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from peewee import DatabaseError, SqliteDatabase

from aicalendar_tui.backend.domain.errors import DatabaseUnusable
from aicalendar_tui.backend.store.schema import migrate
from aicalendar_tui.backend.store.units import Units

BUSY_TIMEOUT_SECONDS = 5


class PeeweeStore:
    """Fits `ports.Store`. One connection a thread, opened on first use; nothing is kept open between two calls."""

    def __init__(self, path: Path | str, *, checkpoint: bool = True) -> None:
        """`path` is the SQLite file, or `:memory:`; with `checkpoint` off, other processes tidy the WAL."""
        self._path = path
        self._database = SqliteDatabase(
            str(path),
            timeout=BUSY_TIMEOUT_SECONDS,
            pragmas={
                "journal_mode": "wal",
                "synchronous": "normal",
                "wal_autocheckpoint": 1_000 if checkpoint else 0,
                "temp_store": "memory",
            },
        )
        self._units = Units(self._database)
        self._ready = False

    def _open(self) -> None:
        """Connects this thread; the first time also brings the schema up to date. Raises DatabaseUnusable."""
        try:
            self._database.connect(reuse_if_open=True)
            if self._ready:
                return
            if self._path != ":memory:":
                Path(self._path).chmod(0o600)
            with self._database.atomic("IMMEDIATE"):
                migrate(self._database, token_hex(8))
        except (DatabaseError, OSError) as error:
            self._database.close()
            raise DatabaseUnusable(
                f"can't use the database {self._path}: {error}; move it away, or mend it"
            ) from error
        self._ready = True

    @contextmanager
    def read(self) -> Iterator[Units]:
        """One consistent view; within a write it is the write's own."""
        self._open()
        if self._database.in_transaction():
            yield self._units
            return
        with self._database.atomic():
            yield self._units

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Units]:
        """One IMMEDIATE transaction; nested in another write it joins it. `durable` waits for the disk.

        Raises RuntimeError inside a read: its snapshot could not be upgraded safely.
        """
        self._open()
        if self._database.in_transaction():
            if not self._units.writing:
                raise RuntimeError("a write can't begin inside a read")
            yield self._units
            return
        if durable:
            self._database.pragma("synchronous", "full")
        try:
            with self._database.atomic("IMMEDIATE"):
                self._units.writing = True
                try:
                    yield self._units
                finally:
                    self._units.writing = False
        finally:
            if durable:
                self._database.pragma("synchronous", "normal")

    def data_version(self) -> int:
        """PRAGMA data_version: it changes when another connection has written."""
        self._open()
        return int(self._database.pragma("data_version"))

    def close(self) -> None:
        """Closes this thread's connection."""
        if not self._database.is_closed():
            self._database.close()
