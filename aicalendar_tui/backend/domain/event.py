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

from aicalendar_tui.backend.domain.times import length_between, original_key, parse_moment

Resource = dict[str, Any]
"""A Google Calendar `Event` resource, or a part of one, as JSON."""

Response = Literal["needsAction", "declined", "tentative", "accepted"]
RESPONSES: tuple[Response, ...] = ("needsAction", "declined", "tentative", "accepted")


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
    attendees: tuple[Attendee, ...] = ()
    organizer: str = ""
    organizer_is_self: bool = False
    creator: str = ""
    join_url: str = ""
    html_link: str = ""
    ical_uid: str = ""
    reminders_minutes: tuple[int, ...] | None = None
    """None: the calendar's own default reminders."""

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
    for entry in (resource.get("conferenceData") or {}).get("entryPoints") or ():
        if entry.get("entryPointType") == "video" and entry.get("uri"):
            return entry["uri"]
    return resource.get("hangoutLink") or ""


def response_of(resource: Mapping[str, Any]) -> Response | None:
    """What the calendar's owner answered, straight from the resource."""
    for guest in resource.get("attendees") or ():
        if guest.get("self"):
            answer = guest.get("responseStatus")
            return answer if answer in RESPONSES else "needsAction"
    return None


def parse_event(resource: Mapping[str, Any]) -> Event | None:
    """The resource as an `Event`; None when it has no readable start (a tombstone has none, PROTOCOL 21).

    A missing or impossible end is mended: a day after an all-day start, the start itself otherwise.
    """
    start, end = parse_moment(resource.get("start")), parse_moment(resource.get("end"))
    if start is None:
        return None
    timed = isinstance(start, datetime)
    if end is None or isinstance(end, datetime) != timed or end < start:
        end = start if timed else start + timedelta(days=1)
    if not timed and end == start:
        end = start + timedelta(days=1)
    organizer = resource.get("organizer") or {}
    reminders = resource.get("reminders") or {}
    return Event(
        event_id=resource["id"],
        start=start,
        end=end,
        zone=(resource.get("start") or {}).get("timeZone"),
        status=resource.get("status") or "confirmed",
        etag=resource.get("etag") or "",
        summary=resource.get("summary") or "",
        location=resource.get("location") or "",
        description=resource.get("description") or "",
        recurrence=tuple(resource.get("recurrence") or ()),
        recurring_event_id=resource.get("recurringEventId"),
        original_start=original_start_of(resource),
        color_id=resource.get("colorId"),
        transparency=resource.get("transparency") or "opaque",
        visibility=resource.get("visibility") or "default",
        event_type=resource.get("eventType") or "default",
        attendees=tuple(map(_parse_attendee, resource.get("attendees") or ())),
        organizer=organizer.get("displayName") or organizer.get("email") or "",
        organizer_is_self=bool(organizer.get("self")),
        creator=(resource.get("creator") or {}).get("email") or "",
        join_url=join_url_of(resource),
        html_link=resource.get("htmlLink") or "",
        ical_uid=resource.get("iCalUID") or "",
        reminders_minutes=None
        if reminders.get("useDefault", True)
        else tuple(int(r.get("minutes") or 0) for r in reminders.get("overrides") or ()),
    )


def _parse_attendee(guest: Mapping[str, Any]) -> Attendee:
    answer = guest.get("responseStatus")
    return Attendee(
        email=guest.get("email") or "",
        name=guest.get("displayName") or "",
        response=answer if answer in RESPONSES else "needsAction",
        optional=bool(guest.get("optional")),
        organizer=bool(guest.get("organizer")),
        is_self=bool(guest.get("self")),
        resource=bool(guest.get("resource")),
        comment=guest.get("comment") or "",
    )
