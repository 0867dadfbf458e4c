"""What can be read and written within a transaction, table by table.

Hot paths use SQL and plain tuples, never Model objects; a resource is decoded only where a caller needs it.
"""

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from secrets import token_hex
from typing import Any, Literal

import msgspec
from peewee import (
    Case,
    Database,
    Expression,
    __exception_wrapper__,  # pyright: ignore[reportAttributeAccessIssue] - not in its stubs
    fn,
)

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.calendar import Calendar, SyncState
from aicalendar_tui.backend.domain.change import Change, ChangeState, Step, UndoEntry
from aicalendar_tui.backend.domain.channel import Channel, ChannelState
from aicalendar_tui.backend.domain.event import Resource, is_cancelled, master_id_of, original_start_of
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.domain.times import DAY_SECONDS, Days, Span
from aicalendar_tui.backend.ports import AccountRow, MirrorRow, Stage, Written
from aicalendar_tui.backend.store.rows import (
    CALENDAR_COLUMNS,
    bucket_of,
    calendar_of,
    entries_statement,
    join_entries,
)
from aicalendar_tui.backend.store.schema import (
    Account,
    CalendarRow,
    ChangeRow,
    ChannelRow,
    EventRow,
    Meta,
    TaskRow,
    UndoRow,
)

DEFAULT_WINDOW_DAYS = (400, 800)
"""How far back and ahead series are expanded at first."""

_LOOKUP_CHUNK = 400
"""Ids in one IN list; SQLite's oldest limit for parameters is 999."""

_entries = msgspec.json.Decoder(list[Entry])
_steps = msgspec.json.Decoder(tuple[Step, ...])
_encode = msgspec.json.Encoder().encode


def _json(value: Any) -> str:
    return _encode(value).decode()


def _chunks(values: Collection[str]) -> Iterator[list[str]]:
    ordered = list(values)
    for first in range(0, len(ordered), _LOOKUP_CHUNK):
        yield ordered[first : first + _LOOKUP_CHUNK]


class Units:
    """Fits `ports.ReadUnit` and `ports.WriteUnit`; only `PeeweeStore` opens and ends the transactions around it."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._local = threading.local()

    @property
    def writing(self) -> bool:
        """Whether this thread's open transaction is a write."""
        return getattr(self._local, "writing", False)

    @writing.setter
    def writing(self, value: bool) -> None:
        self._local.writing = value

    def _rows(self, query: Any) -> list[tuple[Any, ...]]:
        return list(query.tuples().execute(self._db))

    def _one(self, query: Any) -> tuple[Any, ...] | None:
        rows = self._rows(query)
        return rows[0] if rows else None

    def _sql(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        cursor = self._db.execute_sql(sql.replace("?", self._db.param), parameters)
        return cursor.fetchall()

    def _many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        with __exception_wrapper__:
            self._db.cursor().executemany(sql.replace("?", self._db.param), rows)

    # accounts and revisions

    def database_id(self) -> str:
        """Random, made with the database: a revision is only comparable within it."""
        return self._sql("SELECT value FROM meta WHERE key = 'database_id'")[0][0]

    def renew_database_id(self) -> str:
        """For whoever restored a backup: its revisions were given out before, for what it no longer holds."""
        database_id = token_hex(8)
        Meta.update(value=database_id).where(Meta.key == "database_id").execute(self._db)
        return database_id

    def public_address(self) -> str:
        """Where the receiver says that it can be reached from outside; '' when it can't."""
        rows = self._sql("SELECT value FROM meta WHERE key = 'public_address'")
        return rows[0][0] if rows else ""

    def set_public_address(self, address: str) -> None:
        """Written by the receiver once its tunnel stands."""
        Meta.insert(key="public_address", value=address).on_conflict(
            conflict_target=[Meta.key], preserve=[Meta.value]
        ).execute(self._db)

    def accounts(self) -> list[AccountRow]:
        """All accounts, by address."""
        return [_account(row) for row in self._rows(Account.select().order_by(Account.user_id))]

    def account(self, user_id: str) -> AccountRow | None:
        """One account."""
        row = self._one(Account.select().where(Account.user_id == user_id))
        return _account(row) if row else None

    def revision(self, user_id: str) -> int:
        """0 for an unknown user."""
        rows = self._sql("SELECT revision FROM account WHERE user_id = ?", (user_id,))
        return rows[0][0] if rows else 0

    def bump_revision(self, user_id: str) -> int:
        """Counts up within the statement, so that no two writers get the same number."""
        Account.update(revision=Account.revision + 1).where(Account.user_id == user_id).execute(self._db)
        return self.revision(user_id)

    def put_account(self, user_id: str, *, email: str, endpoint: str, now: int) -> None:
        """Adds the account, or updates its address; its revision and window stay."""
        back, ahead = DEFAULT_WINDOW_DAYS
        Account.insert(
            user_id=user_id,
            email=email,
            endpoint=endpoint,
            window_start=now - back * DAY_SECONDS,
            window_end=now + ahead * DAY_SECONDS,
        ).on_conflict(conflict_target=[Account.user_id], preserve=[Account.email, Account.endpoint]).execute(self._db)

    def set_window(self, user_id: str, window: Span) -> None:
        """The stretch in which series are expanded from now on."""
        Account.update(window_start=window.start, window_end=window.end).where(Account.user_id == user_id).execute(
            self._db
        )

    # calendars

    def calendars(self, user_id: str) -> list[Calendar]:
        """In the user's order."""
        rows = self._rows(_calendar_query().where(CalendarRow.user_id == user_id))
        channels, address = self._channel_states(user_id), self.public_address()
        return [calendar_of(row, channels.get(row[1], set()), address) for row in rows]

    def calendar(self, user_id: str, calendar_id: str) -> Calendar | None:
        """One calendar of the user."""
        row = self._one(_calendar_query().where(_is(user_id, calendar_id)))
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
            ).where(_is(user_id, calendar_id))
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
        text = _json(resource)
        row = self._one(
            CalendarRow.select(CalendarRow.resource, CalendarRow.position).where(_is(user_id, calendar_id))
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
        CalendarRow.delete().where(_is(user_id, calendar_id)).execute(self._db)
        ChannelRow.update(state="retiring").where(
            (ChannelRow.user_id == user_id)
            & (ChannelRow.calendar_id == calendar_id)
            & ChannelRow.state.in_(("pending", "active"))
        ).execute(self._db)

    def set_shown(self, user_id: str, calendar_id: str, shown: bool) -> None:
        """Whether the views have it."""
        self._set(user_id, calendar_id, shown=shown)

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
        CalendarRow.update(**fields).where(_is(user_id, calendar_id)).execute(self._db)

    # pulling

    def mark_dirty(self, user_id: str, calendar_id: str) -> bool:
        """True when a pull has to be enqueued; False too for an unknown calendar."""
        c = CalendarRow
        self._set(user_id, calendar_id, dirty_seq=c.dirty_seq + 1)
        where = _is(user_id, calendar_id) & (c.queued == False)  # noqa: E712 - peewee builds SQL from it
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
        row = self._one(CalendarRow.select(CalendarRow.deaths).where(_is(user_id, calendar_id)))
        return row[0] if row else 0

    def count_death(self, user_id: str, calendar_id: str) -> int:
        """Counts one more; returns how many they are now."""
        self._set(user_id, calendar_id, deaths=CalendarRow.deaths + 1)
        return self.deaths(user_id, calendar_id)

    def clear_deaths(self, user_id: str, calendar_id: str) -> None:
        """A worker survived it; a row that counts none already is not written."""
        where = _is(user_id, calendar_id) & (CalendarRow.deaths > 0)
        CalendarRow.update(deaths=0).where(where).execute(self._db)

    # the mirror

    def _generation(self, user_id: str, calendar_id: str) -> int:
        rows = self._sql(
            "SELECT generation FROM calendar WHERE user_id = ? AND calendar_id = ?", (user_id, calendar_id)
        )
        return rows[0][0] if rows else -1

    def _new_generation(self) -> int:
        self._sql_write("UPDATE meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE key = 'generation'")
        return int(self._sql("SELECT value FROM meta WHERE key = 'generation'")[0][0])

    def _sql_write(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        return self._db.execute_sql(sql.replace("?", self._db.param), parameters).rowcount

    def mirror(self, user_id: str, calendar_id: str, event_id: str) -> MirrorRow | None:
        """The row with that id."""
        rows = self._sql(
            "SELECT event_id, etag, resource FROM event WHERE generation = ? AND event_id = ?",
            (self._generation(user_id, calendar_id), event_id),
        )
        return _mirror(calendar_id, rows)

    def mirror_instance(self, user_id: str, calendar_id: str, event_id: str, original_start: str) -> MirrorRow | None:
        """The stored exception of a series, by (recurringEventId, originalStartTime)."""
        rows = self._sql(
            "SELECT event_id, etag, resource FROM event"
            " WHERE generation = ? AND family_id = ? AND original_start = ?",
            (self._generation(user_id, calendar_id), event_id, original_start),
        )
        return _mirror(calendar_id, rows)

    def families(
        self, user_id: str, calendar_id: str, event_ids: Collection[str], *, generation: int | None = None
    ) -> dict[str, list[Resource]]:
        """Each family's rows, the master's among them."""
        found: dict[str, list[Resource]] = {event_id: [] for event_id in event_ids}
        if generation is None:
            generation = self._generation(user_id, calendar_id)
        for chunk in _chunks(event_ids):
            marks = ",".join("?" * len(chunk))
            rows = self._sql(
                f"SELECT family_id, resource FROM event WHERE generation = ? AND family_id IN ({marks})",
                (generation, *chunk),
            )
            for family_id, resource in rows:
                found[family_id].append(msgspec.json.decode(resource))
        return found

    def series_ids(self, user_id: str, calendar_id: str, *, generation: int | None = None) -> list[str]:
        """Masters with a recurrence."""
        if generation is None:
            generation = self._generation(user_id, calendar_id)
        query = EventRow.select(EventRow.event_id).where((EventRow.generation == generation) & EventRow.recurring)
        return [row[0] for row in self._rows(query)]

    def staged_generation(self, user_id: str, calendar_id: str) -> int | None:
        """None when no full sync is under way."""
        row = self._one(CalendarRow.select(CalendarRow.staged_generation).where(_is(user_id, calendar_id)))
        return row[0] if row else None

    def pushed_since(self, user_id: str, calendar_id: str, write_sequence: int) -> list[str]:
        """In the live generation."""
        rows = self._sql(
            "SELECT event_id FROM event WHERE generation = ? AND pushed_seq > ?",
            (self._generation(user_id, calendar_id), write_sequence),
        )
        return [row[0] for row in rows]

    def event_count(self, user_id: str, calendar_id: str, *, generation: int | None = None) -> int:
        """Rows that are not tombstones."""
        if generation is None:
            generation = self._generation(user_id, calendar_id)
        row = self._one(
            EventRow.select(fn.COUNT(EventRow.event_id)).where(
                (EventRow.generation == generation) & ~EventRow.cancelled
            )
        )
        return row[0] if row else 0

    def put_events(
        self,
        user_id: str,
        calendar_id: str,
        resources: Sequence[Resource],
        *,
        generation: int | None = None,
        unless_pushed_after: int | None = None,
        pushed: bool = False,
    ) -> Written:
        """The last of several resources with one id counts, as in a list of changes."""
        by_id = {resource["id"]: resource for resource in resources}
        if generation is None:
            generation = self._generation(user_id, calendar_id)
        stamp = self._next_write_sequence(user_id, calendar_id) if pushed else 0
        known = self._known(generation, by_id)
        rows = []
        families: set[str] = set()
        ended: list[str] = []
        protected = 0
        for event_id, sent in by_id.items():
            etag, pushed_seq, text = known.get(event_id, ("", 0, None))
            if unless_pushed_after is not None and pushed_seq > unless_pushed_after:
                protected += etag != sent.get("etag", "")
                continue
            if etag and etag == sent.get("etag") and not pushed:
                continue
            resource = _with_identity(sent, text)
            if is_cancelled(resource) and master_id_of(resource) == event_id:
                ended.append(event_id)
            original_start = original_start_of(resource)
            families.add(master_id_of(resource))
            rows.append(
                (
                    generation,
                    event_id,
                    master_id_of(resource),
                    original_start,
                    resource.get("etag") or "",
                    is_cancelled(resource),
                    bool(resource.get("recurrence")) and not is_cancelled(resource),
                    stamp or pushed_seq,
                    _json(resource),
                )
            )
        for chunk in _chunks(ended):
            marks = ",".join("?" * len(chunk))
            self._sql_write(
                f"DELETE FROM event WHERE generation = ? AND family_id IN ({marks}) AND event_id <> family_id",
                (generation, *chunk),
            )
        self._many(
            "INSERT INTO event (generation, event_id, family_id, original_start, etag, cancelled, recurring,"
            " pushed_seq, resource) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (generation, event_id)"
            " DO UPDATE SET family_id = EXCLUDED.family_id, original_start = EXCLUDED.original_start,"
            " etag = EXCLUDED.etag, cancelled = EXCLUDED.cancelled, recurring = EXCLUDED.recurring,"
            " pushed_seq = EXCLUDED.pushed_seq, resource = EXCLUDED.resource",
            rows,
        )
        return Written(family_ids=families, protected=protected)

    def _known(self, generation: int, event_ids: Collection[str]) -> dict[str, tuple[str, int, str]]:
        known: dict[str, tuple[str, int, str]] = {}
        for chunk in _chunks(event_ids):
            marks = ",".join("?" * len(chunk))
            rows = self._sql(
                "SELECT event_id, etag, pushed_seq, resource FROM event"
                f" WHERE generation = ? AND event_id IN ({marks})",
                (generation, *chunk),
            )
            known.update((event_id, (etag, seq, text)) for event_id, etag, seq, text in rows)
        return known

    def write_sequence(self, user_id: str, calendar_id: str) -> int:
        """0 for an unknown calendar."""
        row = self._one(CalendarRow.select(CalendarRow.write_seq).where(_is(user_id, calendar_id)))
        return row[0] if row else 0

    def _next_write_sequence(self, user_id: str, calendar_id: str) -> int:
        self._set(user_id, calendar_id, write_seq=CalendarRow.write_seq + 1)
        return self.write_sequence(user_id, calendar_id)

    # a staged full sync

    def begin_stage(self, user_id: str, calendar_id: str, *, fingerprint: str) -> Stage:
        """Goes on with an interrupted one of the same parameters; anything else begins afresh."""
        c = CalendarRow
        row = self._one(
            c.select(
                c.staged_generation, c.staged_fingerprint, c.staged_page_token, c.staged_write_seq, c.staged_dirty_seq
            ).where(_is(user_id, calendar_id))
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
        where = _is(user_id, calendar_id) & (CalendarRow.staged_generation == stage.generation)
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
        ):
            deleted = self._sql_write(
                f"DELETE FROM {table} WHERE ({key}) IN"
                f" (SELECT {key} FROM {table} WHERE generation NOT IN ({kept}) LIMIT ?)",
                (limit,),
            )
            more = more or deleted >= limit
        return more

    # the shown index

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
        for chunk in _chunks(entries.keys()):
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
                        _json(entry),
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

    # the outbox

    def changes(self, user_id: str) -> list[Change]:
        """Oldest first."""
        query = ChangeRow.select().where(ChangeRow.user_id == user_id).order_by(ChangeRow.id)
        return [_change(row) for row in query.dicts().execute(self._db)]

    def changes_about(self, user_id: str) -> list[Change]:
        """A change of another user is about this one when one of its steps names them."""
        named = f'"user_id":{_json(user_id)}'
        query = ChangeRow.select().where((ChangeRow.user_id == user_id) | ChangeRow.steps.contains(named))
        return [_change(row) for row in query.order_by(ChangeRow.id).dicts().execute(self._db)]

    def change(self, change_id: int) -> Change | None:
        """One of the outbox."""
        rows = list(ChangeRow.select().where(ChangeRow.id == change_id).dicts().execute(self._db))
        return _change(rows[0]) if rows else None

    def changes_of(self, user_id: str, event_id: str) -> list[Change]:
        """The outbox is short: it is filtered here."""
        return [
            change
            for change in self.changes_about(user_id)
            if any(step.event_id == event_id and not step.done for step in change.steps)
        ]

    def add_change(self, change: Change) -> Change:
        """At the end of the outbox."""
        fields = {
            name: getattr(change, name) for name in change.__struct_fields__ if name not in ("change_id", "steps")
        }
        change_id = ChangeRow.insert(steps=_json(change.steps), **fields).execute(self._db)
        return msgspec.structs.replace(change, change_id=change_id)

    def put_steps(self, change_id: int, steps: Sequence[Step]) -> None:
        """The whole list again, with what was tried, sent or done."""
        ChangeRow.update(steps=_json(steps)).where(ChangeRow.id == change_id).execute(self._db)

    def set_change_state(
        self,
        change_id: int,
        state: ChangeState,
        *,
        reason: str = "",
        attempts: int | None = None,
        retry_at: int | None = None,
    ) -> None:
        """`attempts` stays when None."""
        fields: dict[str, Any] = {"state": state, "reason": reason, "retry_at": retry_at}
        if attempts is not None:
            fields["attempts"] = attempts
        ChangeRow.update(**fields).where(ChangeRow.id == change_id).execute(self._db)

    def delete_change(self, change_id: int) -> None:
        """It is at Google, or was taken back before it left."""
        ChangeRow.delete().where(ChangeRow.id == change_id).execute(self._db)

    def undo_entries(self, user_id: str, *, undone: bool, limit: int = 1) -> list[UndoEntry]:
        """To undo: the newest first. To redo: what was undone last first."""
        order = UndoRow.id if undone else UndoRow.id.desc()
        query = UndoRow.select().where((UndoRow.user_id == user_id) & (UndoRow.undone == undone)).order_by(order)
        return [_undo(row) for row in query.limit(limit).dicts().execute(self._db)]

    def add_undo(self, entry: UndoEntry) -> None:
        """What could have been done again is gone then."""
        UndoRow.delete().where((UndoRow.user_id == entry.user_id) & UndoRow.undone).execute(self._db)
        UndoRow.insert(
            user_id=entry.user_id,
            label=entry.label,
            forward=_json(entry.forward),
            inverse=_json(entry.inverse),
            change_id=entry.change_id,
            created_at=entry.created_at,
        ).execute(self._db)

    def set_undone(self, undo_id: int, undone: bool, *, change_id: int) -> None:
        """`change_id` is the change that carries the present state to Google."""
        UndoRow.update(undone=undone, change_id=change_id).where(UndoRow.id == undo_id).execute(self._db)

    def undo_of(self, change_id: int) -> list[UndoEntry]:
        """Oldest first."""
        query = UndoRow.select().where(UndoRow.change_id == change_id).order_by(UndoRow.id)
        return [_undo(row) for row in query.dicts().execute(self._db)]

    def put_undo_steps(self, undo_id: int, *, forward: Sequence[Step], inverse: Sequence[Step]) -> None:
        """Both ways again."""
        UndoRow.update(forward=_json(forward), inverse=_json(inverse)).where(UndoRow.id == undo_id).execute(self._db)

    def delete_undo(self, undo_id: int) -> None:
        """It can't be taken back any more."""
        UndoRow.delete().where(UndoRow.id == undo_id).execute(self._db)

    # channels and tasks

    def channel(self, channel_id: str) -> Channel | None:
        """In any state, dead ones too."""
        rows = list(ChannelRow.select().where(ChannelRow.channel_id == channel_id).dicts().execute(self._db))
        return Channel(**rows[0]) if rows else None

    def channels(
        self, user_id: str | None = None, *, calendar_id: str | None = None, states: Collection[ChannelState] = ()
    ) -> list[Channel]:
        """The newest first."""
        query = ChannelRow.select().order_by(ChannelRow.created_at.desc(), ChannelRow.channel_id)
        if user_id is not None:
            query = query.where(ChannelRow.user_id == user_id)
        if calendar_id is not None:
            query = query.where(ChannelRow.calendar_id == calendar_id)
        if states:
            query = query.where(ChannelRow.state.in_(list(states)))
        return [Channel(**row) for row in query.dicts().execute(self._db)]

    def put_channel(self, channel: Channel) -> None:
        """Insert or update."""
        fields = msgspec.structs.asdict(channel)
        ChannelRow.insert(**fields).on_conflict(
            conflict_target=[ChannelRow.channel_id],
            update={name: value for name, value in fields.items() if name != "channel_id"},
        ).execute(self._db)

    def touch_channel(self, channel_id: str, *, last_message_at: int) -> None:
        """When its last notification came; nothing else of the row changes."""
        ChannelRow.update(last_message_at=last_message_at).where(ChannelRow.channel_id == channel_id).execute(
            self._db
        )

    def task(self, task_id: str) -> Task | None:
        """None is "unknown", never "pending"."""
        rows = list(TaskRow.select().where(TaskRow.task_id == task_id).dicts().execute(self._db))
        return Task(**rows[0]) if rows else None

    def tasks(self, user_id: str, *, limit: int = 50) -> list[Task]:
        """Open ones first, then the newest."""
        is_open = Case(None, ((_is_open(), 0),), 1)
        query = (
            TaskRow.select()
            .where(TaskRow.user_id == user_id)
            .order_by(is_open, TaskRow.queued_at.desc(), TaskRow.task_id)
            .limit(limit)
        )
        return [Task(**row) for row in query.dicts().execute(self._db)]

    def counts(self, user_id: str) -> dict[Literal["waiting", "conflict", "rejected", "open_tasks"], int]:
        """What the state line shows."""
        counts: dict[Any, int] = {"waiting": 0, "conflict": 0, "rejected": 0}
        query = ChangeRow.select(ChangeRow.state, fn.COUNT(ChangeRow.id)).where(ChangeRow.user_id == user_id)
        counts.update(self._rows(query.group_by(ChangeRow.state)))
        row = self._one(TaskRow.select(fn.COUNT(TaskRow.task_id)).where((TaskRow.user_id == user_id) & _is_open()))
        counts["open_tasks"] = row[0] if row else 0
        return counts

    def put_task(self, task: Task) -> None:
        """A new row, or the same id again from the start."""
        fields = msgspec.structs.asdict(task)
        TaskRow.insert(**fields).on_conflict(
            conflict_target=[TaskRow.task_id],
            update={name: value for name, value in fields.items() if name != "task_id"},
        ).execute(self._db)

    def update_task(self, task_id: str, **fields: Any) -> None:
        """An unknown id is left alone."""
        TaskRow.update(**fields).where(TaskRow.task_id == task_id).execute(self._db)

    def forget_tasks(self, before: int) -> None:
        """Finished ones only."""
        TaskRow.delete().where(TaskRow.finished_at < before).execute(self._db)


def _is(user_id: str, calendar_id: str) -> Expression:
    return (CalendarRow.user_id == user_id) & (CalendarRow.calendar_id == calendar_id)


def _compared_key(user_id: str, calendar_id: str) -> str:
    return f"compared {user_id} {calendar_id}"


def _is_open() -> Expression:
    return TaskRow.state.in_(("queued", "running", "retrying"))


def _later() -> str:
    """SQL for the end of an instance; an empty one counts as a second long."""
    return 'CASE WHEN "end" > start THEN "end" ELSE start + 1 END'


def _join(span: Span | None, other: Span) -> Span:
    return span.join(other) if span else other


def _with_identity(sent: Resource, text: str | None) -> Resource:
    """A tombstone may carry its id alone (PROTOCOL 21): the series and original start are kept from before."""
    if text is None or not is_cancelled(sent) or "recurringEventId" in sent:
        return sent
    before = msgspec.json.decode(text)
    kept = {name: before[name] for name in ("recurringEventId", "originalStartTime") if name in before}
    return {**sent, **kept}


def _mirror(calendar_id: str, rows: list[tuple[Any, ...]]) -> MirrorRow | None:
    if not rows:
        return None
    event_id, etag, resource = rows[0]
    return MirrorRow(calendar_id=calendar_id, event_id=event_id, etag=etag, resource=msgspec.json.decode(resource))


def _account(row: tuple[Any, ...]) -> AccountRow:
    user_id, email, endpoint, revision, start, end = row
    return AccountRow(user_id=user_id, email=email, endpoint=endpoint, revision=revision, window=Span(start, end))


def _calendar_query() -> Any:
    c = CalendarRow
    return c.select(*(getattr(c, name) for name in CALENDAR_COLUMNS)).order_by(c.position, c.calendar_id)


def _change(row: dict[str, Any]) -> Change:
    change_id, steps = row.pop("id"), _steps.decode(row.pop("steps"))
    return Change(change_id=change_id, steps=steps, **row)


def _undo(row: dict[str, Any]) -> UndoEntry:
    forward, inverse = (_steps.decode(row.pop(name)) for name in ("forward", "inverse"))
    return UndoEntry(undo_id=row.pop("id"), forward=forward, inverse=inverse, **row)
