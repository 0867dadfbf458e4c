"""The whole world as one JSON document: written to a state file, read back, shown by the control API."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

import msgspec

from aicalendar_tui.simulator.channels import Channel
from aicalendar_tui.simulator.errors import SimulatorError
from aicalendar_tui.simulator.oauth import AccessToken, Grant
from aicalendar_tui.simulator.switches import Switches
from aicalendar_tui.simulator.world import CalendarState, ListEntry, User, World, index_event

FORMAT = 1


def dump_world(world: World) -> dict[str, Any]:
    """Everything that a restart has to bring back; events are encoded already, as `msgspec.Raw`."""
    return {
        "format": FORMAT,
        "now": world.now().isoformat(),
        "identity": world.identity,
        "version": world.version,
        "users": [_dump_user(user) for user in world.users.values()],
        "calendars": [_dump_calendar(calendar) for calendar in world.calendars.values()],
        "channels": [dataclasses.asdict(channel) for channel in world.channels.by_id.values()],
        "clients": world.oauth.clients,
        "grants": [dataclasses.asdict(grant) for grant in world.oauth.grants.values()],
        "access_tokens": {name: dataclasses.asdict(token) for name, token in world.oauth.access_tokens.items()},
        "switches": dataclasses.asdict(world.switches),
    }


def _dump_user(user: User) -> dict[str, Any]:
    return {
        "email": user.email,
        "name": user.name,
        "zone": user.zone,
        "settings": user.settings,
        "list_tokens_valid_from": user.list_tokens_valid_from,
        "calendar_list": {
            calendar_id: {
                "properties": entry.properties,
                "version": entry.version,
                "deleted": entry.deleted,
            }
            for calendar_id, entry in user.calendar_list.items()
        },
    }


_CALENDAR_FIELDS = (
    "id", "summary", "zone", "owner", "description", "location", "watchable", "data_version", "version",
    "tokens_valid_from", "acl", "acl_versions",
)  # fmt: skip


def _dump_calendar(calendar: CalendarState) -> dict[str, Any]:
    return {
        **{name: getattr(calendar, name) for name in _CALENDAR_FIELDS},
        "used_ids": sorted(calendar.used_ids),
        "events": [
            {"version": version, "resource": msgspec.Raw(calendar.events[event_id].raw)}
            for event_id, version in calendar.changes.items()
        ],
    }


def load_world(world: World, document: dict[str, Any]) -> None:
    """Fill an empty world from what `dump_world` gave.

    Raises:
        SimulatorError: the document is none of ours.
    """
    if document.get("format") != FORMAT:
        raise SimulatorError("the state file was not written by this version of the simulator")
    try:
        _fill_world(world, document)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SimulatorError(f"the state file is damaged: {type(error).__name__}: {error}") from error


def _fill_world(world: World, document: dict[str, Any]) -> None:
    world.version = document["version"]
    world.adopt_identity(document["identity"])
    world.reseed(f"{world.identity} {world.version}")
    for one in document["users"]:
        user = User(one["email"], one["name"], one["zone"], settings=one["settings"])
        user.list_tokens_valid_from = one["list_tokens_valid_from"]
        for calendar_id, entry in one["calendar_list"].items():
            user.calendar_list[calendar_id] = ListEntry(**entry)
            user.list_changes[calendar_id] = entry["version"]
        world.users[user.email] = user
    for one in document["calendars"]:
        calendar = CalendarState(**{name: one[name] for name in _CALENDAR_FIELDS})
        calendar.used_ids = set(one["used_ids"])
        for event in one["events"]:
            resource = event["resource"]
            stored = index_event(resource, event["version"], calendar.zone)
            world.place(calendar, stored, resource["iCalUID"])
            calendar.changes[stored.id] = stored.version
        world.calendars[calendar.id] = calendar
    for one in document["channels"]:
        world.channels.restore(Channel(**one))
    world.oauth.clients = document["clients"]
    world.oauth.grants = {one["refresh_token"]: Grant(**one) for one in document["grants"]}
    world.oauth.access_tokens = {name: AccessToken(**token) for name, token in document["access_tokens"].items()}
    switches = Switches(**document["switches"])
    for field in dataclasses.fields(Switches):
        setattr(world.switches, field.name, getattr(switches, field.name))


def read_state_file(world: World, path: Path) -> bool:
    """Fill an empty world from a file; False when there is none yet.

    Raises:
        SimulatorError: the file can't be read, or is damaged.
    """
    try:
        document = msgspec.json.decode(path.read_bytes())
    except FileNotFoundError:
        return False
    except (OSError, msgspec.DecodeError) as error:
        raise SimulatorError(f"{path}: {error}") from error
    if not isinstance(document, dict):
        raise SimulatorError(f"{path}: no state of the simulator")
    load_world(world, document)
    return True


def encode_world(world: World) -> bytes:
    """The world as it stands now, ready to be written while it goes on changing."""
    return msgspec.json.encode(dump_world(world))


def write_content(content: bytes, path: Path) -> None:
    """Write a state file that is whole at any moment; it holds tokens, so only its owner reads it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
