"""The mirror: each resource as Google sent it, tombstones too."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from peewee import fn

from aicalendar_tui.backend.domain.event import Resource, is_cancelled, master_id_of, original_start_of
from aicalendar_tui.backend.domain.guests import Person
from aicalendar_tui.backend.ports import MirrorRow, Written
from aicalendar_tui.backend.store.calendars import CalendarTable
from aicalendar_tui.backend.store.schema import EventRow
from aicalendar_tui.backend.store.statements import chunks, to_json


class _Guest(msgspec.Struct, frozen=True):
    email: str = ""
    name: str = msgspec.field(default="", name="displayName")
    is_self: bool = msgspec.field(default=False, name="self")
    resource: bool = False


class _Guests(msgspec.Struct, frozen=True):
    attendees: list[_Guest] = []


_guests = msgspec.json.Decoder(_Guests)


def _guests_in(resource: str) -> list[_Guest]:
    """None of them where one is not as Google writes them: they are for completion alone."""
    try:
        return _guests.decode(resource).attendees
    except msgspec.ValidationError:
        return []


class EventTable(CalendarTable):
    """`event`, in the live generation of its calendar unless another is given."""

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
        for chunk in chunks(event_ids):
            marks = ",".join("?" * len(chunk))
            rows = self._sql(
                f"SELECT family_id, resource FROM event WHERE generation = ? AND family_id IN ({marks})",
                (generation, *chunk),
            )
            for family_id, resource in rows:
                found[family_id].append(msgspec.json.decode(resource))
        return found

    def people(self, user_id: str, *, limit: int) -> list[Person]:
        """Counted over the live mirror of all calendars; a row without guests is never decoded."""
        rows = self._sql(
            "SELECT event.resource FROM event JOIN calendar ON calendar.generation = event.generation"
            " WHERE calendar.user_id = ? AND event.resource LIKE ?",
            (user_id, '%"attendees":[%'),
        )
        met: Counter[str] = Counter()
        names: dict[str, str] = {}
        for (resource,) in rows:
            for guest in _guests_in(resource):
                address = guest.email.lower()
                if "@" in address and not guest.is_self and not guest.resource:
                    met[address] += 1
                    names[address] = guest.name or names.get(address, "")
        return [Person(address, names[address]) for address, _ in met.most_common(limit)]

    def resources(self, user_id: str, calendar_id: str) -> list[Resource]:
        """All rows, exceptions and tombstones too, masters before what belongs to them."""
        rows = self._sql(
            "SELECT resource FROM event WHERE generation = ? ORDER BY family_id, event_id <> family_id, event_id",
            (self._generation(user_id, calendar_id),),
        )
        return [msgspec.json.decode(row[0]) for row in rows]

    def series_ids(self, user_id: str, calendar_id: str, *, generation: int | None = None) -> list[str]:
        """Masters with a recurrence."""
        if generation is None:
            generation = self._generation(user_id, calendar_id)
        query = EventRow.select(EventRow.event_id).where((EventRow.generation == generation) & EventRow.recurring)
        return [row[0] for row in self._rows(query)]

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
                    to_json(resource),
                )
            )
        for chunk in chunks(ended):
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
        for chunk in chunks(event_ids):
            marks = ",".join("?" * len(chunk))
            rows = self._sql(
                "SELECT event_id, etag, pushed_seq, resource FROM event"
                f" WHERE generation = ? AND event_id IN ({marks})",
                (generation, *chunk),
            )
            known.update((event_id, (etag, seq, text)) for event_id, etag, seq, text in rows)
        return known


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
