"""Lists of guests as Google keeps them: an address once, and every answer as it was given. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from aicalendar_tui.backend.domain.event import Attendee, guests_of


class Person(Struct, frozen=True):
    """Somebody who was seen among the guests of events; `name` may be ''."""

    email: str
    name: str = ""


def invite(resource: Mapping[str, Any], guests: Sequence[Attendee]) -> list[dict[str, Any]]:
    """The event's guests as they shall be: who stays keeps their answer and all else, in the order there was."""
    wanted = {guest.email.lower(): guest for guest in reversed(guests)}
    wanted = dict(reversed(wanted.items()))
    invited: dict[str, dict[str, Any]] = {}
    for present in guests_of(resource):
        address = str(present.get("email", "")).lower()
        guest = wanted.pop(address, None)
        if guest is not None:
            invited[address] = _with_optional(dict(present), guest.optional)
    for address, guest in wanted.items():
        invited.setdefault(address, format_guest(guest))
    return list(invited.values())


def format_guest(guest: Attendee) -> dict[str, Any]:
    """A new guest, as Google takes one."""
    fields: dict[str, Any] = {"email": guest.email, "responseStatus": guest.response}
    if guest.name:
        fields["displayName"] = guest.name
    if guest.resource:
        fields["resource"] = True
    return _with_optional(fields, guest.optional)


def _with_optional(fields: dict[str, Any], optional: bool) -> dict[str, Any]:
    if bool(fields.get("optional")) == optional:
        return fields
    return {**fields, "optional": optional} if optional else {k: v for k, v in fields.items() if k != "optional"}
