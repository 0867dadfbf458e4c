"""Writes Google resources as an iCalendar document that other calendars read."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, vCalAddress, vRecur, vText, vUri
from icalendar import Event as Component

from aicalendar_tui.backend.domain.event import Event, Resource, is_cancelled, parse_event
from aicalendar_tui.backend.domain.recurrence import parse_dates
from aicalendar_tui.backend.domain.times import parse_moment, zone_of

PRODUCT = "-//aicalendar//aicalendar//EN"
ANSWERS = {"accepted": "ACCEPTED", "declined": "DECLINED", "tentative": "TENTATIVE", "needsAction": "NEEDS-ACTION"}
UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def write_ics(resources: Iterable[Resource], calendar_name: str) -> str:
    """The document with CRLF line ends; cancelled instances become EXDATEs, deleted events are left out."""
    calendar = Calendar()
    calendar.add("PRODID", PRODUCT)
    calendar.add("VERSION", "2.0")
    calendar.add("X-WR-CALNAME", vText(_clean(calendar_name)))
    alive, excluded = [], defaultdict(list)
    for resource in resources:
        if not is_cancelled(resource):
            alive.append(resource)
        elif resource.get("recurringEventId"):
            excluded[resource["recurringEventId"]].append(parse_moment(resource.get("originalStartTime")))
    uids = {resource["id"]: resource.get("iCalUID") or resource["id"] for resource in alive}
    for resource in alive:
        event = parse_event(resource)
        if event is not None:
            moments = [moment for moment in excluded[resource["id"]] if moment is not None]
            calendar.add_component(_build(resource, event, uids, moments))
    calendar.add_missing_timezones()
    return calendar.to_ical().decode()


def _build(resource: Resource, event: Event, uids: dict[str, str], excluded: list[date | datetime]) -> Component:
    component = Component()
    master_id = event.recurring_event_id
    component.add("UID", _clean(uids.get(master_id or "") or resource.get("iCalUID") or event.event_id))
    stamp = parse_moment({"dateTime": resource.get("updated") or resource.get("created")})
    component.add("DTSTAMP", stamp.astimezone(UTC) if isinstance(stamp, datetime) else UNKNOWN_TIME)
    component.add("DTSTART", _place(event.start, event.zone))
    component.add("DTEND", _place(event.end, (resource.get("end") or {}).get("timeZone")))
    for name, text in (
        ("SUMMARY", event.summary),
        ("LOCATION", event.location),
        ("DESCRIPTION", event.description),
    ):
        if text:
            component.add(name, _clean(text))
    component.add("STATUS", "TENTATIVE" if event.status == "tentative" else "CONFIRMED")
    component.add("TRANSP", event.transparency.upper())
    if event.visibility in ("public", "private", "confidential"):
        component.add("CLASS", event.visibility.upper())
    if master_id is not None:
        original = resource.get("originalStartTime") or {}
        moment = parse_moment(original)
        if moment is not None:
            component.add("RECURRENCE-ID", _place(moment, original.get("timeZone") or event.zone))
    else:
        _add_recurrence(component, event, excluded)
    _add_people(component, resource)
    _add_links(component, resource, event)
    for reminder in (resource.get("reminders") or {}).get("overrides") or ():
        component.add_component(_build_alarm(reminder, event))
    return component


def _place(moment: date | datetime, zone: str | None) -> date | datetime:
    """The moment in its own zone where that is one of the IANA's, in UTC otherwise."""
    if not isinstance(moment, datetime):
        return moment
    rules = zone_of(zone)
    return moment.astimezone(rules if isinstance(rules, ZoneInfo) and zone != "UTC" else UTC)


def _add_recurrence(component: Component, event: Event, excluded: list[date | datetime]) -> None:
    """Lines that can't be read are left out: the event is there once, then."""
    for line in event.recurrence:
        name, _separator, value = line.partition(":")
        kind = name.partition(";")[0].upper()
        try:
            if kind in ("RRULE", "EXRULE"):
                component.add(kind, vRecur.from_ical(value))
            elif kind in ("RDATE", "EXDATE"):
                moments = [_place(moment, event.zone) for moment in parse_dates(line, zone_of(event.zone))]
                _add_dates(component, kind, moments)
        except ValueError:
            continue
    if excluded:
        _add_dates(component, "EXDATE", [_place(moment, event.zone) for moment in excluded])


def _add_dates(component: Component, name: str, moments: list[date | datetime]) -> None:
    days = not isinstance(moments[0], datetime)
    component.add(name, moments, parameters={"VALUE": "DATE"} if days else {})


def _add_people(component: Component, resource: Resource) -> None:
    people: list[tuple[str, dict[str, Any]]] = [("ATTENDEE", guest) for guest in resource.get("attendees") or ()]
    organizer = resource.get("organizer") or {}
    if people:
        people.append(("ORGANIZER", organizer))
    for name, person in people:
        email = _clean(person.get("email") or "")
        if not email:
            continue
        address = vCalAddress(f"mailto:{email}")
        if text := person.get("displayName"):
            # RFC 5545 §3.2: quotes can't be escaped in a parameter.
            # A parameter has no way to hold a quote or a line end, and icalendar reads a backslash in one as an
            # escape that iCalendar does not have.
            address.params["CN"] = _clean(text).replace('"', "'").replace("\\", "/").replace("\n", " ")
        if name == "ATTENDEE":
            address.params["PARTSTAT"] = ANSWERS.get(person.get("responseStatus") or "", "NEEDS-ACTION")
            address.params["ROLE"] = "OPT-PARTICIPANT" if person.get("optional") else "REQ-PARTICIPANT"
            if person.get("resource"):
                address.params["CUTYPE"] = "RESOURCE"
        component.add(name, address, encode=False)


def _add_links(component: Component, resource: Resource, event: Event) -> None:
    if url := (resource.get("source") or {}).get("url"):
        component.add("URL", vUri(_clean(url)))
    if event.join_url:
        component.add("CONFERENCE", vUri(_clean(event.join_url)), parameters={"VALUE": "URI", "FEATURE": "VIDEO"})


def _build_alarm(reminder: Resource, event: Event) -> Alarm:
    alarm = Alarm()
    summary = _clean(event.summary) or "Reminder"
    alarm.add("TRIGGER", -timedelta(minutes=int(reminder.get("minutes") or 0)))
    alarm.add("ACTION", "EMAIL" if reminder.get("method") == "email" else "DISPLAY")
    alarm.add("DESCRIPTION", summary)
    if reminder.get("method") == "email":
        alarm.add("SUMMARY", summary)
    return alarm


def _clean(text: str) -> str:
    """Without control characters, which no iCalendar reader takes; lone surrogates can't be encoded either."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return text.encode("utf-8", "replace").decode()
