"""Whatever happens on both sides, nothing is lost: random schedules over the real services, store and simulator.

Two accounts with three calendars, edits of every kind here and at Google, every fault that the control API knows,
crashes at every step, lost messages, tokens, channels and Redis. What must hold is in `promises`; a schedule ends
when all has come to rest, by the services' own means: what is queued, what the backstop asks for, what is polled.

AICALENDAR_SCHEDULES sets how many schedules are tried, AICALENDAR_STEPS how long each is; `make soak` tries 10,000.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.channel import Notification
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.event import Resource, is_cancelled
from aicalendar_tui.backend.domain.overlay import Family, shown_resource
from aicalendar_tui.backend.services.index import shown_family
from aicalendar_tui.simulator.channels import Disturbance
from aicalendar_tui.simulator.faults import Fault
from tests.property.near_google import list_instances
from tests.property.promises import PLACES, Promises, events_of
from tests.property.town import ANA, BORIS, USERS, Town, path_of
from tests.unit.services.household import MONTH, draft, timed

SCHEDULES = int(os.environ.get("AICALENDAR_SCHEDULES", "150"))
STEPS = int(os.environ.get("AICALENDAR_STEPS", "25"))

PICK = st.integers(0, 7)
PLACE = st.sampled_from(PLACES)
USER = st.sampled_from((ANA, ANA, BORIS))
METHOD = st.sampled_from(("GET", "POST", "PATCH", "DELETE"))
SCOPE = st.sampled_from(("this", "following", "all"))
TEXT = st.sampled_from(("summary", "location"))
REFUSALS = (
    (503, "backendError"),
    (500, "backendError"),
    (403, "rateLimitExceeded"),
    (429, "rateLimitExceeded"),
    (403, "forbidden"),
)
ROUNDS = 40


class Synced(RuleBasedStateMachine):
    """One town; `who does what` are the rules."""

    def __init__(self) -> None:
        super().__init__()
        self.words = 0
        self.is_sound = False

    @initialize(seed=st.integers(0, 2**16))
    def begin(self, seed: int) -> None:
        """Everything is connected and watched; each calendar has an event and a series, and Boris is invited."""
        self.promises = Promises()
        self.promises.days = MONTH
        self.words = 100
        self.town = self.promises.town = Town(seed, self.promises.note)
        self.google = self.town.google

    def teardown(self) -> None:
        """Ends the schedule by coming to rest, unless it has failed already."""
        if not hasattr(self, "town"):
            return
        try:
            if self.is_sound:
                self.come_to_rest()
        finally:
            self.town.close()

    @invariant()
    def promises_are_kept(self) -> None:
        """S1 to S5, the index and the screen; S6 has a rule of its own."""
        self.is_sound = False
        self.promises.check()
        self.is_sound = True

    # at Google

    @rule(place=PLACE, day=st.integers(20, 27), hour=st.integers(0, 20), kind=st.integers(0, 5))
    def somebody_creates(self, place: tuple[str, str], day: int, hour: int, kind: int) -> None:
        """A single event, a series, whole days, or an invitation."""
        owner, calendar_id = place
        body = timed(self.word(), day=day, hour=hour)
        if kind in (1, 2):
            body["recurrence"] = ["RRULE:FREQ=DAILY;COUNT=4"]
        elif kind == 3:
            body |= {"start": {"date": f"2026-11-{day:02}"}, "end": {"date": f"2026-11-{day + 2:02}"}}
        elif kind == 4:
            body["attendees"] = [{"email": user} for user in USERS if user != owner]
        self.google.phone(owner, "POST", path_of(calendar_id), body)

    @rule(pick=PICK, text=TEXT)
    def somebody_retitles(self, pick: int, text: str) -> None:
        """An event or a series."""
        self.somebody_patches(pick, {text: self.word()})

    @rule(pick=PICK, hour=st.integers(0, 20))
    def somebody_retimes(self, pick: int, hour: int) -> None:
        """To another hour; a series loses its exceptions by it."""
        found = self.at_google(pick)
        if found is not None and "dateTime" in found[1]["start"]:
            day = int(found[1]["start"]["dateTime"][8:10])
            times = timed(day=day, hour=hour)
            self.somebody_patches(pick, {name: times[name] for name in ("start", "end")})

    @rule(pick=PICK)
    def somebody_ends_a_series(self, pick: int) -> None:
        """After two instances."""
        found = self.at_google(pick, series=True)
        if found is not None:
            (owner, calendar_id), event = found
            body = {"recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]}
            self.google.phone(owner, "PATCH", path_of(calendar_id, event["id"]), body)

    @rule(pick=PICK)
    def somebody_deletes(self, pick: int) -> None:
        """Whatever."""
        found = self.at_google(pick)
        if found is not None:
            (owner, calendar_id), event = found
            self.google.phone(owner, "DELETE", path_of(calendar_id, event["id"]))

    @rule(pick=PICK)
    def somebody_restores(self, pick: int) -> None:
        """From the bin."""
        found = self.at_google(pick, dead=True)
        if found is not None:
            (owner, calendar_id), event = found
            self.google.phone(owner, "PATCH", path_of(calendar_id, event["id"]), {"status": "confirmed"})

    @rule(pick=PICK, nth=st.integers(0, 3), cancel=st.booleans())
    def somebody_changes_an_instance(self, pick: int, nth: int, cancel: bool) -> None:
        """One of a series."""
        found = self.at_google(pick, series=True)
        if found is None:
            return
        (owner, calendar_id), event = found
        items = self.google.phone(owner, "GET", path_of(calendar_id, event["id"]) + "/instances").read()["items"]
        if items:
            path = path_of(calendar_id, items[nth % len(items)]["id"])
            if cancel:
                self.google.phone(owner, "DELETE", path)
            else:
                self.google.phone(owner, "PATCH", path, {"summary": self.word()})

    @rule(pick=PICK)
    def somebody_moves_to_another_calendar(self, pick: int) -> None:
        """Between Ana's calendars."""
        found = self.at_google(pick)
        if found is not None and found[0][0] == ANA:
            (owner, calendar_id), event = found
            other = next(place[1] for place in PLACES if place[0] == owner and place[1] != calendar_id)
            self.google.phone(owner, "POST", path_of(calendar_id, event["id"]) + "/move", None, destination=other)

    # here

    @rule(place=PLACE, day=st.integers(20, 27), hour=st.integers(0, 20), series=st.booleans())
    def we_create(self, place: tuple[str, str], day: int, hour: int, series: bool) -> None:
        """A single event or a series."""
        word = self.word()
        fields: dict[str, Any] = {"recurrence": ("RRULE:FREQ=DAILY;COUNT=4",)} if series else {}
        new = draft(word, day=day, hour=hour, **fields)
        self.act(lambda: self.town.edit.create(*place, new), expect=word)

    @rule(user=USER, pick=PICK, text=TEXT, scope=SCOPE)
    def we_retitle(self, user: str, pick: int, text: str, scope: Any) -> None:
        """An event, an instance, the rest of a series, a series."""
        entry = self.entry(user, pick)
        if entry is None:
            return
        word, family = self.word(), self.family(entry)
        target, master = shown_resource(family, entry.original_start) or {}, family.master or {}
        new = Draft(summary=word) if text == "summary" else Draft(location=word)
        # The rest of a series, and all of it, has instances with words of their own, which are replaced, too.
        own = [resource.get(text) for resource in family.overrides.values()]
        replaced = [target.get(text)] if scope == "this" else [target.get(text), master.get(text), *own]
        self.promises.show(replaced)
        if scope == "this" and entry.recurring and target.get(text) == master.get(text):
            replaced = []  # the series keeps it
        self.act(lambda: self.town.edit.change(entry.key, new, scope=scope), expect=word, release=replaced)

    @rule(user=USER, pick=PICK, hour=st.integers(0, 20), scope=SCOPE)
    def we_retime(self, user: str, pick: int, hour: int, scope: Any) -> None:
        """To another hour of that day; whole days move by one."""
        entry = self.entry(user, pick)
        if entry is None:
            return
        if entry.all_day:
            new = Draft(start=entry.first_day + timedelta(days=1), end=entry.last_day + timedelta(days=1))
        else:
            start = entry.start_in(UTC).replace(hour=hour)
            new = Draft(start=start, end=start + timedelta(minutes=50))
        released = self.family(entry) if entry.recurring and scope != "this" else None
        self.act(lambda: self.town.edit.change(entry.key, new, scope=scope), release=released)

    @rule(user=USER, pick=PICK, scope=SCOPE, response=st.sampled_from(("accepted", "declined")))
    def we_answer(self, user: str, pick: int, scope: Any, response: Any) -> None:
        """An invitation."""
        entry = next((one for one in self.entries(user, pick) if one.response is not None), None)
        if entry is not None:
            scope = "all" if scope == "following" else scope
            self.act(lambda: self.town.edit.change(entry.key, Draft(response=response), scope=scope))

    @rule(user=USER, pick=PICK, scope=SCOPE)
    def we_delete(self, user: str, pick: int, scope: Any) -> None:
        """An event, an instance, the rest of a series, a series."""
        entry = self.entry(user, pick)
        if entry is None:
            return
        family = self.family(entry)
        whole = scope == "all" or entry.original_start is None
        released: object = family
        if not whole and scope == "this":
            target, master = shown_resource(family, entry.original_start) or {}, family.master or {}
            released = {name: value for name, value in target.items() if value != master.get(name)}
        if self.act(lambda: self.town.edit.delete(entry.key, scope=scope), release=released) and whole:
            self.promises.deleted.add((entry.calendar_id, entry.event_id))

    @rule(user=USER, pick=PICK, place=PLACE)
    def we_move_to_another_calendar(self, user: str, pick: int, place: tuple[str, str]) -> None:
        """Of the same account or the other one."""
        entry = self.entry(user, pick)
        if entry is not None:
            self.promises.welcome_back({entry.event_id})
            owner, calendar_id = place
            self.act(lambda: self.town.edit.move(entry.key.series, (owner, calendar_id)))

    @rule(user=USER, redo=st.booleans())
    def we_undo_or_redo(self, user: str, redo: bool) -> None:
        """The newest."""
        with self.town.store.read() as unit:
            entries = unit.undo_entries(user, undone=redo)
        for entry in entries:
            self.promises.show(entry)
            self.promises.release(entry)
            self.promises.welcome_back(events_of((*entry.forward, *entry.inverse)))
        edit = self.town.edit
        self.act(lambda: edit.redo(user) if redo else edit.undo(user))

    @rule(user=USER, pick=PICK, choice=st.sampled_from(("mine", "theirs")))
    def we_settle(self, user: str, pick: int, choice: Any) -> None:
        """What waits for a decision."""
        conflicts = self.town.services.list_conflicts(user)
        if not conflicts:
            return
        conflict = conflicts[pick % len(conflicts)]
        with self.town.store.read() as unit:
            change = unit.change(conflict.change_id)
            assert change is not None
            entries = unit.undo_of(conflict.change_id)
            touched = events_of(change.steps) | {
                event for one in entries for event in events_of((*one.forward, *one.inverse))
            }
        self.promises.show((conflict, change, entries))
        self.promises.welcome_back(touched)
        released = (change, entries) if choice == "theirs" else None
        self.act(lambda: self.town.services.settle(conflict.change_id, choice), release=released)

    @rule(user=USER, full=st.booleans())
    def we_ask_for_a_sync(self, user: str, full: bool) -> None:
        """By hand."""
        self.town.process(lambda: self.town.request_sync(user, full=full))

    # the machinery

    @rule(tasks=st.integers(1, 4), choice=PICK)
    def workers_work(self, tasks: int, choice: int) -> None:
        """In whatever order."""
        for _ in range(tasks):
            self.town.work(choice)

    @rule(user=USER)
    def push_is_done(self, user: str) -> None:
        """As the local API asks for it after an edit."""
        self.town.process(lambda: self.town.ledger.request("calendar.push", user))
        self.town.work(len(self.town.broker.queue) - 1)

    @rule(most=st.integers(1, 6))
    def messages_arrive(self, most: int) -> None:
        """Google's, in the order in which they were sent but for what disturbs them."""
        self.note_heard(self.town.deliver(most))

    @rule(seconds=st.sampled_from((5, 12, 40, 400, 1_000, 90_000)))
    def time_passes(self, seconds: int) -> None:
        """And the beat beats."""
        self.town.clock.advance(seconds)
        self.town.process(self.town.backstop)

    @rule(pick=PICK, kind=st.sampled_from(("unknown", "token", "empty")))
    def somebody_forges_a_message(self, pick: int, kind: str) -> None:
        """S6: it changes nothing, neither here nor in the queue."""
        channels = sorted(self.town.world.channels.by_id)
        if not channels:
            return
        channel_id = "forged" if kind == "unknown" else channels[pick % len(channels)]
        note = Notification(channel_id=channel_id, token="" if kind == "empty" else "forged", message_number=10**9)
        connection = self.town.store._database.connection()
        before = (connection.total_changes, len(self.town.broker.queue))
        assert self.town.accept(note) == "unknown"
        assert before == (connection.total_changes, len(self.town.broker.queue)), "S6: it changed something"

    # what goes wrong

    @rule(
        kind=st.sampled_from(("before", "after", "truncate", "drop", "drop_after", "drop_after")),
        method=METHOD,
        times=st.integers(1, 3),
        skip=st.integers(0, 2),
        refusal=st.sampled_from(REFUSALS),
    )
    def requests_will_fail(self, kind: Any, method: str, times: int, skip: int, refusal: tuple[int, str]) -> None:
        """Before the commit, after it, or by an answer that is cut."""
        code, reason = refusal if kind == "before" or refusal[1] != "forbidden" else REFUSALS[0]
        fault = Fault(kind=kind, method=method, times=times, skip=skip, code=code, reason=reason)
        self.town.world.faults.add(fault)

    @rule(after=st.integers(0, 25))
    def process_will_crash(self, after: int) -> None:
        """So many steps from now: transactions begun and ended, requests sent, answers read, tasks sent."""
        self.town.fuse.left = after

    @rule(method=METHOD, arrived=st.booleans(), pick=PICK, what=st.integers(0, 3))
    def somebody_will_act_meanwhile(self, method: str, arrived: bool, pick: int, what: int) -> None:
        """While a request of ours or its answer is under way, or between two pages."""
        acts: tuple[Callable[[], None], ...] = (
            lambda: self.somebody_retitles(pick, "summary"),
            lambda: self.somebody_deletes(pick),
            lambda: self.somebody_changes_an_instance(pick, 1, False),
            lambda: self.somebody_moves_to_another_calendar(pick),
        )
        self.google.act_meanwhile(method, arrived, acts[what])

    @rule(method=METHOD, arrived=st.booleans(), user=USER, pick=PICK, what=st.integers(0, 5), scope=SCOPE)
    def we_shall_act_meanwhile(self, method: str, arrived: bool, user: str, pick: int, what: int, scope: Any) -> None:
        """While a request of ours or its answer is under way: the user does not wait."""
        acts: tuple[Callable[[], None], ...] = (
            lambda: self.we_retitle(user, pick, "summary", scope),
            lambda: self.we_retitle(user, pick, "location", "all"),
            lambda: self.we_delete(user, pick, scope),
            lambda: self.we_undo_or_redo(user, False),
            lambda: self.we_move_to_another_calendar(user, pick, PLACES[pick % len(PLACES)]),
            lambda: self.we_settle(user, pick, "mine"),
        )
        self.google.act_meanwhile(method, arrived, acts[what])

    @rule(method=METHOD, arrived=st.booleans(), choice=PICK, heard=st.booleans(), edited=st.booleans())
    def another_worker_will_work_meanwhile(
        self, method: str, arrived: bool, choice: int, heard: bool, edited: bool
    ) -> None:
        """While a request of ours or its answer is under way; perhaps because somebody edits, and Google tells."""

        def act() -> None:
            if edited:
                self.somebody_retitles(choice, "location")
            if heard:
                self.note_heard(self.town.deliver(9))
            self.town.work(choice)

        self.google.act_meanwhile(method, arrived, act)

    @rule(drop=st.integers(0, 2), duplicate=st.integers(0, 2), reorder=st.integers(0, 3))
    def messages_will_be_disturbed(self, drop: int, duplicate: int, reorder: int) -> None:
        """Lost, doubled, in another order; each is late anyway, until `messages_arrive`."""
        rules = self.town.world.channels.disturbance
        rules.drop, rules.duplicate, rules.reorder = drop, duplicate, reorder

    @rule(everywhere=st.booleans(), place=PLACE)
    def sync_tokens_expire(self, everywhere: bool, place: tuple[str, str]) -> None:
        """410."""
        self.town.world.expire_sync_tokens(None if everywhere else place[1])

    @rule(user=USER, revoked=st.booleans())
    def access_tokens_expire(self, user: str, revoked: bool) -> None:
        """401; with the grant revoked nothing helps but signing in again."""
        self.town.world.oauth.expire_access_tokens()
        if revoked:
            self.town.world.oauth.revoke_user(user, "c")
            self.town.world.channels.remove_of_user(user, "c")

    @rule()
    def users_sign_in_again(self) -> None:
        """Where they were signed out."""
        self.town.sign_in()

    @rule(late=st.booleans())
    def channels_expire(self, late: bool) -> None:
        """At Google alone, or because a week has passed."""
        if late:
            self.town.clock.advance(8 * 86_400)
        for channel in list(self.town.world.channels.by_id.values()):
            self.town.world.channels.remove(channel)

    @rule(lost=st.booleans())
    def redis_is_away_or_back(self, lost: bool) -> None:
        """With all that it held, perhaps."""
        self.town.broker.away = not self.town.broker.away
        if lost:
            self.town.broker.lose()
            for user in USERS:
                self.town.cache.invalidate_user_cache(user)

    @rule(lost=st.booleans())
    def processes_are_killed(self, lost: bool) -> None:
        """All of them, between two steps; Redis too, perhaps."""
        if lost:
            self.town.broker.lose()
        self.town.restart()

    # the end

    def come_to_rest(self) -> None:
        """Edits stop and nothing disturbs any more: everything must come true by itself, then by decisions."""
        town = self.town
        town.world.faults.clear()
        self.google.meanwhile.clear()
        town.fuse.left = None
        town.broker.away = False
        town.world.channels.release_held()
        town.world.channels.disturbance = Disturbance()
        town.sign_in()
        self.note_heard(town.deliver(1_000))
        for _ in range(15):
            self.beat(10)
            if self.is_quiet():
                break
        for user in USERS:
            if any(town.backstop.has_given_up(user, calendar_id) for _, calendar_id in PLACES):
                town.request_sync(user)
        self.beat(1)
        for owner, calendar_id in PLACES:
            rows = self.promises.rows(owner, calendar_id)
            until = self.promises.heard.get((owner, calendar_id), 0)
            assert self.promises.missing(calendar_id, rows, until=until) == [], "told of, and not fetched"
        for seconds in (400, 1_000):
            self.beat(seconds)
        self.compare()
        for number in range(ROUNDS):
            if not self.has_waiting():
                break
            for user in USERS:
                self.we_settle(user, 0, "theirs" if number % 2 else "mine")
            self.beat(12)
        assert not self.has_waiting(), "the outbox never gets empty"
        self.beat(1_000)
        self.compare()

    def beat(self, seconds: int) -> None:
        """Time passes, the backstop looks, the workers work, messages arrive."""
        town = self.town
        town.clock.advance(seconds)
        town.backstop()
        town.work_off()
        self.note_heard(town.deliver(1_000))
        town.work_off()
        self.promises.check()

    def is_quiet(self) -> bool:
        """Whether nothing is left that the services would do by themselves within a minute."""
        with self.town.store.read() as unit:
            states = [unit.sync_state(*place) for place in PLACES]
            waiting = any(unit.counts(user)["waiting"] for user in USERS)
        return not waiting and not any(state.dirty_seq > state.synced_seq or state.staged for state in states)

    def has_waiting(self) -> bool:
        """Whether anything is in the outbox."""
        with self.town.store.read() as unit:
            return any(unit.changes(user) for user in USERS)

    def compare(self) -> None:
        """Mirror, outbox and screen against Google."""
        for owner, calendar_id in PLACES:
            theirs = self.listed(owner, calendar_id)
            rows = self.promises.rows(owner, calendar_id)
            live = {event_id: row for event_id, row in rows.items() if not is_cancelled(row)}
            assert theirs == live, "the mirror is not what Google has"
        with self.town.store.read() as unit:
            outbox = [change for user in USERS for change in unit.changes(user)]
            about = {user: {change.change_id for change in unit.changes(user)} for user in USERS}
        blocked: set[str] = set()
        for change in sorted(outbox, key=lambda change: change.change_id):
            assert change.state != "waiting" or change.event_ids & blocked, "it waits for nothing"
            blocked |= change.event_ids
        for user in USERS:
            listed = {conflict.change_id for conflict in self.town.services.list_conflicts(user)}
            stopped = {change.change_id for change in outbox if change.state != "waiting"} & about[user]
            assert stopped == listed, "a conflict is not shown"
        if not outbox:
            for user in USERS:
                shown = sorted(
                    (entry.calendar_id, entry.start, entry.end, entry.summary, entry.location)
                    for entry in self.town.read.agenda(user, MONTH).entries
                )
                assert self.expanded(user) == shown, "the screen is not what Google expands"

    def listed(self, owner: str, calendar_id: str) -> dict[str, Resource]:
        """What a first full list says, by id."""
        items: dict[str, Resource] = {}
        page_token: str | None = None
        while True:
            page = self.town.remotes[owner].list_events(calendar_id, page_token=page_token)
            items |= {item["id"]: item for item in page.items if not is_cancelled(item)}
            page_token = page.next_page_token
            if page_token is None:
                return items

    def expanded(self, user: str) -> list[tuple[str, int, int, str, str]]:
        """Google's own instances of November."""
        found = []
        for owner, calendar_id in PLACES:
            if owner == user:
                items = list_instances(self.google, user, calendar_id, "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z")
                for item in items:
                    start, end = (_epoch(item[name]) for name in ("start", "end"))
                    found.append((calendar_id, start, end, item.get("summary", ""), item.get("location", "")))
        return sorted(found)

    # looking at it

    def word(self) -> str:
        """One that nobody has used yet."""
        self.words += 1
        return f"w{self.words}"

    def act(self, work: Callable[[], object], *, expect: str = "", release: object = None) -> bool:
        """The user does something; returns whether it surely was accepted."""
        if self.town.store.is_busy():
            return False
        crashes = self.town.crashes
        done = self.town.process(work)
        if done or self.town.crashes > crashes:
            self.promises.release(release)
        if expect and (done or expect in self.waiting_words()):
            self.promises.expect({expect})
        return done

    def waiting_words(self) -> str:
        """The whole outbox, as text."""
        with self.town.store.read() as unit:
            return " ".join(
                repr(step.fields.values()) for user in USERS for c in unit.changes(user) for step in c.steps
            )

    def note_heard(self, channel_ids: list[str]) -> None:
        """Accepted notifications tell of all that has changed in their calendars so far."""
        with self.town.store.read() as unit:
            for channel_id in channel_ids:
                channel = unit.channel(channel_id)
                assert channel is not None
                version = self.town.world.calendars[channel.calendar_id].version
                self.promises.heard[channel.user_id, channel.calendar_id] = version

    def entries(self, user: str, pick: int) -> list[Entry]:
        """What that user sees, from the picked one on."""
        entries = sorted(
            self.town.read.agenda(user, MONTH).entries,
            key=lambda entry: (entry.start, entry.summary, entry.location, entry.calendar_id),
        )
        first = pick % len(entries) if entries else 0
        return entries[first:] + entries[:first]

    def entry(self, user: str, pick: int) -> Entry | None:
        """The picked one."""
        return next(iter(self.entries(user, pick)), None)

    def family(self, entry: Entry) -> Family:
        """The event as it is shown, with its exceptions."""
        with self.town.store.read() as unit:
            return shown_family(unit, entry.key)

    def at_google(
        self, pick: int, *, series: bool = False, dead: bool = False
    ) -> tuple[tuple[str, str], Resource] | None:
        """An event of whatever calendar, no instance."""
        found = [
            (place, event)
            for place in PLACES
            for _, event in sorted(self.google.events(place[1]).items())
            if is_cancelled(event) == dead
            and "recurringEventId" not in event
            and (not series or "recurrence" in event)
        ]
        return found[pick % len(found)] if found else None

    def somebody_patches(self, pick: int, body: Resource) -> None:
        """Changes an event or series at Google."""
        found = self.at_google(pick)
        if found is not None:
            (owner, calendar_id), event = found
            self.google.phone(owner, "PATCH", path_of(calendar_id, event["id"]), body)


def _epoch(moment: Resource) -> int:
    return int(datetime.fromisoformat(moment.get("dateTime") or f"{moment['date']}T00:00:00+00:00").timestamp())


TestSynced = Synced.TestCase
TestSynced.settings = settings(
    max_examples=SCHEDULES,
    derandomize="AICALENDAR_SCHEDULES" not in os.environ,  # `make test` is the same each time, `make soak` explores
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.large_base_example],
    # To shrink a schedule can take minutes: only for whoever asks for it.
    phases=[Phase.generate, *([Phase.shrink] if os.environ.get("AICALENDAR_SHRINK") else [])],
    database=None,
)
