"""Finding events by what they say."""

from collections.abc import Sequence
from dataclasses import dataclass

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.search import Query, join_words
from aicalendar_tui.backend.ports import Clock, Store


@dataclass(frozen=True, slots=True)
class Search:
    """In what is shown and what is hidden, straight from the database: nobody asks for the same words twice."""

    store: Store
    clock: Clock

    def __call__(self, user_id: str, query: Query, *, zone: str, limit: int = 100) -> list[Entry]:
        """One entry an event or series, what is to come first; nothing for an empty query."""
        if query.is_empty:
            return []
        with self.store.read() as unit:
            calendars = [calendar.calendar_id for calendar in name_calendars(unit.calendars(user_id), query)]
            return unit.search(user_id, query, calendars, zone=zone, now=self.clock.epoch(), limit=limit)


def name_calendars(calendars: Sequence[Calendar], query: Query) -> list[Calendar]:
    """Those whose name or id holds any of the words after `cal:`; all of them without such."""
    if not query.calendars:
        return list(calendars)
    return [
        calendar
        for calendar in calendars
        if any(said in join_words(calendar.summary, calendar.calendar_id) for said in query.calendars)
    ]
