"""Rules whose breach only shows when something fails at the worst moment: a store that crashes where it is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from aicalendar_tui.backend.domain.errors import SyncTokenExpired, Unreachable
from aicalendar_tui.backend.ports import ReadUnit, Store, WriteUnit
from tests.unit.services.household import HOME, USER, Household, timed


class Crash(Exception):
    """The process ends here."""


class CrashingStore:
    """Another process's store that dies before it commits its write number `fatal`, counted from zero."""

    def __init__(self, store: Store, fatal: int) -> None:
        self._store = store
        self.left = fatal

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[WriteUnit]:
        """Rolls back and raises Crash when its time has come."""
        with self._store.write(durable=durable) as unit:
            yield unit
            self.left -= 1
            if self.left < 0:
                raise Crash

    @contextmanager
    def read(self) -> Iterator[ReadUnit]:
        """As ever."""
        with self._store.read() as unit:
            yield unit

    def data_version(self) -> int:
        """As ever."""
        return self._store.data_version()

    def close(self) -> None:
        """As ever."""
        self._store.close()


@pytest.mark.parametrize("full", [False, True])
def test_protocol_20_crash_at_any_transaction_of_a_pull_leaves_no_token_without_its_rows(
    house: Household, full: bool
) -> None:
    """S1: wherever a pull dies, the next one brings what it would have brought."""
    for fatal in range(20):
        kept = house.google.put(HOME, timed(f"Kept {fatal}", hour=fatal))["id"]
        gone = house.google.put(HOME, timed(f"Gone {fatal}", hour=fatal))["id"]
        house.pull(USER, HOME)
        house.google.put(HOME, {**timed(f"Changed {fatal}", hour=fatal), "id": kept})
        house.google.cancel(HOME, gone)
        if full:
            house.google.expire_sync_tokens()
        try:
            replace(house.pull, store=CrashingStore(house.store, fatal))(USER, HOME)
        except Crash:
            house.pull(USER, HOME)
            assert f"Changed {fatal}" in house.summaries()
            assert {f"Kept {fatal}", f"Gone {fatal}"}.isdisjoint(house.summaries())
        else:
            return
    raise AssertionError("no pull lives")


def test_protocol_19_old_view_stays_while_the_relist_after_a_410_fails(house: Household) -> None:
    """Nothing is purged before all of the new list is there."""
    house.google.put(HOME, timed("Here"))
    house.pull(USER, HOME)
    house.google.fail("list_events", SyncTokenExpired())
    house.google.before_next("list_events", lambda: house.google.fail("list_events", Unreachable()))
    with pytest.raises(Unreachable):
        house.pull(USER, HOME)
    assert ["Here"] == house.summaries()
