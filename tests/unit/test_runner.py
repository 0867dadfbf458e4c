"""One delivery of a task, without Celery: what becomes of it in the ledger, also when nothing can be written."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from aicalendar_tui.backend.domain.errors import DatabaseUnusable
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.services import Services
from aicalendar_tui.backend.services.backstop import KILLED, MOST_DEATHS
from aicalendar_tui.backend.services.pull import Progress
from aicalendar_tui.backend.store.store import PeeweeStore
from aicalendar_tui.backend.store.transactions import TransactionalStore
from aicalendar_tui.backend.store.units import Units
from aicalendar_tui.worker.tasks import Runner
from tests.unit.services.household import HOME, USER, Household

FULL = "no room left for the database"


class FillingStore(PeeweeStore):
    """Its disk can be full."""

    is_full = False

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Units]:
        """Raises DatabaseUnusable while the disk is full."""
        if self.is_full:
            raise DatabaseUnusable(FULL)
        with super().write(durable=durable) as unit:
            yield unit


class FillingHousehold(Household):
    """With a disk that can be full."""

    def open_store(self) -> TransactionalStore:
        """The database."""
        return FillingStore(self.folder / "calendar.db")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[FillingHousehold]:
    """In step with Google."""
    household = FillingHousehold(tmp_path)
    household.connect()
    yield household
    household.store.close()


def test_full_disk_is_told_in_the_panel_as_soon_as_there_is_room(
    house: FillingHousehold, caplog: pytest.LogCaptureFixture
) -> None:
    """Until then in the log, in one line each; and the worker lives on."""
    task_id = house.ledger.request("calendar.pull", USER, calendar_id=HOME)
    services = house.services()
    runner = Runner(lambda: services)
    store = cast(FillingStore, house.store)

    def work(services: Services, progress: Progress) -> str:
        store.is_full = True
        with services.store.write():
            raise AssertionError("unreachable: there is no room")

    task = cast(Any, SimpleNamespace(name="calendar.pull", request=SimpleNamespace(id=task_id, retries=0)))
    with caplog.at_level(logging.ERROR):
        runner.run(task, work, user_id=USER, calendar_id=HOME)
        runner.look()
    assert ["calendar.pull: " + FULL, "calendar.backstop: " + FULL] == caplog.messages
    store.is_full = False
    runner.look()
    told = house.read.task(task_id)
    assert told is not None
    assert ("failed", FULL) == (told.state, told.error)


def test_delivery_that_killed_three_workers_is_not_begun_again(house: FillingHousehold) -> None:
    """Its row keeps saying that the worker died over it."""
    services = house.services()
    runner = Runner(lambda: services)
    task_ids = []
    for _ in range(MOST_DEATHS):
        task_ids.append(house.ledger.request("calendar.push", USER))
        house.ledger.begin(Task(task_id=task_ids[-1], user_id=USER, name="calendar.push"))
        house.clock.advance(1)
        house.backstop(after_start=True)
    begun: list[str] = []

    def deliver(task_id: str) -> None:
        task = cast(Any, SimpleNamespace(name="calendar.push", request=SimpleNamespace(id=task_id, retries=0)))
        runner.run(task, lambda services, progress: begun.append(task_id) or "0", user_id=USER)

    for _ in range(2):
        deliver(task_ids[-1])
    by_hand = house.ledger.request("calendar.push", USER)
    deliver(by_hand)
    told = house.read.task(task_ids[-1])
    assert told is not None
    assert ([by_hand], KILLED) == (begun, told.error)
