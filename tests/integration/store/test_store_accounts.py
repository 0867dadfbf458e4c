"""Accounts in the database: which comes first, and that a deleted one leaves nothing behind."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from peewee import Model

from aicalendar_tui.backend.cache.memory import MemoryAgendaCache, MemoryChangePublisher
from aicalendar_tui.backend.domain.channel import Channel
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.backend.services.edit import Edit
from aicalendar_tui.backend.store import schema
from aicalendar_tui.backend.store.first_view import read_first_view
from aicalendar_tui.backend.store.transactions import TransactionalStore
from tests.unit.services.household import FrozenClock

WEEK = Days(date(2026, 11, 23), date(2026, 11, 30), "UTC")


def add_boris(store: TransactionalStore) -> None:
    """Beside `ana`."""
    with store.write() as unit:
        unit.put_account("boris", email="boris@example.com", endpoint="https://google.test", now=1_795_435_200)
        unit.put_calendar("boris", "his", {"id": "his", "summary": "His", "accessRole": "owner"}, 0)


def users(store: TransactionalStore) -> list[str]:
    """In their order."""
    with store.read() as unit:
        return [account.user_id for account in unit.accounts()]


def test_the_default_account_comes_first(store: TransactionalStore) -> None:
    """Until one is chosen, and after the chosen one is gone, the first address."""
    add_boris(store)
    assert ["ana", "boris"] == users(store)
    with store.write() as unit:
        unit.set_default_user("boris")
    assert ["boris", "ana"] == users(store)
    with store.write() as unit:
        unit.set_default_user("ana")
        unit.set_default_user("boris")
        unit.delete_account("boris")
    assert ["ana"] == users(store)
    add_boris(store)
    assert ["ana", "boris"] == users(store)


def test_the_first_paint_has_them_in_the_same_order(store: TransactionalStore, path: Path) -> None:
    """It reads the file by itself."""
    add_boris(store)
    orders: list[Sequence[str]] = []
    for user_id in ("ana", "boris"):
        with store.write() as unit:
            unit.set_default_user(user_id)
        view = read_first_view(path, WEEK)
        assert view
        orders.append(view.user_ids)
    assert [("ana", "boris"), ("boris", "ana")] == orders


def test_a_deleted_account_leaves_no_row_behind(store: TransactionalStore) -> None:
    """In no table that knows whose a row is, nor of its events once they are swept; the other's rows stay."""
    add_boris(store)
    edit = Edit(store, MemoryAgendaCache(), MemoryChangePublisher(), FrozenClock())
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)
    for user_id, calendar_id in (("ana", "home"), ("boris", "his")):
        edit.create(user_id, calendar_id, Draft(summary="Zebra", start=at, end=at.replace(hour=10)))
        with store.write() as unit:
            resource = {"id": f"of{user_id}", "etag": '"1"', "summary": "Okapi", "status": "confirmed"}
            times = {"start": {"dateTime": at.isoformat()}, "end": {"dateTime": at.replace(hour=10).isoformat()}}
            unit.put_events(user_id, calendar_id, [resource | times])
            unit.put_channel(
                Channel(channel_id=user_id, user_id=user_id, calendar_id=calendar_id, token_hash="", created_at=0)
            )
            unit.put_task(Task(task_id=user_id, user_id=user_id, name="calendar.pull_list", queued_at=0))
    assert rows_of(store, "ana") == rows_of(store, "boris")

    with store.write() as unit:
        unit.delete_account("ana")
        while unit.sweep_generations():
            pass

    assert {} == rows_of(store, "ana")
    assert "account" in rows_of(store, "boris")
    with store.read() as unit:
        assert unit.entries("boris", WEEK, ["his"])
        assert unit.mirror("boris", "his", "ofboris")


def rows_of(store: TransactionalStore, user_id: str) -> dict[str, int]:
    """Table → how many rows are the user's; tables without any, and Ana's second calendar, are left out."""
    tables = [
        table
        for table in vars(schema).values()
        if isinstance(table, type) and issubclass(table, Model) and hasattr(table, "user_id")
    ]
    with store.read() as unit:
        counts = {
            table.__name__.removesuffix("Row").lower(): len(
                unit._rows(table.select().where(table.user_id == user_id))
            )  # pyright: ignore
            for table in tables
        }
    return {name: min(count, 1) for name, count in counts.items() if count}
