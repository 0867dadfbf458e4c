"""Which IANA zone a TZID means: that of its name, of Windows' name, or the one that behaves as its VTIMEZONE."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

SAMPLE_DAYS = range(0, 4 * 366, 10)
"""The days of 2024 to 2027 on which two zones are compared: often enough to see any change to summer time."""
LARGE_CITIES = (
    "Europe/London", "Europe/Berlin", "Europe/Moscow", "Europe/Kyiv", "Europe/Istanbul", "America/New_York",
    "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Dubai", "Asia/Kolkata",
    "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "Pacific/Auckland",
)  # fmt: skip
"""Of zones that behave alike, these are meant more often than others."""


class Zones:
    """The zones that one file names. `definitions` are its VTIMEZONE components by TZID."""

    def __init__(self, definitions: Mapping[str, Timezone]) -> None:
        self._definitions = definitions
        self._known: dict[str, tuple[str | None, tzinfo | None]] = {}

    def find(self, tzid: str) -> tuple[str | None, tzinfo | None]:
        """(IANA name, its rules) of a TZID; (None, rules) for a zone unlike any, (None, None) for an unknown one."""
        if tzid not in self._known:
            self._known[tzid] = self._find(tzid)
        return self._known[tzid]

    def _find(self, tzid: str) -> tuple[str | None, tzinfo | None]:
        definition = self._definitions.get(tzid)
        location = str(definition.get("X-LIC-LOCATION", "")) if definition is not None else ""
        for text in (tzid, location):
            if name := find_name(text):
                return name, ZoneInfo(name)
        if definition is None:
            return None, None
        try:
            rules = definition.to_tz(lookup_tzid=False)
            name = _find_alike(tuple(_offsets(rules)))
        except (ValueError, TypeError, AttributeError, KeyError, IndexError, OverflowError):
            # Definitions are as broken as people's programs make them: then the zone is unknown.
            return None, None
        return (name, ZoneInfo(name)) if name else (None, rules)


def find_name(text: str) -> str | None:
    """The IANA name that `text` is, ends in (`/mozilla.org/20070129_1/Europe/Berlin`) or is Windows' word for."""
    text = text.strip().strip('"')
    if text in available_timezones():
        return "UTC" if text in ("Etc/UTC", "Zulu", "UCT") else text
    if text in WINDOWS_TO_OLSON:
        return WINDOWS_TO_OLSON[text]
    parts = text.split("/")
    return next(
        (name for size in (3, 2) if (name := "/".join(parts[-size:])) in available_timezones() and "/" in name), None
    )


def _offsets(rules: tzinfo) -> list[timedelta | None]:
    first = datetime(2024, 1, 1, 12, tzinfo=UTC)
    return [(first + timedelta(days=day)).astimezone(rules).utcoffset() for day in SAMPLE_DAYS]


@cache
def _find_alike(offsets: tuple[timedelta | None, ...]) -> str | None:
    names = [*LARGE_CITIES, *sorted(name for name in available_timezones() if "/" in name)]
    return next((name for name in names if tuple(_offsets(ZoneInfo(name))) == offsets), None)
