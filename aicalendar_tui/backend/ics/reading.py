"""Reads .ics files, broken ones too: what is good is kept, what is not is named with its line."""

import re
from base64 import b32hexencode
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from itertools import takewhile
from pathlib import Path
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Event as Component
from icalendar import Timezone, vBroken
from msgspec import Struct

from aicalendar_tui.backend.domain.event import Resource
from aicalendar_tui.backend.domain.times import epoch_of, format_moment, original_key, zone_of
from aicalendar_tui.backend.ics.zones import Zones, find_name
from aicalendar_tui.i18n import _

LARGEST_BYTES = 64 * 1024 * 1024
MOST_REMINDERS, LONGEST_REMINDER_MINUTES = 5, 40_320
"""Google's own limits."""
VITAL = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
"""With one of these unreadable an event would stand at a wrong time: it is left out instead."""
ANSWERS = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative"}
VISIBILITIES = {"PUBLIC": "public", "PRIVATE": "private", "CONFIDENTIAL": "private"}

_PROPERTY = re.compile(r"([A-Za-z0-9-]+)[;:]")
_ZONE_PARAMETER = re.compile(r"^((?:DTSTART|DTEND|RECURRENCE-ID|EXDATE|RDATE)\b[^:\r\n]*);TZID=", re.I | re.M)
OUR_ZONE_PARAMETER = "X-TZID"
"""What TZID is called while icalendar parses an event, so that it leaves zones to us: it guesses, and warns."""


class IcsProblem(Struct, frozen=True):
    """Something in the file that could not be taken over; lines count from 1."""

    line: int
    message: str


class IcsFile(Struct, frozen=True, kw_only=True):
    """What a file holds.

    Each event has an id made from its UID, so that importing a file twice inserts nothing twice. A changed instance
    names its series in `recurringEventId` and its place in `originalStartTime`; a cancelled one is an EXDATE of the
    series. Cancelled events are left out.
    """

    events: list[Resource]
    problems: list[IcsProblem]
    name: str = ""


class _Block(Struct, frozen=True):
    """The raw lines of one component and the number of the first."""

    line: int
    lines: list[str]

    @property
    def text(self) -> str:
        return "\r\n".join(self.lines) + "\r\n"

    def line_of(self, name: str | None) -> int:
        """Where that property is; with None where the first line is that is no property. Else where it all begins."""
        for offset, text in enumerate(self.lines):
            match = _PROPERTY.match(text)
            found = match[1].upper() if match else None
            if found == name and not text.startswith((" ", "\t")):
                return self.line + offset
        return self.line


class _Unreadable(Exception):
    """The event can't be taken over; `name` is the property to blame."""

    def __init__(self, name: str | None, message: str) -> None:
        super().__init__(message)
        self.name = name


def read_ics(path: Path, *, zone: str = "UTC") -> IcsFile:
    """The events of a file; times without a zone are read in the file's X-WR-TIMEZONE, else in `zone`.

    Never raises for what is in the file. Raises OSError when it can't be opened.
    """
    if path.stat().st_size > LARGEST_BYTES:
        return IcsFile(events=[], problems=[IcsProblem(1, _("the file is larger than 64 MB"))])
    return parse_ics(path.read_bytes(), zone=zone)


def parse_ics(content: bytes, *, zone: str = "UTC") -> IcsFile:
    """`read_ics` of what has been read already."""
    lines = re.split("\r\n|\r|\n", content.decode("utf-8-sig", "replace"))
    reader = _Reader(lines, zone)
    if not any(line.strip().upper() == "BEGIN:VCALENDAR" for line in lines):
        reader.problems.append(IcsProblem(1, _("this is no iCalendar file: BEGIN:VCALENDAR is missing")))
    else:
        reader.read_events()
    return IcsFile(
        events=reader.gather(), problems=sorted(reader.problems, key=lambda problem: problem.line), name=reader.name
    )


class _Reader:
    def __init__(self, lines: list[str], zone: str) -> None:
        self.problems: list[IcsProblem] = []
        self._lines = lines
        self.name = _header(lines, "X-WR-CALNAME")
        self._zone = find_name(_header(lines, "X-WR-TIMEZONE")) or zone
        self._zones = Zones({str(found.get("TZID")): found for found in self._timezones()})
        self._singles: dict[str, Resource] = {}
        self._instances: list[tuple[str, date | datetime, Resource]] = []

    def read_events(self) -> None:
        """Fills the two collections from the VEVENTs."""
        for block in self._split("VEVENT"):
            try:
                self._read_event(block)
            except _Unreadable as error:
                self.problems.append(IcsProblem(block.line_of(error.name), str(error)))

    def gather(self) -> list[Resource]:
        """Series with their exceptions; an instance whose series is not in the file stands alone."""
        events = [resource for resource in self._singles.values() if resource.get("status") != "cancelled"]
        for uid, original, resource in self._instances:
            master = self._singles.get(uid)
            cancelled = resource.get("status") == "cancelled"
            if (
                master
                and master.get("recurrence")
                and isinstance(original, datetime) == ("dateTime" in master["start"])
            ):
                zone = master["start"].get("timeZone")
                if cancelled:
                    master["recurrence"].append(_format_dates("EXDATE", [original], zone))
                else:
                    resource["recurringEventId"] = master["id"]
                    resource["originalStartTime"] = format_moment(original, zone)
            if not cancelled and (master is None or master.get("status") != "cancelled"):
                events.append(resource)
        return events

    def _timezones(self) -> Iterator[Timezone]:
        for block in self._split("VTIMEZONE"):
            try:
                component = Timezone.from_ical(block.text)
            except (ValueError, IndexError, KeyError) as error:
                self.problems.append(IcsProblem(block.line, _("unreadable time zone: {why}").format(why=error)))
                continue
            if isinstance(component, Timezone):
                yield component

    def _split(self, kind: str) -> Iterator[_Block]:
        """The components of one kind; one that never ends is a problem, and does not swallow the next."""
        start: int | None = None
        for at, line in enumerate([*self._lines, f"BEGIN:{kind}"]):
            mark = line.strip().upper()
            if mark == f"BEGIN:{kind}":
                if start is not None:
                    self.problems.append(IcsProblem(start + 1, _("END:{kind} is missing").format(kind=kind)))
                start = at
            elif mark == f"END:{kind}" and start is not None:
                yield _Block(start + 1, self._lines[start : at + 1])
                start = None

    def _read_event(self, block: _Block) -> None:
        try:
            component = Component.from_ical(_ZONE_PARAMETER.sub(rf"\1;{OUR_ZONE_PARAMETER}=", block.text))
        except (ValueError, IndexError, KeyError, TypeError) as error:
            raise _Unreadable("BEGIN", _("unreadable event: {why}").format(why=error)) from error
        if not isinstance(component, Component):
            raise _Unreadable("BEGIN", _("unreadable event"))
        for name, why in component.errors:
            if name in VITAL:
                raise _Unreadable(name, f"{name}: {why}")
            self.problems.append(IcsProblem(block.line_of(name), f"{name}: {why}" if name else str(why)))
        uid = _text(component, "UID") or sha256(block.text.encode()).hexdigest()
        resource = self._build(component, uid)
        if "RECURRENCE-ID" in component:
            original = self._moment(component, "RECURRENCE-ID")[0]
            resource["id"] = _make_id(uid, original_key(original))
            self._instances.append((uid, original, resource))
            return
        self._singles[uid] = resource

    def _build(self, component: Component, uid: str) -> Resource:
        start, start_zone = self._moment(component, "DTSTART")
        end, end_zone = self._end(component, start, start_zone)
        resource: Resource = {
            "id": _make_id(uid),
            "iCalUID": uid,
            "status": _text(component, "STATUS").lower() or "confirmed",
            "start": format_moment(start, start_zone),
            "end": format_moment(end, end_zone),
        }
        if resource["status"] not in ("confirmed", "tentative", "cancelled"):
            resource["status"] = "confirmed"
        for theirs, ours in (("SUMMARY", "summary"), ("LOCATION", "location"), ("DESCRIPTION", "description")):
            if text := _text(component, theirs):
                resource[ours] = text
        if recurrence := self._recurrence(component, start, start_zone):
            resource["recurrence"] = recurrence
        if _text(component, "TRANSP").upper() == "TRANSPARENT":
            resource["transparency"] = "transparent"
        if visibility := VISIBILITIES.get(_text(component, "CLASS").upper()):
            resource["visibility"] = visibility
        resource |= _people(component) | _links(component) | _reminders(component, epoch_of(end) - epoch_of(start))
        return resource

    def _moment(self, component: Component, name: str) -> tuple[date | datetime, str | None]:
        """The value as a date, or as an aware datetime with the IANA zone that it is meant in."""
        value = component.get(name)
        if isinstance(value, list):
            value = value[0]
        if value is None:
            raise _Unreadable("BEGIN", _("{name} is missing").format(name=name))
        if isinstance(value, vBroken) or not isinstance(value.dt, date):
            raise _Unreadable(name, _("{name} is no date or time").format(name=name))
        return self._place(value.dt, _tzid(value), name)

    def _place(self, moment: Any, tzid: str | None, name: str) -> tuple[date | datetime, str | None]:
        if not isinstance(moment, datetime):
            return moment, None
        wall_clock = moment.replace(tzinfo=None)
        if not tzid:
            zone = "UTC" if moment.tzinfo else self._zone
            return wall_clock.replace(tzinfo=zone_of(zone)), zone
        zone, rules = self._zones.find(tzid)
        if rules is None:
            raise _Unreadable(name, _("{name}: unknown time zone {zone}").format(name=name, zone=tzid))
        placed = wall_clock.replace(tzinfo=rules)
        # A zone that is like no other has no name that Google knows: the instant is what can be kept.
        return (placed, zone) if zone else (placed.astimezone(UTC), "UTC")

    def _end(
        self, component: Component, start: date | datetime, start_zone: str | None
    ) -> tuple[date | datetime, str | None]:
        timed = isinstance(start, datetime)
        if "DTEND" in component:
            end, zone = self._moment(component, "DTEND")
            if isinstance(end, datetime) != timed:
                raise _Unreadable("DTEND", _("start and end are not both times or both days"))
            if end < start:
                raise _Unreadable("DTEND", _("the end is before the start"))
            if not timed and end == start:
                end += timedelta(days=1)
            return end, zone
        length = getattr(component.get("DURATION"), "dt", None)
        if not isinstance(length, timedelta):
            return (start, start_zone) if timed else (start + timedelta(days=1), None)
        if length < timedelta():
            raise _Unreadable("DURATION", _("the end is before the start"))
        if not isinstance(start, datetime):
            return start + max(timedelta(days=1), timedelta(days=length.days)), None
        # RFC 5545 §3.3.6: days keep the clock, the rest is elapsed time.
        end = (start + timedelta(days=length.days)).astimezone(UTC) + timedelta(seconds=length.seconds)
        return end.astimezone(start.tzinfo), start_zone

    def _recurrence(self, component: Component, start: date | datetime, zone: str | None) -> list[str]:
        lines = []
        for name in ("RRULE", "EXRULE"):
            for value in _values(component, name):
                lines.append(f"{name}:{self._rule(name, value, start)}")
        for name in ("RDATE", "EXDATE"):
            moments = []
            for value in _values(component, name):
                if isinstance(value, vBroken):
                    raise _Unreadable(name, _("{name} is no date or time").format(name=name))
                for each in value.dts:
                    moment = each.dt[0] if isinstance(each.dt, tuple) else each.dt
                    placed, _zone = self._place(moment, _tzid(value), name)
                    moments.append(_like(placed, start))
            if moments:
                lines.append(_format_dates(name, moments, zone))
        return lines

    def _rule(self, name: str, value: Any, start: date | datetime) -> str:
        """The rule with UNTIL as Google wants it: a day for days, UTC for times."""
        if isinstance(value, vBroken):
            raise _Unreadable(name, _("{name} can't be read").format(name=name))
        parts = dict(part.partition("=")[::2] for part in value.to_ical().decode().split(";"))
        if until := parts.get("UNTIL"):
            parts["UNTIL"] = _format_until(until, start)
        text = ";".join(f"{key}={part}" for key, part in parts.items())
        try:
            rrulestr(text, dtstart=start if isinstance(start, datetime) else datetime.combine(start, time()))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise _Unreadable(name, _("{name} can't be read").format(name=name)) from error
        return text


def _header(lines: list[str], name: str) -> str:
    """A text property of the whole calendar, unfolded and unescaped; '' without one."""
    for at, line in enumerate(lines):
        if match := re.match(rf"{name}(?:;[^:]*)?:(.*)", line, re.IGNORECASE):
            folded = takewhile(lambda text: text.startswith((" ", "\t")), lines[at + 1 :])
            text = match[1] + "".join(each[1:] for each in folded)
            return re.sub(r"\\([\\,;])", r"\1", text).strip()
    return ""


def _make_id(*names: str) -> str:
    """The same id for the same event each time, in the alphabet of Google's ids."""
    return b32hexencode(sha256("\n".join(names).encode()).digest()[:20]).decode().lower()


def _values(component: Any, name: str) -> list[Any]:
    value = component.get(name, [])
    return value if isinstance(value, list) else [value]


def _text(component: Any, name: str) -> str:
    """The first value of a text property, without the control characters that nobody means."""
    values = [value for value in _values(component, name) if not isinstance(value, vBroken)]
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", str(values[0]).replace("\r\n", "\n")) if values else ""


def _tzid(value: Any) -> str | None:
    """The zone that a property names; a folded line may have kept the standard parameter."""
    return value.params.get(OUR_ZONE_PARAMETER) or value.params.get("TZID")


def _like(moment: date | datetime, start: date | datetime) -> date | datetime:
    """A day on a series of times means the time of that day; a time on a series of days means its day."""
    if isinstance(start, datetime) and not isinstance(moment, datetime):
        return datetime.combine(moment, start.time(), start.tzinfo)
    if isinstance(moment, datetime) and not isinstance(start, datetime):
        return moment.date()
    return moment


def _format_dates(name: str, moments: list[date | datetime], zone: str | None) -> str:
    if not isinstance(moments[0], datetime):
        return f"{name};VALUE=DATE:" + ",".join(moment.strftime("%Y%m%d") for moment in moments)
    stamps = [
        moment.astimezone(zone_of(zone)).strftime("%Y%m%dT%H%M%S")
        for moment in moments
        if isinstance(moment, datetime)
    ]
    if not zone or zone == "UTC":
        return f"{name}:" + ",".join(f"{stamp}Z" for stamp in stamps)
    return f"{name};TZID={zone}:" + ",".join(stamps)


def _format_until(until: str, start: date | datetime) -> str:
    if not isinstance(start, datetime):
        return until[:8]
    if until.endswith("Z"):
        return until
    day = datetime.strptime(until[:8], "%Y%m%d").date()  # noqa: DTZ007 - a date has no zone
    clock = time.fromisoformat(until[9:15]) if "T" in until else time(23, 59, 59)
    return datetime.combine(day, clock, start.tzinfo).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _people(component: Component) -> Resource:
    guests = []
    for value in _values(component, "ATTENDEE"):
        email = _email(value)
        if not email:
            continue
        guest: Resource = {"email": email}
        if name := value.params.get("CN"):
            guest["displayName"] = str(name)
        guest["responseStatus"] = ANSWERS.get(str(value.params.get("PARTSTAT", "")).upper(), "needsAction")
        if str(value.params.get("ROLE", "")).upper() == "OPT-PARTICIPANT":
            guest["optional"] = True
        if str(value.params.get("CUTYPE", "")).upper() in ("RESOURCE", "ROOM"):
            guest["resource"] = True
        guests.append(guest)
    people: Resource = {"attendees": guests} if guests else {}
    for value in _values(component, "ORGANIZER"):
        if email := _email(value):
            people["organizer"] = {"email": email}
            if name := value.params.get("CN"):
                people["organizer"]["displayName"] = str(name)
    return people


def _email(value: Any) -> str:
    text = "" if isinstance(value, vBroken) else str(value)
    return text[7:].strip() if text.lower().startswith("mailto:") else ""


def _links(component: Component) -> Resource:
    links: Resource = {}
    url = _text(component, "URL")
    if url.startswith(("https://", "http://")):
        links["source"] = {"url": url, "title": _text(component, "SUMMARY") or url}
    call = _text(component, "CONFERENCE") or _text(component, "X-GOOGLE-CONFERENCE")
    if call.startswith("https://"):
        links["conferenceData"] = {
            "conferenceSolution": {"key": {"type": "addOn"}, "name": call.split("/")[2]},
            "entryPoints": [{"entryPointType": "video", "uri": call}],
        }
    return links


def _reminders(component: Component, length_seconds: int) -> Resource:
    """Alarms before the start, as far as Google can have them; none at all means the calendar's own."""
    overrides: list[Resource] = []
    for alarm in component.walk("VALARM"):
        trigger = alarm.get("TRIGGER")
        if trigger is None or isinstance(trigger, vBroken) or not isinstance(trigger.dt, timedelta):
            continue
        before = -trigger.dt
        if str(trigger.params.get("RELATED", "")).upper() == "END":
            before -= timedelta(seconds=length_seconds)
        minutes = int(before.total_seconds() // 60)
        reminder = {"method": "email" if _text(alarm, "ACTION").upper() == "EMAIL" else "popup", "minutes": minutes}
        if 0 <= minutes <= LONGEST_REMINDER_MINUTES and reminder not in overrides:
            overrides.append(reminder)
    return {"reminders": {"useDefault": False, "overrides": overrides[:MOST_REMINDERS]}} if overrides else {}
