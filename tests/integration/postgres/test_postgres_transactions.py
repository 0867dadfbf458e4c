"""Transactions on a real PostgreSQL: several writers, readers, and a server that comes and goes."""

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from aicalendar_tui.backend.domain.errors import DatabaseUnusable, Transient
from aicalendar_tui.backend.store.migrations import VERSION
from aicalendar_tui.backend.store.postgres import PostgresStore
from tests.integration.postgres.server import PostgresServer

HAMMER = Path(__file__).with_name("hammer.py")
PROCESSES = 3
TRANSACTIONS = 150

Open = Callable[[], PostgresStore]


def bump(store: PostgresStore) -> None:
    """One write."""
    with store.write() as unit:
        unit.bump_revision("ana")


def revision(store: PostgresStore) -> int:
    """Read in a transaction of its own."""
    with store.read() as unit:
        return unit.revision("ana")


def in_thread(work: Callable[[], object]) -> None:
    """Returns when it has ended."""
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_three_processes_write_at_once_and_none_fails(store: PostgresStore, url: str) -> None:
    """One after the other; and each counter counts every transaction."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-W", "error", str(HAMMER), url, str(TRANSACTIONS), str(number)], stderr=subprocess.PIPE
        )
        for number in range(PROCESSES)
    ]
    errors = [writer.communicate(timeout=60)[1] for writer in writers]
    assert [(0, b"")] * PROCESSES == [(w.returncode, e) for w, e in zip(writers, errors, strict=True)]
    total = PROCESSES * TRANSACTIONS
    with store.read() as unit:
        state = unit.sync_state("ana", "home")
        assert (total, total, total, total, total) == (
            unit.revision("ana"),
            unit.write_sequence("ana", "home"),
            state.dirty_seq - 1,
            len(unit.changes("ana")),
            unit.event_count("ana", "home"),
        )


def test_exception_rolls_everything_back(store: PostgresStore) -> None:
    """No half of a transaction is ever seen."""

    def fail_halfway() -> None:
        with store.write(durable=True) as unit:
            unit.bump_revision("ana")
            unit.put_events("ana", "home", [{"id": "e", "etag": "1"}])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with store.read() as unit:
        assert (0, None) == (unit.revision("ana"), unit.mirror("ana", "home", "e"))
    bump(store)
    assert 1 == revision(store)


def test_write_in_a_write_joins_it(store: PostgresStore) -> None:
    """And is rolled back with it."""

    def fail_outside() -> None:
        with store.write() as outer:
            with store.write() as inner:
                inner.bump_revision("ana")
            with store.read() as unit:
                assert [1, 1] == [outer.revision("ana"), unit.revision("ana")]
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_outside()
    assert 0 == revision(store)


def test_write_inside_a_read_is_refused(store: PostgresStore) -> None:
    """Its snapshot may be old."""
    with store.read(), pytest.raises(RuntimeError), store.write():
        pass
    bump(store)


def test_statement_that_failed_is_not_forgotten_at_the_end(store: PostgresStore) -> None:
    """PostgreSQL would answer the commit with a rollback, and nobody would look."""

    def go_on_regardless() -> None:
        with store.write() as unit:
            unit.bump_revision("ana")
            with pytest.raises(Exception, match="nonsense"):
                unit._sql("SELECT nonsense")

    with pytest.raises(RuntimeError, match="a statement of this transaction failed"):
        go_on_regardless()
    assert 0 == revision(store)


def test_read_sees_one_state_while_others_write(store: PostgresStore, open_store: Open) -> None:
    """Both halves of a view are of one revision."""
    other = open_store()
    with store.read() as unit:
        before = unit.revision("ana")
        in_thread(lambda: (bump(other), other.close()))
        assert before == unit.revision("ana")
    assert before + 1 == revision(store)


def test_write_sees_what_was_committed_while_it_waited(store: PostgresStore, open_store: Open) -> None:
    """Or two who look and then write would both go by the old state."""
    other, waits = open_store(), threading.Event()
    bump(other)
    seen: list[int] = []

    def wait_and_look() -> None:
        waits.set()
        with store.write() as unit:
            seen.append(unit.revision("ana"))
        store.close()

    with other.write() as unit:
        thread = threading.Thread(target=wait_and_look)
        thread.start()
        waits.wait()
        unit.bump_revision("ana")
    thread.join()
    assert [2] == seen


def test_writer_that_waits_too_long_is_told_so(store: PostgresStore, open_store: Open) -> None:
    """Instead of hanging; the connection is good for the next one."""
    other = open_store()
    with other.read() as unit:
        unit.revision("ana")
    other._database.execute_sql("SET lock_timeout = '20ms'")
    with store.write(), pytest.raises(Transient, match="another program"), other.write():
        pass
    bump(other)


def test_data_version_tells_of_other_writers_and_not_of_our_own(store: PostgresStore, open_store: Open) -> None:
    """A write that was rolled back is none."""
    before = store.data_version()
    bump(store)
    with pytest.raises(ZeroDivisionError), store.write():
        raise ZeroDivisionError
    assert before == store.data_version()
    bump(open_store())
    assert before + 1 == store.data_version()


def test_durable_write_waits_for_the_disk(store: PostgresStore) -> None:
    """The others don't, as in SQLite; and the next one is as it was before."""
    found: list[str] = []
    for durable in (False, True, False):
        with store.write(durable=durable) as unit:
            found.append(unit._sql("SHOW synchronous_commit")[0][0])
    assert ["off", "on", "off"] == found


def test_processes_may_make_the_database_at_once(url: str) -> None:
    """Receiver, worker and screen start together."""
    code = "import sys; from aicalendar_tui.backend.store.postgres import PostgresStore\n"
    code += "s = PostgresStore(sys.argv[1])\n"
    code += "with s.read() as unit: print(unit.database_id())\ns.close()"
    makers = [subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE) for _ in range(4)]
    ids = {maker.communicate(timeout=30)[0] for maker in makers}
    assert ([0] * 4, 1) == ([maker.returncode for maker in makers], len(ids))


def test_server_that_restarted_is_met_again(own_server: PostgresServer) -> None:
    """By the next transaction, without a word; what was committed is there."""
    store = PostgresStore(own_server.new_database())
    with store.write(durable=True) as unit:
        unit.put_account("ana", email="", endpoint="", now=0)
    own_server.stop()
    own_server.start()
    bump(store)
    assert 1 == revision(store)
    store.close()


def test_server_that_goes_away_in_the_middle_is_passing_trouble(own_server: PostgresServer) -> None:
    """Nothing of the transaction is kept; without the server it is trouble too, with a remedy."""
    store = PostgresStore(own_server.new_database())
    with store.write(durable=True) as unit:
        unit.put_account("ana", email="", endpoint="", now=0)

    def lose_the_server() -> None:
        with store.write() as unit:
            unit.bump_revision("ana")
            own_server.kill()
            unit.bump_revision("ana")

    with pytest.raises(Transient, match="lost"):
        lose_the_server()
    for _ in range(2):
        with pytest.raises(Transient, match="start its server, or correct DATABASE_URL"), store.read():
            pass
    own_server.start()
    assert 0 == revision(store)
    store.close()


def test_old_server_is_refused_by_its_number(url: str) -> None:
    """It would fail somewhere in the middle."""
    with (
        pytest.raises(DatabaseUnusable, match="version 99 or newer is needed"),
        PostgresStore(url, oldest_server=99).read(),
    ):
        pass


def test_database_of_another_encoding_is_refused(server: PostgresServer) -> None:
    """Its texts would be others than ours."""
    url = server.new_database("--encoding=SQL_ASCII", "--locale=C", "--template=template0")
    with pytest.raises(DatabaseUnusable, match="createdb --encoding=UTF8"), PostgresStore(url).read():
        pass


def test_database_of_another_program_is_left_alone(url: str) -> None:
    """Tables of the same names, or a table meta of another kind."""
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE event (id INT)")
    with pytest.raises(DatabaseUnusable, match="event belong to another program"), PostgresStore(url).read():
        pass
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE meta (id INT)")
    with pytest.raises(DatabaseUnusable, match="of its own"), PostgresStore(url).read():
        pass


def test_user_who_may_not_create_tables_is_told(server: PostgresServer) -> None:
    """The usual trap since PostgreSQL 15."""
    url = server.new_database()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE ROLE guest LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    store = PostgresStore(url.replace("test@", "guest@"))
    with pytest.raises(DatabaseUnusable, match=r"permission denied.*of its own"), store.read():
        pass


def test_address_that_can_t_be_read_keeps_its_password() -> None:
    """Messages end up in logs."""
    with pytest.raises(DatabaseUnusable, match="write postgresql://") as caught:
        PostgresStore("postgresql://me:hunter2%zz@host/name")
    assert "hunter2" not in f"{caught.value} {caught.value.__cause__}"
    with pytest.raises(Transient) as unreachable, PostgresStore("postgresql://me:hunter2@/x?host=/nowhere").read():
        pass
    assert "hunter2" not in str(unreachable.value)


def test_schemas_of_one_database_are_strangers(server: PostgresServer, store: PostgresStore) -> None:
    """Tables and writers' lock of each are its own."""
    other = PostgresStore(server.new_schema())
    with store.write() as one, other.write() as two:
        two.put_account("bob", email="", endpoint="", now=0)
        assert [["ana"], ["bob"]] == [[account.user_id for account in unit.accounts()] for unit in (one, two)]
    other.close()


def test_newer_database_is_refused(store: PostgresStore, open_store: Open) -> None:
    """Never touched, and told which is which."""
    with store.write() as unit:
        unit._sql_write("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    with pytest.raises(DatabaseUnusable, match=f"version 99, this program knows {VERSION}"), open_store().read():
        pass


def test_older_database_is_brought_up_to_date(store: PostgresStore, open_store: Open) -> None:
    """Rows stay."""
    with store.write() as unit:
        for name in ("deaths", "own_color", "own_position"):
            unit._sql_write(f"ALTER TABLE calendar DROP COLUMN {name}")
        unit._sql_write("DROP TABLE document")
        unit._sql_write("UPDATE meta SET value = '1' WHERE key = 'schema_version'")
    with open_store().write() as unit:
        assert 1 == unit.count_death("ana", "home")
        assert ["home", "work"] == [calendar.calendar_id for calendar in unit.calendars("ana")]


def test_range_is_read_by_the_index(store: PostgresStore) -> None:
    """With rows enough that it pays."""
    with store.write() as unit:
        unit._sql_write(
            "INSERT INTO instance SELECT 1, 0, n * 3600, n * 3600 + 60, false, 'f' || n, '', '{}'"
            " FROM generate_series(1, 20000) AS n"
        )
        unit._sql_write("ANALYZE instance")
        plan = unit._sql(
            "EXPLAIN SELECT entry FROM instance"
            " WHERE generation IN (1, 2) AND bucket = 0 AND start < 90000 AND start >= 0"
        )
    assert "Index Scan using instance_pkey" in str(plan) or "Bitmap Index Scan on instance_pkey" in str(plan)
