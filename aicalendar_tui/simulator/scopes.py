"""Which scope opens which operation, as Google's discovery document says."""

from __future__ import annotations

import re

_PREFIX = "https://www.googleapis.com/auth/"
_READ_EVENTS = (
    "calendar calendar.app.created calendar.events calendar.events.freebusy calendar.events.owned "
    "calendar.events.owned.readonly calendar.events.public.readonly calendar.events.readonly calendar.readonly"
)
_WRITE_EVENTS = "calendar calendar.app.created calendar.events calendar.events.owned"
_LIST = "calendar calendar.calendarlist calendar.calendarlist.readonly calendar.readonly"

_TABLE = [
    (re.compile(f"(?:{method}) {path}\\Z"), {f"{_PREFIX}{scope}" for scope in scopes.split()})
    for method, path, scopes in (
        ("POST", r"channels/stop", f"{_READ_EVENTS} {_LIST} calendar.acls calendar.acls.readonly "
            "calendar.settings calendar.settings.readonly"),
        ("POST", r"freeBusy", "calendar.events.freebusy calendar.freebusy calendar.readonly calendar"),
        ("GET", r"colors", f"{_LIST} calendar.app.created calendar.events.freebusy calendar.events.owned "
            "calendar.events.owned.readonly calendar.events.public.readonly"),
        ("GET|POST", r"users/me/settings.*",
            "calendar calendar.readonly calendar.settings calendar.settings.readonly"),
        ("GET", r"users/me/calendarList", _LIST),
        ("POST", r"users/me/calendarList/watch", _LIST),
        ("GET", r"users/me/calendarList/[^/]+", f"{_LIST} calendar.app.created"),
        ("POST", r"users/me/calendarList", "calendar calendar.calendarlist"),
        ("PATCH|PUT|DELETE", r"users/me/calendarList/[^/]+",
            "calendar calendar.app.created calendar.calendarlist"),
        ("GET", r"calendars/[^/]+/events(?:/[^/]+(?:/instances)?)?", _READ_EVENTS),
        ("POST", r"calendars/[^/]+/events/watch", _READ_EVENTS),
        ("POST", r"calendars/[^/]+/events/[^/]+/move", "calendar calendar.events calendar.events.owned"),
        ("POST|PATCH|PUT|DELETE", r"calendars/[^/]+/events(?:/[^/]+)?", _WRITE_EVENTS),
        ("GET", r"calendars/[^/]+/acl", "calendar calendar.acls calendar.acls.readonly"),
        ("POST", r"calendars/[^/]+/acl/watch", "calendar calendar.acls calendar.acls.readonly"),
        ("GET", r"calendars/[^/]+/acl/[^/]+",
            "calendar calendar.acls calendar.acls.readonly calendar.readonly"),
        ("POST|PATCH|PUT|DELETE", r"calendars/[^/]+/acl(?:/[^/]+)?", "calendar calendar.acls"),
        ("GET", r"calendars/[^/]+", "calendar calendar.app.created calendar.calendars "
            "calendar.calendars.readonly calendar.readonly"),
        ("POST", r"calendars/[^/]+/clear", "calendar calendar.calendars"),
        ("POST|PATCH|PUT|DELETE", r"calendars(?:/[^/]+)?", "calendar calendar.app.created calendar.calendars"),
    )
]  # fmt: skip


def permits(granted: str, method: str, path: str) -> bool:
    """Whether one of the granted scopes (separated by spaces) opens the operation; `path` is below the API's base."""
    for pattern, scopes in _TABLE:
        if pattern.match(f"{method} {path}"):
            return not scopes.isdisjoint(granted.split())
    return True  # no such operation: it is answered with 404
