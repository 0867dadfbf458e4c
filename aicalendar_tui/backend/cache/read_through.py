"""How a cached view is read, whatever it is kept in: a hit is only what shows the database's present revision."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from threading import Event, Lock

from aicalendar_tui.backend.cache.keys import view_field, view_key
from aicalendar_tui.backend.ports import Revision, ViewName

Loaded = tuple[Revision, bytes]


class ReadThroughCache(ABC):
    """The part of `ports.AgendaCache` that every cache shares: the hit check, the fill, and one reader for many."""

    def __init__(self) -> None:
        self._flights = SingleFlight()

    def view(self, name: ViewName, current: Revision, load: Callable[[], Loaded]) -> bytes:
        """The cached value if it is of `current`; else what `load` reads, once for all that ask meanwhile."""
        key, field = view_key(name), view_field(name)

        def fetch() -> Loaded:
            cached = self._look_up(key, field, current)
            if cached is not None:
                return current, cached
            revision, value = load()
            self._fill(key, field, revision, value)
            return revision, value

        return self._flights.run((key, field), current, fetch)

    @abstractmethod
    def _look_up(self, key: str, field: str, current: Revision) -> bytes | None:
        """The value, if the hash's revision equals `current`."""

    @abstractmethod
    def _fill(self, key: str, field: str, revision: Revision, value: bytes) -> None:
        """Compare and set: refused where a higher revision of the same database is stored."""


class SingleFlight:
    """Lets one thread fetch what several want, as long as what it brings is new enough for each of them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._flights: dict[tuple[str, str], _Flight] = {}

    def run(self, subject: tuple[str, str], wanted: Revision, fetch: Callable[[], Loaded]) -> bytes:
        """What `fetch`, or another thread's, brought. A failure is raised in its own thread; the others try anew."""
        while True:
            with self._lock:
                flight = self._flights.get(subject)
                leads = flight is None
                if flight is None:
                    flight = self._flights[subject] = _Flight()
            if leads:
                return self._lead(subject, flight, fetch)
            flight.landed.wait()
            if flight.loaded is not None and serves(flight.loaded[0], wanted):
                return flight.loaded[1]

    def _lead(self, subject: tuple[str, str], flight: "_Flight", fetch: Callable[[], Loaded]) -> bytes:
        try:
            flight.loaded = fetch()
            return flight.loaded[1]
        finally:
            with self._lock:
                del self._flights[subject]
            flight.landed.set()


class _Flight:
    def __init__(self) -> None:
        self.landed = Event()
        self.loaded: Loaded | None = None


def serves(revision: Revision, wanted: Revision) -> bool:
    """Whether something of `revision` is new enough for a reader that saw `wanted` in the database."""
    return revision.database_id == wanted.database_id and revision.number >= wanted.number
