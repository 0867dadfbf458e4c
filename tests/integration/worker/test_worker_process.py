"""Celery's worker as it runs on a person's machine: a process, a real broker, a real database, a simulated Google."""

import re
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from aicalendar_tui.backend.cache.memory import MemoryAgendaCache, MemoryChangePublisher
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.queue import CeleryTaskQueue, create_celery
from aicalendar_tui.backend.services.backstop import GIVEN_UP, KILLED, MOST_DEATHS
from aicalendar_tui.backend.services.edit import Edit
from aicalendar_tui.backend.services.ledger import Ledger
from aicalendar_tui.backend.services.request_sync import RequestSync
from aicalendar_tui.bootstrap import DEMO_USER, SystemClock, redis_url
from tests.integration.worker.conftest import Workshop, wait_for

CLOCK = SystemClock()
LARGE = 10_000


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
        [line for line in errors.splitlines() if re.search("Error|unclosed|superuser", line)],
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
    # The client itself tries a dropped request four times: twice, and twice more on a new connection.
    workshop.ask("POST", "/_control/faults", {"kind": "drop", "method": "POST", "times": 4})
    task_id = ledger.request("calendar.push", DEMO_USER)

    def task() -> Task:
        (found,) = [task for task in workshop.tasks("calendar.push") if task.task_id == task_id]
        return found

    wait_for(lambda: task().state == "done")
    assert ["Later"] == workshop.summaries()
    assert task().retries >= 1


def test_channels_of_a_passing_address_are_stopped_as_the_worker_ends(workshop: Workshop, ledger: Ledger) -> None:
    """SIGTERM, and within its grace Google knows that nobody listens any more."""
    with workshop.store.write() as unit:
        unit.set_public_address("http://127.0.0.1:9")
    worker = workshop.start_worker()

    def states() -> list[str]:
        with workshop.store.read() as unit:
            return [channel.state for channel in unit.channels(DEMO_USER)]

    wait_for(lambda: states() == ["active"])
    worker.send_signal(signal.SIGTERM)
    worker.communicate(timeout=15)
    assert (0, ["dead"]) == (worker.returncode, states())
    assert [] == workshop.ask("GET", "/_control/state")["channels"]


def test_first_sync_of_a_large_calendar_tells_its_progress_and_goes_on_after_a_kill(workshop: Workshop) -> None:
    """10,000 events: the pages that were kept are not asked for again."""
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{number}@example.com\r\nSUMMARY:{number}\r\n"
        f"DTSTART:2026{1 + number % 12:02}{1 + number % 28:02}T090000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"
        for number in range(LARGE)
    )
    body = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\n{events}END:VCALENDAR\r\n"
    loaded = workshop.ask("POST", f"/_control/ics?user={DEMO_USER}&name=Large", body)
    assert LARGE == loaded["events"]
    calendar_id = loaded["calendar_id"]

    def pulls() -> list[Task]:
        return [task for task in workshop.tasks("calendar.pull") if task.calendar_id == calendar_id]

    def count_events() -> int:
        with workshop.store.read() as unit:
            return unit.event_count(DEMO_USER, calendar_id)

    workshop.ask("POST", "/_control/faults", {"kind": "delay", "delay_seconds": 0.2, "method": "GET", "times": 1_000})
    worker = workshop.start_worker()
    wait_for(lambda: any(task.done >= LARGE // 2 for task in pulls()), seconds=60)
    worker.kill()
    worker.communicate()
    assert 0 == count_events()
    with workshop.store.read() as unit:
        generation = unit.staged_generation(DEMO_USER, calendar_id)
        kept = unit.event_count(DEMO_USER, calendar_id, generation=generation)
    assert LARGE // 2 <= kept < LARGE
    workshop.ask("DELETE", "/_control/faults")
    workshop.ask("DELETE", "/_control/requests")
    workshop.start_worker()
    wait_for(lambda: count_events() == LARGE, seconds=60)
    asked = [path for _, path, _ in workshop.ask("GET", "/_control/requests")["requests"]]
    pages = sum(path.endswith(f"/{quote(calendar_id)}/events") for path in asked)
    # Two of the four were kept; one more may be a look at what changed meanwhile.
    assert 1 <= pages <= 3


def test_calendar_that_was_given_up_kills_no_worker_until_the_user_asks(workshop: Workshop, ledger: Ledger) -> None:
    """A notification, or the broker's second delivery, is turned away; a sync by hand is done."""
    workshop.start_worker()
    wait_for(lambda: is_synced(workshop))
    with workshop.store.write() as unit:
        for _ in range(MOST_DEATHS):
            unit.count_death(DEMO_USER, DEMO_USER)

    def state(task_id: str) -> tuple[str, str]:
        return next((task.state, task.error) for task in workshop.tasks("calendar.pull") if task.task_id == task_id)

    turned_away = ledger.request("calendar.pull", DEMO_USER, calendar_id=DEMO_USER)
    wait_for(lambda: state(turned_away) == ("failed", GIVEN_UP))
    (by_hand,) = RequestSync(workshop.store, ledger)(DEMO_USER, calendar_id=DEMO_USER)
    wait_for(lambda: state(by_hand) == ("done", ""))


def test_worker_that_is_asked_to_end_takes_no_blame_for_what_it_had_no_time_for(
    workshop: Workshop, ledger: Ledger
) -> None:
    """Somebody quits three times while Google hangs: the edits still go out by themselves."""
    worker = workshop.start_worker()
    wait_for(lambda: is_synced(workshop))
    edit(workshop, "Patient")
    workshop.ask("POST", "/_control/faults", {"kind": "delay", "delay_seconds": 20, "method": "POST", "times": 1})
    task_id = ledger.request("calendar.push", DEMO_USER)

    def state() -> tuple[str, int | None]:
        (task,) = [task for task in workshop.tasks("calendar.push") if task.task_id == task_id]
        return task.state, task.started_at

    wait_for(lambda: state()[0] == "running")
    worker.send_signal(signal.SIGTERM)
    wait_for(lambda: state() == ("queued", None))
    worker.kill()
    worker.communicate()
    workshop.start_worker()

    def outbox_is_empty() -> bool:
        with workshop.store.read() as unit:
            return unit.changes(DEMO_USER) == []

    wait_for(outbox_is_empty)
    assert ["Patient"] == workshop.summaries()
    assert KILLED not in [task.error for task in workshop.tasks("calendar.push")]
