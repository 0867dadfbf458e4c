"""The outbox's values: a change is one user action, made of ordered steps for Google.

Rules (found by trials that lost edits without them): `tried` is committed before the request leaves; only untried
steps are coalesced with or taken back; a change is shown, rejected and undone as a unit; order is kept per event.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from aicalendar_tui.backend.domain.event import EventKey, Resource

Verb = Literal["insert", "patch", "delete", "move"]
Notify = Literal["none", "all", "externalOnly"]
"""Whom Google tells of a change by mail; asked for, never assumed (PROTOCOL 30)."""
ChangeState = Literal["waiting", "conflict", "rejected"]


class Step(Struct, frozen=True, kw_only=True):
    """One request to come. `base` is what was seen when the edit was made: at least the same fields, or all of it.

    `fields` of an insert is the whole body with our own id; of a delete it is empty; of a move it holds
    `destination`. `sent` is the body of the last try (None: never tried), `done` that Google has it.
    """

    verb: Verb
    calendar_id: str
    event_id: str
    original_start: str | None = None
    fields: Resource = field(default_factory=dict)
    base: Resource = field(default_factory=dict)
    sent: Resource | None = None
    tried: bool = False
    done: bool = False
    theirs: Resource | None = None
    """What Google had when both sides had changed the same."""
    user_id: str | None = None
    """Whose calendar it is; None: that of the user who made the change."""

    @property
    def destination(self) -> str:
        """Where a move goes."""
        return str(self.fields.get("destination", ""))

    def touches(self, key: EventKey) -> bool:
        """Whether the step is about that event or series (any instance of it)."""
        return self.event_id == key.event_id


class Change(Struct, frozen=True, kw_only=True):
    """One user action on its way to Google. `change_id` is given by the store and grows."""

    user_id: str
    steps: tuple[Step, ...]
    change_id: int = 0
    label: str = ""
    """What the user did, for the undo toast and the task panel: the event's title."""
    state: ChangeState = "waiting"
    reason: str = ""
    created_at: int = 0
    attempts: int = 0
    retry_at: int | None = None
    send_updates: str = "none"

    @property
    def event_ids(self) -> frozenset[str]:
        """The events and series that it touches; the order of changes is kept for each."""
        return frozenset(step.event_id for step in self.steps)

    def owner_of(self, step: Step) -> str:
        """Whose account the step is sent to."""
        return step.user_id or self.user_id

    @property
    def tried(self) -> bool:
        """Whether any request of it may have reached Google: then it can't be taken back, only countered."""
        return any(step.tried or step.done for step in self.steps)


class UndoEntry(Struct, frozen=True, kw_only=True):
    """What can be taken back: the steps that were made, and the steps that counter them."""

    user_id: str
    label: str
    forward: tuple[Step, ...]
    inverse: tuple[Step, ...]
    undo_id: int = 0
    change_id: int = 0
    """The change that carries `forward` (or, once undone, `inverse`) to Google."""
    undone: bool = False
    created_at: int = 0


def coalesce(earlier: Step, later: Step) -> Step | None:
    """One step that does what both do, or None when they must stay apart.

    Only untried steps on the very same target merge: an insert or patch takes a later patch's fields, and an insert
    or move goes where a later move leads.
    """
    if earlier.tried or earlier.done:
        return None
    if later.verb == "move":
        return _redirect(earlier, later)
    if later.verb != "patch" or not same_target(earlier, later):
        return None
    if earlier.verb == "insert":
        return replace(earlier, fields=merge_fields(earlier.fields, later.fields))
    if earlier.verb == "patch" and not _replaces_object(earlier.fields, later.fields):
        return replace(
            earlier, fields=_merge_patches(earlier.fields, later.fields), base={**later.base, **earlier.base}
        )
    return None


def counter(step: Step) -> Step:
    """The patch or move that takes a patch or move back."""
    fresh = replace(step, sent=None, tried=False, done=False, theirs=None)
    if step.verb == "move":
        return replace(fresh, calendar_id=step.destination, fields={"destination": step.calendar_id})
    fields = {name: step.base.get(name) for name in step.fields}
    return replace(fresh, fields=fields, base={**step.base, **step.fields})


def same_target(one: Step, other: Step) -> bool:
    """Whether both are about the same event, or instance, in the same calendar."""
    return (one.user_id, one.calendar_id, one.event_id, one.original_start) == (
        other.user_id,
        other.calendar_id,
        other.event_id,
        other.original_start,
    )


def _redirect(earlier: Step, move: Step) -> Step | None:
    if (earlier.user_id, earlier.event_id) != (move.user_id, move.event_id):
        return None
    if earlier.verb == "insert" and earlier.calendar_id == move.calendar_id:
        return replace(earlier, calendar_id=move.destination)
    # There and back again would be a move to where it is.
    if earlier.verb == "move" and earlier.destination == move.calendar_id != move.destination != earlier.calendar_id:
        return replace(earlier, fields=move.fields)
    return None


def _replaces_object(earlier: Resource, later: Resource) -> bool:
    """Whether something is removed first and an object later: no single patch can say that."""
    return any(
        isinstance(value, dict)
        and name not in WHOLE_FIELDS
        and name in earlier
        and not isinstance(earlier[name], dict)
        for name, value in later.items()
    )


def _merge_patches(earlier: Resource, later: Resource) -> Resource:
    """One patch that does what both do, one after the other: a null stays, since it removes something at Google."""
    merged = dict(earlier)
    for name, value in later.items():
        before = merged.get(name)
        if isinstance(value, dict) and isinstance(before, dict) and name not in WHOLE_FIELDS:
            merged[name] = _merge_patches(before, value)
        else:
            merged[name] = value
    return merged


def merge_fields(resource: Resource, fields: Resource) -> Resource:
    """What Google's PATCH makes of `resource`: a null removes, an object merges, anything else replaces.

    `start` and `end` are replaced whole: a date must not merge with a dateTime.
    """
    merged = dict(resource)
    for name, value in fields.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict) and name not in WHOLE_FIELDS:
            before = merged.get(name)
            merged[name] = merge_fields(before if isinstance(before, dict) else {}, value)
        else:
            merged[name] = value
    return merged


WHOLE_FIELDS = frozenset({"start", "end", "originalStartTime"})


def open_steps(changes: Sequence[Change]) -> list[Step]:
    """The steps that Google does not have yet, in the order in which they were made."""
    return [step for change in changes for step in change.steps if not step.done]


def calendars_of(event_id: str, steps: Sequence[Step]) -> set[str]:
    """The calendars between which open steps move that event; none for an event that stays where it is."""
    moves = [step for step in steps if step.verb == "move" and step.event_id == event_id and not step.done]
    return {calendar_id for step in moves for calendar_id in (step.calendar_id, step.destination)}
