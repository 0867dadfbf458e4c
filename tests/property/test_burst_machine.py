"""However notifications come, whatever is lost meanwhile: workers and the backstop alone bring the last change.

Random schedules of changes, bursts, pauses, a broker that is emptied or away, workers that die in the middle. Nothing
pulls here but the tasks of the queue. AICALENDAR_SCHEDULES sets how many schedules are tried.
"""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from aicalendar_tui.backend.domain.channel import Notification
from aicalendar_tui.backend.domain.errors import Transient, Unreachable
from aicalendar_tui.backend.domain.pacing import PAUSE_SECONDS
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.queue import SentTask
from aicalendar_tui.backend.services.backstop import FETCH_SECONDS, LOST_RUNNING_SECONDS
from tests.fakes.remote_calendar import FakeRemoteCalendar
from tests.unit.services.household import ADDRESS, HOME, USER, Household, timed
from tests.unit.services.pulling import do_pull

SCHEDULES = int(os.environ.get("AICALENDAR_SCHEDULES", "60"))
STEPS = int(os.environ.get("AICALENDAR_STEPS", "40"))
LOOK_SECONDS = 10
"""How often the backstop looks."""


class Crash(BaseException):
    """The worker is gone: nothing after this point is done."""


class Paced(RuleBasedStateMachine):
    """One live calendar. Messages stay in the queue until a worker is done with them, and are given out once."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="aic-bursts-")
        self.house = Household(Path(self.folder.name), FakeRemoteCalendar(HOME, page_size=2))
        self.google = self.house.google
        self.number = 0

    @initialize()
    def watch(self) -> None:
        """Live, and in step."""
        self.house.connect()
        self.house.watch.publish_address(ADDRESS)
        self.house.watch.set_live(USER, HOME, True)
        self.house.watch.start(USER, HOME)
        self.house.pull(USER, HOME)
        self.house.finish_tasks()

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.house.store.close()
            self.folder.cleanup()

    # what happens

    @rule(times=st.sampled_from([0, 1, 1, 2, 3, 25]))
    def somebody_changes_something(self, times: int) -> None:
        """Told so many times, or not at all."""
        self.number += 1
        self.google.put(HOME, timed(f"Event {self.number}", hour=self.number % 20))
        self.notify(times)

    @rule(times=st.sampled_from([1, 3, 25]), crashes=st.booleans())
    def next_list_call_will_meet(self, times: int, crashes: bool) -> None:
        """A burst while it is under way, or the death of its worker."""

        def meet() -> None:
            self.somebody_changes_something(times)
            if crashes:
                raise Crash

        self.google.before_next("list_events", meet)

    @rule()
    def next_list_call_fails(self) -> None:
        self.google.fail("list_events", Unreachable())

    @rule(pick=st.integers(0, 9))
    def worker_does_one_task(self, pick: int) -> None:
        due = self.due()
        if due:
            self.do(due[pick % len(due)])

    @rule(seconds=st.sampled_from([1, 2, 2, 5, 30]))
    def time_passes(self, seconds: int) -> None:
        self.house.clock.advance(seconds)

    @rule()
    def backstop_looks(self) -> None:
        self.attempt(self.house.backstop)

    @rule()
    def broker_is_emptied(self) -> None:
        self.house.queue.sent.clear()

    @rule()
    def broker_is_away_or_back(self) -> None:
        self.house.queue.away = not self.house.queue.away

    @rule()
    def worker_is_replaced(self) -> None:
        self.restart()

    # what must hold at every moment

    @invariant()
    def task_that_waits_is_known_with_its_time(self) -> None:
        """What was put off is in the ledger, due within the pause, for the panel and for the backstop."""
        for task in self.open_pulls():
            if task.state == "queued" and task.retry_at is not None:
                assert task.retry_at <= self.house.clock.epoch() + PAUSE_SECONDS

    @invariant()
    def what_is_dirty_is_found_by_the_backstop(self) -> None:
        """Whatever `queued` says: a dirty calendar has an open task, or the next look asks for one."""
        with self.house.store.read() as unit:
            state = unit.sync_state(USER, HOME)
        assert state.dirty_seq <= state.synced_seq or self.open_pulls() or self.would_ask()

    # the end

    def settle(self) -> None:
        """Changes stop and nothing fails: within minutes workers and backstop have brought everything."""
        self.google._faults.clear()
        self.google._hooks.clear()
        self.house.queue.away = False
        self.somebody_changes_something(1)
        for _ in range(0, 2 * LOST_RUNNING_SECONDS, LOOK_SECONDS):
            self.attempt(self.house.backstop)
            while due := self.due():
                self.do(due[0])
            self.house.clock.advance(LOOK_SECONDS)
        assert self.google.live_events(HOME) == self.house.mirror()
        assert [] == self.open_pulls()
        with self.house.store.read() as unit:
            state = unit.sync_state(USER, HOME)
        assert (state.synced_seq, False) == (state.dirty_seq, state.queued)

    # how it is done

    def notify(self, times: int) -> None:
        for channel_id, channel in self.google.channels.items():
            for _ in range(times):
                self.attempt(lambda: self.house.accept(Notification(channel_id=channel_id, token=channel["token"])))  # noqa: B023 - called at once

    def due(self) -> list[SentTask]:
        """What a worker may begin; what was put off only at its time."""
        now = self.house.clock.epoch()
        found = []
        for message in self.house.queue.sent:
            task = self.house.read.task(message.task_id)
            if task is None or message.countdown_seconds == 0 or (task.retry_at or 0) <= now:
                found.append(message)
        return found

    def do(self, message: SentTask) -> None:
        """One delivery; after a crash the broker has the message still, and another worker starts."""
        if message.name != "calendar.pull":
            self.house.queue.sent.remove(message)
            self.house.ledger.finish(message.task_id, USER, "")
            return
        try:
            do_pull(self.house, message)
        except Crash:
            self.restart()
        except Transient as error:
            self.house.queue.sent.remove(message)
            self.house.ledger.fail(message.task_id, USER, str(error))
        else:
            if message in self.house.queue.sent:
                self.house.queue.sent.remove(message)

    def restart(self) -> None:
        self.house.restart()
        self.attempt(lambda: self.house.backstop(after_start=True))
        with self.house.store.write() as unit:
            unit.clear_deaths(USER, HOME)  # that it is given up after three is shown elsewhere

    def open_pulls(self) -> list[Task]:
        return [task for task in self.house.read.tasks(USER) if task.is_open and task.name == "calendar.pull"]

    def would_ask(self) -> bool:
        tasks = self.house.read.tasks(USER)
        wants = self.house.backstop._wants(USER, tasks, [], after_start=False)
        return any(wanted.name == "calendar.pull" for wanted in wants)

    @staticmethod
    def attempt(work: Callable[[], object]) -> None:
        with suppress(Transient):
            work()


assert FETCH_SECONDS < LOOK_SECONDS
TestPaced = Paced.TestCase
TestPaced.settings = settings(
    max_examples=SCHEDULES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
