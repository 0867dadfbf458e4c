"""The tests of the use cases once more, on PostgreSQL and its lock: edits, pulls and pushes come to the same."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from aicalendar_tui.backend.ports import Lock
from aicalendar_tui.backend.store.postgres import PostgresLock, PostgresStore
from tests.fakes.remote_calendar import FakeRemoteCalendar
from tests.unit.services import test_accept, test_edit, test_pull, test_push
from tests.unit.services.household import Household

MODULES = (test_accept, test_edit, test_pull, test_push)

OF_SQLITE_ALONE = {"test_edit_is_written_durably"}
"""It asks SQLite by PRAGMA; `test_postgres_transactions` has its like."""


class PostgresHousehold(Household):
    """Keeps its calendar in the database at `url`."""

    def __init__(self, folder: Path, url: str, google: FakeRemoteCalendar | None = None) -> None:
        self.url = url
        super().__init__(folder, google)

    def open_store(self) -> PostgresStore:
        """Connected when it is first used."""
        return PostgresStore(self.url)

    def make_lock(self) -> Lock:
        """On the same server."""
        return PostgresLock(self.url)


@pytest.fixture
def fresh(tmp_path: Path, url: str) -> Iterator[Household]:
    """An account that was never synced."""
    household = PostgresHousehold(tmp_path, url)
    yield household
    household.store.close()


@pytest.fixture
def house(fresh: Household) -> Household:
    """An account whose one calendar was pulled and is empty."""
    fresh.connect()
    return fresh


def _tests_and_fixtures_of(module: ModuleType) -> dict[str, object]:
    return {
        name: value
        for name, value in vars(module).items()
        if (name.startswith("test_") and name not in OF_SQLITE_ALONE)
        or type(value).__name__ == "FixtureFunctionDefinition"
    }


for _module in MODULES:
    globals().update(_tests_and_fixtures_of(_module))
