"""From every earlier version of the database to the present one, with a backup, all or nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from aicalendar_tui.backend.domain.change import Change
from aicalendar_tui.backend.domain.errors import DatabaseUnusable
from aicalendar_tui.backend.domain.search import Query
from aicalendar_tui.backend.store import migrations
from aicalendar_tui.backend.store.migrations import VERSION
from aicalendar_tui.backend.store.schema import (
    Account,
    CalendarRow,
    ChangeRow,
    ChannelRow,
    DocumentRow,
    EventRow,
    InstanceRow,
    Meta,
    TaskRow,
    UndoRow,
)
from aicalendar_tui.backend.store.store import PeeweeStore

HERE = Path(__file__).parent
MODELS = (Account, CalendarRow, ChangeRow, ChannelRow, EventRow, InstanceRow, Meta, TaskRow, UndoRow)
"""The tables of every version, in the form of the present one."""
NEW_MODELS = (DocumentRow,)
"""Those that earlier versions don't have."""
EARLIER = range(1, VERSION)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database is."""
    return tmp_path / "calendar.db"


def make_earlier(path: Path, version: int) -> None:
    """A database as that version of the program left it, with a row or two in each table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((HERE / f"version-{version}.sql").read_text())
        connection.execute("PRAGMA journal_mode = wal")


@pytest.fixture(params=EARLIER)
def earlier(request: pytest.FixtureRequest, path: Path) -> int:
    """Each earlier version; its database is at `path`."""
    make_earlier(path, request.param)
    return request.param


@pytest.fixture
def store(path: Path) -> Iterator[PeeweeStore]:
    """On `path`, not opened yet."""
    store = PeeweeStore(path)
    yield store
    store.close()


def tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Name, type, null, default and key of each column of each table; and the columns of its indexes."""
    with closing(sqlite3.connect(path)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: [
                *(row[1:] for row in connection.execute(f"PRAGMA table_info({name})")),
                *connection.execute(
                    "SELECT i.name, i.origin, c.name FROM pragma_index_list(?) i, pragma_index_info(i.name) c"
                    " ORDER BY i.name, c.seqno",
                    (name,),
                ),
            ]
            for name in sorted(names)
        }


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All of them, by table, without the columns that are new."""
    with closing(sqlite3.connect(path)) as connection:
        return {
            model._meta.table_name: connection.execute(  # pyright: ignore[reportAttributeAccessIssue] - peewee's way
                f"SELECT * FROM {model._meta.table_name}"  # pyright: ignore[reportAttributeAccessIssue]
            ).fetchall()
            for model in MODELS
        }


def test_every_earlier_version_has_its_database_here() -> None:
    """Who makes a new version adds the one before: `sqlite3 calendar.db .dump`."""
    assert {f"version-{version}.sql" for version in EARLIER} == {file.name for file in HERE.glob("version-*.sql")}


def test_columns_are_those_that_queries_see(store: PeeweeStore, path: Path) -> None:
    """Names and order; the steps and the models are written apart."""
    with store.read():
        pass
    made = tables(path)
    for model in (*MODELS, *NEW_MODELS):
        meta = model._meta  # pyright: ignore[reportAttributeAccessIssue] - peewee's way
        count = len(meta.sorted_field_names)
        assert meta.sorted_field_names == [column[0] for column in made[meta.table_name][:count]]


def test_earlier_database_becomes_what_a_new_one_is(
    earlier: int, store: PeeweeStore, path: Path, tmp_path: Path
) -> None:
    """Columns, keys and indexes; WITHOUT ROWID shows in the keys."""
    new = PeeweeStore(tmp_path / "new.db")
    with store.read(), new.read():
        pass
    new.close()
    assert tables(tmp_path / "new.db") == tables(path)


def test_nothing_that_was_there_is_lost(earlier: int, store: PeeweeStore, path: Path) -> None:
    """Each row of each table, but for the version."""
    before = rows(path)
    with store.read() as unit:
        assert "0123456789abcdef" == unit.database_id()
        assert ["Чай"] == [resource["summary"] for resource in unit.families("ana", "home", ["tea"])["tea"]]
        assert ["conflict"] == [change.state for change in unit.changes("ana")]
        assert unit.task("task-1") is not None
        assert unit.channel("channel-1") is not None
    after = rows(path)
    before["meta"].remove(("schema_version", str(earlier)))
    after["meta"].remove(("schema_version", str(VERSION)))
    assert before.keys() == after.keys()
    for name, old in before.items():
        assert sorted(old) == sorted(row[: len(old[0])] for row in after[name])


def test_earlier_database_is_kept_as_it_was(earlier: int, store: PeeweeStore, path: Path) -> None:
    """As one file, that only its user can read; it opens again with the earlier program."""
    before = rows(path)
    with store.read():
        pass
    backup = path.with_name(f"calendar.db.v{earlier}.bak")
    assert (before, 0o600) == (rows(backup), backup.stat().st_mode & 0o777)
    assert [] == list(path.parent.glob("*.part"))


def test_backup_does_not_take_the_place_of_an_older_one(store: PeeweeStore, path: Path) -> None:
    """A database that was put back, and is brought up to date once more."""
    make_earlier(path, 1)
    path.with_name("calendar.db.v1.bak").write_text("precious")
    with store.read():
        pass
    assert "precious" == path.with_name("calendar.db.v1.bak").read_text()
    assert path.with_name("calendar.db.v1.2.bak").exists()


def test_new_and_present_databases_are_not_backed_up(store: PeeweeStore, path: Path) -> None:
    """Nothing is brought up to date."""
    for opened in (store, PeeweeStore(path)):
        with opened.read():
            pass
        opened.close()
    assert [] == list(path.parent.glob("*.bak"))


def test_without_a_backup_nothing_is_changed(store: PeeweeStore, path: Path) -> None:
    """A folder in its place: nothing can be written there."""
    make_earlier(path, 1)
    path.with_name("calendar.db.v1.bak.part").mkdir()
    before = tables(path)
    with pytest.raises(DatabaseUnusable, match="back up"), store.read():
        pass
    assert before == tables(path)


def test_step_that_fails_leaves_the_database_as_it_was(
    store: PeeweeStore, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The steps before it too."""
    make_earlier(path, 1)
    before = tables(path), rows(path)

    def fail(database: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, fail))
    with pytest.raises(ZeroDivisionError), store.read():
        pass
    assert before == (tables(path), rows(path))
    monkeypatch.undo()
    with store.read() as unit:
        assert 41 == unit.revision("ana")


def test_what_was_there_can_be_found(earlier: int, store: PeeweeStore) -> None:
    """The words of an earlier database's events are indexed on the way."""
    with store.read() as unit:
        found = unit.search("ana", Query(words=(" ча",)), ["home"], zone="UTC", now=1_795_000_000, limit=9)
    assert ["tea"] == [entry.event_id for entry in found]


def test_change_ids_of_an_earlier_database_are_not_given_again(store: PeeweeStore, path: Path) -> None:
    """Not even one that only an undo entry still holds: 9."""
    make_earlier(path, 1)
    with store.write() as unit:
        assert 10 == unit.add_change(Change(user_id="ana", steps=())).change_id


def test_deaths_are_counted_and_cleared_by_calendar(store: PeeweeStore, path: Path) -> None:
    """Those of the others stay; an unknown calendar has none."""
    make_earlier(path, 1)
    with store.write() as unit:
        assert [1, 2] == [unit.count_death("ana", "home") for _ in range(2)]
        assert 1 == unit.count_death("ana", "work")
        assert 0 == unit.count_death("ana", "nowhere")
        unit.clear_deaths("ana", "home")
        assert [0, 1] == [unit.deaths("ana", calendar_id) for calendar_id in ("home", "work")]


def test_renewed_database_id_is_another_and_stays(store: PeeweeStore, path: Path) -> None:
    """Of a backup that was restored: the revisions that it gives out next were given out before."""
    make_earlier(path, 1)
    with store.write() as unit:
        renewed = unit.renew_database_id()
    with store.read() as unit:
        assert renewed == unit.database_id() != "0123456789abcdef"


def test_database_of_another_program_is_left_alone(store: PeeweeStore, path: Path) -> None:
    """Tables of the same names."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE event (id INTEGER)")
    before = tables(path)
    with pytest.raises(DatabaseUnusable, match="event belong to another program"), store.read():
        pass
    assert before == tables(path)
