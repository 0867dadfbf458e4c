"""What a user typed into the form or changed by a key: the fields of an event that are set, and no others."""

from datetime import date, datetime, timedelta
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from aicalendar_tui.backend.domain.errors import InvalidEdit
from aicalendar_tui.backend.domain.event import Attendee, Resource, Response
from aicalendar_tui.backend.domain.guests import format_guest
from aicalendar_tui.backend.domain.kinds import (
    DECLINING,
    WORKPLACE,
    Declines,
    EventType,
    Workplace,
    format_declines,
    format_workplace,
)
from aicalendar_tui.backend.domain.times import format_moment
from aicalendar_tui.i18n import N_

Scope = Literal["this", "following", "all"]
"""How much of a series an edit is about: this instance, this and the following ones, or all of it."""


LONGEST_REMINDER_MINUTES = 4 * 7 * 24 * 60
"""Google's limit."""
MOST_REMINDERS = 5
"""Google's limit for one event."""


class Reminder(Struct, frozen=True, order=True):
    """So many minutes before the start; on the screen, or by Google's mail."""

    minutes: int
    by_mail: bool = False


class Draft(Struct, frozen=True, kw_only=True):
    """New values; what is UNSET stays as it is. `start` and `end` are set together, both dates or both aware."""

    summary: str | UnsetType = UNSET
    start: date | datetime | UnsetType = UNSET
    end: date | datetime | UnsetType = UNSET
    zone: str | None = None
    """The IANA zone that `start` is meant in, and `end` too unless it has its own."""
    end_zone: str | None = None
    location: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    color_id: str | UnsetType | None = UNSET
    transparency: Literal["opaque", "transparent"] | UnsetType = UNSET
    visibility: Literal["default", "public", "private"] | UnsetType = UNSET
    recurrence: tuple[str, ...] | UnsetType = UNSET
    guests: tuple[Attendee, ...] | UnsetType = UNSET
    """All that shall be invited. The answers of those who already are stay what they are."""
    reminders: tuple[Reminder, ...] | UnsetType | None = UNSET
    """None: the calendar's own."""
    call_request_id: str | UnsetType | None = UNSET
    """Asks for a Google Meet: the same text again makes no second call. None takes the call away."""
    event_type: EventType | UnsetType = UNSET
    """Given when an event is made; it stays what it is. The two below need it."""
    declines: Declines | UnsetType = UNSET
    workplace: Workplace | UnsetType = UNSET
    response: Response | UnsetType = UNSET
    """The user's own answer to an invitation."""
    comment: str | UnsetType = UNSET
    """What is said with that answer."""

    def validate(self) -> None:
        """Raises InvalidEdit, naming the field, for what no calendar could hold."""
        self._validate_reminders()
        self._validate_kind()
        start, end = self.start, self.end
        if isinstance(start, UnsetType) != isinstance(end, UnsetType):
            raise InvalidEdit(N_("Start and end go together"), field="end")
        if isinstance(start, UnsetType) or isinstance(end, UnsetType):
            return
        if isinstance(start, datetime) != isinstance(end, datetime):
            raise InvalidEdit(N_("Start and end are both whole days or both times"), field="end")
        for name, moment in (("start", start), ("end", end)):
            if isinstance(moment, datetime) and moment.tzinfo is None:
                raise InvalidEdit(N_("The time has no zone"), field=name)
        if end < start or (not isinstance(start, datetime) and end == start):
            raise InvalidEdit(N_("The end is before the start"), field="end")

    def fields(self) -> Resource:
        """The same as a part of Google's Event resource; guests' answers are not in it (they need the list)."""
        fields: Resource = {}
        for ours, theirs in _NAMES.items():
            value = getattr(self, ours)
            if value is not UNSET:
                fields[theirs] = value
        if not isinstance(self.recurrence, UnsetType):
            fields["recurrence"] = list(self.recurrence) or None
        if not isinstance(self.start, UnsetType) and not isinstance(self.end, UnsetType):
            fields["start"] = format_moment(self.start, self.zone)
            fields["end"] = format_moment(self.end, self.end_zone or self.zone)
        if not isinstance(self.guests, UnsetType):
            fields["attendees"] = [format_guest(guest) for guest in self.guests]
        if not isinstance(self.reminders, UnsetType):
            fields["reminders"] = _format_reminders(self.reminders)
        if not isinstance(self.call_request_id, UnsetType):
            fields.update(_format_call(self.call_request_id))
        if not isinstance(self.declines, UnsetType) and not isinstance(self.event_type, UnsetType):
            fields[DECLINING[self.event_type]] = format_declines(self.declines)
        if not isinstance(self.workplace, UnsetType):
            fields[WORKPLACE] = format_workplace(self.workplace)
        return fields

    def _validate_reminders(self) -> None:
        reminders = self.reminders or ()
        if isinstance(reminders, UnsetType):
            return
        if len(reminders) > MOST_REMINDERS:
            raise InvalidEdit(N_("At most five reminders"), field="reminders")
        if any(not 0 <= reminder.minutes <= LONGEST_REMINDER_MINUTES for reminder in reminders):
            raise InvalidEdit(N_("A reminder is at most four weeks before the start"), field="reminders")

    def _validate_kind(self) -> None:
        """What Google refuses for the kinds of event that are no appointments."""
        if isinstance(self.event_type, UnsetType) or self.event_type == "default":
            return
        if not isinstance(self.guests, UnsetType) and self.guests:
            raise InvalidEdit(N_("An event of this kind has no guests"), field="guests")
        if self.event_type in DECLINING and isinstance(self.start, date) and not isinstance(self.start, datetime):
            raise InvalidEdit(N_("An event of this kind has a time"), field="all_day")
        place = self.workplace
        if isinstance(place, Workplace) and place.kind == "customLocation" and not place.label:
            raise InvalidEdit(N_("The place needs a name"), field="workplace")


_NAMES = {
    "summary": "summary",
    "location": "location",
    "description": "description",
    "color_id": "colorId",
    "transparency": "transparency",
    "visibility": "visibility",
    "event_type": "eventType",
}


def _format_reminders(reminders: tuple[Reminder, ...] | None) -> Resource:
    if reminders is None:
        return {"useDefault": True, "overrides": []}
    alarms = [{"method": "email" if each.by_mail else "popup", "minutes": each.minutes} for each in reminders]
    return {"useDefault": False, "overrides": alarms}


def _format_call(request_id: str | None) -> Resource:
    if request_id is None:
        return {"conferenceData": None, "hangoutLink": None}
    request = {"requestId": request_id, "conferenceSolutionKey": {"type": "hangoutsMeet"}}
    return {"conferenceData": {"createRequest": request}}


def shifted(
    start: date | datetime, end: date | datetime, *, by: timedelta
) -> tuple[date | datetime, date | datetime]:
    """Both ends moved; a time keeps its place on the clock across a change to or from summer time."""
    return start + by, end + by
