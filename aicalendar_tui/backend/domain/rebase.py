"""The three-way comparison before each patch: what to send, and where both sides changed the same thing.

Fields are compared in units that belong together: start with end, each guest by address; else the field itself.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from aicalendar_tui.backend.domain.event import Resource, guests_of
from aicalendar_tui.backend.domain.kinds import KIND_FIELDS, comparable_kind
from aicalendar_tui.backend.domain.times import original_key, parse_moment

TIME_UNIT = "time"
TIME_FIELDS = ("start", "end")
SEEN_FIELDS = (*TIME_FIELDS, "summary", "location", "description", "colorId", "transparency", "visibility")
"""What people write into an event; other guests' answers come by themselves."""


class Rebased(Struct, frozen=True):
    """`send` is what is left to patch; `conflicts` names the units that Google changed differently meanwhile."""

    send: Resource
    conflicts: tuple[str, ...] = ()


def rebase(base: Resource, mine: Resource, mirror: Resource) -> Rebased:
    """Compares the edit `mine`, made when the values were `base`, with Google's present `mirror`.

    A unit that Google already has as we want it, or that the edit did not change, is done; one that Google left as
    it was is sent; one that Google changed otherwise is a conflict, and then nothing of the edit is sent until the
    user has settled it.
    """
    send: Resource = {}
    conflicts: list[str] = []
    for unit, names in units_of(mine).items():
        if unit == "attendees":
            merged, clashes = rebase_attendees(base, mine, mirror)
            conflicts += clashes
            if merged is not None:
                send["attendees"] = merged
            continue
        theirs = [comparable(mirror, name) for name in names]
        ours = [comparable(mine, name) for name in names]
        if ours in (theirs, [comparable(base, name) for name in names]):
            continue
        if theirs != [comparable(base, name) for name in names]:
            conflicts.append(unit)
            continue
        send.update({name: mine[name] for name in names})
    return Rebased(send, tuple(conflicts))


def seen_of(resource: Resource) -> Resource:
    """What a user saw of an event: enough to notice that somebody else has changed it since."""
    return {name: resource.get(name) for name in SEEN_FIELDS}


def is_as_seen(seen: Resource, mirror: Resource) -> bool:
    """Whether Google still has what `seen_of` told; always for nothing seen."""
    return all(comparable(seen, name) == comparable(mirror, name) for name in seen)


def units_of(fields: Resource) -> dict[str, list[str]]:
    """The names of the fields by the unit that they belong to; guests are told apart later."""
    units: dict[str, list[str]] = {}
    for name in fields:
        units.setdefault(TIME_UNIT if name in TIME_FIELDS else name, []).append(name)
    return units


def comparable(resource: Mapping[str, Any], name: str) -> Any:
    """A field's value in the one form in which equal values are equal: instants in UTC, defaults filled in."""
    value: Any = resource.get(name)
    if name in TIME_FIELDS:
        moment = parse_moment(value)
        return original_key(moment) if moment else None
    if name == "recurrence":
        return sorted(value or ())
    if name == "reminders":
        value = value or {"useDefault": True}
        overrides = value.get("overrides") or ()
        alarms = sorted((alarm.get("method", "popup"), alarm.get("minutes", 0)) for alarm in overrides)
        return (bool(value.get("useDefault")), alarms)
    if name == "conferenceData":
        return _comparable_call(value)
    if name in KIND_FIELDS:
        return comparable_kind(value)
    return _DEFAULTS.get(name) if value in (None, "") else value


def _comparable_call(conference: Any) -> Any:
    """What asked for the call: Google answers a request with the call's own data beside it."""
    if not isinstance(conference, Mapping) or not conference:
        return None
    request = conference.get("createRequest")
    if isinstance(request, Mapping) and (request_id := request.get("requestId")):
        return request_id
    return conference.get("conferenceId") or dict(conference)


_DEFAULTS = {
    "summary": None,
    "transparency": "opaque",
    "visibility": "default",
    "status": "confirmed",
    "eventType": "default",
}


def rebase_attendees(base: Resource, mine: Resource, mirror: Resource) -> tuple[list[Any] | None, list[str]]:
    """What becomes of the guests in `mirror` when `base` has become `mine`.

    Returns (the whole list to send, or None when Google has it already; the addresses in conflict).
    The list goes back as Google has it now, but for the guests that the edit changed (PROTOCOL 30).
    """
    old, new, now = (_by_address(resource) for resource in (base, mine, mirror))
    merged = dict(now)
    conflicts: list[str] = []
    for address in old.keys() | new.keys():
        before, after, theirs = old.get(address), new.get(address), now.get(address)
        if _answer(after) == _answer(before) or _answer(after) == _answer(theirs):
            continue
        if _answer(theirs) != _answer(before):
            conflicts.append(f"attendee {address}")
        elif after is None:
            merged.pop(address, None)
        else:
            merged[address] = {**(theirs or {}), **after}
    return (None if merged == now else list(merged.values())), conflicts


def _by_address(resource: Resource) -> dict[str, Any]:
    return {str(guest.get("email", "")).lower(): dict(guest) for guest in guests_of(resource)}


def _answer(guest: dict[str, Any] | None) -> tuple[str, str, bool] | None:
    if guest is None:
        return None
    return (guest.get("responseStatus", "needsAction"), guest.get("comment") or "", bool(guest.get("optional")))
