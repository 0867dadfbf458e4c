"""Keeping the shown index true: whoever changes mirror or outbox calls this in the same transaction."""

from collections.abc import Collection

from aicalendar_tui.backend.domain.overlay import entries_of, family_of
from aicalendar_tui.backend.domain.times import Span
from aicalendar_tui.backend.ports import WriteUnit


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
    """
    if not event_ids:
        return None
    account = unit.account(user_id)
    if account is None:
        return None
    if generation is None and (staged := unit.staged_generation(user_id, calendar_id)) is not None:
        reindex(unit, user_id, calendar_id, event_ids, generation=staged)
    outbox = unit.changes(user_id)
    families = unit.families(user_id, calendar_id, event_ids, generation=generation)
    entries = {
        event_id: entries_of(
            family_of(event_id, resources),
            [change for change in outbox if event_id in change.event_ids],
            account.window,
            user_id=user_id,
            calendar_id=calendar_id,
        )
        for event_id, resources in families.items()
    }
    return unit.replace_entries(user_id, calendar_id, entries, generation=generation)


def grow_window(unit: WriteUnit, user_id: str, window: Span) -> None:
    """Expands every series of the user for a wider window; single events are indexed wherever they are."""
    unit.set_window(user_id, window)
    for calendar in unit.calendars(user_id):
        series = set(unit.series_ids(user_id, calendar.calendar_id))
        if (staged := unit.staged_generation(user_id, calendar.calendar_id)) is not None:
            series.update(unit.series_ids(user_id, calendar.calendar_id, generation=staged))
        reindex(unit, user_id, calendar.calendar_id, series)
