"""Google's dates and times as Python values, and half-open spans of local days.

An event's end is exclusive everywhere. An instant is an aware datetime; a stored instant is whole seconds
since the epoch (Google has no finer resolution). All-day events are dates: they have no zone.
"""

from collections.abc import Iterator, Mapping
from datetime import MAXYEAR, UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import Struct

DAY_SECONDS = 86_400
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=256)
def zone_of(name: str | None) -> tzinfo:
    """The IANA zone called `name`; UTC when there is none of that name (Google sends some that are not IANA's)."""
    if not name:
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def is_date(moment: date | datetime) -> bool:
    """Whether `moment` is a whole day rather than an instant."""
    return not isinstance(moment, datetime)


def parse_moment(value: Mapping[str, Any] | None) -> date | datetime | None:
    """`{date}` or `{dateTime, timeZone?}` as a date or an aware datetime in its own zone where that is known.

    Without an offset the time is read in `timeZone`. Returns None for a missing or unreadable value.
    """
    if not isinstance(value, Mapping):
        return None
    try:
        if text := value.get("dateTime"):
            moment = datetime.fromisoformat(text)
            if not 1 < moment.year < MAXYEAR:
                return None  # in another zone it may be a year that there is not
            zone = value.get("timeZone")
            if moment.tzinfo is None:
                return moment.replace(tzinfo=zone_of(zone))
            return moment.astimezone(zone_of(zone)) if zone else moment
        if text := value.get("date"):
            return date.fromisoformat(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return None


def format_moment(moment: date | datetime, zone: str | None = None) -> dict[str, str]:
    """The reverse of `parse_moment`: what Google takes for an event's `start`, `end` or `originalStartTime`."""
    if not isinstance(moment, datetime):
        return {"date": moment.isoformat()}
    if zone:
        moment = moment.astimezone(zone_of(zone))
        return {"dateTime": moment.isoformat(timespec="seconds"), "timeZone": zone}
    return {"dateTime": moment.isoformat(timespec="seconds")}


def epoch_of(moment: date | datetime) -> int:
    """Whole seconds since the epoch; a date counts from its midnight in UTC, whatever the viewer's zone."""
    if isinstance(moment, datetime):
        return int(moment.timestamp())
    return (moment.toordinal() - EPOCH_ORDINAL) * DAY_SECONDS


def date_of_epoch(epoch: int) -> date:
    """The date whose UTC midnight is at or before `epoch`."""
    return date.fromordinal(epoch // DAY_SECONDS + EPOCH_ORDINAL)


def length_between(start: date | datetime, end: date | datetime) -> timedelta:
    """Elapsed time between two instants, also across a change to or from summer time; whole days between dates."""
    if isinstance(start, datetime) and isinstance(end, datetime):
        return end.astimezone(UTC) - start.astimezone(UTC)
    return timedelta(days=end.toordinal() - start.toordinal())


def original_key(moment: date | datetime) -> str:
    """The text by which an instance of a series is known: `2026-11-23`, or `2026-11-23T08:00:00Z` in UTC."""
    if isinstance(moment, datetime):
        # Not strftime: it writes years before 1000 with fewer than four digits.
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"
    return moment.isoformat()


def parse_original_key(key: str) -> date | datetime:
    """The moment that `original_key` made the text from (an instant comes back in UTC)."""
    return datetime.fromisoformat(key) if "T" in key else date.fromisoformat(key)


class Span(Struct, frozen=True):
    """A half-open stretch of time `[start, end)` in seconds since the epoch."""

    start: int
    end: int

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share an instant; an empty span is at its start."""
        return self.start < max(other.end, other.start + 1) and other.start < max(self.end, self.start + 1)

    def join(self, other: "Span") -> "Span":
        """The smallest span that holds both."""
        return Span(min(self.start, other.start), max(self.end, other.end))


class Days(Struct, frozen=True):
    """The local days `[first, last)` in the IANA zone `zone`: what a view shows."""

    first: date
    last: date
    zone: str

    def __iter__(self) -> Iterator[date]:
        """Each day in order."""
        return (self.first + timedelta(days=n) for n in range(len(self)))

    def __len__(self) -> int:
        return max(0, (self.last - self.first).days)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day < self.last

    @property
    def instants(self) -> Span:
        """From the first local midnight to the last: the bounds for events with a time."""
        return Span(self._midnight(self.first), self._midnight(self.last))

    @property
    def dates(self) -> Span:
        """The same days as `epoch_of` counts dates: the bounds for all-day events."""
        return Span(epoch_of(self.first), epoch_of(self.last))

    def _midnight(self, day: date) -> int:
        return int(datetime(day.year, day.month, day.day, tzinfo=zone_of(self.zone)).timestamp())
