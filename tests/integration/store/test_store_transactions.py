"""Transactions of a real SQLite file: several writers, readers, crashes, and files that are not ours to read."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from aicalendar_tui.backend.domain.errors import DatabaseUnusable
from aicalendar_tui.backend.store.lock import FileLock
from aicalendar_tui.backend.store.store import PeeweeStore

HAMMER = Path(__file__).with_name("hammer.py")
PROCESSES = 3
TRANSACTIONS = 1_500
"""Of each: 4,500 in all."""


def test_three_processes_write_at_once_and_none_fails(store: PeeweeStore, path: Path) -> None:
    """IMMEDIATE: nobody finds out at its commit that it was too late; and each counter counts every transaction."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-W", "error", str(HAMMER), str(path), str(TRANSACTIONS), str(number)],
            stderr=subprocess.PIPE,
        )
        for number in range(PROCESSES)
    ]
    errors = [writer.communicate(timeout=120)[1] for writer in writers]
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


def test_exception_rolls_everything_back(store: PeeweeStore) -> None:
    """No half of a transaction is ever seen."""

    def fail_halfway() -> None:
        with store.write() as unit:
            unit.bump_revision("ana")
            unit.put_events("ana", "home", [{"id": "e", "etag": "1"}])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    with store.read() as unit:
        assert (0, None) == (unit.revision("ana"), unit.mirror("ana", "home", "e"))
    with store.write() as unit:
        assert 1 == unit.bump_revision("ana")


def test_exception_in_a_durable_write_leaves_the_connection_as_it_was(store: PeeweeStore) -> None:
    """FULL is for that transaction alone."""
    with pytest.raises(ZeroDivisionError), store.write(durable=True):
        raise ZeroDivisionError
    with store.read() as unit:
        assert [(1,)] == unit._sql("PRAGMA synchronous")


def test_write_in_a_write_joins_it(store: PeeweeStore) -> None:
    """And is rolled back with it."""

    def fail_outside() -> None:
        with store.write() as outer:
            with store.write() as inner:
                inner.bump_revision("ana")
            assert 1 == outer.revision("ana")
            with store.read() as unit:
                assert 1 == unit.revision("ana")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_outside()
    with store.read() as unit:
        assert 0 == unit.revision("ana")


def test_write_inside_a_read_is_refused(store: PeeweeStore) -> None:
    """Its snapshot may be old: upgrading it is what fails under load."""
    with store.read(), pytest.raises(RuntimeError), store.write():
        pass
    with store.write() as unit:
        assert 1 == unit.bump_revision("ana")


def test_read_sees_one_state_while_others_write(store: PeeweeStore, path: Path) -> None:
    """Both halves of a view are of one revision."""
    other = PeeweeStore(path)
    with store.read() as unit:
        before = unit.revision("ana")
        thread = threading.Thread(target=lambda: (_bump(other), other.close()))
        thread.start()
        thread.join()
        assert before == unit.revision("ana")
    with store.read() as unit:
        assert before + 1 == unit.revision("ana")


def _bump(store: PeeweeStore) -> None:
    with store.write() as unit:
        unit.bump_revision("ana")


def test_each_thread_has_a_connection_of_its_own(store: PeeweeStore) -> None:
    """As the worker's threads do; each closes its own."""
    seen: list[int] = []

    def work() -> None:
        _bump(store)
        seen.append(id(store._database.connection()))
        store.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as unit:
        assert (4, 4) == (unit.revision("ana"), len(seen))


def test_data_version_tells_of_other_writers_and_not_of_our_own(store: PeeweeStore, path: Path) -> None:
    """The screen looks at it each second when Redis is away."""
    before = store.data_version()
    _bump(store)
    assert before == store.data_version()
    other = PeeweeStore(path)
    _bump(other)
    other.close()
    assert before != store.data_version()


def test_durable_write_is_in_the_file_at_once(store: PeeweeStore, path: Path) -> None:
    """Another program reads it, without our closing anything."""
    with store.write(durable=True) as unit:
        assert [(2,)] == unit._sql("PRAGMA synchronous")
        unit.bump_revision("ana")
    connection = sqlite3.connect(path)
    assert [(1,)] == connection.execute("SELECT revision FROM account").fetchall()
    connection.close()


def test_database_is_of_the_user_alone(store: PeeweeStore, path: Path) -> None:
    """Mode 0600, and so are the files beside it."""
    _bump(store)
    files = sorted(path.parent.glob("calendar.db*"))
    assert ["calendar.db", "calendar.db-shm", "calendar.db-wal"] == [file.name for file in files]
    assert {0o600} == {file.stat().st_mode & 0o777 for file in files}


def test_database_of_a_newer_version_is_refused_by_name(store: PeeweeStore, path: Path) -> None:
    """Never touched, and told which is which."""
    with store.write() as unit:
        unit._sql_write("UPDATE meta SET value = '99' WHERE key = 'schema_version'")
    store.close()
    newer = PeeweeStore(path)
    with pytest.raises(DatabaseUnusable, match="version 99"), newer.read():
        pass
    newer.close()


def test_file_that_is_no_database_is_an_error_and_is_kept(path: Path) -> None:
    """Perhaps somebody's only copy of something."""
    path.write_text("dear diary " * 500)
    store = PeeweeStore(path)
    with pytest.raises(Exception, match="not a database"), store.read():
        pass
    store.close()
    assert path.read_text().startswith("dear diary")


def test_database_id_is_made_once_and_is_another_for_another_file(store: PeeweeStore, tmp_path: Path) -> None:
    """A revision is only comparable within it."""
    other = PeeweeStore(tmp_path / "other.db")
    with store.read() as one, other.read() as two:
        assert one.database_id() != two.database_id()
    again = PeeweeStore(tmp_path / "other.db")
    with other.read() as two, again.read() as three:
        assert two.database_id() == three.database_id()
    other.close()
    again.close()


def test_two_processes_may_make_the_database_at_once(tmp_path: Path) -> None:
    """Receiver, worker and screen start together."""
    code = "import sys; from aicalendar_tui.backend.store.store import PeeweeStore; s = PeeweeStore(sys.argv[1])\n"
    code += "with s.read() as unit: print(unit.database_id())\ns.close()"
    makers = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "new.db")], stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    ids = {maker.communicate(timeout=30)[0] for maker in makers}
    assert ([0] * 4, 1) == ([maker.returncode for maker in makers], len(ids))


def test_lock_is_of_one_holder_and_dies_with_it(tmp_path: Path) -> None:
    """Between threads, between processes, and after a SIGKILL."""
    lock = FileLock(tmp_path / "locks")
    with lock.hold("pull ana home") as free:
        assert free
        with lock.hold("pull ana home") as again, lock.hold("pull ana work") as other:
            assert (False, True) == (again, other)
    code = "import sys; from pathlib import Path; from aicalendar_tui.backend.store.lock import FileLock\n"
    code += (
        "with FileLock(Path(sys.argv[1])).hold('pull ana home') as free: print(free, flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "locks")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert b"True\n" == holder.stdout.readline()
    with lock.hold("pull ana home") as free:
        assert not free
    holder.kill()
    holder.communicate()
    with lock.hold("pull ana home") as free:
        assert free
