"""The week for the first paint, straight from the SQLite file.

Opening the store takes a third as long as the whole first paint may: peewee, the schema, and every use case on top.
What is read here is read again a moment later through the front door.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec

from aicalendar_tui.backend.domain.agenda import Agenda, Entry, sort_key
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.backend.store.rows import CALENDAR_COLUMNS, calendar_of, entries_statement, join_entries

BUSY_SECONDS = 0.2


class FirstView(msgspec.Struct, frozen=True):
    """What the screen begins with; `user_ids` are all accounts in their order."""

    user_ids: tuple[str, ...]
    agenda: Agenda
    calendars: tuple[Calendar, ...]


def read_first_view(path: Path, days: Days) -> FirstView | None:
    """What all accounts show in `days`; None when there is no usable database or no account yet."""
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            return _read(connection, days)
    except (sqlite3.Error, msgspec.MsgspecError, KeyError):
        return None


def _read(connection: sqlite3.Connection, days: Days) -> FirstView | None:
    accounts = connection.execute(
        "SELECT user_id, revision FROM account"
        " ORDER BY user_id != (SELECT value FROM meta WHERE key = 'default_user'), user_id"
    ).fetchall()
    if not accounts:
        return None
    channels: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for user_id, calendar_id, *channel in connection.execute(
        "SELECT user_id, calendar_id, state, address FROM channel"
    ):
        channels.setdefault((user_id, calendar_id), set()).add(tuple(channel))
    addresses = connection.execute("SELECT value FROM meta WHERE key = 'public_address'").fetchall()
    address = addresses[0][0] if addresses else ""
    columns = ", ".join(CALENDAR_COLUMNS)
    rows = connection.execute(
        f"SELECT generation, {columns} FROM calendar ORDER BY user_id, COALESCE(own_position, position), calendar_id"
    ).fetchall()
    calendars = tuple(calendar_of(row[1:], channels.get((row[1], row[2]), set()), address) for row in rows)
    generations = [row[0] for row, calendar in zip(rows, calendars, strict=True) if calendar.shown]
    entries: list[Entry] = []
    if generations:
        found = connection.execute(*entries_statement(generations, days))
        entries = msgspec.json.decode(join_entries(found), type=list[Entry])
    revision = sum(revision for _, revision in accounts)
    agenda = Agenda(days, tuple(sorted(entries, key=sort_key)), revision)
    return FirstView(tuple(user_id for user_id, _ in accounts), agenda, calendars)
