"""What a lock must be, on both kinds: a file of this machine, and a row of the server's lock table."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.ports import Lock
from aicalendar_tui.backend.store.lock import FileLock
from aicalendar_tui.backend.store.postgres import PostgresLock
from tests.integration.postgres.server import PostgresServer

HOLDER = """
import sys
from pathlib import Path
from aicalendar_tui.backend.store.lock import FileLock
from aicalendar_tui.backend.store.postgres import PostgresLock
place = sys.argv[1]
lock = PostgresLock(place) if "://" in place else FileLock(Path(place))
with lock.hold("pull ana home") as free:
    print(free, flush=True)
    sys.stdin.read()
"""

WAIT_SECONDS = 10


@pytest.fixture(params=["file", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder, or the URL of a database."""
    return str(tmp_path / "locks") if request.param == "file" else request.getfixturevalue("url")


@pytest.fixture
def make_lock(place: str) -> Callable[[], Lock]:
    """Makes one more of the same place."""
    return lambda: PostgresLock(place) if "://" in place else FileLock(Path(place))


def is_free(lock: Lock, name: str = "pull ana home") -> bool:
    """Whether somebody could have it now."""
    with lock.hold(name) as free:
        return free


def test_lock_has_one_holder(make_lock: Callable[[], Lock]) -> None:
    """Also in the same thread, and through the same object; other names are free."""
    lock, other = make_lock(), make_lock()
    with lock.hold("pull ana home") as free:
        assert free
        assert [False, False, True] == [is_free(lock), is_free(other), is_free(other, "pull ana work")]
    assert is_free(other)


def test_lock_is_free_after_an_exception(make_lock: Callable[[], Lock]) -> None:
    """And at once."""
    lock = make_lock()
    for _ in range(20):
        with pytest.raises(ZeroDivisionError), lock.hold("pull ana home") as free:
            raise ZeroDivisionError if free else AssertionError
    assert is_free(lock)


def test_one_who_did_not_get_it_does_not_let_it_go(make_lock: Callable[[], Lock]) -> None:
    """The holder goes on holding."""
    lock = make_lock()
    with lock.hold("pull ana home"):
        assert not is_free(lock)
        assert not is_free(lock)


def test_threads_exclude_each_other(make_lock: Callable[[], Lock]) -> None:
    """Of eight that hold on for the others, one gets it."""
    lock, all_tried = make_lock(), threading.Barrier(8)
    got: list[bool] = []

    def try_it() -> None:
        with lock.hold("pull ana home") as free:
            got.append(free)
            all_tried.wait(WAIT_SECONDS)

    threads = [threading.Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [False] * 7 + [True] == sorted(got)


def test_lock_dies_with_its_holder(place: str, make_lock: Callable[[], Lock]) -> None:
    """By SIGKILL, which leaves nobody to let it go."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, place], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert "True\n" == holder.stdout.readline()
    lock = make_lock()
    assert not is_free(lock)
    holder.kill()
    holder.communicate()
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_free(lock):
        assert time.monotonic() < deadline


def test_server_that_is_away_is_passing_trouble(own_server: PostgresServer) -> None:
    """Nobody can say whether the lock was free; one that was held ends without a fuss."""
    lock = PostgresLock(own_server.new_database())
    with lock.hold("pull ana home") as free:
        assert free
        own_server.stop()
    with pytest.raises(Transient, match="can't be reached"):
        is_free(lock)
    own_server.start()
    assert is_free(lock)
