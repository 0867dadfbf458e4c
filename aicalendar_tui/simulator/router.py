"""From a request to an answer without any network: the method table, authorization, faults, quota.

`handle(world, request)` is the whole API as a function. The HTTP server is a thin shell around it, and a test
that needs no HTTP calls it directly.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from aicalendar_tui.simulator import calendars, events, freebusy, listing
from aicalendar_tui.simulator.errors import (
    ApiError,
    auth_error,
    invalid,
    not_found,
    parse_error,
    scopes_missing,
)
from aicalendar_tui.simulator.fields import apply_mask, parse_fields
from aicalendar_tui.simulator.query import Query
from aicalendar_tui.simulator.schema import check_zone
from aicalendar_tui.simulator.scopes import permits
from aicalendar_tui.simulator.world import Resource, User, World

BASE = "/calendar/v3/"
PUBLIC_BASE = "https://www.googleapis.com/calendar/v3/"
"""How resource URIs of channels name the API."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An API request as it came over the wire; `path` begins with `/calendar/v3/`, still percent-encoded."""

    method: str
    path: str
    query: Query = field(default_factory=Query)
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back: an empty body, or JSON."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def read(self) -> Any:
        """The decoded body; None for an empty one."""
        return msgspec.json.decode(self.body) if self.body else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One authorized API call."""

    world: World
    user: User
    client_id: str
    path: dict[str, str]
    query: Query
    body: Resource
    if_match: str | None

    @property
    def calendar_id(self) -> str:
        """The calendar that the path names."""
        return self.path["calendarId"]

    @property
    def conference_version(self) -> int:
        """0, or 1 when the client understands conference data. Raises ApiError 400."""
        text = self.query.get("conferenceDataVersion") or "0"
        if text not in ("0", "1"):
            raise invalid(f"Invalid value for: {text} is not a valid value", parameter="conferenceDataVersion")
        return int(text)

    def check_send_updates(self) -> None:
        """Raises ApiError 400 for an unknown way to tell the guests; nobody is ever really written to."""
        self.query.get_choice("sendUpdates", ("all", "externalOnly", "none"))
        self.query.get_flag("sendNotifications")


Operation = Callable[[Call], Resource | None]


def _get_event(call: Call) -> Resource:
    event = events.get_event(call.world, call.user, call.calendar_id, call.path["eventId"])
    calendar = call.world.open_calendar(call.user, call.calendar_id)
    renderer = listing.Renderer(call.world, call.user, calendar, call.query, full_tombstones=True)
    return renderer.adapt(event)


def _insert_event(call: Call) -> Resource:
    call.check_send_updates()
    return events.insert_event(
        call.world, call.user, call.calendar_id, call.body, conference_version=call.conference_version
    )


def _import_event(call: Call) -> Resource:
    return events.import_event(
        call.world, call.user, call.calendar_id, call.body, conference_version=call.conference_version
    )


def _patch_event(call: Call) -> Resource:
    call.check_send_updates()
    return events.patch_event(
        call.world,
        call.user,
        call.calendar_id,
        call.path["eventId"],
        call.body,
        if_match=call.if_match,
        conference_version=call.conference_version,
    )


def _update_event(call: Call) -> Resource:
    call.check_send_updates()
    return events.update_event(
        call.world,
        call.user,
        call.calendar_id,
        call.path["eventId"],
        call.body,
        if_match=call.if_match,
        conference_version=call.conference_version,
    )


def _delete_event(call: Call) -> None:
    call.check_send_updates()
    events.delete_event(call.world, call.user, call.calendar_id, call.path["eventId"], if_match=call.if_match)


def _move_event(call: Call) -> Resource:
    call.check_send_updates()
    return events.move_event(
        call.world,
        call.user,
        call.calendar_id,
        call.path["eventId"],
        call.query.get("destination"),
        if_match=call.if_match,
    )


def _quick_add(call: Call) -> Resource:
    call.check_send_updates()
    return events.quick_add(call.world, call.user, call.calendar_id, call.query.get("text"))


def _watch(call: Call, resource: str, uri: str) -> Resource:
    channel = call.world.channels.open(
        user=call.user.email,
        client_id=call.client_id,
        resource=resource,
        resource_uri=PUBLIC_BASE + uri + "?alt=json",
        body=call.body,
    )
    answer: Resource = {
        "kind": "api#channel",
        "id": channel.id,
        "resourceId": channel.resource_id,
        "resourceUri": channel.resource_uri,
        "expiration": str(channel.expiration_ms),
    }
    if channel.token is not None:
        answer["token"] = channel.token
    return answer


def _watch_events(call: Call) -> Resource:
    calendar = call.world.open_calendar(call.user, call.calendar_id)
    listing.read_selection(call.query)
    if not calendar.watchable:
        raise ApiError(
            400, "pushNotSupportedForRequestedResource", "Push notifications are not supported by this resource."
        )
    escaped = calendar.id.replace("@", "%40").replace("#", "%23")
    return _watch(call, f"calendars/{calendar.id}/events", f"calendars/{escaped}/events")


def _watch_list(call: Call) -> Resource:
    return _watch(call, f"users/{call.user.email}/calendarList", "users/me/calendarList")


def _watch_settings(call: Call) -> Resource:
    return _watch(call, f"users/{call.user.email}/settings", "users/me/settings")


def _watch_rules(call: Call) -> Resource:
    calendar = call.world.open_calendar(call.user, call.calendar_id, "owner")
    return _watch(call, f"calendars/{calendar.id}/acl", f"calendars/{calendar.id}/acl")


def _stop_channel(call: Call) -> None:
    call.world.channels.stop(
        user=call.user.email,
        client_id=call.client_id,
        channel_id=call.body.get("id"),
        resource_id=call.body.get("resourceId"),
    )


def _free_busy(call: Call) -> Resource:
    if call.body.get("timeZone") is not None:
        check_zone(call.body["timeZone"])
    return freebusy.query_free_busy(call.world, call.user, call.body)


def _operations() -> list[tuple[str, str, Operation]]:
    entry, calendar, acl = "users/me/calendarList/{calendarId}", "calendars/{calendarId}", "acl/{ruleId}"
    event = f"{calendar}/events/{{eventId}}"
    return [
        ("GET", f"{calendar}/events", lambda c: listing.list_events(c.world, c.user, c.calendar_id, c.query)),
        ("POST", f"{calendar}/events", _insert_event),
        ("POST", f"{calendar}/events/import", _import_event),
        ("POST", f"{calendar}/events/quickAdd", _quick_add),
        ("POST", f"{calendar}/events/watch", _watch_events),
        ("GET", event, _get_event),
        ("PATCH", event, _patch_event),
        ("PUT", event, _update_event),
        ("DELETE", event, _delete_event),
        ("POST", f"{event}/move", _move_event),
        (
            "GET",
            f"{event}/instances",
            lambda c: listing.list_instances(c.world, c.user, c.calendar_id, c.path["eventId"], c.query),
        ),
        ("POST", "channels/stop", _stop_channel),
        ("POST", "freeBusy", _free_busy),
        ("GET", "users/me/calendarList", lambda c: calendars.list_entries(c.world, c.user, c.query)),
        (
            "POST",
            "users/me/calendarList",
            lambda c: calendars.insert_entry(c.world, c.user, c.body, c.query),
        ),
        ("POST", "users/me/calendarList/watch", _watch_list),
        ("GET", entry, lambda c: calendars.get_entry(c.world, c.user, c.calendar_id)),
        (
            "PATCH",
            entry,
            lambda c: calendars.patch_entry(c.world, c.user, c.calendar_id, c.body, c.query, if_match=c.if_match),
        ),
        (
            "PUT",
            entry,
            lambda c: calendars.update_entry(c.world, c.user, c.calendar_id, c.body, c.query, if_match=c.if_match),
        ),
        (
            "DELETE",
            entry,
            lambda c: calendars.delete_entry(c.world, c.user, c.calendar_id, if_match=c.if_match),
        ),
        ("POST", "calendars", lambda c: calendars.insert_calendar(c.world, c.user, c.body)),
        ("GET", calendar, lambda c: calendars.get_calendar(c.world, c.user, c.calendar_id)),
        (
            "PATCH",
            calendar,
            lambda c: calendars.patch_calendar(c.world, c.user, c.calendar_id, c.body, if_match=c.if_match),
        ),
        (
            "PUT",
            calendar,
            lambda c: calendars.update_calendar(c.world, c.user, c.calendar_id, c.body, if_match=c.if_match),
        ),
        (
            "DELETE",
            calendar,
            lambda c: calendars.delete_calendar(c.world, c.user, c.calendar_id, if_match=c.if_match),
        ),
        (
            "POST",
            f"{calendar}/clear",
            lambda c: calendars.clear_calendar(c.world, c.user, c.calendar_id),
        ),
        (
            "GET",
            f"{calendar}/acl",
            lambda c: calendars.list_rules(c.world, c.user, c.calendar_id, c.query),
        ),
        (
            "POST",
            f"{calendar}/acl",
            lambda c: calendars.insert_rule(c.world, c.user, c.calendar_id, c.body),
        ),
        ("POST", f"{calendar}/acl/watch", _watch_rules),
        (
            "GET",
            f"{calendar}/{acl}",
            lambda c: calendars.get_rule(c.world, c.user, c.calendar_id, c.path["ruleId"]),
        ),
        *(
            (
                method,
                f"{calendar}/{acl}",
                lambda c: calendars.patch_rule(
                    c.world, c.user, c.calendar_id, c.path["ruleId"], c.body, if_match=c.if_match
                ),
            )
            for method in ("PATCH", "PUT")
        ),
        (
            "DELETE",
            f"{calendar}/{acl}",
            lambda c: calendars.delete_rule(c.world, c.user, c.calendar_id, c.path["ruleId"], if_match=c.if_match),
        ),
        ("GET", "users/me/settings", lambda c: calendars.list_settings(c.world, c.user, c.query)),
        ("POST", "users/me/settings/watch", _watch_settings),
        (
            "GET",
            "users/me/settings/{setting}",
            lambda c: calendars.get_setting(c.world, c.user, c.path["setting"]),
        ),
        ("GET", "colors", lambda c: calendars.get_colors(c.world)),
    ]


def _compile(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + r"\Z")


_ROUTES = [(method, _compile(template), operation) for method, template, operation in _operations()]


def _find_operation(method: str, path: str) -> tuple[Operation, dict[str, str]]:
    for known_method, pattern, operation in _ROUTES:
        if known_method == method and (match := pattern.match(path)):
            return operation, {name: unquote(value) for name, value in match.groupdict().items()}
    raise not_found()


def authorize(world: World, request: Request) -> tuple[User, str]:
    """The user and the client that the request's bearer token stands for. Raises ApiError 401, or 403 for a scope."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        token = request.query.get("access_token") or request.query.get("oauth_token") or ""
    found = world.oauth.find_token(token.strip())
    user = world.users.get(found.user) if found is not None else None
    if found is None or user is None:
        raise auth_error()
    if not permits(found.scope, request.method, request.path.removeprefix(BASE)):
        raise scopes_missing()
    return user, found.client_id


def _unwrap_override(request: Request) -> Request:
    """A GET whose query was too long for a URL comes as a POST with a form body."""
    if request.method != "POST" or request.headers.get("x-http-method-override", "").upper() != "GET":
        return request
    pairs = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return Request(
        method="GET",
        path=request.path,
        query=Query([*request.query.pairs, *pairs]),
        headers=request.headers,
    )


def _read_body(request: Request) -> Resource:
    if request.method in ("GET", "DELETE") or not request.body.strip():
        return {}
    try:
        body = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise parse_error() from error
    if not isinstance(body, dict):
        raise parse_error()
    return body


def handle(world: World, request: Request) -> Answer:
    """Answer one API request, and queue the notifications of what it changed."""
    request = _unwrap_override(request)
    headers: dict[str, str] = {}
    try:
        user, client_id = authorize(world, request)
        world.quota.spend(user.email)
        operation, path = _find_operation(request.method, request.path.removeprefix(BASE))
        mask = parse_fields(text) if (text := request.query.get("fields")) else {}
        call = Call(
            world=world,
            user=user,
            client_id=client_id,
            path=path,
            query=request.query,
            body=_read_body(request),
            if_match=request.headers.get("if-match"),
        )
        payload = operation(call)
        if payload is None:
            return Answer(status=204)
        etag = payload.get("etag")
        if etag:
            headers["etag"] = etag
            if request.method == "GET" and request.headers.get("if-none-match") == etag:
                return Answer(status=304, headers=headers)
        body = msgspec.json.encode(apply_mask(payload, mask))
        return Answer(status=200, body=body, headers=headers)
    except ApiError as error:
        return build_error(error)
    finally:
        world.publish()


def build_error(error: ApiError) -> Answer:
    """The answer that tells of an error."""
    headers = {}
    if error.code == 401:
        headers["www-authenticate"] = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
    if error.retry_after_seconds is not None:
        headers["retry-after"] = str(math.ceil(error.retry_after_seconds))
    return Answer(status=error.code, body=msgspec.json.encode(error.build_payload()), headers=headers)
