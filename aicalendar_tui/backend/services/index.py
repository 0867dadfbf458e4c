"""Keeping the shown index true: whoever changes mirror or outbox calls this in the same transaction."""

from collections.abc import Collection, Sequence

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.change import Change, Step, calendars_of
from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.backend.domain.news import CalendarChanged
from aicalendar_tui.backend.domain.overlay import (
    Family,
    entries_of,
    family_of,
    overlay_calendars,
    overlay_changes,
    steps_on,
)
from aicalendar_tui.backend.domain.search import Document, documents_of
from aicalendar_tui.backend.domain.times import Span
from aicalendar_tui.backend.ports import ReadUnit, WriteUnit


def reindex(
    unit: WriteUnit,
    user_id: str,
    calendar_id: str,
    event_ids: Collection[str],
    *,
    generation: int | None = None,
) -> Span | None:
    """Expands those families anew, outbox laid over; returns the span in which something may look different.

    Without a `generation` it is the live one, and that of a full sync under way too: what is staged will be shown.
    An event that is being moved is expanded in both calendars.
    """
    span = _reindex(unit, user_id, calendar_id, event_ids, generation)
    if generation is None:
        outbox = unit.changes_about(user_id)
        moved = {each: calendars_of(each, steps_on(each, outbox, user_id=user_id)) for each in _moved_by(outbox)}
        for event_id in moved.keys() & set(event_ids):
            for other in moved[event_id] - {calendar_id}:
                there = _reindex(unit, user_id, other, [event_id], None)
                span = span.join(there) if span and there else span or there
    return span


def _moved_by(outbox: Sequence[Change]) -> set[str]:
    return {step.event_id for change in outbox for step in change.steps if step.verb == "move"}


def _reindex(
    unit: WriteUnit, user_id: str, calendar_id: str, event_ids: Collection[str], generation: int | None
) -> Span | None:
    if not event_ids:
        return None
    account = unit.account(user_id)
    if account is None:
        return None
    if generation is None and (staged := unit.staged_generation(user_id, calendar_id)) is not None:
        _reindex(unit, user_id, calendar_id, event_ids, staged)
    outbox = unit.changes_about(user_id)
    families = unit.families(user_id, calendar_id, event_ids, generation=generation)
    entries: dict[str, list[Entry]] = {}
    documents: dict[str, list[Document]] = {}
    for event_id, resources in families.items():
        family = family_of(event_id, resources)
        changes = [change for change in outbox if event_id in change.event_ids]
        elsewhere = families_elsewhere(unit, user_id, calendar_id, event_id, outbox)
        place = {"user_id": user_id, "calendar_id": calendar_id}
        entries[event_id] = entries_of(family, changes, account.window, **place, elsewhere=elsewhere)
        documents[event_id] = documents_of(overlay_changes(family, changes, **place, elsewhere=elsewhere))
    unit.replace_documents(user_id, calendar_id, documents, generation=generation)
    return unit.replace_entries(user_id, calendar_id, entries, generation=generation)


def families_elsewhere(
    unit: ReadUnit, user_id: str, calendar_id: str, event_id: str, changes: Sequence[Change]
) -> dict[str, Family]:
    """What the user's other calendars have of an event that is being moved; nothing for one that stays."""
    others = calendars_of(event_id, steps_on(event_id, changes, user_id=user_id)) - {calendar_id}
    return {other: family_of(event_id, unit.families(user_id, other, [event_id])[event_id]) for other in others}


def shown_family(unit: ReadUnit, key: EventKey) -> Family:
    """The event or series that the key is about, with the outbox laid over."""
    changes = unit.changes_of(key.user_id, key.event_id)
    here = family_of(key.event_id, unit.families(key.user_id, key.calendar_id, [key.event_id])[key.event_id])
    families = families_elsewhere(unit, key.user_id, key.calendar_id, key.event_id, changes)
    steps = steps_on(key.event_id, changes, user_id=key.user_id)
    return overlay_calendars({**families, key.calendar_id: here}, steps)[key.calendar_id]


def show_steps(unit: WriteUnit, user_id: str, steps: Sequence[Step]) -> list[CalendarChanged]:
    """Re-indexes what steps of that user's change touch, and counts the revision of each owner up once."""
    spans: dict[tuple[str, str], Span | None] = {}
    for step in steps:
        for calendar_id in filter(None, (step.calendar_id, step.destination)):
            place = (step.user_id or user_id, calendar_id)
            span, before = reindex(unit, *place, [step.event_id]), spans.get(place)
            spans[place] = before.join(span) if before and span else span or before
    revisions = {owner: unit.bump_revision(owner) for owner in {user_id, *(owner for owner, _ in spans)}}
    return [
        CalendarChanged(user_id=owner, calendar_id=calendar_id, revision=revisions[owner], span=span)
        for (owner, calendar_id), span in spans.items()
    ]


def grow_window(unit: WriteUnit, user_id: str, window: Span) -> None:
    """Expands every series of the user for a wider window; single events are indexed wherever they are."""
    unit.set_window(user_id, window)
    for calendar in unit.calendars(user_id):
        series = set(unit.series_ids(user_id, calendar.calendar_id))
        if (staged := unit.staged_generation(user_id, calendar.calendar_id)) is not None:
            series.update(unit.series_ids(user_id, calendar.calendar_id, generation=staged))
        reindex(unit, user_id, calendar.calendar_id, series)
