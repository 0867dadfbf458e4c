"""What is shown: the mirror with the outbox laid over it. Pure; an optimistic edit is this and nothing else."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.change import Change, Step, merge_fields
from aicalendar_tui.backend.domain.event import (
    Event,
    Resource,
    is_cancelled,
    original_start_of,
    parse_event,
)
from aicalendar_tui.backend.domain.rebase import comparable
from aicalendar_tui.backend.domain.recurrence import expand_series
from aicalendar_tui.backend.domain.times import (
    Span,
    epoch_of,
    format_moment,
    original_key,
    parse_original_key,
)


class Family(Struct, frozen=True):
    """An event with its exceptions, by original start. A series we see only single instances of has no master."""

    event_id: str
    master: Resource | None = None
    overrides: dict[str, Resource] = field(default_factory=dict)


def family_of(event_id: str, resources: Iterable[Resource]) -> Family:
    """The resources of one event or series, sorted into their places; a tombstone of the master empties it."""
    master: Resource | None = None
    overrides: dict[str, Resource] = {}
    for resource in resources:
        if resource["id"] == event_id:
            master = resource
        elif (key := original_start_of(resource)) is not None:
            overrides[key] = resource
    if master is not None and is_cancelled(master):
        return Family(event_id)
    return Family(event_id, master, overrides)


def overlay(family: Family, steps: Sequence[Step]) -> Family:
    """The family as it will be once Google has taken `steps` (open ones on this event, in their order)."""
    master, overrides = family.master, dict(family.overrides)
    for step in steps:
        if step.event_id != family.event_id:
            continue
        if step.verb == "insert":
            master = merge_fields(master or {}, step.fields)
        elif step.verb == "move" or (step.verb == "delete" and step.original_start is None):
            master, overrides = None, {}
        elif step.original_start is not None:
            current = overrides.get(step.original_start) or plain_instance(master, step.original_start)
            fields = {"status": "cancelled"} if step.verb == "delete" else step.fields
            if current is not None:
                if is_cancelled(current) and fields.get("status") == "confirmed":
                    # A cancelled instance keeps no details (PROTOCOL 21): what comes back is the one of the series.
                    current = {**(plain_instance(master, step.original_start) or {}), **current}
                changed = merge_fields(current, fields)
                if step.original_start not in overrides and _same(current, changed, fields):
                    continue  # nothing will be sent, so it goes on following its series
                overrides[step.original_start] = changed
        elif step.verb == "patch":
            if master is not None:
                master = merge_fields(master, step.fields)
            elif step.fields.get("status") == "confirmed":
                restored = merge_fields({**step.base, "id": step.event_id}, step.fields)
                master = restored if step.base.get("start") else None
    return Family(family.event_id, master, overrides)


def _same(before: Resource, after: Resource, names: Iterable[str]) -> bool:
    return all(comparable(before, name) == comparable(after, name) for name in names)


def overlay_calendars(families: Mapping[str, Family], steps: Sequence[Step]) -> dict[str, Family]:
    """`overlay` for one event in several calendars, by calendar id: what is moved is in its destination."""
    shown = dict(families)
    for step in steps:
        here = shown.get(step.calendar_id) or Family(step.event_id)
        if step.verb == "move":
            there = shown.get(step.destination) or Family(step.event_id)
            if here.master is None and step.tried:
                # Its answer was lost, and the event is gone here: it is there, whether or not that was pulled yet.
                exceptions = (step.sent or {}).get("exceptions", ())
                moved = family_of(step.event_id, [{**step.base, "id": step.event_id}, *exceptions])
                shown[step.destination] = there if there.master is not None else moved
            else:
                shown[step.destination] = here if here.master is not None else there
        shown[step.calendar_id] = overlay(here, [step])
    return shown


def plain_instance(master: Resource | None, original_start: str) -> Resource | None:
    """An instance of the series that nothing was changed in, as Google would list it (but for its id and etag)."""
    event = parse_event(master) if master else None
    if master is None or event is None:
        return None
    start = parse_original_key(original_start)
    moment = format_moment(start, event.zone)
    instance = {name: value for name, value in master.items() if name != "recurrence"}
    return {
        **instance,
        "recurringEventId": master["id"],
        "originalStartTime": moment,
        "start": moment,
        "end": format_moment(start + event.length, event.zone),
    }


def shown_resource(family: Family, original_start: str | None) -> Resource | None:
    """The event, series or instance that a key names, in a family that the outbox is laid over."""
    if original_start is None:
        return family.master
    resource = family.overrides.get(original_start) or plain_instance(family.master, original_start)
    return None if resource is None or is_cancelled(resource) else resource


def overlay_changes(
    family: Family,
    changes: Sequence[Change],
    *,
    user_id: str,
    calendar_id: str,
    elsewhere: Mapping[str, Family] | None = None,
) -> Family:
    """The family as that calendar shows it; `changes` and `elsewhere` as in `entries_of`."""
    steps = steps_on(family.event_id, changes, user_id=user_id)
    return overlay_calendars({**(elsewhere or {}), calendar_id: family}, steps)[calendar_id]


def entries_of(
    family: Family,
    changes: Sequence[Change],
    window: Span,
    *,
    user_id: str,
    calendar_id: str,
    elsewhere: Mapping[str, Family] | None = None,
) -> list[Entry]:
    """The index of one family: its instances in `window` (a single event always), with the outbox laid over.

    `changes` are those with open steps on it, oldest first; `elsewhere` is what other calendars have of the event,
    where it is being moved.
    """
    shown = overlay_changes(family, changes, user_id=user_id, calendar_id=calendar_id, elsewhere=elsewhere)
    marks = _marks(family.event_id, changes, (user_id, calendar_id))
    entries: list[Entry] = []

    def add(event: Event, start: int, end: int, original_start: str | None) -> None:
        waiting, problem = _mark(marks, original_start)
        entries.append(
            Entry(
                user_id=user_id,
                calendar_id=calendar_id,
                event_id=family.event_id,
                start=start,
                end=end,
                all_day=event.all_day,
                original_start=original_start,
                summary=event.summary,
                location=event.location,
                status=event.status,
                response=event.response,
                color_id=event.color_id,
                event_type=event.event_type,
                free=event.transparency == "transparent",
                join_url=event.join_url,
                guests=len(event.attendees),
                recurring=original_start is not None,
                waiting=waiting,
                problem=problem,
            )
        )

    master = shown.master
    event = parse_event(master) if master and not is_cancelled(master) else None
    if event is not None:
        if event.recurrence:
            for start, end in expand_series(event, window):
                key = original_key(start)
                if key not in shown.overrides:
                    add(event, epoch_of(start), epoch_of(end), key)
        else:
            add(event, epoch_of(event.start), epoch_of(event.end), None)
    for key, resource in shown.overrides.items():
        instance = None if is_cancelled(resource) else parse_event(resource)
        if instance is not None:
            add(instance, epoch_of(instance.start), epoch_of(instance.end), key)
    return entries


def steps_on(event_id: str, changes: Sequence[Change], *, user_id: str) -> list[Step]:
    """The open steps on that event or series in the user's own calendars, in their order."""
    return [
        step
        for change in changes
        for step in change.steps
        if not step.done and step.event_id == event_id and change.owner_of(step) == user_id
    ]


def _marks(event_id: str, changes: Sequence[Change], place: tuple[str, str]) -> dict[str | None, tuple[bool, bool]]:
    """(waiting, problem) by original start; None stands for the whole event or series.

    An event that somebody else moved has the same id in both calendars: only edits in `place` are marked there.
    """
    marks: dict[str | None, tuple[bool, bool]] = {}
    for change in changes:
        for step in change.steps:
            places = [(change.owner_of(step), calendar_id) for calendar_id in (step.calendar_id, step.destination)]
            if step.event_id == event_id and not step.done and place in places:
                waiting, problem = marks.get(step.original_start, (False, False))
                marks[step.original_start] = (
                    waiting or change.state == "waiting",
                    problem or change.state != "waiting",
                )
    return marks


def _mark(marks: dict[str | None, tuple[bool, bool]], original_start: str | None) -> tuple[bool, bool]:
    whole = marks.get(None, (False, False))
    own = marks.get(original_start, (False, False)) if original_start is not None else whole
    return whole[0] or own[0], whole[1] or own[1]
