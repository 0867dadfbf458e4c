"""The database as a file of one machine: SQLite with a write-ahead log."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from secrets import token_hex

from aicalendar_tui.backend.domain.errors import CalendarError, DatabaseUnusable, Transient
from aicalendar_tui.backend.store.drivers import hide_drivers
from aicalendar_tui.i18n import _

with hide_drivers():  # whoever imports peewee first decides what it loads
    from peewee import DatabaseError, InterfaceError, PeeweeException, SqliteDatabase

    from aicalendar_tui.backend.store.migrations import VERSION, migrate, read_version
    from aicalendar_tui.backend.store.transactions import TransactionalStore

BUSY_TIMEOUT_SECONDS = 5
IN_MEMORY = ":memory:"
SQLITE_VERSION = sqlite3.sqlite_version


class PeeweeStore(TransactionalStore):
    """Fits `ports.Store`; writes are IMMEDIATE, so nobody finds out at the commit that it was too late."""

    _database: SqliteDatabase

    def __init__(self, path: Path | str, *, checkpoint: bool = True) -> None:
        """`path` is the SQLite file, or `:memory:`; with `checkpoint` off, other processes tidy the WAL."""
        self._path = path
        super().__init__(
            SqliteDatabase(
                str(path),
                timeout=BUSY_TIMEOUT_SECONDS,
                pragmas={
                    "journal_mode": "wal",
                    "synchronous": "normal",
                    "wal_autocheckpoint": 1_000 if checkpoint else 0,
                    "temp_store": "memory",
                },
            )
        )

    def _open(self) -> None:
        """Raises DatabaseUnusable, and then leaves no connection behind."""
        try:
            super()._open()
        except OSError as error:
            self.close()
            raise DatabaseUnusable(
                _("can't use the database {database}: {reason}; move it away, or mend it").format(
                    database=self._path, reason=error.strerror or error
                )
            ) from error
        except (PeeweeException, CalendarError):
            self.close()
            raise

    def _prepare(self) -> None:
        if self._path != IN_MEMORY:
            Path(self._path).chmod(0o600)
        if read_version(self._database) == VERSION:
            return
        with self._database.atomic("IMMEDIATE"):
            version = read_version(self._database)  # another process may have been faster
            if 0 < version < VERSION and self._path != IN_MEMORY:
                _back_up(Path(self._path), version)
            migrate(self._database, version, database_id=token_hex(8))

    def _reading(self) -> AbstractContextManager[object]:
        return self._database.atomic()

    @contextmanager
    def _writing(self, *, durable: bool) -> Iterator[None]:
        if durable:
            self._database.pragma("synchronous", "full")
        try:
            with self._database.atomic("IMMEDIATE"):
                yield
        finally:
            if durable:
                self._database.pragma("synchronous", "normal")

    def _translate(self, error: DatabaseError | InterfaceError) -> CalendarError:
        code = getattr(getattr(error, "orig", None), "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return Transient(
                _("another program has been writing the database {database} for {seconds} s: try again").format(
                    database=self._path, seconds=BUSY_TIMEOUT_SECONDS
                )
            )
        if code == sqlite3.SQLITE_FULL:
            return DatabaseUnusable(
                _("no room left for the database {database}: make room; nothing was changed").format(
                    database=self._path
                )
            )
        return DatabaseUnusable(
            _("can't use the database {database}: {reason}; move it away, or mend it").format(
                database=self._path, reason=error
            )
        )

    def data_version(self) -> int:
        """PRAGMA data_version: it changes when another connection has written."""
        with self._faults():
            self._open()
            return int(self._database.pragma("data_version"))


def _back_up(path: Path, version: int) -> None:
    """Copies the database to `NAME.vN.bak` beside it; an older copy of that name stays, the new one gets a number.

    The caller holds the write lock: the copy is of the very state that is then migrated.
    """
    target = path.with_name(f"{path.name}.v{version}.bak")
    number = 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.name}.v{version}.{number}.bak")
    part = target.with_name(f"{target.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = delete")  # one file, to be moved about by hand
        part.replace(target)
    except (OSError, sqlite3.Error) as error:
        with suppress(OSError):
            part.unlink()
        raise DatabaseUnusable(
            _(
                "can't back up {database} before bringing it up to date: {reason}; make room beside it;"
                " nothing was changed"
            ).format(database=path, reason=error)
        ) from error
