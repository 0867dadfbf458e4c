"""What the user has to settle: an edit that Google refused, or that met a different edit there."""

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from aicalendar_tui.backend.domain.change import Step
from aicalendar_tui.backend.domain.event import EventKey, Resource, guests_of
from aicalendar_tui.backend.domain.readable import ATTENDEE_PREFIX, describe_unit
from aicalendar_tui.backend.domain.rebase import TIME_FIELDS, TIME_UNIT, rebase, units_of

Choice = Literal["mine", "theirs"]
"""`mine`: the edit goes out once more, over what Google has; `theirs`: it is withdrawn."""

ConflictKind = Literal["both_changed", "gone", "rejected"]
"""Both sides changed the same; the event was deleted at Google (`mine` creates it again); Google said no."""


class ConflictUnit(Struct, frozen=True, kw_only=True):
    """One thing that both sides changed, or that was to be changed, as text; '' where there is nothing."""

    unit: str
    """`time`, `attendee ADDRESS`, or Google's name of the field: the key for a choice of its own."""
    base: str
    mine: str
    theirs: str


class Conflict(Struct, frozen=True, kw_only=True):
    """A change that waits for the user; `units` may be chosen one by one when both sides changed them."""

    change_id: int
    key: EventKey
    title: str
    kind: ConflictKind
    reason: str
    """Why it stopped: a message to translate, or what Google said."""
    units: tuple[ConflictUnit, ...] = ()
    behind: int = 0
    """How many other edits of the same event wait for this one."""

    @property
    def state(self) -> Literal["conflict", "rejected"]:
        """That of the change."""
        return "rejected" if self.kind == "rejected" else "conflict"


def conflicting_units(step: Step, theirs: Resource) -> tuple[str, ...]:
    """The units that both sides changed differently, as things are now."""
    return rebase(step.base, step.fields, theirs).conflicts if step.verb == "patch" else ()


def describe_units(step: Step, theirs: Resource, units: tuple[str, ...]) -> tuple[ConflictUnit, ...]:
    """The three sides of each unit."""
    return tuple(
        ConflictUnit(
            unit=unit,
            base=describe_unit(step.base, unit),
            mine=describe_unit(step.fields, unit),
            theirs=describe_unit(theirs, unit),
        )
        for unit in units
    )


def changed_units(step: Step) -> tuple[str, ...]:
    """All units that a step sets."""
    return tuple(unit for unit in units_of(step.fields) if unit not in ("id", "status", "destination"))


def choose(step: Step, unit: str, choice: Choice, theirs: Resource) -> Step:
    """The step with that unit settled: mine counts from what Google has now, theirs is no part of it any more."""
    if unit.startswith(ATTENDEE_PREFIX):
        return _choose_guest(step, unit.removeprefix(ATTENDEE_PREFIX), choice, theirs)
    names = TIME_FIELDS if unit == TIME_UNIT else (unit,)
    base = {**step.base, **{name: theirs.get(name) for name in names}}
    if choice == "mine":
        return replace(step, base=base)
    return replace(step, base=base, fields={name: step.fields[name] for name in step.fields if name not in names})


def _choose_guest(step: Step, address: str, choice: Choice, theirs: Resource) -> Step:
    base = {**step.base, "attendees": _with_guest(step.base, address, theirs)}
    if choice == "mine":
        return replace(step, base=base)
    return replace(step, base=base, fields={**step.fields, "attendees": _with_guest(step.fields, address, theirs)})


def _with_guest(resource: Resource, address: str, theirs: Resource) -> list[Resource]:
    """The guests, with that one as Google has them, or without where Google hasn't."""
    others = [dict(guest) for guest in guests_of(resource) if not _is(guest, address)]
    return others + [dict(guest) for guest in guests_of(theirs) if _is(guest, address)]


def _is(guest: object, address: str) -> bool:
    return isinstance(guest, dict) and str(guest.get("email", "")).lower() == address.lower()
