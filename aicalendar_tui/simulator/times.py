"""Event times as Google writes them: dates, RFC 3339 date-times, IANA zones."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aicalendar_tui.simulator.errors import invalid, required

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})?\Z")


@lru_cache(maxsize=256)
def load_zone(name: str) -> ZoneInfo:
    """The IANA zone of that name.

    Raises:
        ApiError: 400, there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise invalid("Invalid time zone definition.", parameter="timeZone") from error


def parse_date(text: Any, *, label: str) -> date:
    """A `YYYY-MM-DD` date.

    Raises:
        ApiError: 400, it is none.
    """
    if isinstance(text, str) and _DATE.match(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass  # a month 13 or the like: answered below
    raise invalid(f"Invalid value for: {label}.", parameter=label)


def parse_date_time(text: Any, *, label: str) -> datetime:
    """An RFC 3339 date-time, naive when it names no offset, to the second.

    Raises:
        ApiError: 400, it is none.
    """
    if isinstance(text, str) and _DATE_TIME.match(text):
        try:
            return datetime.fromisoformat(text.upper()).replace(microsecond=0)
        except ValueError:
            pass  # an hour 25 or the like: answered below
    raise invalid(f"Invalid value for: {label}.", parameter=label)


def parse_instant(text: str, *, label: str) -> float:
    """Seconds since the epoch of an RFC 3339 date-time, whose offset is mandatory.

    Raises:
        ApiError: 400, it is none.
    """
    moment = parse_date_time(text, label=label)
    if moment.tzinfo is None:
        raise invalid(f"Invalid value for: {label}. A time zone offset is required.", parameter=label)
    return to_epoch(moment, label=label)


def to_epoch(moment: datetime, *, label: str = "dateTime") -> float:
    """Seconds since the epoch of an aware date-time.

    Raises:
        ApiError: 400, it lies outside of the years 1 to 9999 in UTC.
    """
    try:
        return moment.timestamp()
    except (OverflowError, ValueError) as error:
        raise invalid(f"Invalid value for: {label}.", parameter=label) from error


def from_epoch(seconds: float, zone: tzinfo = UTC) -> datetime:
    """The aware date-time of so many seconds since the epoch, in `zone`."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).astimezone(zone)


def format_date_time(moment: datetime) -> str:
    """RFC 3339 to the second; UTC is written `Z`."""
    text = moment.replace(microsecond=0).isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


def format_updated(moment: datetime) -> str:
    """RFC 3339 in UTC to the millisecond, as `created` and `updated` are written."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def read_wall(value: dict[str, Any], zone_name: str) -> tuple[datetime, str]:
    """The wall-clock time of a normalised event time, naive, and the zone in which it is meant.

    A date is its midnight; `zone_name` is the calendar's zone, for times that name none.
    """
    if "date" in value:
        day = date.fromisoformat(value["date"])
        return datetime(day.year, day.month, day.day), zone_name  # noqa: DTZ001 - wall-clock on purpose
    name = value.get("timeZone", zone_name)
    moment = datetime.fromisoformat(value["dateTime"])
    return moment.astimezone(load_zone(name)).replace(tzinfo=None), name


def read_epoch(value: dict[str, Any], zone_name: str) -> float:
    """Seconds since the epoch of a normalised event time; a date is midnight in `zone_name`."""
    if "date" in value:
        day = date.fromisoformat(value["date"])
        return to_epoch(datetime(day.year, day.month, day.day, tzinfo=load_zone(zone_name)), label="date")
    return to_epoch(datetime.fromisoformat(value["dateTime"]))


def normalise_time(value: Any, zone_name: str, *, label: str) -> dict[str, Any]:
    """An event time as Google gives it back: in the calendar's zone, with the event's zone named.

    Raises:
        ApiError: 400, the value is no time, or is both a date and a date-time.
    """
    if not isinstance(value, dict):
        raise invalid(f"Invalid value for: {label}.", parameter=label)
    day, moment_text = value.get("date"), value.get("dateTime")
    if day is not None and moment_text is not None:
        raise invalid(f"Invalid {label} time: both date and dateTime are given.", parameter=label)
    if day is not None:
        return {"date": parse_date(day, label=f"{label}.date").isoformat()}
    if moment_text is None:
        raise required(f"Missing {label} time.", parameter=label)
    moment = parse_date_time(moment_text, label=f"{label}.dateTime")
    named = value.get("timeZone")
    if named is not None and not isinstance(named, str):
        raise invalid("Invalid time zone definition.", parameter="timeZone")
    if named is not None:
        load_zone(named)
    if moment.tzinfo is None:
        if named is None:
            raise required(f"Missing time zone definition for {label} time.", parameter=label)
        moment = moment.replace(tzinfo=load_zone(named))
    seconds = to_epoch(moment, label=f"{label}.dateTime")
    try:
        shown = from_epoch(seconds, load_zone(zone_name))
    except OverflowError as error:
        raise invalid(f"Invalid value for: {label}.dateTime.", parameter=label) from error
    return {"dateTime": format_date_time(shown), "timeZone": named or zone_name}


def format_time(seconds: float, *, all_day: bool, event_zone: str, calendar_zone: str) -> dict[str, Any]:
    """The event time of an instant, as `normalise_time` would give it."""
    if all_day:
        return {"date": from_epoch(seconds, load_zone(calendar_zone)).date().isoformat()}
    shown = from_epoch(seconds, load_zone(calendar_zone))
    return {"dateTime": format_date_time(shown), "timeZone": event_zone}


def reshow_times(event: dict[str, Any], zone_name: str) -> None:
    """Write all times of an event in another zone, in place."""
    for name in ("start", "end", "originalStartTime"):
        if name in event:
            event[name] = reshow_time(event[name], zone_name)


def reshow_time(value: dict[str, Any], zone_name: str) -> dict[str, Any]:
    """The same instant written in another zone (the `timeZone` parameter of lists and gets)."""
    if "dateTime" not in value:
        return value
    moment = datetime.fromisoformat(value["dateTime"]).astimezone(load_zone(zone_name))
    return {**value, "dateTime": format_date_time(moment)}
