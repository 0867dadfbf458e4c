"""A full sync as it is staged: rows of a new generation, swapped in by one update."""

from aicalendar_tui.backend.ports import Stage
from aicalendar_tui.backend.store.calendars import CalendarTable, is_calendar
from aicalendar_tui.backend.store.schema import CalendarRow


class Stages(CalendarTable):
    """The staging columns of `calendar`, and the sweep of the rows of neither generation."""

    def begin_stage(self, user_id: str, calendar_id: str, *, fingerprint: str) -> Stage:
        """Goes on with an interrupted one of the same parameters; anything else begins afresh."""
        c = CalendarRow
        row = self._one(
            c.select(
                c.staged_generation, c.staged_fingerprint, c.staged_page_token, c.staged_write_seq, c.staged_dirty_seq
            ).where(is_calendar(user_id, calendar_id))
        )
        if row and row[0] is not None and row[1] == fingerprint and row[2]:
            return Stage(generation=row[0], page_token=row[2], write_sequence=row[3], dirty_seq=row[4])
        generation = self._new_generation()
        self._set(
            user_id,
            calendar_id,
            staged_generation=generation,
            staged_fingerprint=fingerprint,
            staged_page_token=None,
            staged_write_seq=c.write_seq,
            staged_dirty_seq=c.dirty_seq,
        )
        state = self.sync_state(user_id, calendar_id)
        return Stage(
            generation=generation,
            page_token=None,
            write_sequence=self.write_sequence(user_id, calendar_id),
            dirty_seq=state.dirty_seq,
        )

    def keep_page_token(self, user_id: str, calendar_id: str, page_token: str | None) -> None:
        """Committed with the batch that came before that page."""
        self._set(user_id, calendar_id, staged_page_token=page_token)

    def abandon_stage(self, user_id: str, calendar_id: str) -> None:
        """Its rows go with the next sweep."""
        self._set(user_id, calendar_id, staged_generation=None, staged_page_token=None)

    def swap_stage(self, user_id: str, calendar_id: str, stage: Stage) -> None:
        """One update of one row."""
        where = is_calendar(user_id, calendar_id) & (CalendarRow.staged_generation == stage.generation)
        update = CalendarRow.update(generation=stage.generation, staged_generation=None, staged_page_token=None)
        if update.where(where).execute(self._db) != 1:
            raise RuntimeError("this full sync was abandoned")

    def sweep_generations(self, *, limit: int = 2_000) -> bool:
        """In batches, so that no writer waits long."""
        kept = (
            "SELECT generation FROM calendar UNION ALL"
            " SELECT staged_generation FROM calendar WHERE staged_generation IS NOT NULL"
        )
        more = False
        for table, key in (
            ("instance", "generation, bucket, start, family_id, original_start"),
            ("event", "generation, event_id"),
            ("document", "id"),
        ):
            deleted = self._sql_write(
                f"DELETE FROM {table} WHERE ({key}) IN"
                f" (SELECT {key} FROM {table} WHERE generation NOT IN ({kept}) LIMIT ?)",
                (limit,),
            )
            more = more or deleted >= limit
        return more
