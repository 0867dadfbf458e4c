"""The calendars of each user: what they are, what the user wants of them, and how far each is synced."""

from collections.abc import Sequence
from typing import Any

from peewee import Expression, fn

from aicalendar_tui.backend.domain.calendar import Calendar, SyncState
from aicalendar_tui.backend.domain.event import Resource
from aicalendar_tui.backend.store.accounts import AccountTable
from aicalendar_tui.backend.store.rows import CALENDAR_COLUMNS, calendar_of
from aicalendar_tui.backend.store.schema import CalendarRow, ChannelRow, Meta
from aicalendar_tui.backend.store.statements import to_json


class CalendarTable(AccountTable):
    """`calendar`. Its counters go up within the statement, so that no two writers get the same number."""

    def calendars(self, user_id: str) -> list[Calendar]:
        """In the user's order."""
        rows = self._rows(_calendar_query().where(CalendarRow.user_id == user_id))
        channels, address = self._channel_states(user_id), self.public_address()
        return [calendar_of(row, channels.get(row[1], set()), address) for row in rows]

    def calendar(self, user_id: str, calendar_id: str) -> Calendar | None:
        """One calendar of the user."""
        row = self._one(_calendar_query().where(is_calendar(user_id, calendar_id)))
        if row is None:
            return None
        return calendar_of(row, self._channel_states(user_id).get(calendar_id, set()), self.public_address())

    def _channel_states(self, user_id: str) -> dict[str, set[tuple[str, str]]]:
        states: dict[str, set[tuple[str, str]]] = {}
        query = ChannelRow.select(ChannelRow.calendar_id, ChannelRow.state, ChannelRow.address).where(
            (ChannelRow.user_id == user_id) & (ChannelRow.state != "dead")
        )
        for calendar_id, state, address in self._rows(query):
            states.setdefault(calendar_id, set()).add((state, address))
        return states

    def sync_state(self, user_id: str, calendar_id: str) -> SyncState:
        """The empty state for an unknown calendar."""
        c = CalendarRow
        row = self._one(
            c.select(
                c.sync_token, c.fingerprint, c.staged_generation, c.dirty_seq, c.synced_seq, c.queued, c.watchable
            ).where(is_calendar(user_id, calendar_id))
        )
        if row is None:
            return SyncState()
        token, fingerprint, staged, dirty_seq, synced_seq, queued, watchable = row
        return SyncState(
            sync_token=token,
            fingerprint=fingerprint,
            staged=staged is not None,
            dirty_seq=dirty_seq,
            synced_seq=synced_seq,
            queued=bool(queued),
            watchable=bool(watchable),
        )

    def put_calendar(self, user_id: str, calendar_id: str, resource: Resource, position: int) -> bool:
        """Our own fields (shown, live, counters) stay as they are when the calendar is known already."""
        text = to_json(resource)
        row = self._one(
            CalendarRow.select(CalendarRow.resource, CalendarRow.position).where(is_calendar(user_id, calendar_id))
        )
        if row == (text, position):
            return False
        if row is None:
            CalendarRow.insert(
                user_id=user_id,
                calendar_id=calendar_id,
                resource=text,
                position=position,
                shown=bool(resource.get("selected", True)) and not resource.get("hidden"),
                generation=self._new_generation(),
            ).execute(self._db)
        else:
            self._set(user_id, calendar_id, resource=text, position=position)
        return True

    def delete_calendar(self, user_id: str, calendar_id: str) -> None:
        """Its rows go with the next `sweep_generations`; its channels are left to be stopped."""
        Meta.delete().where(Meta.key == _compared_key(user_id, calendar_id)).execute(self._db)
        CalendarRow.delete().where(is_calendar(user_id, calendar_id)).execute(self._db)
        ChannelRow.update(state="retiring").where(
            (ChannelRow.user_id == user_id)
            & (ChannelRow.calendar_id == calendar_id)
            & ChannelRow.state.in_(("pending", "active"))
        ).execute(self._db)

    def set_shown(self, user_id: str, calendar_id: str, shown: bool) -> None:
        """Whether the views have it."""
        self._set(user_id, calendar_id, shown=shown)

    def set_color(self, user_id: str, calendar_id: str, color: str) -> None:
        """`#rrggbb`, on this machine alone; '' is Google's own again."""
        self._set(user_id, calendar_id, own_color=color)

    def set_order(self, user_id: str, calendar_ids: Sequence[str]) -> None:
        """The user's order, on this machine alone; calendars that are not named keep their places."""
        for position, calendar_id in enumerate(calendar_ids):
            self._set(user_id, calendar_id, own_position=position)

    def set_live_wanted(self, user_id: str, calendar_id: str, wanted: bool) -> None:
        """The user's wish; the services fulfil it."""
        self._set(user_id, calendar_id, live_wanted=wanted)

    def set_watchable(self, user_id: str, calendar_id: str, watchable: bool) -> None:
        """Whether Google offers notifications for it."""
        self._set(user_id, calendar_id, watchable=watchable)

    def set_problem(self, user_id: str, calendar_id: str, problem: str) -> None:
        """Why it is degraded; '' mends it."""
        self._set(user_id, calendar_id, problem=problem)

    def _set(self, user_id: str, calendar_id: str, **fields: Any) -> None:
        CalendarRow.update(**fields).where(is_calendar(user_id, calendar_id)).execute(self._db)

    # pulling

    def mark_dirty(self, user_id: str, calendar_id: str) -> bool:
        """True when a pull has to be enqueued; False too for an unknown calendar."""
        c = CalendarRow
        self._set(user_id, calendar_id, dirty_seq=c.dirty_seq + 1)
        where = is_calendar(user_id, calendar_id) & (c.queued == False)  # noqa: E712 - peewee builds SQL from it
        return c.update(queued=True).where(where).execute(self._db) > 0

    def clear_queued(self, user_id: str, calendar_id: str) -> None:
        """At the start of a pull: what comes from now on enqueues another."""
        self._set(user_id, calendar_id, queued=False)

    def finish_pull(
        self, user_id: str, calendar_id: str, *, sync_token: str, fingerprint: str, synced_seq: int, now: int
    ) -> None:
        """In the transaction that wrote the rows (PROTOCOL 20)."""
        self._set(
            user_id,
            calendar_id,
            sync_token=sync_token,
            fingerprint=fingerprint,
            synced_seq=synced_seq,
            synced_at=now,
            problem="",
            deaths=0,
        )

    def drop_sync_token(self, user_id: str, calendar_id: str) -> None:
        """The next pull is a full one."""
        self._set(user_id, calendar_id, sync_token=None)

    def compared_at(self, user_id: str, calendar_id: str) -> int:
        """0: never, as far as is known."""
        rows = self._sql("SELECT value FROM meta WHERE key = ?", (_compared_key(user_id, calendar_id),))
        return int(rows[0][0]) if rows else 0

    def set_compared_at(self, user_id: str, calendar_id: str, now: int) -> None:
        """When it was last listed as a whole."""
        Meta.insert(key=_compared_key(user_id, calendar_id), value=str(now)).on_conflict(
            conflict_target=[Meta.key], update={Meta.value: str(now)}
        ).execute(self._db)

    # workers that died over a calendar

    def deaths(self, user_id: str, calendar_id: str) -> int:
        """How many workers in a row; 0 for an unknown calendar."""
        row = self._one(CalendarRow.select(CalendarRow.deaths).where(is_calendar(user_id, calendar_id)))
        return row[0] if row else 0

    def count_death(self, user_id: str, calendar_id: str) -> int:
        """Counts one more; returns how many they are now."""
        self._set(user_id, calendar_id, deaths=CalendarRow.deaths + 1)
        return self.deaths(user_id, calendar_id)

    def clear_deaths(self, user_id: str, calendar_id: str) -> None:
        """A worker survived it; a row that counts none already is not written."""
        where = is_calendar(user_id, calendar_id) & (CalendarRow.deaths > 0)
        CalendarRow.update(deaths=0).where(where).execute(self._db)

    # generations and write sequences

    def _generation(self, user_id: str, calendar_id: str) -> int:
        rows = self._sql(
            "SELECT generation FROM calendar WHERE user_id = ? AND calendar_id = ?", (user_id, calendar_id)
        )
        return rows[0][0] if rows else -1

    def _new_generation(self) -> int:
        self._sql_write("UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE key = 'generation'")
        return int(self._sql("SELECT value FROM meta WHERE key = 'generation'")[0][0])

    def staged_generation(self, user_id: str, calendar_id: str) -> int | None:
        """None when no full sync is under way."""
        row = self._one(CalendarRow.select(CalendarRow.staged_generation).where(is_calendar(user_id, calendar_id)))
        return row[0] if row else None

    def write_sequence(self, user_id: str, calendar_id: str) -> int:
        """0 for an unknown calendar."""
        row = self._one(CalendarRow.select(CalendarRow.write_seq).where(is_calendar(user_id, calendar_id)))
        return row[0] if row else 0

    def _next_write_sequence(self, user_id: str, calendar_id: str) -> int:
        self._set(user_id, calendar_id, write_seq=CalendarRow.write_seq + 1)
        return self.write_sequence(user_id, calendar_id)


def is_calendar(user_id: str, calendar_id: str) -> Expression:
    """The condition that finds its row."""
    return (CalendarRow.user_id == user_id) & (CalendarRow.calendar_id == calendar_id)


def _compared_key(user_id: str, calendar_id: str) -> str:
    return f"compared {user_id} {calendar_id}"


def _calendar_query() -> Any:
    c = CalendarRow
    columns = (getattr(c, name) for name in CALENDAR_COLUMNS)
    return c.select(*columns).order_by(fn.COALESCE(c.own_position, c.position), c.calendar_id)
