"""How views are found and what rows mean, without peewee: shared by the units and the first view."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec

from aicalendar_tui.backend.domain.calendar import Calendar, LiveState
from aicalendar_tui.backend.domain.times import DAY_SECONDS, Days

BUCKET_SECONDS = (DAY_SECONDS, 8 * DAY_SECONDS, 64 * DAY_SECONDS, 512 * DAY_SECONDS)
"""The longest instance of each bucket but the last, which has no bound."""

CALENDAR_COLUMNS = (
    "user_id",
    "calendar_id",
    "resource",
    "shown",
    "position",
    "live_wanted",
    "watchable",
    "synced_at",
    "problem",
    "own_color",
    "own_position",
)
"""What `calendar_of` reads, in its order."""


def bucket_of(seconds: int) -> int:
    """The bucket for an instance of that length."""
    return next((n for n, longest in enumerate(BUCKET_SECONDS) if seconds <= longest), len(BUCKET_SECONDS))


def entries_statement(generations: Sequence[int], days: Days) -> tuple[str, list[Any]]:
    """SQL (with `?`) and parameters for the entries of `days`: a range scan for each bucket of each generation.

    All-day entries overlap by their dates, others by instants.
    """
    timed, dates = days.instants, days.dates
    low, high = min(timed.start, dates.start), max(timed.end, dates.end)
    marks = ",".join("?" * len(generations))
    scans: list[str] = []
    parameters: list[Any] = []
    for bucket in range(len(BUCKET_SECONDS) + 1):
        bound = "" if bucket == len(BUCKET_SECONDS) else " AND start >= ?"
        scans.append(
            f"SELECT entry FROM instance WHERE generation IN ({marks}) AND bucket = {bucket} AND start < ?{bound}"
            ' AND ((NOT all_day AND start < ? AND ("end" > ? OR start >= ?))'
            ' OR (all_day AND start < ? AND "end" > ?))'
        )
        parameters += [*generations, high]
        if bound:
            parameters.append(low - BUCKET_SECONDS[bucket])
        parameters += [timed.end, timed.start, timed.start, dates.end, dates.start]
    return " UNION ALL ".join(scans), parameters


def join_entries(rows: Iterable[tuple[Any, ...]]) -> bytes:
    """A JSON array of what `entries_statement` found, without decoding a row."""
    return ("[" + ",".join([row[0] for row in rows]) + "]").encode()


def calendar_of(row: tuple[Any, ...], channels: Collection[tuple[str, str]], address: str) -> Calendar:
    """A row of `CALENDAR_COLUMNS`, with (state, address) of the calendar's channels and the present address."""
    user_id, calendar_id, text, shown, position, live_wanted, watchable, synced_at, problem = row[:-2]
    own_color, own_position = row[-2:]
    resource = msgspec.json.decode(text)
    return Calendar(
        user_id=user_id,
        calendar_id=calendar_id,
        summary=resource.get("summaryOverride") or resource.get("summary") or calendar_id,
        color=own_color or resource.get("backgroundColor") or "#7aa2f7",
        access_role=resource.get("accessRole") or "reader",
        primary=bool(resource.get("primary")),
        shown=bool(shown),
        position=position if own_position is None else own_position,
        zone=resource.get("timeZone"),
        live=_live_state(bool(live_wanted), bool(watchable), problem, channels, address),
        live_wanted=bool(live_wanted),
        synced_at=synced_at,
        problem=problem,
    )


def _live_state(
    wanted: bool, watchable: bool, problem: str, channels: Collection[tuple[str, str]], address: str
) -> LiveState:
    if problem:
        return "degraded"
    if not watchable:
        return "unwatchable"
    if not wanted or not address:
        return "polling"
    return "live" if ("active", address) in channels else "starting"
