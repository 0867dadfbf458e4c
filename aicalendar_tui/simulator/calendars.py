"""Calendars, the calendar list, access rules, settings, colours."""

from __future__ import annotations

from typing import Any

from aicalendar_tui.simulator.errors import (
    duplicate,
    forbidden,
    full_sync_required,
    invalid,
    not_found,
    required,
)
from aicalendar_tui.simulator.events import check_etag
from aicalendar_tui.simulator.palette import CALENDAR_COLORS, EVENT_COLORS, find_calendar_color
from aicalendar_tui.simulator.query import Query
from aicalendar_tui.simulator.schema import check_zone, merge_patch
from aicalendar_tui.simulator.tokens import pack_token, unpack_token
from aicalendar_tui.simulator.world import (
    ROLES,
    CalendarState,
    ListEntry,
    Resource,
    User,
    World,
)

_CALENDAR_FIELDS = ("summary", "description", "location", "timeZone")
_ENTRY_FIELDS: dict[str, type] = {
    "backgroundColor": str,
    "colorId": str,
    "defaultReminders": list,
    "foregroundColor": str,
    "hidden": bool,
    "notificationSettings": dict,
    "selected": bool,
    "summaryOverride": str,
}
CONFERENCES = {"allowedConferenceSolutionTypes": ["hangoutsMeet"]}


# Calendars


def render_calendar(world: World, calendar: CalendarState) -> Resource:
    """The metadata of a calendar, as `calendars.get` answers it."""
    answer: Resource = {
        "kind": "calendar#calendar",
        "etag": world.format_etag(calendar.data_version),
        "id": calendar.id,
        "summary": calendar.summary,
    }
    for name, value in (("description", calendar.description), ("location", calendar.location)):
        if value:
            answer[name] = value
    return answer | {"timeZone": calendar.zone, "conferenceProperties": CONFERENCES}


def get_calendar(world: World, user: User, calendar_id: str) -> Resource:
    """A calendar's metadata. Raises ApiError 404."""
    return render_calendar(world, world.open_calendar(user, calendar_id, "freeBusyReader"))


def insert_calendar(world: World, user: User, body: Resource) -> Resource:
    """Create a secondary calendar, which joins its owner's list. Raises ApiError 400."""
    summary = body.get("summary")
    if not isinstance(summary, str) or not summary:
        raise required("Missing title.", parameter="summary")
    zone = check_zone(body["timeZone"]) if body.get("timeZone") else user.zone
    calendar = world.add_calendar(user, summary, zone)
    _write_calendar(world, calendar, body)
    return render_calendar(world, calendar)


def _write_calendar(world: World, calendar: CalendarState, body: Resource) -> None:
    for name in _CALENDAR_FIELDS:
        if name in body and not isinstance(body[name], (str, type(None))):
            raise invalid(f"Invalid value for: {name}.", parameter=name)
    if "summary" in body:
        if not body["summary"]:
            raise required("Missing title.", parameter="summary")
        calendar.summary = body["summary"]
    if "description" in body:
        calendar.description = body["description"]
    if "location" in body:
        calendar.location = body["location"]
    if body.get("timeZone"):
        world.change_zone(calendar, check_zone(body["timeZone"]))
    calendar.data_version = world.next_version()
    for user in world.users.values():
        entry = user.calendar_list.get(calendar.id)
        if entry is not None and not entry.deleted:
            entry.version = calendar.data_version
            world.touch_list(user, calendar.id, entry.version)


def patch_calendar(
    world: World, user: User, calendar_id: str, body: Resource, *, if_match: str | None = None
) -> Resource:
    """Change a calendar's metadata; only owners may. Raises ApiError 400, 403, 404, 412."""
    calendar = world.open_calendar(user, calendar_id, "owner")
    check_etag(world.format_etag(calendar.data_version), if_match)
    _write_calendar(world, calendar, body)
    return render_calendar(world, calendar)


def update_calendar(
    world: World, user: User, calendar_id: str, body: Resource, *, if_match: str | None = None
) -> Resource:
    """Replace a calendar's metadata. Raises ApiError 400, 403, 404, 412."""
    whole = {"description": None, "location": None, "summary": None, **body}
    return patch_calendar(world, user, calendar_id, whole, if_match=if_match)


def delete_calendar(world: World, user: User, calendar_id: str, *, if_match: str | None = None) -> None:
    """Delete a secondary calendar for everybody. Raises ApiError 400 for a primary one, 403, 404, 412."""
    calendar = world.open_calendar(user, calendar_id, "owner")
    check_etag(world.format_etag(calendar.data_version), if_match)
    if calendar.id in world.users:
        raise forbidden("Primary calendars cannot be deleted.")
    for other in world.users.values():
        _leave_list(world, other, calendar.id)
    world.channels.remove_of_resource(f"calendars/{calendar.id}/events")
    del world.calendars[calendar.id]


def clear_calendar(world: World, user: User, calendar_id: str) -> None:
    """Delete all events of a primary calendar; older sync tokens end. Raises ApiError 400, 403, 404."""
    calendar = world.open_calendar(user, calendar_id, "owner")
    if calendar.id != user.email:
        raise invalid("Only primary calendars can be cleared.", parameter="calendarId")
    for stored in list(calendar.events.values()):
        if not stored.cancelled and stored.master_id is None:
            world.record(calendar, stored.resource | {"status": "cancelled"})


# The calendar list


def render_entry(world: World, user: User, calendar_id: str, entry: ListEntry) -> Resource:
    """A calendar list entry; a deleted one has nothing but its id."""
    calendar = world.calendars.get(calendar_id)
    head: Resource = {
        "kind": "calendar#calendarListEntry",
        "etag": world.format_etag(entry.version),
        "id": calendar_id,
    }
    if entry.deleted or calendar is None:
        return head | {"deleted": True}
    head["summary"] = calendar.summary
    for name, value in (("description", calendar.description), ("location", calendar.location)):
        if value:
            head[name] = value
    properties = dict(entry.properties)
    color = find_calendar_color(properties.pop("colorId", None), properties.get("backgroundColor"))
    role = world.find_role(calendar, user)
    answer = head | {
        "timeZone": calendar.zone,
        "colorId": color,
        "backgroundColor": CALENDAR_COLORS[color]["background"],
        "foregroundColor": CALENDAR_COLORS[color]["foreground"],
        **properties,
        "accessRole": role,
        "defaultReminders": properties.get("defaultReminders", []),
        "conferenceProperties": CONFERENCES,
    }
    if calendar_id == user.email:
        answer["primary"] = True
    return answer


def list_entries(world: World, user: User, query: Query) -> Resource:
    """One page of the calendar list; with a sync token what changed, deletions too. Raises ApiError 400, 410."""
    token = query.get("syncToken")
    least = query.get_choice("minAccessRole", ROLES[1:])
    shows_deleted = bool(query.get_flag("showDeleted"))
    shows_hidden = bool(query.get_flag("showHidden"))
    fingerprint = query.fingerprint(ignoring=("pageToken", "syncToken", "maxResults", "showDeleted", "showHidden"))
    version, offset, since = world.version, 0, None
    if token is not None:
        if least is not None:
            raise invalid("Sync token cannot be used with minAccessRole.", parameter="minAccessRole")
        since = _open_list_token(world, user, token, fingerprint)
        shows_deleted = shows_hidden = True
    page_token = query.get("pageToken")
    if page_token is not None:
        match unpack_token(page_token):
            case ["list", int() as first_version, int() as first_offset]:
                version, offset = first_version, first_offset
            case _:
                raise invalid("Invalid page token value.", parameter="pageToken")
    chosen = []
    for calendar_id, entry in user.calendar_list.items():
        calendar = world.calendars.get(calendar_id)
        if since is not None and entry.version <= since:
            continue
        if (entry.deleted or calendar is None) and not shows_deleted:
            continue
        if entry.properties.get("hidden") and not shows_hidden:
            continue
        if least and calendar and ROLES.index(world.find_role(calendar, user)) < ROLES.index(least):
            continue
        chosen.append(render_entry(world, user, calendar_id, entry))
    size = query.get_count("maxResults", default=100, most=250)
    answer: Resource = {"kind": "calendar#calendarList", "etag": world.format_etag(version)}
    if offset + size < len(chosen):
        answer["nextPageToken"] = pack_token(["list", version, offset + size])
    else:
        answer["nextSyncToken"] = pack_token([world.identity, "list", user.email, version, fingerprint])
    return answer | {"items": chosen[offset : offset + size]}


def _open_list_token(world: World, user: User, token: str, fingerprint: str) -> int:
    match unpack_token(token):
        case [str() as identity, "list", user.email, int() as since, str() as first_fingerprint]:
            if first_fingerprint != fingerprint:
                raise invalid(
                    "The parameters differ from those of the request that the sync token came from.",
                    parameter="syncToken",
                )
            if identity != world.identity or since < user.list_tokens_valid_from:
                raise full_sync_required()
            return since
    raise invalid("Invalid sync token value.", parameter="syncToken")


def _find_entry(world: World, user: User, calendar_id: str) -> tuple[str, ListEntry]:
    calendar_id = world.resolve_calendar_id(user, calendar_id)
    entry = user.calendar_list.get(calendar_id)
    if entry is None or entry.deleted or calendar_id not in world.calendars:
        raise not_found()
    return calendar_id, entry


def get_entry(world: World, user: User, calendar_id: str) -> Resource:
    """A calendar as it stands on the user's list. Raises ApiError 404."""
    return render_entry(world, user, *_find_entry(world, user, calendar_id))


def _pick_entry_fields(body: Resource, *, rgb: bool) -> Resource:
    picked: Resource = {}
    for name, kind in _ENTRY_FIELDS.items():
        if name in body:
            if body[name] is not None and not isinstance(body[name], kind):
                raise invalid(f"Invalid value for: {name}.", parameter=name)
            picked[name] = body[name]
    if not rgb:
        picked.pop("backgroundColor", None)
        picked.pop("foregroundColor", None)
    if picked.get("colorId") is not None:
        if picked["colorId"] not in CALENDAR_COLORS:
            raise invalid("Invalid color id.", parameter="colorId")
        if not rgb:
            picked["backgroundColor"] = picked["foregroundColor"] = None
    return picked


def insert_entry(world: World, user: User, body: Resource, query: Query) -> Resource:
    """Put an existing calendar on the list. Raises ApiError 400, 404, 409."""
    calendar_id = body.get("id")
    if not isinstance(calendar_id, str) or not calendar_id:
        raise required("Required: id", parameter="id")
    calendar = world.open_calendar(user, calendar_id, "freeBusyReader")
    present = user.calendar_list.get(calendar.id)
    if present is not None and not present.deleted:
        raise duplicate()
    picked = _pick_entry_fields(body, rgb=bool(query.get_flag("colorRgbFormat")))
    picked = {name: value for name, value in picked.items() if value is not None}
    return render_entry(world, user, calendar.id, world.put_list_entry(user, calendar.id, picked))


def patch_entry(
    world: World,
    user: User,
    calendar_id: str,
    body: Resource,
    query: Query,
    *,
    if_match: str | None = None,
) -> Resource:
    """Change how a calendar stands on the list. Raises ApiError 400, 404, 412."""
    calendar_id, entry = _find_entry(world, user, calendar_id)
    check_etag(world.format_etag(entry.version), if_match)
    picked = _pick_entry_fields(body, rgb=bool(query.get_flag("colorRgbFormat")))
    entry.properties = merge_patch(entry.properties, picked)
    entry.version = world.next_version()
    world.touch_list(user, calendar_id, entry.version)
    return render_entry(world, user, calendar_id, entry)


def update_entry(
    world: World,
    user: User,
    calendar_id: str,
    body: Resource,
    query: Query,
    *,
    if_match: str | None = None,
) -> Resource:
    """Replace how a calendar stands on the list. Raises ApiError 400, 404, 412."""
    whole = dict.fromkeys(_ENTRY_FIELDS) | body
    return patch_entry(world, user, calendar_id, whole, query, if_match=if_match)


def delete_entry(world: World, user: User, calendar_id: str, *, if_match: str | None = None) -> None:
    """Take a calendar off the list; it lives on. Raises ApiError 403 for the primary one, 404, 412."""
    calendar_id, entry = _find_entry(world, user, calendar_id)
    check_etag(world.format_etag(entry.version), if_match)
    if calendar_id == user.email:
        raise forbidden("The primary calendar cannot be removed from the list.")
    _leave_list(world, user, calendar_id)


def _leave_list(world: World, user: User, calendar_id: str) -> None:
    entry = user.calendar_list.get(calendar_id)
    if entry is not None and not entry.deleted:
        gone = ListEntry({}, world.next_version(), deleted=True)
        user.calendar_list[calendar_id] = gone
        world.touch_list(user, calendar_id, gone.version)


# Access rules


def _render_rule(world: World, calendar: CalendarState, rule_id: str) -> Resource:
    kind, _, value = rule_id.partition(":")
    scope = {"type": kind} | ({"value": value} if value else {})
    return {
        "kind": "calendar#aclRule",
        "etag": world.format_etag(calendar.acl_versions[rule_id]),
        "id": rule_id,
        "scope": scope,
        "role": calendar.acl[rule_id],
    }


def list_rules(world: World, user: User, calendar_id: str, query: Query) -> Resource:
    """The access rules of a calendar; removed ones (role `none`) with `showDeleted` or a sync token."""
    calendar = world.open_calendar(user, calendar_id, "owner")
    since = None
    token = query.get("syncToken")
    if token is not None:
        match unpack_token(token):
            case [world.identity, "acl", calendar.id, int() as version]:
                since = version
            case _:
                raise invalid("Invalid sync token value.", parameter="syncToken")
        if since < calendar.tokens_valid_from:
            raise full_sync_required()
    shows_deleted = bool(query.get_flag("showDeleted")) or since is not None
    items = [
        _render_rule(world, calendar, rule_id)
        for rule_id, version in calendar.acl_versions.items()
        if (since is None or version > since) and (shows_deleted or calendar.acl[rule_id] != "none")
    ]
    return {
        "kind": "calendar#acl",
        "etag": world.format_etag(max(calendar.acl_versions.values(), default=0)),
        "nextSyncToken": pack_token([world.identity, "acl", calendar.id, world.version]),
        "items": items,
    }


def get_rule(world: World, user: User, calendar_id: str, rule_id: str) -> Resource:
    """One access rule. Raises ApiError 404."""
    calendar = world.open_calendar(user, calendar_id, "owner")
    if calendar.acl.get(rule_id, "none") == "none":
        raise not_found()
    return _render_rule(world, calendar, rule_id)


def insert_rule(world: World, user: User, calendar_id: str, body: Resource) -> Resource:
    """Give a user, a domain or everybody a role. Raises ApiError 400, 403, 404."""
    calendar = world.open_calendar(user, calendar_id, "owner")
    scope = body.get("scope")
    kind = scope.get("type") if isinstance(scope, dict) else None
    value = scope.get("value", "") if isinstance(scope, dict) else ""
    if kind not in ("default", "user", "group", "domain") or not isinstance(value, str):
        raise invalid("Invalid scope.", parameter="scope")
    if (kind == "default") == bool(value):
        raise invalid("Invalid scope value.", parameter="scope.value")
    rule_id = "default" if kind == "default" else f"{kind}:{value}"
    _set_rule(world, calendar, rule_id, body.get("role"))
    return _render_rule(world, calendar, rule_id)


def _set_rule(world: World, calendar: CalendarState, rule_id: str, role: Any) -> None:
    if role not in ROLES:
        raise invalid("Invalid role.", parameter="role")
    if rule_id == f"user:{calendar.owner}" and role != "owner":
        raise forbidden("Cannot change your own access level.")
    world.set_acl(calendar, rule_id, role)
    email = rule_id.removeprefix("user:")
    if role == "none" and email in world.users:
        _leave_list(world, world.users[email], calendar.id)


def patch_rule(
    world: World, user: User, calendar_id: str, rule_id: str, body: Resource, *, if_match: str | None = None
) -> Resource:
    """Change a rule's role. Raises ApiError 400, 403, 404, 412."""
    calendar = world.open_calendar(user, calendar_id, "owner")
    if calendar.acl.get(rule_id, "none") == "none":
        raise not_found()
    check_etag(world.format_etag(calendar.acl_versions[rule_id]), if_match)
    _set_rule(world, calendar, rule_id, body.get("role", calendar.acl[rule_id]))
    return _render_rule(world, calendar, rule_id)


def delete_rule(world: World, user: User, calendar_id: str, rule_id: str, *, if_match: str | None = None) -> None:
    """Take a role away. Raises ApiError 403, 404, 412."""
    patch_rule(world, user, calendar_id, rule_id, {"role": "none"}, if_match=if_match)


# Settings and colours


def _render_setting(world: World, user: User, name: str) -> Resource:
    return {
        "kind": "calendar#setting",
        "etag": world.format_etag(0),
        "id": name,
        "value": user.settings[name],
    }


def list_settings(world: World, user: User, query: Query) -> Resource:
    """All settings of the user."""
    token = query.get("syncToken")
    if token is not None and unpack_token(token) != ["settings", user.email]:
        raise invalid("Invalid sync token value.", parameter="syncToken")
    names = [] if token is not None else sorted(user.settings)
    return {
        "kind": "calendar#settings",
        "etag": world.format_etag(0),
        "nextSyncToken": pack_token(["settings", user.email]),
        "items": [_render_setting(world, user, name) for name in names],
    }


def get_setting(world: World, user: User, name: str) -> Resource:
    """One setting. Raises ApiError 404."""
    if name not in user.settings:
        raise not_found()
    return _render_setting(world, user, name)


def get_colors(world: World) -> Resource:
    """The colours that color ids stand for."""
    return {
        "kind": "calendar#colors",
        "updated": "2012-02-14T00:00:00.000Z",
        "calendar": CALENDAR_COLORS,
        "event": EVENT_COLORS,
    }
