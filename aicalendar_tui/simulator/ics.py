"""Loads people's own .ics files: each file a calendar, each broken event a line in a list of problems."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar

from aicalendar_tui.i18n import _
from aicalendar_tui.simulator.errors import ApiError
from aicalendar_tui.simulator.events import receive_event, receive_exception
from aicalendar_tui.simulator.times import format_date_time, load_zone, read_epoch
from aicalendar_tui.simulator.world import CalendarState, Resource, User, World

COLORS = ("#7aa2f7", "#bb9af7", "#9ece6a", "#f7768e", "#e0af68", "#7dcfff")
LARGEST_FILE = 64 * 1024 * 1024
_BEGIN = re.compile(rb"(?:\A(?:\xef\xbb\xbf)?|[\r\n])[ \t]*BEGIN:VCALENDAR[ \t]*(?:[\r\n]|\Z)", re.IGNORECASE)
_NAME = re.compile(r"X-WR-CALNAME(?:;[^:]*)?:(.+)", re.IGNORECASE)
_VITAL = frozenset({"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "UID", "STATUS"})
"""Without these an event would be shown at a wrong time: it is left out instead."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that could not be loaded."""

    file: str
    line: int
    """Counted from 1."""
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(slots=True)
class Loaded:
    """What came of a file."""

    calendar_id: str
    events: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Block:
    """The lines of one VEVENT, and where it begins."""

    line: int
    lines: list[str]

    def find_line(self, name: str) -> int:
        """Where the property of that name stands."""
        for offset, text in enumerate(self.lines):
            if re.match(rf"{re.escape(name)}[;:]", text, re.IGNORECASE):
                return self.line + offset
        return self.line


class _BrokenEventError(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def is_calendar(content: bytes) -> bool:
    """Whether an iCalendar document begins anywhere in it: what stands before is passed over."""
    return _BEGIN.search(content) is not None


def load_file(world: World, user: User, path: Path, *, number: int = 0) -> Loaded:
    """Load a file as a new calendar of `user`; `number` chooses its colour."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise OSError(_("the file is larger than 64 MB"))
        content = path.read_bytes()
    except OSError as error:
        problem = Problem(str(path), 1, _("can't be read: {reason}").format(reason=error.strerror or error))
        return Loaded("", problems=[problem])
    return load_calendar(world, user, content, name=path.stem, file=str(path), number=number)


def load_calendar(
    world: World, user: User, content: bytes, *, name: str, file: str | None = None, number: int = 0
) -> Loaded:
    """Load an iCalendar document as a new calendar named by its X-WR-CALNAME, else `name`."""
    file = file or name
    lines = content.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    titles = [match[1].strip() for line in lines if (match := _NAME.match(line))]
    color = COLORS[number % len(COLORS)]
    calendar = world.add_calendar(
        user,
        titles[0] if titles else name,
        user.zone,
        entry={"selected": True, "backgroundColor": color, "foregroundColor": "#1d1d1d"},
    )
    loaded = Loaded(calendar.id)
    if not is_calendar(content):
        loaded.problems.append(Problem(file, 1, _("no iCalendar file: BEGIN:VCALENDAR is missing")))
        return loaded
    zones = "\n".join(text for block in _split(lines, "VTIMEZONE", loaded, file) for text in block.lines)
    _Loader(world, calendar, loaded, file, zones).load(list(_split(lines, "VEVENT", loaded, file)))
    return loaded


def _split(lines: list[str], kind: str, loaded: Loaded, file: str) -> Iterator[_Block]:
    """The components of one kind, with the numbers of their first lines."""
    begin, end = f"BEGIN:{kind}", f"END:{kind}"
    start: int | None = None
    for at, line in enumerate(lines):
        mark = line.strip().upper()
        if mark == begin:
            if start is not None:
                loaded.problems.append(Problem(file, start + 1, _("{kind} has no END").format(kind=kind)))
            start = at
        elif mark == end and start is not None:
            yield _Block(start + 1, [text for text in lines[start : at + 1] if text.strip()])
            start = None
    if start is not None:
        loaded.problems.append(Problem(file, start + 1, _("{kind} has no END").format(kind=kind)))


class _Loader:
    """Turns the events of one file into events of one calendar: series first, then their exceptions."""

    def __init__(self, world: World, calendar: CalendarState, loaded: Loaded, file: str, zones: str) -> None:
        self._world = world
        self._calendar = calendar
        self._loaded = loaded
        self._file = file
        self._zones = zones
        self._ids: dict[str, str] = {}
        """UID → id of the event that was made of it."""

    def load(self, blocks: list[_Block]) -> None:
        """Load all events; what fails becomes a problem."""
        overrides: list[tuple[_Block, icalendar.Event]] = []
        for block in blocks:
            with_event = self._guarded(block, lambda block=block: self._parse(block))
            if with_event is None:
                continue
            if with_event.get("RECURRENCE-ID") is not None:
                overrides.append((block, with_event))
            else:
                self._guarded(block, lambda block=block, event=with_event: self._add(block, event))
        for block, event in overrides:
            self._guarded(block, lambda block=block, event=event: self._add_override(block, event))

    def _guarded(self, block: _Block, work: Any) -> Any:
        try:
            return work()
        except _BrokenEventError as error:
            self._add_problem(error.line, str(error))
        except ApiError as error:
            self._add_problem(block.find_line("DTSTART"), error.message)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
            # icalendar raises any of these for text that is not what RFC 5545 promises
            self._add_problem(block.line, str(error) or type(error).__name__)
        return None

    def _add_problem(self, line: int, reason: str) -> None:
        reason = re.sub(r"\s+", " ", reason)[:200]
        message = _("event left out: {reason}").format(reason=reason)
        self._loaded.problems.append(Problem(self._file, line, message))

    def _parse(self, block: _Block) -> icalendar.Event:
        body = "\n".join(block.lines)
        text = f"BEGIN:VCALENDAR\n{self._zones}\n{body}\nEND:VCALENDAR\n".replace("\n\n", "\n")
        for offset, line in enumerate(block.lines):
            if not line.startswith((" ", "\t")) and re.match(r"[A-Za-z0-9-]+[;:]", line) is None:
                raise _BrokenEventError(block.line + offset, _("no property: {text}").format(text=line.strip()[:60]))
        parsed = icalendar.Calendar.from_ical(text)
        found = parsed.walk("VEVENT")
        if not found or not isinstance(found[0], icalendar.Event):
            raise _BrokenEventError(block.line, _("no event"))
        event = found[0]
        for name, reason in event.errors:
            if name is not None and name.upper() in _VITAL:
                raise _BrokenEventError(block.find_line(name), f"{name.upper()}: {reason}")
        return event

    def _add(self, block: _Block, event: icalendar.Event) -> None:
        uid = str(event.get("UID", "")) or None
        body = self._read_body(block, event)
        body |= self._read_recurrence(block, body)
        if body.get("status") == "cancelled":
            return
        received = receive_event(
            self._world,
            self._calendar,
            body,
            event_id=self._ids.get(uid) if uid else None,
            uid=uid,
            organizer=_read_organizer(event),
        )
        if uid:
            self._ids[uid] = received["id"]
        self._loaded.events += 1

    def _add_override(self, block: _Block, event: icalendar.Event) -> None:
        uid = str(event.get("UID", ""))
        master_id = self._ids.get(uid)
        original = _read_dt(event, "RECURRENCE-ID")
        body = self._read_body(block, event)
        if master_id is not None:
            key = self._read_time(original)
            # An all-day key of a timed series (or the reverse) is matched by its day, as exporters mix them up.
            received = receive_exception(
                self._world, self._calendar, master_id, read_epoch(key, self._calendar.zone), body
            )
            if received is not None:
                self._loaded.events += 1
                return
        if body.get("status") != "cancelled":
            receive_event(self._world, self._calendar, body, organizer=_read_organizer(event))
            self._loaded.events += 1

    def _read_time(self, value: Any) -> Resource:
        """A property's value as an event time; floating times are meant in the calendar's zone."""
        if not isinstance(value, datetime):
            return {"date": value.isoformat()}
        zone = self._calendar.zone
        if value.tzinfo is None:
            value = value.replace(tzinfo=load_zone(zone))
        elif value.tzinfo is UTC or str(value.tzinfo) == "UTC":
            zone = "UTC"
        else:
            zone = self._name_zone(value) or zone
        return {"dateTime": format_date_time(value), "timeZone": zone}

    def _name_zone(self, value: datetime) -> str | None:
        """The IANA name of a time's zone; None for one that only the file itself defines."""
        name = getattr(value.tzinfo, "key", None) or getattr(value.tzinfo, "zone", None)
        if not isinstance(name, str):
            return None
        try:
            load_zone(name)
        except ApiError:
            return None
        return name

    def _read_body(self, block: _Block, event: icalendar.Event) -> Resource:
        start = _read_dt(event, "DTSTART")
        if not isinstance(start, date):
            raise _BrokenEventError(block.line, _("DTSTART is missing"))
        end = self._find_end(event, start)
        if type(end) is not type(start):
            raise _BrokenEventError(block.find_line("DTEND"), _("DTSTART and DTEND are of different kinds"))
        if not isinstance(start, datetime) and end <= start:
            end = start + timedelta(days=1)
        body: Resource = {"start": self._read_time(start), "end": self._read_time(end)}
        if isinstance(start, datetime) and read_epoch(body["end"], "UTC") < read_epoch(body["start"], "UTC"):
            raise _BrokenEventError(block.find_line("DTEND"), _("the end is before the start"))
        for source, target in (("SUMMARY", "summary"), ("DESCRIPTION", "description"), ("LOCATION", "location")):
            text = event.get(source)
            if text is not None:
                body[target] = str(text[0] if isinstance(text, list) else text)
        status = str(event.get("STATUS", "")).lower()
        if status in ("tentative", "cancelled"):
            body["status"] = status
        if str(event.get("TRANSP", "")).upper() == "TRANSPARENT":
            body["transparency"] = "transparent"
        if str(event.get("CLASS", "")).upper() in ("PRIVATE", "CONFIDENTIAL"):
            body["visibility"] = str(event["CLASS"]).lower()
        attendees = list(_read_attendees(event))
        if attendees:
            body["attendees"] = attendees
        url = str(event.get("URL", ""))
        if url.startswith(("http://", "https://")):
            body["source"] = {"url": url, "title": body.get("summary", url)}
        return body

    @staticmethod
    def _find_end(event: icalendar.Event, start: date | datetime) -> date | datetime:
        end, duration = _read_dt(event, "DTEND"), _read_dt(event, "DURATION")
        if isinstance(end, date):
            return end
        if isinstance(duration, timedelta):
            return start + duration
        return start if isinstance(start, datetime) else start + timedelta(days=1)

    def _read_recurrence(self, block: _Block, body: Resource) -> Resource:
        """The recurrence lines as they stand in the file, unfolded, with zones that everybody knows."""
        unfolded: list[str] = []
        for text in block.lines:
            if text.startswith((" ", "\t")) and unfolded:
                unfolded[-1] += text[1:]
            else:
                unfolded.append(text)
        recurrence = []
        for text in unfolded:
            name = re.split(r"[;:]", text, maxsplit=1)[0].upper()
            if name not in ("RRULE", "EXRULE", "RDATE", "EXDATE"):
                continue
            recurrence.append(self._settle_zone(text.strip()))
        return {"recurrence": recurrence} if recurrence else {}

    def _settle_zone(self, line: str) -> str:
        """Drop a TZID that is no IANA name: the times are then read in the event's own zone."""
        named = re.search(r';TZID="?([^;:"]+)"?', line, re.IGNORECASE)
        if named is None:
            return line
        try:
            load_zone(named[1])
        except ApiError:
            return line.replace(named[0], "")
        return line


def _read_dt(event: icalendar.Event, name: str) -> Any:
    """The date, date-time or duration of a property; None when it is missing, or given twice."""
    return getattr(event.get(name), "dt", None)


def _read_address(value: Any) -> str | None:
    text = str(value)
    address = text[7:] if text.lower().startswith("mailto:") else text
    return address if re.match(r"[^@\s<>\"]+@[^@\s<>\"]+\Z", address) else None


def _read_organizer(event: icalendar.Event) -> Resource | None:
    organizer = event.get("ORGANIZER")
    if organizer is None or isinstance(organizer, list):
        return None
    address = _read_address(organizer)
    if address is None:
        return None
    name = str(organizer.params.get("CN", ""))
    return {"email": address} | ({"displayName": name} if name else {})


def _read_attendees(event: icalendar.Event) -> Iterator[Resource]:
    given = event.get("ATTENDEE", [])
    answers = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
    for one in given if isinstance(given, list) else [given]:
        address = _read_address(one)
        if address is None:
            continue
        status = str(one.params.get("PARTSTAT", "")).upper()
        guest: Resource = {"email": address, "responseStatus": answers.get(status, "needsAction")}
        name = str(one.params.get("CN", ""))
        if name and name != address:
            guest["displayName"] = name
        yield guest
