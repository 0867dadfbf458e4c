"""The control API under `/_control/`: time, expiry, faults, disturbed notifications, the whole state.

For tests and for anyone who develops against the simulator. It takes no token, so it refuses what a web page in
a browser could send: requests that carry an Origin.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from aicalendar_tui.simulator import ics, state
from aicalendar_tui.simulator.channels import Disturbance
from aicalendar_tui.simulator.clock import SteerableClock
from aicalendar_tui.simulator.errors import SimulatorError
from aicalendar_tui.simulator.faults import BetweenPages, Fault
from aicalendar_tui.simulator.notifier import Notifier
from aicalendar_tui.simulator.query import Query
from aicalendar_tui.simulator.router import BASE, Answer, Request, handle
from aicalendar_tui.simulator.switches import Switches
from aicalendar_tui.simulator.world import World

Handler = Callable[[HttpRequest], Awaitable[Response]]
_CONTROL_TOKEN = "control-edits"


def act_as(
    world: World, user: str, method: str, path: str, body: dict[str, Any] | None = None, **query: object
) -> Answer:
    """Make an API request in a user's name without a token of theirs; `path` is below `/calendar/v3/`."""
    name = f"{_CONTROL_TOKEN}-{user}"
    world.oauth.grant_lasting_token(user, name)
    try:
        return handle(
            world,
            Request(
                method=method,
                path=BASE + path.removeprefix(BASE).lstrip("/"),
                query=Query.of(query),
                headers={"authorization": f"Bearer {name}"},
                body=msgspec.json.encode(body) if body is not None else b"",
            ),
        )
    finally:
        world.oauth.access_tokens.pop(name, None)


def apply_edit(world: World, edit: BetweenPages) -> None:
    """Make the edit that waited for a page."""
    act_as(world, edit.user, edit.method, edit.path, edit.body)


def build_routes(world: World, notifier: Notifier) -> list[Route]:
    """The control API's routes."""
    panel = _Panel(world, notifier)
    table: list[tuple[str, str, Handler]] = [
        ("GET", "/_control/state", panel.read_state),
        ("GET", "/_control/clock", panel.read_clock),
        ("POST", "/_control/clock", panel.set_clock),
        ("POST", "/_control/expire", panel.expire),
        ("GET", "/_control/notifications", panel.read_notifications),
        ("POST", "/_control/notifications", panel.disturb),
        ("POST", "/_control/notifications/wait", panel.wait_delivered),
        ("GET", "/_control/faults", panel.read_faults),
        ("POST", "/_control/faults", panel.add_fault),
        ("DELETE", "/_control/faults", panel.clear_faults),
        ("POST", "/_control/between-pages", panel.edit_between_pages),
        ("POST", "/_control/revoke", panel.revoke),
        ("GET", "/_control/switches", panel.read_switches),
        ("POST", "/_control/switches", panel.set_switches),
        ("POST", "/_control/users", panel.add_user),
        ("POST", "/_control/calendars", panel.change_calendar),
        ("POST", "/_control/ics", panel.load_ics),
        ("POST", "/_control/purge", panel.purge),
        ("GET", "/_control/requests", panel.read_requests),
        ("DELETE", "/_control/requests", panel.clear_requests),
    ]
    return [Route(path, _guard(handler), methods=[method]) for method, path, handler in table]


def _guard(handler: Handler) -> Handler:
    async def guarded(request: HttpRequest) -> Response:
        if "origin" in request.headers:
            return _json({"error": "no web page may steer the simulator"}, 403)
        try:
            return await handler(request)
        except (SimulatorError, msgspec.MsgspecError, re.error, ValueError, KeyError) as error:
            return _json({"error": f"{type(error).__name__}: {error}"}, 400)

    return guarded


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


async def _read(request: HttpRequest) -> dict[str, Any]:
    body = await request.body()
    value = msgspec.json.decode(body) if body.strip() else {}
    if not isinstance(value, dict):
        raise SimulatorError("the body must be a JSON object")
    return value


class _Expiry(msgspec.Struct, forbid_unknown_fields=True):
    sync_tokens: bool | str = False
    """True for all calendars, or a calendar id."""
    access_tokens: bool = False
    channels: bool | str = False
    """True for all, or a channel id."""


class _ClockSetting(msgspec.Struct, forbid_unknown_fields=True):
    advance_seconds: float | None = None
    set: str | None = None
    freeze: bool | None = None


class _NewUser(msgspec.Struct, forbid_unknown_fields=True):
    email: str
    name: str
    zone: str = "UTC"
    access_token: str | None = None


class _CalendarChange(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    watchable: bool


class _Panel:
    """The handlers. Bodies and answers are JSON objects; an unknown field is a 400."""

    def __init__(self, world: World, notifier: Notifier) -> None:
        self._world = world
        self._notifier = notifier

    async def read_state(self, request: HttpRequest) -> Response:
        """Everything: users, calendars with all their events, channels, tokens, switches."""
        return _json(state.dump_world(self._world))

    async def read_clock(self, request: HttpRequest) -> Response:
        """The world's present instant."""
        return _json({"now": self._world.now().isoformat()})

    async def set_clock(self, request: HttpRequest) -> Response:
        """`{"set": ISO}`, `{"advance_seconds": N}` and `{"freeze": true|false}`, in this order."""
        wish = msgspec.convert(await _read(request), _ClockSetting)
        clock = self._world.clock
        if not isinstance(clock, SteerableClock):
            raise SimulatorError("this world's clock can't be steered")
        if wish.set is not None:
            instant = datetime.fromisoformat(wish.set)
            if instant.tzinfo is None:
                raise SimulatorError("set needs a time zone offset")
            clock.set(instant)
        if wish.advance_seconds is not None:
            clock.advance(timedelta(seconds=wish.advance_seconds))
        if wish.freeze is not None:
            (clock.freeze if wish.freeze else clock.thaw)()
        return await self.read_clock(request)

    async def expire(self, request: HttpRequest) -> Response:
        """`{"sync_tokens": true|CALENDAR, "access_tokens": true, "channels": true|ID}`."""
        wish = msgspec.convert(await _read(request), _Expiry)
        world = self._world
        if wish.sync_tokens:
            world.expire_sync_tokens(wish.sync_tokens if isinstance(wish.sync_tokens, str) else None)
        if wish.access_tokens:
            world.oauth.expire_access_tokens()
        if wish.channels:
            for channel in list(world.channels.by_id.values()):
                if wish.channels is True or wish.channels == channel.id:
                    world.channels.remove(channel)
        return _json({})

    async def read_notifications(self, request: HttpRequest) -> Response:
        """Messages that wait, how they will be disturbed, and the last attempts at delivery."""
        return _json(
            {
                "waiting": len(self._world.channels.queue),
                "disturbance": self._describe_disturbance(),
                "deliveries": [dataclasses.asdict(one) for one in self._notifier.deliveries],
            }
        )

    def _describe_disturbance(self) -> dict[str, Any]:
        described = dataclasses.asdict(self._world.channels.disturbance)
        described["held"] = len(described["held"])
        return described

    async def disturb(self, request: HttpRequest) -> Response:
        """Set any of drop, duplicate, reorder, delay (counts), delay_seconds, paused, also_sync."""
        wish = await _read(request)
        rules = self._world.channels.disturbance
        known = {one.name for one in dataclasses.fields(Disturbance)} - {"held"}
        if wish.keys() - known:
            raise SimulatorError(f"unknown: {', '.join(sorted(wish.keys() - known))}")
        for name, value in wish.items():
            setattr(rules, name, msgspec.convert(value, type(getattr(rules, name))))
        if rules.reorder == 0:
            self._world.channels.release_held()
        self._world.channels.wake()
        return _json(self._describe_disturbance())

    async def wait_delivered(self, request: HttpRequest) -> Response:
        """Answer when all messages are delivered, or given up."""
        if self._world.channels.disturbance.paused:
            raise SimulatorError("notifications are paused")
        await self._notifier.wait_idle()
        return _json({})

    async def read_faults(self, request: HttpRequest) -> Response:
        """The faults that wait for their requests."""
        return _json({"faults": [dataclasses.asdict(one) for one in self._world.faults.rules]})

    async def add_fault(self, request: HttpRequest) -> Response:
        """A `Fault`, e.g. `{"kind": "after", "method": "POST", "path": "/events$", "times": 2, "code": 503}`."""
        self._world.faults.add(_convert(await _read(request), Fault))
        return await self.read_faults(request)

    async def clear_faults(self, request: HttpRequest) -> Response:
        """Let everything succeed again."""
        self._world.faults.clear()
        return await self.read_faults(request)

    async def edit_between_pages(self, request: HttpRequest) -> Response:
        """`{"method", "path", "body", "user", "calendar_id"?}`: happens after the next page that has a next one."""
        self._world.faults.between_pages.append(_convert(await _read(request), BetweenPages))
        return _json({"waiting": len(self._world.faults.between_pages)})

    async def revoke(self, request: HttpRequest) -> Response:
        """`{"user": ADDRESS}`: withdraw all that this user granted; their channels end."""
        email = (await _read(request))["user"]
        self._world.oauth.revoke_user(email)
        self._world.channels.remove_of_user(email)
        return _json({})

    async def read_switches(self, request: HttpRequest) -> Response:
        """How the simulated Google behaves where that can be chosen."""
        return _json(dataclasses.asdict(self._world.switches))

    async def set_switches(self, request: HttpRequest) -> Response:
        """Set any of the switches."""
        switches = self._world.switches
        whole = _convert({**dataclasses.asdict(switches), **await _read(request)}, Switches)
        for one in dataclasses.fields(Switches):
            setattr(switches, one.name, getattr(whole, one.name))
        return await self.read_switches(request)

    async def add_user(self, request: HttpRequest) -> Response:
        """`{"email", "name", "zone"?, "access_token"?}`."""
        wish = msgspec.convert(await _read(request), _NewUser)
        self._world.add_user(wish.email, wish.name, wish.zone, access_token=wish.access_token)
        return _json({"email": wish.email})

    async def change_calendar(self, request: HttpRequest) -> Response:
        """`{"id", "watchable"}`: whether a calendar can be watched."""
        wish = msgspec.convert(await _read(request), _CalendarChange)
        self._world.calendars[wish.id].watchable = wish.watchable
        return _json({})

    async def load_ics(self, request: HttpRequest) -> Response:
        """The body is an .ics file; `?user=` whose it becomes, `?name=` the calendar's name."""
        user = self._world.users[request.query_params["user"]]
        name = request.query_params.get("name", "calendar")
        loaded = ics.load_calendar(self._world, user, await request.body(), name=name)
        self._world.publish()
        return _json(
            {
                "calendar_id": loaded.calendar_id,
                "events": loaded.events,
                "problems": [str(problem) for problem in loaded.problems],
            }
        )

    async def purge(self, request: HttpRequest) -> Response:
        """`{"calendar_id"}`: forget all deleted events; their ids stay taken."""
        calendar = self._world.calendars[(await _read(request))["calendar_id"]]
        gone = [one.id for one in calendar.events.values() if one.cancelled and one.master_id is None]
        self._world.purge(calendar, gone)
        return _json({"purged": len(gone)})

    async def read_requests(self, request: HttpRequest) -> Response:
        """The last API requests: method, path, status."""
        return _json({"requests": list(self._world.requests)})

    async def clear_requests(self, request: HttpRequest) -> Response:
        """Count requests from zero."""
        self._world.requests.clear()
        return _json({"requests": []})


def _convert(value: dict[str, Any], kind: type[Any]) -> Any:
    unknown = value.keys() - {one.name for one in dataclasses.fields(kind)}
    if unknown:
        raise SimulatorError(f"unknown: {', '.join(sorted(unknown))}")
    return msgspec.convert(value, kind)
