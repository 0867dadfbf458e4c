"""The user's edits: validated, written to the outbox and shown at once, all in one durable transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import UnsetType
from msgspec.structs import replace

from aicalendar_tui.backend.domain.change import Step, UndoEntry, merge_fields
from aicalendar_tui.backend.domain.draft import Draft, Scope
from aicalendar_tui.backend.domain.errors import InvalidEdit, NotFound
from aicalendar_tui.backend.domain.event import EventKey, Resource, new_event_id, parse_event
from aicalendar_tui.backend.domain.news import CalendarChanged
from aicalendar_tui.backend.domain.overlay import Family, family_of, overlay, shown_resource
from aicalendar_tui.backend.domain.rebase import TIME_FIELDS, comparable
from aicalendar_tui.backend.domain.recurrence import move_recurrence
from aicalendar_tui.backend.domain.times import Span, format_moment, length_between
from aicalendar_tui.backend.ports import AgendaCache, ChangePublisher, Clock, Store, WriteUnit
from aicalendar_tui.backend.services.index import reindex
from aicalendar_tui.backend.services.outbox import enqueue
from aicalendar_tui.i18n import N_


@dataclass(frozen=True, slots=True)
class Edit:
    """Create, change, delete; undo and redo. Sending is someone else's work (`push`)."""

    store: Store
    cache: AgendaCache
    publisher: ChangePublisher
    clock: Clock

    def create(self, user_id: str, calendar_id: str, draft: Draft) -> EventKey:
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
            news = self._commit(unit, user_id, str(body.get("summary") or ""), [step], [inverse])
        self._announce(news)
        return EventKey(user_id, calendar_id, event_id)

    def change(self, key: EventKey, draft: Draft, *, scope: Scope = "this") -> None:
        """New values for an event, an instance (`this`) or its whole series (`all`). Raises InvalidEdit, NotFound."""
        draft.validate()
        with self.store.write(durable=True) as unit:
            zone = _writable(unit, key.user_id, key.calendar_id)
            family = _shown(unit, key)
            target, original_start = _target(family, key, scope)
            fields = _fields(draft, (target.get("start") or {}).get("timeZone") or zone)
            if scope == "all" and key.original_start is not None and "start" in fields:
                fields.update(_moved_series(family, key.original_start, target, draft))
            if not isinstance(draft.response, UnsetType):
                fields["attendees"] = _answered(target, draft.response)
            fields = _changed(target, fields)
            if not fields:
                return
            base = {name: target.get(name) for name in fields}
            step = Step(
                verb="patch",
                calendar_id=key.calendar_id,
                event_id=key.event_id,
                original_start=original_start,
                fields=fields,
                base=base,
            )
            news = self._commit(unit, key.user_id, _title(target), [step], [_counter(step)])
        self._announce(news)

    def delete(self, key: EventKey, *, scope: Scope = "this") -> None:
        """Deletes the event, cancels the instance (`this`) or ends the whole series (`all`)."""
        with self.store.write(durable=True) as unit:
            _writable(unit, key.user_id, key.calendar_id)
            family = _shown(unit, key)
            target, original_start = _target(family, key, scope)
            step = Step(
                verb="delete", calendar_id=key.calendar_id, event_id=key.event_id, original_start=original_start
            )
            inverse = replace(
                step,
                verb="patch",
                fields={"status": "confirmed"},
                base={**target, "status": "cancelled"} if original_start is None else {"status": "cancelled"},
            )
            news = self._commit(unit, key.user_id, _title(target), [step], [inverse])
        self._announce(news)

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
            steps = [_again(unit, user_id, step) for step in entry.forward] if undone else entry.inverse
            change_id = enqueue(unit, user_id=user_id, steps=steps, label=entry.label, now=self.clock.epoch())
            unit.set_undone(entry.undo_id, not undone, change_id=change_id)
            news = _show(unit, user_id, steps)
        self._announce(news)
        return entry.label

    def _commit(
        self, unit: WriteUnit, user_id: str, label: str, forward: Sequence[Step], inverse: Sequence[Step]
    ) -> list[CalendarChanged]:
        now = self.clock.epoch()
        change_id = enqueue(unit, user_id=user_id, steps=forward, label=label, now=now)
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
        return _show(unit, user_id, forward)

    def _announce(self, news: Collection[CalendarChanged]) -> None:
        for item in news:
            self.cache.invalidate(item.user_id)
            self.publisher.publish(item)


def _show(unit: WriteUnit, user_id: str, steps: Sequence[Step]) -> list[CalendarChanged]:
    """Re-indexes what the steps touch and counts the revision up once."""
    spans: dict[str, Span | None] = {}
    for step in steps:
        span = reindex(unit, user_id, step.calendar_id, [step.event_id])
        before = spans.get(step.calendar_id)
        spans[step.calendar_id] = before.join(span) if before and span else span or before
    revision = unit.bump_revision(user_id)
    return [
        CalendarChanged(user_id=user_id, calendar_id=calendar_id, revision=revision, span=span)
        for calendar_id, span in spans.items()
    ]


def _writable(unit: WriteUnit, user_id: str, calendar_id: str) -> str:
    """The calendar's zone. Raises NotFound for an unknown calendar, InvalidEdit for one we may only read."""
    calendar = unit.calendar(user_id, calendar_id)
    if calendar is None:
        raise NotFound(f"there is no calendar {calendar_id!r}", code=404, reason="notFound")
    if not calendar.writable:
        raise InvalidEdit(N_("This calendar can only be read"), field="calendar")
    return calendar.zone or "UTC"


def _shown(unit: WriteUnit, key: EventKey) -> Family:
    family = family_of(key.event_id, unit.families(key.user_id, key.calendar_id, [key.event_id])[key.event_id])
    steps = [
        step
        for change in unit.changes_of(key.user_id, key.event_id)
        for step in change.steps
        if not step.done and step.calendar_id == key.calendar_id
    ]
    return overlay(family, steps)


def _target(family: Family, key: EventKey, scope: Scope) -> tuple[Resource, str | None]:
    """The resource that the edit is about, and the original start when it is one instance. Raises NotFound."""
    if scope == "following" and key.original_start is not None:
        raise InvalidEdit(N_("A series can be changed as a whole or one event at a time so far"), field="scope")
    original_start = key.original_start if scope == "this" else None
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


def _moved_series(family: Family, original_start: str, master: Resource, draft: Draft) -> Resource:
    """Start and end of the series, when the user moved one of its instances and meant all of them."""
    instance = parse_event(shown_resource(family, original_start) or {"id": ""})
    series = parse_event(master)
    start, end = draft.start, draft.end
    if instance is None or series is None or isinstance(start, UnsetType) or isinstance(end, UnsetType):
        raise InvalidEdit(N_("The series has no such event any more"), field="scope")
    if instance.all_day != (not isinstance(start, datetime)):
        raise InvalidEdit(N_("Whole days and times can't be exchanged in a whole series"), field="start")
    new_start = _shift(series.start, instance.start, start)
    new_end = new_start + length_between(start, end)
    fields: Resource = {"start": format_moment(new_start, series.zone), "end": format_moment(new_end, series.zone)}
    if isinstance(draft.recurrence, UnsetType) or draft.recurrence == series.recurrence:
        try:
            fields["recurrence"] = move_recurrence(series.recurrence, series.start, new_start)
        except ValueError as error:
            message = N_("How this series repeats doesn't allow to move all of it; change its repetition instead")
            raise InvalidEdit(message, field="start") from error
    return fields


def _shift(series_start: Any, old: date | datetime, new: date | datetime) -> Any:
    """The series' start moved as the instance was, by the wall clock: nine stays nine across a DST change."""
    if isinstance(old, datetime) and isinstance(new, datetime):
        local_new = new.astimezone(old.tzinfo).replace(tzinfo=None)
        return series_start + (local_new - old.replace(tzinfo=None))
    return series_start + timedelta(days=new.toordinal() - old.toordinal())


def _answered(target: Resource, response: str) -> list[Any]:
    """The whole guest list, unchanged but for the user's own answer (PROTOCOL 30)."""
    guests = target.get("attendees") or []
    if not any(guest.get("self") for guest in guests):
        raise InvalidEdit(N_("You are not invited to this event"), field="response")
    return [{**guest, "responseStatus": response} if guest.get("self") else guest for guest in guests]


def _counter(step: Step) -> Step:
    """The patch that takes this one back."""
    return replace(step, fields=step.base, base={name: step.fields.get(name) for name in step.base})


def _again(unit: WriteUnit, user_id: str, step: Step) -> Step:
    """The step to make an undone edit once more; an event that Google sees deleted is restored, not created."""
    fresh = replace(step, sent=None, tried=False, done=False)
    known = unit.mirror(user_id, step.calendar_id, step.event_id) or unit.changes_of(user_id, step.event_id)
    if step.verb != "insert" or not known:
        return fresh
    return replace(
        fresh, verb="patch", fields={"status": "confirmed"}, base=merge_fields(step.fields, {"status": "cancelled"})
    )


def _title(resource: Resource) -> str:
    return str(resource.get("summary") or "")
