"""The kinds of event that say how one works rather than what one does: focus time, out of office, working location.

Names are Google's. Such events live in the user's own calendar alone, have no guests, and stay what they are.
"""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

EventType = Literal["default", "focusTime", "outOfOffice", "workingLocation"]
EVENT_TYPES: tuple[EventType, ...] = ("default", "focusTime", "outOfOffice", "workingLocation")
"""Those that can be made; Google also sends `birthday` and `fromGmail`."""

DeclineMode = Literal["declineNone", "declineOnlyNewConflictingInvitations", "declineAllConflictingInvitations"]
DECLINE_MODES: tuple[DeclineMode, ...] = (
    "declineNone",
    "declineOnlyNewConflictingInvitations",
    "declineAllConflictingInvitations",
)
WorkplaceKind = Literal["homeOffice", "officeLocation", "customLocation"]
WORKPLACE_KINDS: tuple[WorkplaceKind, ...] = ("homeOffice", "officeLocation", "customLocation")

DECLINING = {"focusTime": "focusTimeProperties", "outOfOffice": "outOfOfficeProperties"}
"""The field that says what is declined, by type."""
WORKPLACE = "workingLocationProperties"
KIND_FIELDS = frozenset({*DECLINING.values(), WORKPLACE})


class Declines(Struct, frozen=True):
    """Which invitations Google declines meanwhile, and what it says to them."""

    mode: DeclineMode = "declineNone"
    message: str = ""


class Workplace(Struct, frozen=True):
    """Where one works; `label` names an office or any other place, not home."""

    kind: WorkplaceKind = "homeOffice"
    label: str = ""


def parse_declines(properties: Any) -> Declines | None:
    """From a field of `DECLINING`; None where there is none."""
    if not isinstance(properties, Mapping):
        return None
    mode, message = properties.get("autoDeclineMode"), properties.get("declineMessage")
    return Declines(mode if mode in DECLINE_MODES else "declineNone", message if isinstance(message, str) else "")


def parse_workplace(properties: Any) -> Workplace | None:
    """From `workingLocationProperties`; None where there is none, or none that is known."""
    if not isinstance(properties, Mapping) or properties.get("type") not in WORKPLACE_KINDS:
        return None
    kind: WorkplaceKind = properties["type"]
    place = properties.get(kind)
    label = place.get("label") if isinstance(place, Mapping) else None
    return Workplace(kind, label if isinstance(label, str) else "")


def format_declines(declines: Declines) -> dict[str, Any]:
    """The reverse of `parse_declines`."""
    return {"autoDeclineMode": declines.mode, "declineMessage": declines.message}


def format_workplace(workplace: Workplace) -> dict[str, Any]:
    """The reverse of `parse_workplace`; what an earlier place left is nulled, since a patch merges."""
    labelled = {"label": workplace.label} if workplace.kind != "homeOffice" else {}
    return {
        "type": workplace.kind,
        **{kind: labelled if kind == workplace.kind else None for kind in WORKPLACE_KINDS},
    }


def comparable_kind(properties: Any) -> Any:
    """A field of `KIND_FIELDS` in the one form in which equal values are equal, whatever Google fills in beside."""
    workplace = parse_workplace(properties)
    if workplace is not None:
        return (workplace.kind, workplace.label)
    declines = parse_declines(properties)
    return None if declines is None or declines == Declines() else (declines.mode, declines.message)
