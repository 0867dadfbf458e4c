"""What must hold at every moment (PROTOCOL, S1 to S6), looked for from outside: at Google, in the rows, on screen.

Each edit, ours and theirs, carries a word that nobody else uses (`w17`). So it can be told of any state whether an
edit is in it, and of any request whether it overwrites something that its maker has not seen.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from aicalendar_tui.backend.domain.agenda import Entry, sort_key
from aicalendar_tui.backend.domain.change import Change, Step
from aicalendar_tui.backend.domain.event import Resource, is_cancelled, master_id_of
from aicalendar_tui.backend.domain.overlay import entries_of, family_of
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.backend.ports import AccountRow, ReadUnit
from aicalendar_tui.backend.services.index import families_elsewhere
from aicalendar_tui.simulator.tokens import unpack_token
from tests.property.near_google import Commit
from tests.property.town import PLACES, USERS, Town

WORD = re.compile(r"w\d+\b")
TEXTS = ("summary", "location")
Place = tuple[str, str]
OWNER_OF = {calendar_id: owner for owner, calendar_id in PLACES}


class Promises:
    """Watches one town; `check` raises AssertionError for the first promise that is broken."""

    town: Town
    days: Days
    """What the screen shows."""

    def __init__(self) -> None:
        self.owed: set[str] = set()
        """S2: words of accepted edits that nobody has overwritten or taken back."""
        self.deleted: set[Place] = set()
        """S2: (calendar, event) that the user deleted here, and has not brought back."""
        self.known: set[str] = set()
        """Words that the user saw in what an edit of theirs replaces, or decided about."""
        self.may_return: set[str] = set()
        """S4: events that somebody wanted back."""
        self.ordered: set[str] = set()
        """S3: ids of events that our outbox was ever to create."""
        self.heard: dict[Place, int] = {}
        """How much of a calendar an accepted notification has told of."""
        self._arrived: set[str] = set()
        self._ids: set[str] = set()
        self._seen: object = None
        self._high: dict[tuple[str, str, str], int] = {}
        self._buried: dict[tuple[str, str, str], int] = {}
        self._revisions: dict[str, int] = dict.fromkeys(USERS, 0)

    # at Google

    def note(self, commit: Commit) -> None:
        """An event has changed at Google."""
        before, after = commit.before, commit.after
        event_id = after["id"]
        words = set(WORD.findall(json.dumps(after)))
        self._arrived |= words
        was_dead = before is not None and is_cancelled(before)
        is_new, self._ids = event_id not in self._ids, self._ids | {event_id}
        organizer = after.get("organizer") or {"self": True}
        is_copy = not organizer.get("self")  # Google keeps guests' copies up to date
        if not commit.by_us or is_copy:
            if was_dead and not is_cancelled(after):
                self.may_return |= {event_id, master_id_of(after)}
                self._undelete({event_id, master_id_of(after)})
            return
        if is_new and "recurringEventId" not in after:
            self._remember_orders()
            assert event_id in self.ordered, f"S3: we made {event_id} at Google and don't know it as ours"
        if was_dead and not is_cancelled(after):
            wanted = {event_id, master_id_of(after)} & self.may_return
            assert wanted, f"S4: {event_id} comes back at Google though nobody wanted it"
        if before is not None and not was_dead and not is_cancelled(after):
            for name in TEXTS:
                lost = _words(before.get(name)) - _words(after.get(name)) - self.known
                assert not lost, f"S2: our {commit.method} overwrites {lost}, which its maker has not seen"

    def _remember_orders(self) -> None:
        with self.town.store.read() as unit:
            for user_id in USERS:
                for change in unit.changes(user_id):
                    self.ordered |= {step.event_id for step in change.steps if step.verb == "insert"}

    # what the user does

    def expect(self, words: Iterable[str]) -> None:
        """An edit with these words was accepted."""
        self.owed |= set(words)

    def release(self, content: object) -> None:
        """The user overwrites or takes back what has these words."""
        self.owed -= _words(content)

    def show(self, content: object) -> None:
        """The user has seen these words in what they are about to replace."""
        self.known |= _words(content)

    def welcome_back(self, event_ids: Iterable[str]) -> None:
        """The user may have brought these back, or keeps what was deleted."""
        self.may_return |= set(event_ids)
        self._undelete(set(event_ids))

    def _undelete(self, event_ids: set[str]) -> None:
        self.deleted = {place for place in self.deleted if place[1] not in event_ids}

    # what must hold

    def check(self) -> None:
        """All of it, if anything has changed since. Raises AssertionError."""
        counts = (self.town.store.count_written(), self.town.world.version, self.town.crashes)
        seen = (counts, dict(self.heard), set(self.owed), set(self.deleted))
        if seen == self._seen:
            return
        self._seen = seen
        agendas = {user_id: self.town.read.agenda(user_id, self.days) for user_id in USERS}
        self._remember_orders()
        self._check_one_event_an_id()
        with self.town.store.read() as unit:
            outbox = [change for user_id in USERS for change in unit.changes(user_id)]
            self._check_edits_are_somewhere(outbox)
            for user_id in USERS:
                self._check_revision(unit, user_id, agendas[user_id].revision)
                account = unit.account(user_id)
                assert account is not None
                expected: list[Entry] = []
                for owner, calendar_id in PLACES:
                    if owner != user_id:
                        continue
                    rows = _rows(unit, owner, calendar_id)
                    self._check_rows_grow(owner, calendar_id, rows)
                    self._check_token(unit, owner, calendar_id, rows)
                    self._check_heard(unit, owner, calendar_id, rows)
                    expected += _expand(unit, account, owner, calendar_id, rows, self.days)
                shown = list(agendas[user_id].entries)
                assert shown == sorted(shown, key=sort_key)
                absent = [entry for entry in expected if entry not in shown]
                extra = [entry for entry in shown if entry not in expected]
                assert ([], []) == (absent, extra), "the screen lacks the first, and has the others too much"
                assert len(expected) == len(shown), "something is on the screen twice"

    def _check_one_event_an_id(self) -> None:
        """S3 at Google itself: none of our ids is alive in two calendars of an account."""
        google = self.town.google
        alive: set[Place] = set()
        for owner, calendar_id in PLACES:
            for event_id, resource in google.events(calendar_id).items():
                if event_id in self.ordered and not is_cancelled(resource):
                    assert (owner, event_id) not in alive, f"S3: {event_id} is there twice"
                    alive.add((owner, event_id))

    def _check_edits_are_somewhere(self, outbox: list[Change]) -> None:
        waiting = {word for change in outbox for step in change.steps for word in _words(step.fields)}
        lost = self.owed - self._arrived - waiting
        assert not lost, f"S2: {lost} is neither at Google nor in the outbox"
        self.owed -= self._arrived  # what arrived may be overwritten there; `note` looks after that
        touched = {event_id for change in outbox for event_id in change.event_ids}
        for calendar_id, event_id in self.deleted:
            there = self.town.google.events(calendar_id).get(event_id)
            kept = there is None or is_cancelled(there) or event_id in touched
            assert kept, f"S2: the deletion of {event_id} is lost"

    def _check_revision(self, unit: ReadUnit, user_id: str, shown: int) -> None:
        revision = min(unit.revision(user_id), shown)
        assert revision >= self._revisions[user_id], "S5: the revision goes back"
        self._revisions[user_id] = revision

    def _check_rows_grow(self, owner: str, calendar_id: str, rows: dict[str, Resource]) -> None:
        """S4 here, and the rule behind it: no row is ever replaced by an older state of it."""
        google = self.town.google
        for event_id, theirs in google.events(calendar_id).items():
            key, row = (owner, calendar_id, event_id), rows.get(event_id)
            if row is not None and row.get("etag"):
                version = google.version_of_etag(row["etag"])
                assert version >= self._high.get(key, 0), f"an older state replaces {event_id}"
                self._high[key] = version
                if not is_cancelled(row):
                    buried = self._buried.get(key, 0)
                    assert version > buried, f"S4: {event_id} comes back in the mirror"
            if is_cancelled(theirs) and (row is None or is_cancelled(row)):
                self._buried[key] = google.version_of(calendar_id, event_id)

    def _check_token(self, unit: ReadUnit, owner: str, calendar_id: str, rows: dict[str, Resource]) -> None:
        state = unit.sync_state(owner, calendar_id)
        parts = unpack_token(state.sync_token) if state.sync_token else None
        if parts is not None:
            missing = self.missing(calendar_id, rows, until=parts[2])
            assert not missing, f"S1: the token of {calendar_id} stands for {missing}, which is not there"

    def _check_heard(self, unit: ReadUnit, owner: str, calendar_id: str, rows: dict[str, Resource]) -> None:
        """An accepted notification leads to a pull: until the change is here, the calendar is dirty."""
        state = unit.sync_state(owner, calendar_id)
        if state.dirty_seq > state.synced_seq or state.staged:
            return
        missing = self.missing(calendar_id, rows, until=self.heard.get((owner, calendar_id), 0))
        assert not missing, f"a notification told of {missing}, and nobody will fetch it"

    def missing(self, calendar_id: str, rows: dict[str, Resource], *, until: int) -> list[str]:
        """Events whose last change, of that version or earlier, has not come to the mirror."""
        google = self.town.google
        events = google.events(calendar_id)
        missing = []
        for event_id, theirs in events.items():
            version, row = google.version_of(calendar_id, event_id), rows.get(event_id)
            dead = is_cancelled(theirs)
            master_id = master_id_of(theirs)
            if not dead and is_cancelled(events.get(master_id, theirs)):
                dead, version = True, google.version_of(calendar_id, master_id)  # it went with its series
            if version > until:
                continue
            if dead:
                if row is not None and not is_cancelled(row):
                    missing.append(event_id)
            elif row is None or is_cancelled(row) or google.version_of_etag(row["etag"]) < version:
                missing.append(event_id)
        return missing

    def rows(self, owner: str, calendar_id: str) -> dict[str, Resource]:
        """The mirror of a calendar by id, tombstones too."""
        with self.town.store.read() as unit:
            return _rows(unit, owner, calendar_id)


def _words(content: object) -> set[str]:
    return set(WORD.findall(repr(content)))


def _rows(unit: Any, owner: str, calendar_id: str) -> dict[str, Resource]:
    rows = unit._sql(
        "SELECT e.event_id, e.resource FROM event e JOIN calendar c ON c.generation = e.generation"
        " WHERE c.user_id = ? AND c.calendar_id = ?",
        (owner, calendar_id),
    )
    return {event_id: json.loads(text) for event_id, text in rows}


def _expand(
    unit: ReadUnit, account: AccountRow, owner: str, calendar_id: str, rows: dict[str, Resource], days: Days
) -> Iterator[Entry]:
    """Mirror rows and outbox, expanded from nothing, and filtered one by one."""
    outbox = unit.changes_about(owner)
    families: dict[str, list[Resource]] = {event_id: [] for change in outbox for event_id in change.event_ids}
    for resource in rows.values():
        families.setdefault(master_id_of(resource), []).append(resource)
    for event_id, resources in families.items():
        entries = entries_of(
            family_of(event_id, resources),
            [change for change in outbox if event_id in change.event_ids],
            account.window,
            user_id=owner,
            calendar_id=calendar_id,
            elsewhere=families_elsewhere(unit, owner, calendar_id, event_id, outbox),
        )
        for entry in entries:
            if entry.span.overlaps(days.dates if entry.all_day else days.instants):
                yield entry


def events_of(steps: Iterable[Step]) -> set[str]:
    """The events that steps are about."""
    return {step.event_id for step in steps}
