"""The shown index: one row for each visible instance."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.times import Days, Span
from aicalendar_tui.backend.store.calendars import CalendarTable
from aicalendar_tui.backend.store.rows import bucket_of, entries_statement, join_entries
from aicalendar_tui.backend.store.statements import chunks, to_json

_entries = msgspec.json.Decoder(list[Entry])


class InstanceTable(CalendarTable):
    """`instance`, in the live generation of its calendar unless another is given."""

    def replace_entries(
        self,
        user_id: str,
        calendar_id: str,
        entries: Mapping[str, Sequence[Entry]],
        *,
        generation: int | None = None,
    ) -> Span | None:
        """All families in two statements."""
        if generation is None:
            generation = self._generation(user_id, calendar_id)
        span: Span | None = None
        for chunk in chunks(entries.keys()):
            marks = ",".join("?" * len(chunk))
            where = f"generation = ? AND family_id IN ({marks})"
            bounds = self._sql(
                f"SELECT MIN(start), MAX({_later()}) FROM instance WHERE {where}", (generation, *chunk)
            )
            if bounds[0][0] is not None:
                span = _join(span, Span(*bounds[0]))
                self._sql_write(f"DELETE FROM instance WHERE {where}", (generation, *chunk))
        rows = []
        for family_id, family in entries.items():
            for entry in family:
                span = _join(span, entry.span)
                rows.append(
                    (
                        generation,
                        bucket_of(entry.end - entry.start),
                        entry.start,
                        entry.end,
                        entry.all_day,
                        family_id,
                        entry.original_start or "",
                        to_json(entry),
                    )
                )
        self._many(
            'INSERT INTO instance (generation, bucket, start, "end", all_day, family_id, original_start, entry)'
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            rows,
        )
        return span

    def entries(self, user_id: str, days: Days, calendar_ids: Collection[str]) -> list[Entry]:
        """Decoded in one go."""
        return _entries.decode(self.entries_json(user_id, days, calendar_ids))

    def entries_json(self, user_id: str, days: Days, calendar_ids: Collection[str]) -> bytes:
        """A scan for each bucket of each calendar, all in one statement."""
        generations = [
            generation
            for calendar_id, generation in self._sql(
                "SELECT calendar_id, generation FROM calendar WHERE user_id = ?", (user_id,)
            )
            if calendar_id in calendar_ids
        ]
        if not generations or days.dates.start >= days.dates.end:
            return b"[]"
        return join_entries(self._sql(*entries_statement(generations, days)))


def _later() -> str:
    """SQL for the end of an instance; an empty one counts as a second long."""
    return 'CASE WHEN "end" > start THEN "end" ELSE start + 1 END'


def _join(span: Span | None, other: Span) -> Span:
    return span.join(other) if span else other
