"""Celery's worker as it runs on a person's machine: a process, a real broker, a real database, a simulated Google."""

import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from aicalendar_tui.backend.cache.memory import MemoryAgendaCache, MemoryChangePublisher
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.queue import CeleryTaskQueue, create_celery
from aicalendar_tui.backend.services.edit import Edit
from aicalendar_tui.backend.services.ledger import Ledger
from aicalendar_tui.bootstrap import DEMO_USER, SystemClock, redis_url
from tests.integration.worker.conftest import Workshop, wait_for

CLOCK = SystemClock()


@pytest.fixture
def ledger(workshop: Workshop) -> Iterator[Ledger]:
    """Asks as the local API does."""
    queue = CeleryTaskQueue(lambda: create_celery(redis_url(workshop.settings), embedded=True))
    yield Ledger(workshop.store, queue, MemoryChangePublisher(), CLOCK)
    app, connection = queue._open()
    connection.close()
    app.close()


def edit(workshop: Workshop, summary: str) -> None:
    """An event that the user makes on the screen."""
    start = datetime(2026, 11, 23, 12, tzinfo=UTC)
    editing = Edit(workshop.store, MemoryAgendaCache(), MemoryChangePublisher(), CLOCK)
    editing.create(DEMO_USER, DEMO_USER, Draft(summary=summary, start=start, end=start))


def is_synced(workshop: Workshop) -> bool:
    """Whether every calendar of the list was pulled."""
    with workshop.store.read() as unit:
        calendars = unit.calendars(DEMO_USER)
    return bool(calendars) and all(calendar.synced_at for calendar in calendars)


def test_worker_lists_and_pulls_by_itself_then_sends_what_it_is_asked_to(workshop: Workshop, ledger: Ledger) -> None:
    """The backstop runs as the worker starts; a task goes queued, running, done in the ledger."""
    worker = workshop.start_worker()
    wait_for(lambda: is_synced(workshop))
    edit(workshop, "By the worker")
    task_id = ledger.request("calendar.push", DEMO_USER)

    def state() -> str:
        return next(task.state for task in workshop.tasks("calendar.push") if task.task_id == task_id)

    wait_for(lambda: state() == "done")
    (task,) = [task for task in workshop.tasks("calendar.push") if task.task_id == task_id]
    assert ["By the worker"] == workshop.summaries()
    assert ("1", "", 0) == (task.result, task.error, task.retries)
    assert task.started_at is not None
    assert task.finished_at is not None
    assert task.queued_at <= task.started_at <= task.finished_at
    worker.send_signal(signal.SIGTERM)
    _, errors = worker.communicate(timeout=15)
    assert (0, []) == (
        worker.returncode,
        [line for line in errors.splitlines() if "Error" in line or "unclosed" in line],
    )


def test_task_of_a_killed_worker_is_done_again_within_ten_seconds(workshop: Workshop, ledger: Ledger) -> None:
    """SIGKILL while Google has the event and its answer is on the way: one event, and an empty outbox."""
    worker = workshop.start_worker()
    wait_for(lambda: is_synced(workshop))
    edit(workshop, "Once")
    fault = {"kind": "delay", "delay_seconds": 20, "method": "POST", "times": 1}
    workshop.ask("POST", "/_control/faults", fault)
    ledger.request("calendar.push", DEMO_USER)
    wait_for(lambda: workshop.summaries() == ["Once"])
    assert ["running"] == [task.state for task in workshop.tasks("calendar.push")]
    worker.kill()
    worker.communicate()
    before = time.monotonic()
    workshop.start_worker()

    def outbox_is_empty() -> bool:
        with workshop.store.read() as unit:
            return unit.changes(DEMO_USER) == []

    wait_for(outbox_is_empty)
    assert time.monotonic() - before < 10
    assert ["Once"] == workshop.summaries()
    wait_for(lambda: sorted(task.state for task in workshop.tasks("calendar.push"))[0] == "done")


def test_offline_google_is_retried_and_told(workshop: Workshop, ledger: Ledger) -> None:
    """Then done; the edit was never in danger."""
    workshop.start_worker()
    wait_for(lambda: is_synced(workshop))
    edit(workshop, "Later")
    workshop.ask("POST", "/_control/faults", {"kind": "drop", "method": "POST", "times": 2})
    task_id = ledger.request("calendar.push", DEMO_USER)

    def task() -> Task:
        (found,) = [task for task in workshop.tasks("calendar.push") if task.task_id == task_id]
        return found

    wait_for(lambda: task().state == "done")
    assert ["Later"] == workshop.summaries()
    assert task().retries >= 1
