"""A small reader of English sentences for quick add: day words, clock times, a place after "at"."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from aicalendar_tui.simulator.times import format_date_time, load_zone

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = re.compile(r"\b(?:on\s+|next\s+)?(" + "|".join(_DAYS) + r")\b", re.IGNORECASE)
_DATE = re.compile(r"\b(?:on\s+)?(\d{4}-\d{2}-\d{2})\b", re.IGNORECASE)
_RELATIVE = re.compile(r"\b(today|tomorrow)\b", re.IGNORECASE)
_CLOCK = r"(\d{1,2})(?::(\d{2}))?\s*(am|pm)?"
_RANGE = re.compile(rf"\b(?:at\s+|from\s+)?{_CLOCK}\s*(?:-|–|to)\s*{_CLOCK}(?!\w)", re.IGNORECASE)
_TIME = re.compile(r"\b(?:at\s+)(\d{1,2})(?::(\d{2}))?\s*(am|pm)?(?!\w)", re.IGNORECASE)
_BARE_TIME = re.compile(r"\b(\d{1,2})(?::(\d{2})\s*(am|pm)?|()\s*(am|pm))(?!\w)", re.IGNORECASE)


def _minutes(hour: str, minute: str | None, half: str | None) -> int | None:
    hours, minutes = int(hour), int(minute or 0)
    if half and 1 <= hours <= 12:
        hours = hours % 12 + (12 if half.lower() == "pm" else 0)
    if hours > 23 or minutes > 59:
        return None
    return hours * 60 + minutes


def read_sentence(text: str, *, now: datetime, zone_name: str) -> dict[str, Any]:
    """The body of the event that a sentence speaks of; all day without a clock time, an hour long without an end."""
    zone = load_zone(zone_name)
    today = now.astimezone(zone).date()
    day, text = _take_day(text.strip(), today)
    span, text = _take_times(text)
    summary = re.sub(r"\s+", " ", text).strip(" ,") or "(No title)"
    if span is None:
        day = day or today
        return {
            "summary": summary,
            "start": {"date": day.isoformat()},
            "end": {"date": (day + timedelta(days=1)).isoformat()},
        }
    start_minutes, end_minutes = span
    if day is None:
        passed = start_minutes <= now.astimezone(zone).hour * 60 + now.astimezone(zone).minute
        day = today + timedelta(days=1) if passed else today
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    times = [midnight + timedelta(minutes=value) for value in (start_minutes, end_minutes)]
    return {
        "summary": summary,
        "start": {"dateTime": format_date_time(times[0]), "timeZone": zone_name},
        "end": {"dateTime": format_date_time(times[1]), "timeZone": zone_name},
    }


def _take_day(text: str, today: date) -> tuple[date | None, str]:
    if match := _DATE.search(text):
        try:
            return date.fromisoformat(match[1]), text[: match.start()] + text[match.end() :]
        except ValueError:
            return None, text
    if match := _RELATIVE.search(text):
        day = today + timedelta(days=1) if match[1].lower() == "tomorrow" else today
        return day, text[: match.start()] + text[match.end() :]
    if match := _WEEKDAY.search(text):
        ahead = (_DAYS.index(match[1].lower()) - today.weekday()) % 7 or 7
        return today + timedelta(days=ahead), text[: match.start()] + text[match.end() :]
    return None, text


def _take_times(text: str) -> tuple[tuple[int, int] | None, str]:
    if match := _RANGE.search(text):
        first = _minutes(match[1], match[2], match[3] or match[6])
        last = _minutes(match[4], match[5], match[6])
        if first is not None and last is not None:
            if last <= first:
                last += 24 * 60
            return (first, last), text[: match.start()] + text[match.end() :]
    if match := _TIME.search(text):
        first = _minutes(match[1], match[2], match[3])
        if first is not None:
            return (first, first + 60), text[: match.start()] + text[match.end() :]
    if match := _BARE_TIME.search(text):
        first = _minutes(match[1], match[2], match[3] or match[5])
        if first is not None:
            return (first, first + 60), text[: match.start()] + text[match.end() :]
    return None, text
