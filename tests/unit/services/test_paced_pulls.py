"""A pull amid a burst of notifications is put off, and whatever is lost then, the last change comes."""

import pytest

from aicalendar_tui.backend.domain.channel import Notification
from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.domain.pacing import BURST, FLOOD, FLOOD_SECONDS, MEANWHILE, PAUSE_SECONDS, STREAM
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.queue import SentTask
from aicalendar_tui.backend.services.backstop import FETCH_SECONDS, LOST_QUEUED_SECONDS
from tests.unit.services.household import ADDRESS, HOME, USER, Household, timed
from tests.unit.services.pulling import do_pull

PAUSE = int(PAUSE_SECONDS)


@pytest.fixture
def watched(house: Household) -> Household:
    """Live, pulled this very second, and nothing to do."""
    house.watch.publish_address(ADDRESS)
    house.watch.set_live(USER, HOME, True)
    house.watch.start(USER, HOME)
    house.pull_list(USER)
    house.pull(USER, HOME)
    house.ledger.request("calendar.pull_list", USER)
    house.finish_tasks()
    house.google.calls.clear()
    return house


def notify(house: Household, times: int = 1) -> None:
    """Google tells of something, so many times."""
    (channel_id,) = house.google.channels
    token = house.google.channels[channel_id]["token"]
    for _ in range(times):
        house.accept(Notification(channel_id=channel_id, token=token))


def take(house: Household) -> SentTask:
    """The only message in the queue."""
    (task,) = house.queue.sent
    house.queue.sent.clear()
    return task


def state(house: Household, task: SentTask) -> tuple[str, int | None]:
    """What the ledger says: the state, and in how many seconds it is done again."""
    found = house.read.task(task.task_id)
    assert found is not None
    return found.state, None if found.retry_at is None else found.retry_at - house.clock.epoch()


def lists(house: Household) -> int:
    """How often the calendar was listed."""
    return house.google.operations().count("list_events")


def test_burst_is_answered_by_one_list_call(watched: Household) -> None:
    """All of it, after the pause; meanwhile the panel knows that the task waits, and until when."""
    watched.google.put(HOME, timed("Last"))
    notify(watched, BURST)
    task = take(watched)
    assert not do_pull(watched, task)
    assert (("queued", PAUSE), 0) == (state(watched, task), lists(watched))
    notify(watched, FLOOD // 2)
    again = take(watched)
    assert (task.task_id, PAUSE_SECONDS) == (again.task_id, again.countdown_seconds)
    watched.clock.advance(PAUSE)
    assert do_pull(watched, again)
    assert (1, ["Last"], []) == (lists(watched), watched.summaries(), watched.queue.sent)


def test_flood_waits_on_but_a_change_is_never_older_than_its_longest_wait(watched: Household) -> None:
    """Then it is listed amid the flood."""
    watched.google.put(HOME, timed("First"))
    notify(watched, BURST)
    task = take(watched)
    waited = 0
    while not do_pull(watched, task):
        waited += PAUSE
        watched.clock.advance(PAUSE)
        task = watched.queue.sent.pop(0)
        notify(watched, FLOOD)
    assert (FLOOD_SECONDS, ["First"]) == (waited, watched.summaries())


def test_change_that_comes_alone_is_fetched_at_once_however_soon_after_another(watched: Household) -> None:
    """A hand's edits are not a burst."""
    for number in range(STREAM - 1):
        watched.google.put(HOME, timed(f"Event {number}", hour=number % 20))
        notify(watched)
        assert do_pull(watched, take(watched))
    assert STREAM - 1 == lists(watched) == len(watched.summaries())


def test_stream_of_single_changes_is_paced_in_the_end(watched: Household) -> None:
    """Else a script that edits for an hour would use up what Google allows."""
    listed = 0
    for second in range(120):
        watched.google.put(HOME, timed(f"Event {second}", hour=second % 20))
        notify(watched)
        for task in [t for t in watched.queue.sent if (state(watched, t)[1] or 0) <= 0]:
            watched.queue.sent.remove(task)
            listed += do_pull(watched, task)
        watched.clock.advance(1)
    assert len(watched.summaries()) >= 120 - PAUSE - 1
    assert STREAM <= listed <= STREAM + 120 // PAUSE


def test_notifications_during_a_pull_are_left_to_a_later_one(watched: Household) -> None:
    """`queued` is on meanwhile, so that the next ones ask for nothing."""
    watched.google.put(HOME, timed("First"))
    notify(watched)
    task = take(watched)
    watched.google.before_next("list_events", lambda: notify(watched, MEANWHILE))
    assert not do_pull(watched, task)
    watched.google.put(HOME, timed("Last", hour=10))
    first, second = watched.queue.sent
    assert {0.0, PAUSE_SECONDS} == {first.countdown_seconds, second.countdown_seconds}
    notify(watched, BURST)
    assert 2 == len(watched.queue.sent)
    watched.clock.advance(PAUSE)
    watched.queue.sent.clear()
    assert do_pull(watched, second)
    assert do_pull(watched, first)
    assert ["First", "Last"] == watched.summaries()


def test_task_that_waited_in_vain_lists_nothing(watched: Household) -> None:
    """Another pull began after the last notification; `r` was pressed, say."""
    notify(watched, BURST)
    do_pull(watched, take(watched))
    watched.pull(USER, HOME)
    watched.clock.advance(PAUSE)
    assert do_pull(watched, take(watched))
    assert 1 == lists(watched)


def test_without_a_broker_to_wait_in_the_pull_is_done_at_once(watched: Household) -> None:
    """And `queued` is off, as after any pull: the next notification asks again."""
    watched.google.put(HOME, timed("Here"))
    notify(watched, BURST)
    task = take(watched)
    watched.queue.away = True
    assert do_pull(watched, task)
    assert (["Here"], ("done", None)) == (watched.summaries(), state(watched, task))
    watched.queue.away = False
    notify(watched)
    assert 1 == len(watched.queue.sent)


def test_broker_that_goes_away_during_a_pull_leaves_the_rest_to_this_one(watched: Household) -> None:
    """As ever: once more after the lock is released."""
    notify(watched)
    task = take(watched)

    def flood() -> None:
        notify(watched, MEANWHILE)
        watched.queue.away = True
        watched.google.before_next("list_events", lambda: watched.google.put(HOME, timed("Late")))

    watched.google.before_next("list_events", flood)
    assert do_pull(watched, task)
    with watched.store.read() as unit:
        sync = unit.sync_state(USER, HOME)
    assert (["Late"], False, False) == (watched.summaries(), sync.queued, sync.dirty_seq > sync.synced_seq)


@pytest.mark.parametrize("other_waits", [False, True], ids=["empty broker", "busy broker"])
def test_message_that_is_lost_during_the_pause_is_missed_by_the_backstop(
    watched: Household, other_waits: bool
) -> None:
    """Not before its time, and soon afterwards; `queued` being on holds nothing up."""
    watched.google.put(HOME, timed("Last"))
    notify(watched, BURST)
    do_pull(watched, take(watched))
    watched.queue.sent.clear()
    if other_waits:
        watched.ledger.request("calendar.watch", USER, calendar_id="another")
    margin = LOST_QUEUED_SECONDS if other_waits else FETCH_SECONDS
    watched.clock.advance(PAUSE + margin - 1)
    watched.backstop()
    assert ("calendar.pull", HOME) not in watched.sent()
    watched.clock.advance(1)
    watched.backstop()
    (task,) = [task for task in watched.queue.sent if task.name == "calendar.pull"]
    assert do_pull(watched, task)
    assert ["Last"] == watched.summaries()


def test_worker_that_starts_does_not_wait_for_what_a_former_one_had_put_off(watched: Household) -> None:
    """It held the message; the broker gives it back after minutes."""
    watched.google.put(HOME, timed("Last"))
    notify(watched, BURST)
    do_pull(watched, take(watched))
    watched.queue.sent.clear()
    watched.restart()
    watched.backstop(after_start=True)
    assert [("calendar.pull", HOME)] == watched.sent()


def test_full_pull_never_waits(watched: Household) -> None:
    """It was asked for by hand, or once a day."""
    notify(watched, BURST)
    task = take(watched)
    assert do_pull(
        watched, SentTask(name=task.name, task_id=task.task_id, arguments={**task.arguments, "full": True})
    )
    assert 1 == lists(watched)


def test_row_of_a_task_that_cannot_be_put_off_is_running_again(watched: Household) -> None:
    """The row is written before the message leaves."""
    task_id = watched.ledger.request("calendar.pull", USER, calendar_id=HOME)
    watched.ledger.begin(Task(task_id=task_id, user_id=USER, name="calendar.pull", calendar_id=HOME))
    watched.queue.away = True
    with pytest.raises(Transient):
        watched.ledger.put_off(task_id, USER, HOME, delay_seconds=2, seen=1)
    found = watched.read.task(task_id)
    assert found is not None
    assert ("running", None) == (found.state, found.retry_at)
