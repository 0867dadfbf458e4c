"""Whole calendars out and in: what is shown as resources, and events of a file as edits like any others."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from msgspec import Struct

from aicalendar_tui.backend.domain.change import Change, Step
from aicalendar_tui.backend.domain.errors import InvalidEdit, NotFound
from aicalendar_tui.backend.domain.event import EventKey, Resource, is_cancelled, new_event_id, original_start_of
from aicalendar_tui.backend.domain.news import CalendarChanged
from aicalendar_tui.backend.domain.overlay import plain_instance
from aicalendar_tui.backend.ports import AgendaCache, ChangePublisher, Clock, Store, WriteUnit
from aicalendar_tui.backend.services.index import show_steps, shown_family
from aicalendar_tui.i18n import N_

BATCH = 50
"""Events in one transaction: no writer waits long."""
NEVER_SENT = ("id", "iCalUID", "recurringEventId", "originalStartTime", "organizer", "creator")
"""Google wants an id or an iCalUID, not both (events.insert); the others it knows, or say where an event belongs."""


class Imported(Struct, frozen=True):
    """How many events were taken, and how many were here already."""

    taken: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class Transfer:
    """Export and import. What is imported is sent by `push`, one change an event or series."""

    store: Store
    cache: AgendaCache
    publisher: ChangePublisher
    clock: Clock

    def shown_resources(self, user_id: str, calendar_id: str) -> list[Resource]:
        """The calendar's events as they are shown, what waits to be sent laid over; series with their exceptions."""
        with self.store.read() as unit:
            kept = unit.resources(user_id, calendar_id)
            waiting = {
                step.event_id
                for change in unit.changes_about(user_id)
                for step in change.steps
                if calendar_id in (step.calendar_id, step.destination) and not step.done
            }
            shown = [one for one in kept if one.get("recurringEventId", one["id"]) not in waiting]
            for event_id in sorted(waiting):
                family = shown_family(unit, EventKey(user_id, calendar_id, event_id))
                if family.master is not None:
                    shown += [{**family.master, "id": event_id}, *family.overrides.values()]
        return shown

    def take(
        self,
        user_id: str,
        calendar_id: str,
        resources: Sequence[Resource],
        *,
        progress: Callable[[int, int], None] = lambda done, total: None,
    ) -> Imported:
        """Adds the events to the outbox; those whose id is here already stay as they are.

        Exceptions follow their series. `progress` is told how many of how many are done. Nobody is notified, and
        an import is not undone as a whole. Raises InvalidEdit, NotFound.
        """
        exceptions: defaultdict[str, list[Resource]] = defaultdict(list)
        masters: list[Resource] = []
        for resource in resources:
            master_id = resource.get("recurringEventId")
            exceptions[master_id].append(resource) if master_id else masters.append(resource)
        taken = 0
        for first in range(0, len(masters), BATCH):
            with self.store.write(durable=True) as unit:
                news, added = self._take_batch(unit, user_id, calendar_id, masters[first : first + BATCH], exceptions)
            taken += added
            for item in news:
                self.cache.invalidate(item.user_id)
                self.publisher.publish(item)
            progress(min(first + BATCH, len(masters)), len(masters))
        return Imported(taken=taken, known=len(masters) - taken)

    def _take_batch(
        self,
        unit: WriteUnit,
        user_id: str,
        calendar_id: str,
        masters: Sequence[Resource],
        exceptions: Mapping[str, Sequence[Resource]],
    ) -> tuple[list[CalendarChanged], int]:
        calendar = unit.calendar(user_id, calendar_id)
        if calendar is None:
            raise NotFound(f"there is no calendar {calendar_id!r}", code=404, reason="notFound")
        if not calendar.writable:
            raise InvalidEdit(N_("This calendar can only be read"), field="calendar")
        steps: list[Step] = []
        added = 0
        for master in masters:
            event_id = self._free_id(unit, EventKey(user_id, calendar_id, master["id"]))
            if event_id is None:
                continue
            own = _steps_of(calendar_id, event_id, master, exceptions.get(master["id"], ()))
            unit.add_change(
                Change(
                    user_id=user_id,
                    steps=tuple(own),
                    label=master.get("summary") or "",
                    created_at=self.clock.epoch(),
                )
            )
            steps += own
            added += 1
        return (show_steps(unit, user_id, steps) if steps else []), added

    def _free_id(self, unit: WriteUnit, key: EventKey) -> str | None:
        """The id to insert the event under; None when it is here. Google never gives a deleted one's id again."""
        if shown_family(unit, key).master is not None:
            return None
        mirror = unit.mirror(key.user_id, key.calendar_id, key.event_id)
        return new_event_id() if mirror is not None and is_cancelled(mirror.resource) else key.event_id


def _steps_of(calendar_id: str, event_id: str, master: Resource, exceptions: Sequence[Resource]) -> list[Step]:
    body = {"id": event_id, **_sendable(master)}
    steps = [Step(verb="insert", calendar_id=calendar_id, event_id=event_id, fields=body)]
    for exception in exceptions:
        original_start = original_start_of(exception)
        plain = plain_instance(body, original_start) if original_start else None
        if original_start is None or plain is None:
            continue
        fields = {name: value for name, value in _sendable(exception).items() if plain.get(name) != value}
        if fields:
            base = {name: plain.get(name) for name in fields}
            steps.append(
                Step(
                    verb="patch",
                    calendar_id=calendar_id,
                    event_id=event_id,
                    original_start=original_start,
                    fields=fields,
                    base=base,
                )
            )
    return steps


def _sendable(resource: Resource) -> Resource:
    return {name: value for name, value in resource.items() if name not in NEVER_SENT and value not in (None, "")}
