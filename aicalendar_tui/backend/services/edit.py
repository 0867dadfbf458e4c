"""The user's edits: validated, written to the outbox and shown at once, all in one durable transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Struct, UnsetType
from msgspec.structs import replace

from aicalendar_tui.backend.domain.change import Notify, Step, UndoEntry, counter, merge_fields
from aicalendar_tui.backend.domain.draft import Draft, Scope
from aicalendar_tui.backend.domain.errors import InvalidEdit, NotFound
from aicalendar_tui.backend.domain.event import EventKey, Resource, new_event_id, parse_event
from aicalendar_tui.backend.domain.guests import invite
from aicalendar_tui.backend.domain.news import CalendarChanged
from aicalendar_tui.backend.domain.overlay import Family, shown_resource
from aicalendar_tui.backend.domain.readable import describe_event
from aicalendar_tui.backend.domain.rebase import TIME_FIELDS, comparable, seen_of
from aicalendar_tui.backend.domain.series import (
    Carried,
    Division,
    Passage,
    carry_series,
    copy_series,
    divide_series,
    exceptional,
    is_first,
    later_exceptions,
    move_rules,
    mover_of,
    passage_between,
    remains_of,
    trim_recurrence,
)
from aicalendar_tui.backend.domain.times import format_moment, length_between
from aicalendar_tui.backend.ports import AgendaCache, ChangePublisher, Clock, ReadUnit, Store, WriteUnit
from aicalendar_tui.backend.services.index import show_steps, shown_family
from aicalendar_tui.backend.services.outbox import enqueue, withdraw
from aicalendar_tui.i18n import N_


@dataclass(frozen=True, slots=True)
class Edit:
    """Create, change, move, delete; undo and redo. Sending is someone else's work (`push`)."""

    store: Store
    cache: AgendaCache
    publisher: ChangePublisher
    clock: Clock

    def create(self, user_id: str, calendar_id: str, draft: Draft, *, notify: Notify = "none") -> EventKey:
        """A new event under an id of our own. Raises InvalidEdit, NotFound."""
        draft.validate()
        if isinstance(draft.start, UnsetType):
            raise InvalidEdit(N_("An event needs a start and an end"), field="start")
        event_id = new_event_id()
        with self.store.write(durable=True) as unit:
            zone = _writable(unit, user_id, calendar_id)
            body = {"id": event_id, **_fields(draft, zone)}
            body = {name: value for name, value in body.items() if value not in (None, "")}
            step = Step(verb="insert", calendar_id=calendar_id, event_id=event_id, fields=body)
            inverse = Step(verb="delete", calendar_id=calendar_id, event_id=event_id)
            news = self._commit(unit, user_id, _title(body), [step], [inverse], notify)
        self._announce(news)
        return EventKey(user_id, calendar_id, event_id)

    def change(self, key: EventKey, draft: Draft, *, scope: Scope = "this", notify: Notify = "none") -> None:
        """New values for an event, an instance (`this`), it and the later ones (`following`) or the series (`all`).

        Raises InvalidEdit, NotFound. What `following` and `all` can't keep is told by `losses` beforehand.
        """
        draft.validate()
        with self.store.write(durable=True) as unit:
            zone = _writable(unit, key.user_id, key.calendar_id)
            family = shown_family(unit, key)
            edit = _wanted(family, key, draft, scope, zone)
            if not edit.fields:
                return
            forward, inverse = _change_steps(family, key, edit)
            news = self._commit(unit, key.user_id, _title(edit.target), forward, inverse, notify)
        self._announce(news)

    def delete(self, key: EventKey, *, scope: Scope = "this", notify: Notify = "none") -> None:
        """Deletes the event or series (`all`), cancels an instance (`this`), or ends the series (`following`)."""
        with self.store.write(durable=True) as unit:
            _writable(unit, key.user_id, key.calendar_id)
            family = shown_family(unit, key)
            scope = _real_scope(family, key, scope)
            target, original_start = _target(family, key, scope)
            if scope == "following":
                forward, inverse = _end_steps(family, key)
            elif original_start is not None:
                forward, inverse = _cancel_steps(family, key, original_start)
            else:
                step = Step(verb="delete", calendar_id=key.calendar_id, event_id=key.event_id)
                restored = {**target, "status": "cancelled"}
                forward = [step]
                inverse = [replace(step, verb="patch", fields={"status": "confirmed"}, base=restored)]
            news = self._commit(unit, key.user_id, _title(target), forward, inverse, notify)
        self._announce(news)

    def move(
        self,
        key: EventKey,
        calendar: tuple[str, str],
        *,
        draft: Draft | None = None,
        scope: Scope = "this",
        notify: Notify = "none",
    ) -> EventKey:
        """Puts an event or series into another calendar `(user_id, calendar_id)`; returns its key there.

        With a `draft` it is changed by the same action: one change, sent, refused and taken back as one. Within an
        account it stays the same event; into another account goes a copy under an id of its own, and the original
        is deleted then. An instance goes with its whole series when `scope` is `all`, and the draft is about all.
        Raises InvalidEdit for an instance alone and for what is not the user's own, NotFound.
        """
        user_id, destination = calendar
        draft = draft or Draft()
        draft.validate()
        if key.original_start is not None and scope != "all":
            raise InvalidEdit(N_("One event of a series can't go to another calendar alone"), field="calendar")
        if (key.user_id, key.calendar_id) == calendar:
            if draft != Draft():
                self.change(key, draft, scope="all", notify=notify)
            return key
        with self.store.write(durable=True) as unit:
            for owner, calendar_id in ((key.user_id, key.calendar_id), calendar):
                zone = _writable(unit, owner, calendar_id)
            family = shown_family(unit, key)
            target, _ = _target(family, key, "all")
            if (target.get("eventType") or "default") != "default":
                raise InvalidEdit(N_("An event of this kind stays in its calendar"), field="calendar")
            if not (target.get("organizer") or {}).get("self", not target.get("organizer")):
                raise InvalidEdit(N_("Only its organizer can move an event to another calendar"), field="calendar")
            edit = _wanted(family, key, draft, "all", zone)
            if user_id == key.user_id:
                there = EventKey(user_id, destination, key.event_id, key.original_start)
                step = Step(
                    verb="move",
                    calendar_id=key.calendar_id,
                    event_id=key.event_id,
                    fields={"destination": destination},
                    base=target,
                )
                changes, restores = _change_steps(family, there, edit)
                forward, inverse = [step, *changes], [*restores, counter(step)]
            else:
                there = EventKey(user_id, destination, new_event_id())
                forward, inverse = _handover_steps(family, _carried(family, key, edit).family, key, there)
            news = self._commit(unit, key.user_id, _title(target), forward, inverse, notify)
        self._announce(news)
        return there.series

    def losses(self, key: EventKey, draft: Draft, scope: Scope) -> list[str]:
        """The changed instances that this edit can't keep, as "title, date and time"; nothing is changed yet.

        Raises InvalidEdit and NotFound as the edit itself would.
        """
        draft.validate()
        with self.store.read() as unit:
            zone = _writable(unit, key.user_id, key.calendar_id)
            family = shown_family(unit, key)
        edit = _wanted(family, key, draft, scope, zone)
        if not edit.fields or edit.scope == "this":
            return []
        if edit.scope == "following":
            lost = _divided(family, key, edit.fields).lost
        else:
            lost = _carried(family, key, edit).lost
        return [describe_event(resource) for resource in lost]

    def undo(self, user_id: str) -> str | None:
        """Counters the newest edit; returns its event's title, None when there is nothing to undo."""
        return self._turn(user_id, undone=False)

    def redo(self, user_id: str) -> str | None:
        """Makes the edit that was undone last again."""
        return self._turn(user_id, undone=True)

    def _turn(self, user_id: str, *, undone: bool) -> str | None:
        with self.store.write(durable=True) as unit:
            entries = unit.undo_entries(user_id, undone=undone)
            if not entries:
                return None
            entry = entries[0]
            change_id = 0
            if (withdrawn := withdraw(unit, entry, now=self.clock.epoch())) is not None:
                steps: Sequence[Step] = withdrawn.steps
            else:
                steps = [_again(unit, user_id, step) for step in entry.forward] if undone else entry.inverse
                change_id = enqueue(unit, user_id=user_id, steps=steps, label=entry.label, now=self.clock.epoch())
            unit.set_undone(entry.undo_id, not undone, change_id=change_id)
            news = show_steps(unit, user_id, steps)
        self._announce(news)
        return entry.label

    def _commit(
        self,
        unit: WriteUnit,
        user_id: str,
        label: str,
        forward: Sequence[Step],
        inverse: Sequence[Step],
        notify: Notify,
    ) -> list[CalendarChanged]:
        now = self.clock.epoch()
        change_id = enqueue(unit, user_id=user_id, steps=forward, label=label, now=now, send_updates=notify)
        unit.add_undo(
            UndoEntry(
                user_id=user_id,
                label=label,
                forward=tuple(forward),
                inverse=tuple(inverse),
                change_id=change_id,
                created_at=now,
            )
        )
        return show_steps(unit, user_id, forward)

    def _announce(self, news: Collection[CalendarChanged]) -> None:
        for item in news:
            self.cache.invalidate(item.user_id)
            self.publisher.publish(item)


def _writable(unit: ReadUnit, user_id: str, calendar_id: str) -> str:
    """The calendar's zone. Raises NotFound for an unknown calendar, InvalidEdit for one we may only read."""
    calendar = unit.calendar(user_id, calendar_id)
    if calendar is None:
        raise NotFound(f"there is no calendar {calendar_id!r}", code=404, reason="notFound")
    if not calendar.writable:
        raise InvalidEdit(N_("This calendar can only be read"), field="calendar")
    return calendar.zone or "UTC"


def _real_scope(family: Family, key: EventKey, scope: Scope) -> Scope:
    """`following` from the first instance on is `all`; a key without an instance is about the whole event."""
    if key.original_start is None:
        return "all"
    return "all" if scope == "following" and is_first(family, key.original_start) else scope


class _Wanted(Struct, frozen=True, kw_only=True):
    """An edit as it will be made. `own` is what the draft says of the very instance that it was made on."""

    scope: Scope
    target: Resource
    """What the edit is about."""
    fields: Resource
    """Those of the new values that differ from it."""
    own: Resource


def _wanted(family: Family, key: EventKey, draft: Draft, scope: Scope, calendar_zone: str) -> _Wanted:
    """Raises InvalidEdit, NotFound."""
    scope = _real_scope(family, key, scope)
    target, _ = _target(family, key, scope)
    fields = _fields(draft, (target.get("start") or {}).get("timeZone") or calendar_zone)
    if not isinstance(draft.guests, UnsetType):
        fields["attendees"] = invite(target, draft.guests)
    answers = not isinstance(draft.response, UnsetType) or not isinstance(draft.comment, UnsetType)
    if answers:
        fields["attendees"] = _answered(target, draft)
    own = dict(fields)
    if scope == "all" and family.master is not None:
        seen = shown_resource(family, key.original_start)
        if seen is not None and not isinstance(draft.guests, UnsetType):
            own["attendees"] = invite(seen, draft.guests)
        if answers and seen is not None:
            own["attendees"] = _answered(seen, draft)
        if "start" in fields and (key.original_start is not None or target.get("recurrence")):
            fields.update(_moved_series(family, key.original_start, target, draft, calendar_zone))
    if scope == "following" and "recurrence" in fields and family.master is not None:
        # An instance has no rule of its own: the series' one is what the user saw.
        target = {**target, "recurrence": family.master.get("recurrence")}
    return _Wanted(scope=scope, target=target, fields=_changed(target, fields), own=own)


def _target(family: Family, key: EventKey, scope: Scope) -> tuple[Resource, str | None]:
    """The resource that the edit is about, and the original start when it is an instance. Raises NotFound."""
    original_start = None if scope == "all" else key.original_start
    resource = shown_resource(family, original_start)
    if resource is None:
        raise NotFound("the event is gone", code=404, reason="notFound")
    return resource, original_start


def _fields(draft: Draft, calendar_zone: str) -> Resource:
    """The draft's fields; a time without a zone of its own is meant in the calendar's."""
    return (replace(draft, zone=calendar_zone) if draft.zone is None else draft).fields()


def _changed(target: Resource, fields: Resource) -> Resource:
    """Those of the fields that really differ; start and end stay together."""
    changed = {name for name in fields if comparable(fields, name) != comparable(target, name)}
    if changed & set(TIME_FIELDS):
        changed |= set(TIME_FIELDS) & fields.keys()
    return {name: value for name, value in fields.items() if name in changed}


def _moved_series(
    family: Family, original_start: str | None, master: Resource, draft: Draft, calendar_zone: str
) -> Resource:
    """Start, end and rules of the series, when the user moved one of its instances and meant all of them."""
    instance = parse_event(shown_resource(family, original_start) or {"id": ""})
    series = parse_event(master)
    start, end = draft.start, draft.end
    if instance is None or series is None or isinstance(start, UnsetType) or isinstance(end, UnsetType):
        raise InvalidEdit(N_("The series has no such event any more"), field="scope")
    zone = series.zone or draft.zone or calendar_zone
    new_start = mover_of(series, instance.start, start, zone)(series.start)
    new_end = new_start + length_between(start, end)
    fields: Resource = {"start": format_moment(new_start, zone), "end": format_moment(new_end, zone)}
    if isinstance(draft.recurrence, UnsetType) or draft.recurrence == series.recurrence:
        try:
            fields["recurrence"] = move_rules(series, new_start) or None
        except ValueError as error:
            message = N_("How this series repeats doesn't allow to move all of it; change its repetition instead")
            raise InvalidEdit(message, field="start") from error
    return fields


def _answered(target: Resource, draft: Draft) -> list[Any]:
    """The whole guest list, unchanged but for the user's own answer (PROTOCOL 30)."""
    guests = target.get("attendees") or []
    if not any(guest.get("self") for guest in guests):
        raise InvalidEdit(N_("You are not invited to this event"), field="response")
    answer: Resource = {}
    if not isinstance(draft.response, UnsetType):
        answer["responseStatus"] = draft.response
    if not isinstance(draft.comment, UnsetType):
        answer["comment"] = draft.comment
    return [{**guest, **answer} if guest.get("self") else guest for guest in guests]


def _change_steps(family: Family, key: EventKey, edit: _Wanted) -> tuple[list[Step], list[Step]]:
    """(forward, inverse) for new values of what the key names."""
    if edit.scope == "following":
        return _division_steps(family, key, edit.fields)
    if not edit.fields:
        return [], []
    step = Step(
        verb="patch",
        calendar_id=key.calendar_id,
        event_id=key.event_id,
        original_start=key.original_start if edit.scope == "this" else None,
        fields=edit.fields,
        base={**edit.target, **{name: edit.target.get(name) for name in edit.fields}},
    )
    if edit.scope == "this" or not family.overrides:
        return [step], [counter(step)]
    carried = _carried(family, key, edit).family
    there, back = (
        passage_between(family, carried),
        passage_between(remains_of(family, carried), family),
    )
    return _passage_steps(step, there, guarded=True), _passage_steps(counter(step), back, guarded=False)


def _carried(family: Family, key: EventKey, edit: _Wanted) -> Carried:
    return carry_series(family, edit.fields, original_start=key.original_start, own=edit.own)


def _passage_steps(series: Step, passage: Passage, *, guarded: bool) -> list[Step]:
    """What `series` patches, between what has to go before it and what is placed after it.

    With `guarded`, an instance that somebody else has changed meanwhile is not removed without a word.
    """
    blank = replace(series, fields={}, base={})
    removed = [
        replace(blank, verb="delete", original_start=original_start, base=seen_of(resource) if guarded else {})
        for original_start, resource in passage.removed
    ]
    placed = [
        replace(blank, verb="delete", original_start=original_start)
        if changed is None
        else replace(blank, original_start=original_start, fields=changed.fields, base=changed.base)
        for original_start, changed in passage.placed
    ]
    return [*removed, series, *placed]


def _divided(family: Family, key: EventKey, fields: Resource) -> Division:
    try:
        return divide_series(family, key.original_start or "", fields)
    except ValueError as error:
        message = N_("This series can't be divided there; change this event alone, or all of them")
        raise InvalidEdit(message, field="scope") from error


def _division_steps(family: Family, key: EventKey, fields: Resource) -> tuple[list[Step], list[Step]]:
    """(forward, inverse): the new series first, so that nothing is ever missing; then the old one ends before it."""
    division = _divided(family, key, fields)
    new = EventKey(key.user_id, key.calendar_id, new_event_id())
    created = _copy_steps(division, new, user_id=None)
    ended, restored = _end_steps(family, key, guarded=True)
    return [*created, *ended], [*restored, replace(created[0], verb="delete", fields={})]


def _copy_steps(division: Division, new: EventKey, *, user_id: str | None) -> list[Step]:
    """The insert of a series, and a patch for each changed instance that it takes along."""
    insert = Step(
        verb="insert",
        calendar_id=new.calendar_id,
        event_id=new.event_id,
        fields={"id": new.event_id, **division.body},
        user_id=user_id,
    )
    return [
        insert,
        *(
            replace(insert, verb="patch", original_start=each.original_start, fields=each.fields, base=each.base)
            for each in division.carried
        ),
    ]


def _end_steps(family: Family, key: EventKey, *, guarded: bool = False) -> tuple[list[Step], list[Step]]:
    """(forward, inverse) for a series that ends before the instance: changed later instances go first.

    With `guarded`, not those that somebody else has changed since: what went along into the new series is older.
    Whether Google lets go of those by itself when the rule ends is not promised anywhere.
    """
    forward: list[Step] = []
    inverse: list[Step] = []
    split = key.original_start or ""
    for original_start in later_exceptions(family, split):
        cancel, restore = _cancel_steps(family, key, original_start)
        forward += (
            [replace(step, base=seen_of(family.overrides[original_start])) for step in cancel] if guarded else cancel
        )
        inverse += restore
    master = family.master or {}
    event = parse_event(master)
    try:
        kept = trim_recurrence(event, split) if event else []
    except ValueError as error:
        message = N_("This series can't be divided there; change this event alone, or all of them")
        raise InvalidEdit(message, field="scope") from error
    trim = Step(
        verb="patch",
        calendar_id=key.calendar_id,
        event_id=key.event_id,
        fields={"recurrence": kept or None},
        base=master,
    )
    return [*forward, trim], [counter(trim), *inverse]


def _cancel_steps(family: Family, key: EventKey, original_start: str) -> tuple[list[Step], list[Step]]:
    """(forward, inverse) for one instance; what it had of its own comes back with it."""
    own = exceptional(family, original_start)
    step = Step(verb="delete", calendar_id=key.calendar_id, event_id=key.event_id, original_start=original_start)
    restore = replace(
        step,
        verb="patch",
        fields={"status": "confirmed", **own.fields},
        base={"status": "cancelled", **{name: own.base.get(name) for name in own.fields}},
    )
    return [step], [restore]


def _handover_steps(family: Family, changed: Family, key: EventKey, new: EventKey) -> tuple[list[Step], list[Step]]:
    """(forward, inverse) for another account: `changed` there first, and only then `family` no longer here."""
    created = _copy_steps(copy_series(changed), new, user_id=new.user_id)
    delete = Step(verb="delete", calendar_id=key.calendar_id, event_id=key.event_id)
    restored = {**(family.master or {}), "status": "cancelled"}
    restore = replace(delete, verb="patch", fields={"status": "confirmed"}, base=restored)
    return [*created, delete], [restore, replace(created[0], verb="delete", fields={})]


def _again(unit: WriteUnit, user_id: str, step: Step) -> Step:
    """The step to make an undone edit once more; an event that Google sees deleted is restored, not created."""
    fresh = replace(step, sent=None, tried=False, done=False, theirs=None)
    owner = step.user_id or user_id
    known = unit.mirror(owner, step.calendar_id, step.event_id) or unit.changes_of(owner, step.event_id)
    if step.verb != "insert" or not known:
        return fresh
    return replace(
        fresh, verb="patch", fields={"status": "confirmed"}, base=merge_fields(step.fields, {"status": "cancelled"})
    )


def _title(resource: Resource) -> str:
    return str(resource.get("summary") or "")
