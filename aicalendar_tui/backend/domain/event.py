"""Events as people see them, read from the resources that Google sends.

The mirror keeps each resource whole, so nothing is lost by passing through us; `Event` is what the rest of the
program reads. Names are Google's and RFC 5545's.
"""

from base64 import b32hexencode
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from secrets import token_bytes
from typing import Any, Literal

from msgspec import Struct

from aicalendar_tui.backend.domain.kinds import (
    DECLINING,
    WORKPLACE,
    Declines,
    Workplace,
    parse_declines,
    parse_workplace,
)
from aicalendar_tui.backend.domain.times import length_between, original_key, parse_moment

Resource = dict[str, Any]
"""A Google Calendar `Event` resource, or a part of one, as JSON."""

Response = Literal["needsAction", "declined", "tentative", "accepted"]
RESPONSES: tuple[Response, ...] = ("needsAction", "declined", "tentative", "accepted")

SERVER_FIELDS = frozenset(
    {"etag", "kind", "status", "htmlLink", "created", "updated", "creator", "organizer", "iCalUID", "sequence", "id"}
)
"""What Google sets itself: left out when a deleted event has to be restored or created again."""

IDENTITY_FIELDS = frozenset({"recurringEventId", "originalStartTime"})
"""What names an instance within its series."""


class EventKey(Struct, frozen=True):
    """What the user acts on: one event, a whole series, or one instance of it.

    An instance is `(event_id of the series, original_start)`, never an id of its own (Google's ids of instances
    are not parsed or built, PROTOCOL 29). `original_start` is text made by `times.original_key`, or None.
    """

    user_id: str
    calendar_id: str
    event_id: str
    original_start: str | None = None

    @property
    def series(self) -> "EventKey":
        """The key without the instance."""
        return EventKey(self.user_id, self.calendar_id, self.event_id)


class Attendee(Struct, frozen=True):
    """A guest and what they answered."""

    email: str
    name: str = ""
    response: Response = "needsAction"
    optional: bool = False
    organizer: bool = False
    is_self: bool = False
    resource: bool = False
    comment: str = ""


class Event(Struct, frozen=True, kw_only=True):
    """One event, series or instance, readable; `start` and `end` are both dates or both aware datetimes."""

    event_id: str
    start: date | datetime
    end: date | datetime
    zone: str | None = None
    end_zone: str | None = None
    """Where the end is on another zone's clock than the start; None: on the same."""
    status: str = "confirmed"
    etag: str = ""
    summary: str = ""
    location: str = ""
    description: str = ""
    recurrence: tuple[str, ...] = ()
    recurring_event_id: str | None = None
    original_start: str | None = None
    color_id: str | None = None
    transparency: str = "opaque"
    visibility: str = "default"
    event_type: str = "default"
    declines: Declines | None = None
    workplace: Workplace | None = None
    attendees: tuple[Attendee, ...] = ()
    organizer: str = ""
    organizer_is_self: bool = False
    guests_can_modify: bool = False
    creator: str = ""
    join_url: str = ""
    call_name: str = ""
    """What the video call is held with, also before it has an address; '' where there is no call."""
    html_link: str = ""
    ical_uid: str = ""
    reminders_minutes: tuple[int, ...] | None = None
    """None: the calendar's own default reminders."""
    mailed_minutes: tuple[int, ...] = ()
    """Those of the reminders that come by mail."""

    @property
    def all_day(self) -> bool:
        """Whether the event is of whole days."""
        return not isinstance(self.start, datetime)

    @property
    def length(self) -> timedelta:
        """From start to end; see `times.length_between`."""
        return length_between(self.start, self.end)

    @property
    def response(self) -> Response | None:
        """What the calendar's owner answered; None where they are not a guest."""
        return next((guest.response for guest in self.attendees if guest.is_self), None)


def new_event_id() -> str:
    """128 random bits in base32hex, lower case: an id we may choose ourselves (PROTOCOL 27)."""
    return b32hexencode(token_bytes(16)).decode().rstrip("=").lower()


def is_cancelled(resource: Mapping[str, Any]) -> bool:
    """Whether the resource is a tombstone or a cancelled instance."""
    return resource.get("status") == "cancelled"


def master_id_of(resource: Mapping[str, Any]) -> str:
    """The id of the series that the resource belongs to; its own for a single event or the series itself."""
    return resource.get("recurringEventId") or resource["id"]


def original_start_of(resource: Mapping[str, Any]) -> str | None:
    """The instance's key within its series, or None for anything that is not an instance."""
    if not resource.get("recurringEventId"):
        return None
    moment = parse_moment(resource.get("originalStartTime"))
    return original_key(moment) if moment else None


def join_url_of(resource: Mapping[str, Any]) -> str:
    """Where to join the video call, or ''."""
    for entry in _objects(_object(resource.get("conferenceData")).get("entryPoints")):
        if entry.get("entryPointType") == "video" and (uri := _text(entry.get("uri"))):
            return uri
    return _text(resource.get("hangoutLink"))


def call_name_of(resource: Mapping[str, Any]) -> str:
    """What the video call is held with, or ''; a call that was only asked for is a Google Meet."""
    conference = _object(resource.get("conferenceData"))
    name = _text(_object(conference.get("conferenceSolution")).get("name"))
    if name or not (conference.get("createRequest") or resource.get("hangoutLink")):
        return name or join_url_of(resource)
    return "Google Meet"


def guests_of(resource: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The attendees as Google sends them."""
    return _objects(resource.get("attendees"))


def parse_event(resource: Mapping[str, Any]) -> Event | None:
    """The resource as an `Event`; None when it has no readable start (a tombstone has none, PROTOCOL 21).

    A missing or impossible end is mended: a day after an all-day start, the start itself otherwise. What has
    another type than it should is read as missing: one strange event must not keep the others from being shown.
    """
    start, end = parse_moment(resource.get("start")), parse_moment(resource.get("end"))
    if start is None:
        return None
    timed = isinstance(start, datetime)
    if end is None or isinstance(end, datetime) != timed or end < start:
        end = start if timed else start + timedelta(days=1)
    if not timed and end == start:
        end = start + timedelta(days=1)
    organizer, reminders = _object(resource.get("organizer")), _object(resource.get("reminders"))
    alarms = [] if reminders.get("useDefault", True) else _objects(reminders.get("overrides"))
    zone, end_zone = (_text(_object(resource.get(name)).get("timeZone")) or None for name in ("start", "end"))
    event_type = _text(resource.get("eventType")) or "default"
    return Event(
        event_id=resource["id"],
        start=start,
        end=end,
        zone=zone,
        end_zone=None if end_zone == zone else end_zone,
        status=_text(resource.get("status")) or "confirmed",
        etag=_text(resource.get("etag")),
        summary=_text(resource.get("summary")),
        location=_text(resource.get("location")),
        description=_text(resource.get("description")),
        recurrence=tuple(filter(None, map(_text, _list(resource.get("recurrence"))))),
        recurring_event_id=_text(resource.get("recurringEventId")) or None,
        original_start=original_start_of(resource),
        color_id=_text(resource.get("colorId")) or None,
        transparency=_text(resource.get("transparency")) or "opaque",
        visibility=_text(resource.get("visibility")) or "default",
        event_type=event_type,
        declines=parse_declines(resource.get(DECLINING.get(event_type, ""))),
        workplace=parse_workplace(resource.get(WORKPLACE)),
        attendees=tuple(map(_parse_attendee, guests_of(resource))),
        organizer=_text(organizer.get("displayName")) or _text(organizer.get("email")),
        organizer_is_self=bool(organizer.get("self")),
        guests_can_modify=bool(resource.get("guestsCanModify")),
        creator=_text(_object(resource.get("creator")).get("email")),
        join_url=join_url_of(resource),
        call_name=call_name_of(resource),
        html_link=_text(resource.get("htmlLink")),
        ical_uid=_text(resource.get("iCalUID")),
        reminders_minutes=None
        if reminders.get("useDefault", True)
        else tuple(_number(alarm.get("minutes")) for alarm in alarms),
        mailed_minutes=tuple(_number(alarm.get("minutes")) for alarm in alarms if alarm.get("method") == "email"),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in _list(value) if isinstance(item, Mapping)]


def _parse_attendee(guest: Mapping[str, Any]) -> Attendee:
    answer = guest.get("responseStatus")
    return Attendee(
        email=_text(guest.get("email")),
        name=_text(guest.get("displayName")),
        response=answer if answer in RESPONSES else "needsAction",
        optional=bool(guest.get("optional")),
        organizer=bool(guest.get("organizer")),
        is_self=bool(guest.get("self")),
        resource=bool(guest.get("resource")),
        comment=_text(guest.get("comment")),
    )
