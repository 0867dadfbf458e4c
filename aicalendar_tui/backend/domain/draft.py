"""What a user typed into the form or changed by a key: the fields of an event that are set, and no others."""

from datetime import date, datetime, timedelta
from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from aicalendar_tui.backend.domain.errors import InvalidEdit
from aicalendar_tui.backend.domain.event import Resource, Response
from aicalendar_tui.backend.domain.times import format_moment
from aicalendar_tui.i18n import N_

Scope = Literal["this", "following", "all"]
"""How much of a series an edit is about: this instance, this and the following ones, or all of it."""


class Draft(Struct, frozen=True, kw_only=True):
    """New values; what is UNSET stays as it is. `start` and `end` are set together, both dates or both aware."""

    summary: str | UnsetType = UNSET
    start: date | datetime | UnsetType = UNSET
    end: date | datetime | UnsetType = UNSET
    zone: str | None = None
    """The IANA zone that `start` and `end` are meant in."""
    location: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    color_id: str | UnsetType | None = UNSET
    transparency: Literal["opaque", "transparent"] | UnsetType = UNSET
    visibility: Literal["default", "public", "private"] | UnsetType = UNSET
    recurrence: tuple[str, ...] | UnsetType = UNSET
    response: Response | UnsetType = UNSET
    """The user's own answer to an invitation."""
    comment: str | UnsetType = UNSET
    """What is said with that answer."""

    def validate(self) -> None:
        """Raises InvalidEdit, naming the field, for what no calendar could hold."""
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
            fields["end"] = format_moment(self.end, self.zone)
        return fields


_NAMES = {
    "summary": "summary",
    "location": "location",
    "description": "description",
    "color_id": "colorId",
    "transparency": "transparency",
    "visibility": "visibility",
}


def shifted(
    start: date | datetime, end: date | datetime, *, by: timedelta
) -> tuple[date | datetime, date | datetime]:
    """Both ends moved; a time keeps its place on the clock across a change to or from summer time."""
    return start + by, end + by
