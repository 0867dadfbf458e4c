"""What keeps everything true when a message was lost; and what the panel tells about tasks."""

import pytest

from aicalendar_tui.backend.domain.channel import Channel, ChannelState
from aicalendar_tui.backend.domain.errors import NotFound, Transient, Unreachable
from aicalendar_tui.backend.domain.news import TasksChanged
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.ports import TaskName
from aicalendar_tui.backend.services.backstop import (
    COMPARE_SECONDS,
    FETCH_SECONDS,
    GIVEN_UP,
    KEEP_CHANNELS_SECONDS,
    KEEP_TASKS_SECONDS,
    KILLED,
    LOST_QUEUED_SECONDS,
    LOST_RUNNING_SECONDS,
    MOST_DEATHS,
    OUTBOX_SECONDS,
    PAUSE_SECONDS,
)
from tests.unit.services.household import HOME, USER, Household, timed


@pytest.fixture
def calm(house: Household) -> Household:
    """Listed, pulled, and nothing to do."""
    house.ledger.request("calendar.pull_list", USER)
    house.finish_tasks()
    assert 0 == house.backstop()
    return house


def task(house: Household, task_id: str) -> Task:
    """As the ledger has it."""
    found = house.read.task(task_id)
    assert found is not None
    return found


def test_account_without_calendars_gets_its_list(fresh: Household) -> None:
    """The first thing after signing in."""
    fresh.backstop()
    assert [("calendar.pull_list", None)] == fresh.sent()


def test_lost_notification_is_made_up_for_by_the_poll(calm: Household) -> None:
    """PROTOCOL 5: unwatched every five minutes."""
    calm.clock.advance(calm.backstop.poll_seconds - 1)
    assert 0 == calm.backstop()
    calm.clock.advance(1)
    calm.backstop()
    assert [("calendar.pull", HOME)] == calm.sent()


def test_watched_calendar_is_polled_less_often(calm: Household) -> None:
    """But for ever."""
    calm.watch.publish_address("https://calendar.example.com")
    calm.watch.set_live(USER, HOME, True)
    calm.watch.start(USER, HOME)
    calm.pull(USER, HOME)
    calm.finish_tasks()
    calm.clock.advance(calm.backstop.watched_poll_seconds - 1)
    calm.backstop()
    assert ("calendar.pull", HOME) not in calm.sent()
    calm.clock.advance(1)
    calm.backstop()
    assert ("calendar.pull", HOME) in calm.sent()


def test_dirty_calendar_whose_task_was_lost_is_pulled(calm: Household) -> None:
    """Redis was flushed between the notification and the worker."""
    with calm.store.write() as unit:
        unit.mark_dirty(USER, HOME)
    calm.backstop()
    calm.backstop()
    assert [("calendar.pull", HOME)] == calm.sent()
    calm.queue.sent.clear()
    calm.clock.advance(LOST_QUEUED_SECONDS)
    calm.backstop()
    assert [("calendar.pull", HOME)] == calm.sent()


def test_edit_that_nobody_sent_is_pushed(calm: Household) -> None:
    """The screen could not enqueue it."""
    calm.create("Tea")
    assert 0 == calm.backstop()
    calm.clock.advance(OUTBOX_SECONDS)
    calm.backstop()
    assert [("calendar.push", None)] == calm.sent()


def test_worker_that_starts_sends_what_waits_at_once(calm: Household) -> None:
    """And takes what a former worker was running as lost."""
    calm.create("Tea")
    task_id = calm.ledger.request("calendar.push", USER)
    calm.ledger.begin(Task(task_id=task_id, user_id=USER, name="calendar.push"))
    calm.queue.sent.clear()
    assert 0 == calm.backstop()
    calm.backstop(after_start=True)
    assert ([("calendar.push", None)], "failed") == (calm.sent(), task(calm, task_id).state)


def test_worker_that_starts_does_not_wait_for_what_was_only_queued(calm: Household) -> None:
    """The message may have been lost with the former worker, or with the broker; twice is harmless."""
    calm.create("Tea")
    task_id = calm.ledger.request("calendar.push", USER)
    calm.queue.sent.clear()
    calm.backstop(after_start=True)
    assert ([("calendar.push", None)], "queued") == (calm.sent(), task(calm, task_id).state)


def test_what_could_not_be_queued_is_asked_for_as_soon_as_the_broker_is_back(calm: Household) -> None:
    """The pause after a failure is for Google's sake, not the broker's."""
    calm.create("Tea")
    calm.queue.away = True
    with pytest.raises(Transient):
        calm.ledger.request("calendar.push", USER)
    calm.queue.away = False
    calm.clock.advance(OUTBOX_SECONDS)
    calm.backstop()
    assert [("calendar.push", None)] == calm.sent()


def test_killed_worker_does_not_hold_back_the_next_edit(calm: Household) -> None:
    """Its lost task is no failure of Google's, so the next one needs no pause."""
    task_id = calm.ledger.request("calendar.push", USER)
    calm.ledger.begin(Task(task_id=task_id, user_id=USER, name="calendar.push"))
    calm.backstop(after_start=True)
    calm.create("Tea")
    calm.queue.sent.clear()
    calm.clock.advance(OUTBOX_SECONDS)
    calm.backstop()
    assert [("calendar.push", None)] == calm.sent()


def test_conflicts_and_rejections_are_not_sent_again(calm: Household) -> None:
    """They wait for the user."""
    calm.create("Tea")
    with calm.store.write() as unit:
        unit.set_change_state(unit.changes(USER)[0].change_id, "rejected", reason="no")
    calm.clock.advance(OUTBOX_SECONDS)
    assert 0 == calm.backstop(after_start=True)


def test_offline_the_same_is_not_asked_for_again_and_again(calm: Household) -> None:
    """A pause after each failure."""
    calm.create("Tea")
    calm.clock.advance(OUTBOX_SECONDS)
    calm.backstop()
    task_id = calm.queue.sent[0].task_id
    calm.ledger.begin(Task(task_id=task_id, user_id=USER, name="calendar.push"))
    calm.ledger.fail(task_id, USER, "offline")
    calm.queue.sent.clear()
    calm.clock.advance(PAUSE_SECONDS - 1)
    assert 0 == calm.backstop()
    calm.clock.advance(1)
    assert 1 == calm.backstop()


def test_task_of_a_killed_worker_is_lost_after_its_longest_time(calm: Household) -> None:
    """And its work is asked for again."""
    with calm.store.write() as unit:
        unit.mark_dirty(USER, HOME)
    calm.backstop()
    task_id = calm.queue.sent[0].task_id
    calm.ledger.begin(Task(task_id=task_id, user_id=USER, name="calendar.pull", calendar_id=HOME))
    calm.queue.sent.clear()
    calm.clock.advance(LOST_RUNNING_SECONDS - 1)
    assert 0 == calm.backstop()
    calm.clock.advance(1)
    calm.backstop()
    assert [("calendar.pull", HOME)] == calm.sent()
    assert "failed" == task(calm, task_id).state


def test_half_done_full_sync_is_gone_on_with(calm: Household) -> None:
    """Its continuation was lost."""
    with calm.store.write() as unit:
        unit.begin_stage(USER, HOME, fingerprint="fake")
    calm.backstop()
    assert [("calendar.pull", HOME)] == calm.sent()


def test_finished_tasks_are_forgotten_after_a_day(calm: Household) -> None:
    """Open ones never."""
    task_id = calm.ledger.request("calendar.push", USER)
    calm.ledger.finish(task_id, USER, "1")
    calm.clock.advance(KEEP_TASKS_SECONDS + 1)
    calm.backstop()
    assert calm.read.task(task_id) is None


def test_calm_household_writes_nothing(calm: Household) -> None:
    """Ten thousand looks a day must not wake the disk."""
    before = calm.store._database.connection().total_changes
    calm.backstop()
    assert before == calm.store._database.connection().total_changes


def test_redis_that_is_away_is_told_and_what_was_asked_for_is_not_lost(calm: Household) -> None:
    """The next look asks again."""
    with calm.store.write() as unit:
        unit.mark_dirty(USER, HOME)
    calm.queue.away = True
    with pytest.raises(Transient):
        calm.backstop()
    calm.queue.away = False
    calm.clock.advance(PAUSE_SECONDS)
    calm.backstop()
    assert [("calendar.pull", HOME)] == calm.sent()


def test_ledger_tells_a_tasks_life_and_publishes_each_step(house: Household) -> None:
    """Queued, running with progress, retrying, done."""
    task_id = house.ledger.request("calendar.pull", USER, calendar_id=HOME, subject="Home")
    told = [task(house, task_id)]
    house.ledger.begin(Task(task_id=task_id, user_id=USER, name="calendar.pull", retries=0))
    house.ledger.progress(task_id, USER, 7, None)
    told.append(task(house, task_id))
    house.ledger.retry(task_id, USER, "503", delay_seconds=2)
    told.append(task(house, task_id))
    house.ledger.begin(Task(task_id=task_id, user_id=USER, name="calendar.pull", retries=1))
    house.ledger.finish(task_id, USER, "7")
    told.append(task(house, task_id))
    assert [("queued", 0, ""), ("running", 7, ""), ("retrying", 7, "503"), ("done", 7, "")] == [
        (step.state, step.done, step.error) for step in told
    ]
    assert (1, "7", "Home") == (told[-1].retries, told[-1].result, told[-1].subject)
    steps = [news for news in house.publisher.published if isinstance(news, TasksChanged) and news.task_id == task_id]
    assert 6 == len(steps)


def test_task_that_could_not_be_enqueued_is_known_and_failed(house: Household) -> None:
    """An id that was given out is never unknown."""
    house.queue.away = True
    with pytest.raises(Transient):
        house.ledger.request("calendar.push", USER)
    (failed,) = [task for task in house.read.tasks(USER) if task.name == "calendar.push"]
    assert ("failed", True) == (failed.state, failed.finished_at is not None)


def test_task_that_the_ledger_lost_is_written_when_it_begins(house: Household) -> None:
    """The broker outlived the database."""
    house.ledger.begin(Task(task_id="t", user_id=USER, name="calendar.push"))
    assert "running" == task(house, "t").state


def test_trouble_is_shown_on_what_it_concerns(house: Household) -> None:
    """One calendar, or all that are shown; and they stay dirty."""
    house.google.put_calendar({"id": "work", "summary": "Work", "accessRole": "owner"})
    house.connect()
    house.trouble(USER, HOME, Transient("503"))
    assert {HOME: "503", "work": ""} == {c.calendar_id: c.problem for c in house.read.calendars(USER).calendars}
    house.trouble(USER, None, Unreachable())
    assert 2 == len([c for c in house.read.calendars(USER).calendars if c.live == "degraded"])
    house.backstop()
    assert {("calendar.pull", HOME), ("calendar.pull", "work")} <= set(house.sent())


def test_sync_asks_for_both_ways_and_for_the_list(house: Household) -> None:
    """What `r` does; unknown names are told."""
    house.create("Tea")
    ids = house.request_sync(USER)
    assert [("calendar.push", None), ("calendar.pull_list", None), ("calendar.pull", HOME)] == house.sent()
    assert ids == [sent.task_id for sent in house.queue.sent]
    for user_id, calendar_id in (("nobody", None), (USER, "nowhere")):
        with pytest.raises(NotFound):
            house.request_sync(user_id, calendar_id=calendar_id)


def test_retry_of_a_task_is_a_new_task(house: Household) -> None:
    """None for an unknown one."""
    task_id = house.ledger.request("calendar.pull", USER, calendar_id=HOME)
    again = house.request_sync.retry(task_id)
    assert (None, True) == (house.request_sync.retry("nobody"), again not in (None, task_id))
    assert [("calendar.pull", HOME)] * 2 == house.sent()


def kill_worker_at(house: Household, name: TaskName, calendar_id: str | None) -> None:
    """A worker begins it and dies; the next one starts."""
    task_id = house.ledger.request(name, USER, calendar_id=calendar_id)
    house.ledger.begin(Task(task_id=task_id, user_id=USER, name=name, calendar_id=calendar_id))
    house.queue.sent.clear()
    house.clock.advance(1)
    house.backstop(after_start=True)


def test_calendar_that_keeps_killing_its_worker_is_given_up_and_shown(calm: Household) -> None:
    """The third death is the last; the calendar says so, and a sync by hand gives it another chance."""
    with calm.store.write() as unit:
        unit.mark_dirty(USER, HOME)
    for _ in range(MOST_DEATHS - 1):
        kill_worker_at(calm, "calendar.pull", HOME)
        assert [("calendar.pull", HOME)] == calm.sent()
    assert not calm.backstop.has_given_up(USER, HOME)
    kill_worker_at(calm, "calendar.pull", HOME)
    (calendar,) = calm.read.calendars(USER).calendars
    assert ([], True, "degraded", GIVEN_UP) == (
        calm.sent(),
        calm.backstop.has_given_up(USER, HOME),
        calendar.live,
        calendar.problem,
    )
    calm.restart()
    assert calm.backstop.has_given_up(USER, HOME)
    calm.request_sync(USER, calendar_id=HOME)
    assert not calm.backstop.has_given_up(USER, HOME)
    calm.pull(USER, HOME)
    assert "" == calm.read.calendars(USER).calendars[0].problem


def test_retry_from_the_panel_gives_another_chance_too(calm: Household) -> None:
    """The failed row is where the user finds it."""
    for _ in range(MOST_DEATHS):
        kill_worker_at(calm, "calendar.pull", HOME)
    failed = next(task for task in calm.read.tasks(USER) if task.error == KILLED)
    assert calm.request_sync.retry(failed.task_id) is not None
    assert not calm.backstop.has_given_up(USER, HOME)


def test_success_forgets_the_deaths_before_it(calm: Household) -> None:
    """They were not the calendar's fault: somebody closed the program in the middle."""
    for _ in range(MOST_DEATHS):
        kill_worker_at(calm, "calendar.pull", HOME)
        calm.pull(USER, HOME)
    assert not calm.backstop.has_given_up(USER, HOME)


def test_full_sync_that_gets_on_is_never_given_up(calm: Household) -> None:
    """Closed again and again in the middle, but a page further each time."""
    calm.google.page_size = 1
    for day in range(20, 20 + 2 * MOST_DEATHS):
        calm.google.put(HOME, timed(day=day))
    calm.pull(USER, HOME, full=False)
    with calm.store.write() as unit:
        unit.drop_sync_token(USER, HOME)
    for _ in range(MOST_DEATHS + 1):
        calm.google.before_next("list_events", lambda: None)
        calm.google.before_next("list_events", lambda: calm.google.fail("list_events", Unreachable()))
        with pytest.raises(Unreachable):
            calm.pull(USER, HOME)
        kill_worker_at(calm, "calendar.pull", HOME)
    assert not calm.backstop.has_given_up(USER, HOME)


def test_push_that_keeps_killing_its_worker_is_not_asked_for_by_itself(calm: Household) -> None:
    """An edit or a sync by hand tries it again; once it is through, all is as before."""
    calm.create("Tea")
    for _ in range(MOST_DEATHS):
        kill_worker_at(calm, "calendar.push", None)
    assert [] == calm.sent()
    calm.clock.advance(OUTBOX_SECONDS)
    assert 0 == calm.backstop()
    task_id = calm.ledger.request("calendar.push", USER)
    calm.ledger.finish(task_id, USER, "0")
    calm.clock.advance(1)
    calm.backstop()
    assert ("calendar.push", None) in calm.sent()


def test_protocol_5_each_calendar_is_compared_as_a_whole_once_a_day(calm: Household) -> None:
    """Also what the sync token never told of is found."""
    calm.clock.advance(COMPARE_SECONDS - COMPARE_SECONDS // 10 - 1)
    calm.backstop()
    assert not any(task.arguments.get("full") for task in calm.queue.sent)
    calm.finish_tasks()
    calm.pull(USER, HOME)
    calm.clock.advance(COMPARE_SECONDS // 10 + 1)
    calm.backstop()
    (compare,) = [task for task in calm.queue.sent if task.name == "calendar.pull"]
    assert {"user_id": USER, "calendar_id": HOME, "full": True} == compare.arguments
    before = calm.google.operations().count("list_events")
    calm.pull(USER, HOME, full=True)
    call = [call for call in calm.google.calls if call.operation == "list_events"][before]
    assert call.arguments["sync_token"] is None
    calm.finish_tasks()
    calm.backstop()
    assert ("calendar.pull", HOME) not in calm.sent()


def test_what_an_emptied_broker_lost_is_asked_for_again_at_once(calm: Household) -> None:
    """Redis was restarted under a living worker: the ledger says queued, and nothing is in the queue."""
    with calm.store.write() as unit:
        unit.mark_dirty(USER, HOME)
    calm.ledger.request("calendar.pull", USER, calendar_id=HOME)
    calm.queue.sent.clear()

    calm.clock.advance(FETCH_SECONDS)
    calm.backstop()

    assert [("calendar.pull", HOME)] == calm.sent()


def test_what_waits_in_the_broker_is_not_asked_for_again(calm: Household) -> None:
    """The worker has much to do: that is no loss."""
    with calm.store.write() as unit:
        unit.mark_dirty(USER, HOME)
    calm.ledger.request("calendar.pull", USER, calendar_id=HOME)

    calm.clock.advance(FETCH_SECONDS)
    calm.backstop()

    assert [("calendar.pull", HOME)] == calm.sent()
    assert ["queued"] == [
        task.state for task in calm.read.tasks(USER) if task.name == "calendar.pull" and task.is_open
    ]


def test_what_a_busy_worker_may_have_fetched_already_is_not_asked_for_again(calm: Household) -> None:
    """It takes a message or two ahead of what it does."""
    running = calm.ledger.request("calendar.push", USER)
    calm.ledger.begin(Task(task_id=running, user_id=USER, name="calendar.push"))
    with calm.store.write() as unit:
        unit.mark_dirty(USER, HOME)
    calm.ledger.request("calendar.pull", USER, calendar_id=HOME)
    calm.queue.sent.clear()

    calm.clock.advance(FETCH_SECONDS)
    calm.backstop()

    assert [] == calm.sent()


def test_deaths_over_one_kind_of_work_are_not_held_against_another(calm: Household) -> None:
    """Subscribing kills the worker: the calendar is pulled as ever, and what was pulled gives it no other chance."""
    calm.watch.publish_address("https://calendar.example.com")
    calm.watch.set_live(USER, HOME, True)
    calm.finish_tasks()
    for _ in range(MOST_DEATHS):
        kill_worker_at(calm, "calendar.watch", HOME)
        calm.pull(USER, HOME)
    assert not calm.backstop.has_given_up(USER, HOME)
    calm.queue.sent.clear()
    calm.clock.advance(calm.backstop.poll_seconds)
    calm.backstop()
    assert [("calendar.pull", HOME)] == calm.sent()


def test_message_that_killed_three_workers_is_turned_away_and_the_users_own_is_not(calm: Household) -> None:
    """The broker delivers again what no worker has confirmed."""
    for _ in range(MOST_DEATHS):
        kill_worker_at(calm, "calendar.push", None)
    killed = next(task for task in calm.read.tasks(USER) if task.error == KILLED)
    by_hand = calm.ledger.request("calendar.push", USER)
    assert calm.backstop.turns_away(USER, "calendar.push", None, killed.task_id)
    assert not calm.backstop.turns_away(USER, "calendar.push", None, by_hand)


def test_protocol_11_dead_channels_are_forgotten_when_nobody_can_remember_them(calm: Household) -> None:
    """And no others: what isn't known dead may still have to be stopped."""
    states: tuple[ChannelState, ...] = ("dead", "active", "retiring")
    with calm.store.write() as unit:
        for state in states:
            unit.put_channel(
                Channel(
                    channel_id=state,
                    user_id=USER,
                    calendar_id=HOME,
                    token_hash="",
                    state=state,
                    created_at=calm.clock.epoch(),
                    expiration_ms=(calm.clock.epoch() + 10 * KEEP_CHANNELS_SECONDS) * 1000,
                )
            )

    def known() -> set[str]:
        with calm.store.read() as unit:
            return {channel.channel_id for channel in unit.channels(USER)}

    calm.clock.advance(KEEP_CHANNELS_SECONDS)
    calm.backstop()
    assert {"dead", "active", "retiring"} == known()
    calm.clock.advance(1)
    calm.backstop()
    assert {"active", "retiring"} == known()
