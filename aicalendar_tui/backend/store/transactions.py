"""What SQLite and PostgreSQL have in common: blocks that nest, units of work within them, errors told apart."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from peewee import Database, DatabaseError, InterfaceError, OperationalError

from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.backend.store.units import Units


class TransactionalStore(ABC):
    """Fits `ports.Store`. One connection a thread, opened on first use; nothing is kept open between two calls."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._units = Units(database)
        self._ready = False

    @abstractmethod
    def _prepare(self) -> None:
        """Brings the schema up to date, over this thread's fresh connection."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[object]:
        """One transaction that sees one state."""

    @abstractmethod
    def _writing(self, *, durable: bool) -> AbstractContextManager[object]:
        """One transaction that no other writer is beside."""

    @abstractmethod
    def _translate(self, error: DatabaseError | InterfaceError) -> CalendarError:
        """What a fault of the database (not a defect of ours) means."""

    @abstractmethod
    def data_version(self) -> int:
        """A number that changes when another connection has written."""

    def _open(self) -> None:
        """Connects this thread; the first time also brings the schema up to date."""
        self._database.connect(reuse_if_open=True)
        if not self._ready:
            self._prepare()
            self._ready = True

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Errors of the database leave as errors of the domain; defects of ours, such as wrong SQL, as they are."""
        try:
            yield
        except (DatabaseError, InterfaceError) as error:
            if type(error) in (DatabaseError, InterfaceError, OperationalError):
                raise self._translate(error) from error
            raise

    @contextmanager
    def read(self) -> Iterator[Units]:
        """One consistent view; within a write it is the write's own."""
        if self._database.in_transaction():
            yield self._units
            return
        with self._faults():
            self._open()
            with self._reading():
                yield self._units

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Units]:
        """One transaction, beside which nobody else writes; nested in another write it joins it.

        `durable` waits for the disk. Raises RuntimeError inside a read: its snapshot could not be upgraded safely.
        """
        if self._database.in_transaction():
            if not self._units.writing:
                raise RuntimeError("a write can't begin inside a read")
            yield self._units
            return
        with self._faults():
            self._open()
            with self._writing(durable=durable):
                self._units.writing = True
                try:
                    yield self._units
                finally:
                    self._units.writing = False

    def close(self) -> None:
        """Closes this thread's connection."""
        if not self._database.is_closed():
            self._database.close()
