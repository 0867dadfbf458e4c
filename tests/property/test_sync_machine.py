"""Whatever happens on both sides, nothing is lost: random schedules over the real services and SQLite.

Edits here and at Google, faults before and after Google's commit, crashes, expired tokens, lost and doubled
notifications. AICALENDAR_SCHEDULES sets how many schedules are tried; the invariants are PROTOCOL's S1 to S5.
"""

import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from aicalendar_tui.backend.domain.agenda import Entry, sort_key
from aicalendar_tui.backend.domain.channel import Notification
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import Transient, Unreachable
from aicalendar_tui.backend.domain.event import Resource, is_cancelled
from aicalendar_tui.backend.domain.overlay import entries_of, family_of
from aicalendar_tui.backend.domain.times import Days
from tests.fakes.remote_calendar import FakeRemoteCalendar
from tests.unit.services.household import HOME, MONTH, USER, Household, draft, timed

SCHEDULES = int(os.environ.get("AICALENDAR_SCHEDULES", "120"))
STEPS = int(os.environ.get("AICALENDAR_STEPS", "30"))

OPERATIONS = ("list_events", "get_event", "find_instance", "insert_event", "patch_event", "delete_event")
TITLES = st.sampled_from("ABCDE")
PICK = st.integers(0, 9)
FAR = Days(MONTH.first.replace(year=2029), MONTH.last.replace(year=2029), "UTC")


class Synced(RuleBasedStateMachine):
    """One user with one calendar; whoever edits at Google does it without telling."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="aic-machine-")
        self.house = Household(Path(self.folder.name), FakeRemoteCalendar(HOME, page_size=3))
        self.google = self.house.google
        self.house.connect()
        self.revision = 0
        self.ours: set[str] = set()
        self.cancelled: set[str] = set()

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.house.store.close()
            self.folder.cleanup()

    # what happens

    @initialize()
    def watch(self) -> None:
        """With live updates on."""
        with self.house.store.write() as unit:
            unit.set_public_address("https://calendar.example.com")
        self.house.watch.set_live(USER, HOME, True)
        self.house.watch.start(USER, HOME)
        self.house.queue.sent.clear()

    @rule(title=TITLES, day=st.integers(20, 27), series=st.booleans())
    def somebody_creates(self, title: str, day: int, series: bool) -> None:
        recurrence = {"recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]} if series else {}
        self.google.put(HOME, timed(title, day=day, **recurrence))

    @rule(pick=PICK, title=TITLES)
    def somebody_retitles(self, pick: int, title: str) -> None:
        if event := self.event_at_google(pick):
            self.google.put(HOME, {**event, "summary": title})

    @rule(pick=PICK, hour=st.integers(0, 20))
    def somebody_moves(self, pick: int, hour: int) -> None:
        if (event := self.event_at_google(pick)) and "recurrence" not in event:
            day = int(event["start"]["dateTime"][8:10])
            self.google.put(HOME, {**event, **{name: timed(day=day, hour=hour)[name] for name in ("start", "end")}})

    @rule(pick=PICK)
    def somebody_deletes(self, pick: int) -> None:
        if event := self.event_at_google(pick):
            self.google.cancel(HOME, event["id"])

    @rule(pick=PICK, nth=st.integers(0, 2), title=st.none() | TITLES)
    def somebody_changes_an_instance(self, pick: int, nth: int, title: str | None) -> None:
        masters = [event for event in self.google.live_events(HOME).values() if event.get("recurrence")]
        if not masters:
            return
        master = masters[pick % len(masters)]
        day = int(master["start"]["dateTime"][8:10]) + nth
        instance = self.google._instance(self.google._shelf(HOME), master["id"], f"2026-11-{day}T09:00:00Z")
        if instance is None or is_cancelled(instance):
            return
        if title is None:
            self.google.cancel(HOME, instance["id"])
        else:
            self.google.put(HOME, {**instance, "summary": title})

    @rule(title=TITLES, day=st.integers(20, 27), series=st.booleans())
    def we_create(self, title: str, day: int, series: bool) -> None:
        fields: dict[str, Any] = {"recurrence": ("RRULE:FREQ=DAILY;COUNT=3",)} if series else {}
        key = self.house.edit.create(USER, HOME, draft(title, day=day, **fields))
        self.ours.add(key.event_id)

    @rule(pick=PICK, title=TITLES, scope=st.sampled_from(["this", "all"]), place=st.none() | TITLES)
    def we_change(self, pick: int, title: str, scope: Any, place: str | None) -> None:
        if entry := self.entry(pick):
            change = Draft(summary=title) if place is None else Draft(summary=title, location=place)
            self.house.edit.change(entry.key, change, scope=scope)

    @rule(pick=PICK, hour=st.integers(0, 20))
    def we_move(self, pick: int, hour: int) -> None:
        if entry := self.entry(pick):
            moved = draft(hour=hour, day=min(27, max(20, (entry.start // 86_400) % 7 + 20)))
            self.house.edit.change(entry.key, Draft(start=moved.start, end=moved.end))

    @rule(pick=PICK, scope=st.sampled_from(["this", "all"]))
    def we_delete(self, pick: int, scope: Any) -> None:
        if entry := self.entry(pick):
            self.house.edit.delete(entry.key, scope=scope)
            if scope == "all" or entry.original_start is None:
                self.ours.discard(entry.event_id)

    @rule(undone=st.booleans())
    def we_undo_or_redo(self, undone: bool) -> None:
        with self.house.store.read() as unit:
            entries = unit.undo_entries(USER, undone=undone)
        steps = [step for entry in entries for step in (entry.forward if undone else entry.inverse)]
        if undone:
            self.house.edit.redo(USER)
        else:
            self.house.edit.undo(USER)
        self.ours -= {step.event_id for step in steps if step.verb == "delete" and step.original_start is None}
        self.ours |= {step.event_id for step in steps if step.verb == "insert"}

    @rule(full=st.sampled_from([False, False, False, True]))
    def pull(self, full: bool) -> None:
        self.attempt(lambda: self.house.pull(USER, HOME, full=full))

    @rule()
    def push(self) -> None:
        self.attempt(lambda: self.house.push(USER))

    @rule(operation=st.sampled_from(OPERATIONS), after=st.booleans())
    def connection_will_drop(self, operation: str, after: bool) -> None:
        self.google.fail(operation, Unreachable(), after=after)

    @rule(operation=st.sampled_from(OPERATIONS), pick=PICK, title=TITLES)
    def somebody_will_interfere(self, operation: str, pick: int, title: str) -> None:
        self.google.before_next(operation, lambda: self.somebody_retitles(pick, title))

    @rule(operation=st.sampled_from(OPERATIONS), pick=PICK, title=TITLES)
    def user_will_interfere(self, operation: str, pick: int, title: str) -> None:
        def edit() -> None:
            if not self.house.store._database.in_transaction() and (entry := self.entry(pick)):
                self.house.edit.change(entry.key, Draft(summary=title))

        self.google.before_next(operation, edit)

    @rule(operation=st.sampled_from(OPERATIONS[1:]))
    def other_worker_will_pull_meanwhile(self, operation: str) -> None:
        self.google.before_next(operation, lambda: self.attempt(lambda: self.house.pull(USER, HOME)))

    @rule(operation=st.sampled_from(OPERATIONS[:1]))
    def other_worker_will_push_meanwhile(self, operation: str) -> None:
        self.google.before_next(operation, lambda: self.attempt(lambda: self.house.push(USER)))

    @rule()
    def tokens_expire(self) -> None:
        self.google.expire_sync_tokens()

    @rule(times=st.integers(1, 3), forged=st.booleans())
    def google_notifies(self, times: int, forged: bool) -> None:
        for channel_id, channel in self.google.channels.items():
            note = Notification(channel_id=channel_id, token="forged" if forged else channel["token"])
            for _ in range(times):
                self.attempt(partial(self.house.accept, note))

    @rule()
    def redis_is_away_or_back(self) -> None:
        self.house.queue.away = not self.house.queue.away

    @rule()
    def cache_is_lost(self) -> None:
        self.house.cache.invalidate_user_cache(USER)

    @rule()
    def process_crashes(self) -> None:
        self.house.restart()

    @rule()
    def somebody_leafs_ahead(self) -> None:
        self.house.agenda(FAR)

    @rule(seconds=st.sampled_from([5, 40, 1000]))
    def backstop_looks(self, seconds: int) -> None:
        self.house.clock.advance(seconds)
        self.attempt(self.house.backstop)

    @precondition(lambda self: self.house.queue.sent)
    @rule()
    def worker_does_one_task(self) -> None:
        task = self.house.queue.sent.pop(0)
        if task.name == "calendar.pull":
            self.attempt(lambda: self.house.pull(USER, HOME, full=task.arguments.get("full", False)))
        elif task.name == "calendar.push":
            self.attempt(lambda: self.house.push(USER))
        elif task.name == "calendar.watch":
            self.attempt(lambda: self.house.watch.start(USER, HOME))

    # what must hold at every moment

    @invariant()
    def index_is_what_a_brute_force_expansion_says(self) -> None:
        """Entries, flags and all: the index, the view through the cache, mirror and outbox agree."""
        for days in (MONTH, FAR) if self.looked_far() else (MONTH,):
            assert self.expected(days) == self.house.agenda(days)

    @invariant()
    def s5_revision_never_goes_back(self) -> None:
        now = self.house.revision()
        assert now >= self.revision
        self.revision = now

    @invariant()
    def s1_sync_token_implies_the_rows_up_to_it(self) -> None:
        """Rows that Google changed no later than the stored token are in the mirror as they are at Google.

        Rows that a push wrote, or that are due to be pulled again, may be newer than the token.
        """
        with self.house.store.read() as unit:
            state = unit.sync_state(USER, HOME)
            if state.sync_token is None or state.sync_token.rpartition(":")[0] != HOME:
                return
            since = int(state.sync_token.rpartition(":")[2])
            shelf = self.google._shelf(HOME)
            for event_id, changed_at in shelf.changed_at.items():
                if changed_at <= since and not is_cancelled(shelf.events[event_id]):
                    row = unit.mirror(USER, HOME, event_id)
                    assert row is not None, f"{event_id} of {changed_at} is not there at {since}"
                    assert shelf.events[event_id]["etag"] == row.etag or state.dirty_seq > state.synced_seq

    @invariant()
    def s2_every_accepted_insert_is_somewhere(self) -> None:
        """At Google (or deleted there since), or in the outbox, unless the user took it back."""
        waiting = {step.event_id for change in self.house.outbox() for step in change.steps}
        assert self.ours <= self.google._shelf(HOME).events.keys() | waiting

    # the end

    def settle(self) -> None:
        """Edits stop, and one sync can succeed: then everything must be in step."""
        self.google._faults.clear()
        self.google._hooks.clear()
        self.house.queue.away = False
        for _ in range(3):
            self.house.pull(USER, HOME)
            self.house.push(USER)
        with self.house.store.write() as unit:
            unit.mark_dirty(USER, HOME)
        self.house.pull(USER, HOME)
        assert self.live() == self.house.mirror()
        blocked: set[str] = set()
        for change in self.house.outbox():
            assert change.state != "waiting" or change.event_ids & blocked, change
            blocked |= change.event_ids
        assert self.expected(MONTH) == self.house.agenda()

    # looking at it

    def live(self) -> dict[str, Resource]:
        return self.google.live_events(HOME)

    def event_at_google(self, pick: int) -> Resource | None:
        events = [event for _, event in sorted(self.live().items())]
        return events[pick % len(events)] if events else None

    def entry(self, pick: int) -> Entry | None:
        entries = self.house.agenda()
        return entries[pick % len(entries)] if entries else None

    def looked_far(self) -> bool:
        with self.house.store.read() as unit:
            account = unit.account(USER)
        assert account is not None
        return account.window.end >= FAR.instants.end

    def expected(self, days: Days) -> list[Entry]:
        """Mirror rows and outbox, expanded from nothing, and filtered one by one."""
        with self.house.store.read() as unit:
            account = unit.account(USER)
            assert account is not None
            changes = unit.changes(USER)
            rows = unit._sql(
                "SELECT DISTINCT e.family_id FROM event e JOIN calendar c ON c.generation = e.generation"
                " WHERE c.calendar_id = ?",
                (HOME,),
            )
            ids = {row[0] for row in rows} | {event_id for change in changes for event_id in change.event_ids}
            families = unit.families(USER, HOME, ids)
        entries = [
            entry
            for event_id, resources in families.items()
            for entry in entries_of(
                family_of(event_id, resources),
                [change for change in changes if event_id in change.event_ids],
                account.window,
                user_id=USER,
                calendar_id=HOME,
            )
            if entry.span.overlaps(days.dates if entry.all_day else days.instants)
        ]
        return sorted(entries, key=sort_key)

    def attempt(self, work: Callable[[], object]) -> None:
        """As a task does it: a fault of the connection or the broker is for later."""
        with suppress(Transient):
            work()


TestSynced = Synced.TestCase
TestSynced.settings = settings(
    max_examples=SCHEDULES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
