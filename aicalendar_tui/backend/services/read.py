"""Everything that is read for a screen or the API: views through the cache, the rest straight from the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2s
from typing import Literal

import msgspec
from msgspec import Struct

from aicalendar_tui.backend.domain.agenda import Agenda, Entry, Sidebar, sort_key
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.change import Change, calendars_of
from aicalendar_tui.backend.domain.channel import Channel
from aicalendar_tui.backend.domain.errors import NotFound
from aicalendar_tui.backend.domain.event import Event, EventKey, parse_event
from aicalendar_tui.backend.domain.guests import Person
from aicalendar_tui.backend.domain.overlay import family_of, overlay_calendars, shown_resource, steps_on
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.domain.times import DAY_SECONDS, Days, Span
from aicalendar_tui.backend.ports import AccountRow, AgendaCache, ReadUnit, Revision, Store, ViewName
from aicalendar_tui.backend.services.index import grow_window

WINDOW_MARGIN_SECONDS = 120 * DAY_SECONDS
FURTHEST_SECONDS = 40 * 366 * DAY_SECONDS
"""The window never becomes longer than this, however far someone leafs."""
MOST_PEOPLE = 2_000

_entries = msgspec.json.Decoder(list[Entry])
_sidebar = msgspec.json.Decoder(Sidebar)
_encode = msgspec.json.Encoder().encode


class Summary(Struct, frozen=True, kw_only=True):
    """What waits, what is wrong and what runs, for one user."""

    waiting: int
    conflicts: int
    rejected: int
    open_tasks: int
    live_calendars: int
    calendars: int
    problem: str = ""
    synced_at: int | None = None


class EventView(Struct, frozen=True, kw_only=True):
    """One event as it is shown, with what waits for it."""

    event: Event
    calendar: Calendar
    recurrence: tuple[str, ...] = ()
    """The rules of the series that it is, or is an instance of."""
    waiting: bool = False
    problem: str = ""
    state: Literal["synced", "waiting", "conflict", "rejected"] = "synced"


@dataclass(frozen=True, slots=True)
class Read:
    """Views come from the cache when it holds the present revision, else from one read of the database."""

    store: Store
    cache: AgendaCache

    def agenda(self, user_id: str, days: Days) -> Agenda:
        """What all shown calendars of the user have in those days, sorted."""
        self._cover(user_id, days)
        with self.store.read() as unit:
            current = _revision(unit, user_id)
            calendar_ids = tuple(c.calendar_id for c in unit.calendars(user_id) if c.shown)
        read_at = current.number

        def load() -> tuple[Revision, bytes]:
            nonlocal read_at
            with self.store.read() as unit:
                revision = _revision(unit, user_id)
                read_at = revision.number
                shown = [c.calendar_id for c in unit.calendars(user_id) if c.shown]
                return revision, unit.entries_json(user_id, days, shown)

        payload = self.cache.view(_view_name(user_id, days, calendar_ids), current, load)
        entries = sorted(_entries.decode(payload), key=sort_key)
        return Agenda(days, tuple(entries), read_at)

    def calendars(self, user_id: str) -> Sidebar:
        """All calendars of the user, hidden ones too."""
        with self.store.read() as unit:
            current = _revision(unit, user_id)

        def load() -> tuple[Revision, bytes]:
            with self.store.read() as unit:
                revision = _revision(unit, user_id)
                return revision, _encode(Sidebar(tuple(unit.calendars(user_id)), revision.number))

        name = ViewName("user_calendars", user_id, "calendars")
        return _sidebar.decode(self.cache.view(name, current, load))

    def event(self, key: EventKey) -> EventView | None:
        """The event, series or instance that the key names, pending edits applied; None when it is gone."""
        with self.store.read() as unit:
            current = _revision(unit, key.user_id)

        def load() -> tuple[Revision, bytes]:
            with self.store.read() as unit:
                revision = _revision(unit, key.user_id)
                return revision, _encode(_family_view(unit, key))

        field = key.calendar_id
        payload = self.cache.view(ViewName("event", key.user_id, field, key.event_id), current, load)
        view = msgspec.json.decode(payload, type=_FamilyView)
        if view.calendar is None:
            return None
        resources = {**view.elsewhere, key.calendar_id: view.resources}
        families = {calendar_id: family_of(key.event_id, found) for calendar_id, found in resources.items()}
        shown = overlay_calendars(families, steps_on(key.event_id, view.changes, user_id=key.user_id))
        resource = shown_resource(shown[key.calendar_id], key.original_start)
        event = parse_event(resource) if resource else None
        if event is None:
            return None
        master = parse_event(shown[key.calendar_id].master or {})
        state, reason = _state(view.changes)
        return EventView(
            event=event,
            calendar=view.calendar,
            recurrence=master.recurrence if master else (),
            waiting=state == "waiting",
            problem=reason,
            state=state,
        )

    def people(self, user_id: str) -> list[Person]:
        """Who was seen among guests, those met most often first. Reads all of the mirror: not for each key."""
        with self.store.read() as unit:
            return unit.people(user_id, limit=MOST_PEOPLE)

    def summary(self, user_id: str) -> Summary:
        """Straight from the database: small, and always asked for after something changed."""
        with self.store.read() as unit:
            counts = unit.counts(user_id)
            calendars = unit.calendars(user_id)
        shown = [calendar for calendar in calendars if calendar.shown]
        synced = [calendar.synced_at for calendar in shown if calendar.synced_at is not None]
        return Summary(
            waiting=counts["waiting"],
            conflicts=counts["conflict"],
            rejected=counts["rejected"],
            open_tasks=counts["open_tasks"],
            live_calendars=sum(calendar.live == "live" for calendar in shown),
            calendars=len(shown),
            problem=next((calendar.problem for calendar in shown if calendar.problem), ""),
            synced_at=min(synced, default=None),
        )

    def tasks(self, user_id: str, limit: int = 50) -> list[Task]:
        """Open ones first, then the newest."""
        with self.store.read() as unit:
            return unit.tasks(user_id, limit=limit)

    def task(self, task_id: str) -> Task | None:
        """None: unknown."""
        with self.store.read() as unit:
            return unit.task(task_id)

    def channels(self, user_id: str) -> list[Channel]:
        """The newest first, dead ones left out."""
        with self.store.read() as unit:
            return unit.channels(user_id, states=("pending", "active", "retiring"))

    def changes(self, user_id: str) -> list[Change]:
        """The outbox, oldest first."""
        with self.store.read() as unit:
            return unit.changes(user_id)

    def find_turn(self, user_ids: Sequence[str], *, undone: bool) -> str | None:
        """Whose edit is the next to be undone, or done again (`undone`): accounts of one user act as one.

        To undo, the newest edit of all; to redo, the one undone last, unless a newer edit of any ended that line.
        """
        with self.store.read() as unit:
            done = [entry for user_id in user_ids for entry in unit.undo_entries(user_id, undone=False)]
            newest = max(done, key=lambda entry: entry.undo_id, default=None)
            if not undone:
                return newest.user_id if newest else None
            again = [entry for user_id in user_ids for entry in unit.undo_entries(user_id, undone=True)]
        following = min(again, key=lambda entry: entry.undo_id, default=None)
        if following is None or (newest is not None and newest.undo_id > following.undo_id):
            return None
        return following.user_id

    def accounts(self) -> list[AccountRow]:
        """All accounts, the default one first."""
        with self.store.read() as unit:
            return unit.accounts()

    def public_address(self) -> str:
        """Where the receiver can be reached from outside, or ''."""
        with self.store.read() as unit:
            return unit.public_address()

    def tunnel_problem(self) -> str:
        """Why it can't be reached though a tunnel is wanted (a msgid), or ''."""
        with self.store.read() as unit:
            return unit.tunnel_problem()

    def resolve_user(self, user_id: str) -> str:
        """`me` is the default account. Raises NotFound for a user that is not here."""
        accounts = self.accounts()
        if user_id == "me" and accounts:
            return accounts[0].user_id
        if any(account.user_id == user_id for account in accounts):
            return user_id
        raise NotFound(f"there is no user {user_id!r}", code=404, reason="notFound")

    def _cover(self, user_id: str, days: Days) -> None:
        """Makes sure that series are expanded for those days: the window grows on demand."""
        wanted = days.instants.join(days.dates)
        with self.store.read() as unit:
            account = unit.account(user_id)
        if account is None or (account.window.start <= wanted.start and wanted.end <= account.window.end):
            return
        window = account.window.join(Span(wanted.start - WINDOW_MARGIN_SECONDS, wanted.end + WINDOW_MARGIN_SECONDS))
        if window.end - window.start > FURTHEST_SECONDS:
            return
        with self.store.write() as unit:
            grow_window(unit, user_id, window)


class _FamilyView(Struct, frozen=True):
    """What is cached of one event: enough to show it or any of its instances."""

    calendar: Calendar | None
    resources: list[dict]
    changes: list[Change]
    elsewhere: dict[str, list[dict]] = {}
    """What other calendars have of an event that is being moved."""


def _family_view(unit: ReadUnit, key: EventKey) -> _FamilyView:
    families = unit.families(key.user_id, key.calendar_id, [key.event_id])
    calendar = unit.calendar(key.user_id, key.calendar_id)
    changes = unit.changes_of(key.user_id, key.event_id)
    others = calendars_of(key.event_id, steps_on(key.event_id, changes, user_id=key.user_id)) - {key.calendar_id}
    elsewhere = {other: unit.families(key.user_id, other, [key.event_id])[key.event_id] for other in others}
    return _FamilyView(calendar, families[key.event_id], changes, elsewhere)


def _revision(unit: ReadUnit, user_id: str) -> Revision:
    return Revision(unit.database_id(), unit.revision(user_id))


def _view_name(user_id: str, days: Days, calendar_ids: Sequence[str]) -> ViewName:
    """One field a view: the days, their zone, and a digest of the calendars in it."""
    digest = blake2s("\n".join(calendar_ids).encode(), digest_size=6).hexdigest()
    return ViewName("events", user_id, f"{days.first}/{days.last}@{days.zone}#{digest}")


def _state(changes: Sequence[Change]) -> tuple[Literal["synced", "waiting", "conflict", "rejected"], str]:
    for change in changes:
        if change.state != "waiting":
            return change.state, change.reason
    return ("waiting", "") if changes else ("synced", "")
