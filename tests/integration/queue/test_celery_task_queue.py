"""Tasks from a sender to a real Celery worker, over a real server that comes and goes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis

from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.queue import QUEUE_NAME, CeleryTaskQueue, create_celery
from tests.integration.valkey_server import ValkeyServer

PROGRAM = Path(__file__).with_name("worker_program.py")


class Stopwatch:
    """A monotonic clock that stands still until it is moved."""

    seconds = 0.0

    def __call__(self) -> float:
        """The time now."""
        return self.seconds


class Sender:
    """A queue on a server, and how long its last send took."""

    def __init__(self, url: str) -> None:
        self.clock = Stopwatch()
        self._queue = CeleryTaskQueue(lambda: create_celery(url, embedded=True), monotonic=self.clock)
        self.taken_seconds = 0.0

    def send(self, task_id: str, **options: float) -> bool:
        """Whether it was taken."""
        begun = time.monotonic()
        try:
            self._queue.send("calendar.pull", task_id=task_id, arguments={"calendar_id": "ю"}, **options)
        except Transient:
            return False
        finally:
            self.taken_seconds = time.monotonic() - begun
        return True


@pytest.fixture
def sender(own_valkey: ValkeyServer) -> Sender:
    """It has sent nothing yet."""
    return Sender(own_valkey.url)


def waiting(server: ValkeyServer) -> int:
    """How many tasks no worker has fetched."""
    with redis.Redis.from_url(server.url) as client:
        return client.llen(QUEUE_NAME)  # type: ignore[return-value] # redis-py's type for async too


def test_sender_that_never_reached_the_broker_fails_quickly(own_valkey: ValkeyServer, sender: Sender) -> None:
    """Less than a second, and at once after that, until it is back."""
    own_valkey.kill()
    create_celery(own_valkey.url, embedded=True)  # so that the import isn't what is measured
    assert not sender.send("1")
    assert sender.taken_seconds < 1
    own_valkey.start()
    assert not sender.send("2")
    sender.clock.seconds += 2
    assert sender.send("3")
    assert 1 == waiting(own_valkey)


def test_frozen_broker_is_given_up_on(own_valkey: ValkeyServer, sender: Sender) -> None:
    """A socket that takes bytes and answers nothing; the next task goes out once it is thawed."""
    assert sender.send("1")
    own_valkey.freeze()
    assert not sender.send("2")
    assert sender.taken_seconds < 1
    own_valkey.thaw()
    sender.clock.seconds += 2
    assert sender.send("3")


def test_restarted_or_emptied_broker_is_no_failure(own_valkey: ValkeyServer, sender: Sender) -> None:
    """The socket kept open is a dead one; kombu's own tables are gone."""
    assert sender.send("1")
    own_valkey.kill()
    own_valkey.start()
    assert sender.send("2")
    with redis.Redis.from_url(own_valkey.url) as client:
        client.flushall()
    assert sender.send("3")
    assert 1 == waiting(own_valkey)


def test_many_threads_may_send_at_once(own_valkey: ValkeyServer, sender: Sender) -> None:
    """As the receiver's do."""
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(lambda number: sender.send(str(number)), range(200)))
    assert 200 == waiting(own_valkey)


@pytest.fixture
def worker(own_valkey: ValkeyServer, tmp_path: Path) -> Iterator[Callable[[int], list[str]]]:
    """Starts a worker; the call waits until it has written so many lines, and returns them."""
    record = tmp_path / "record"
    process = subprocess.Popen([sys.executable, str(PROGRAM), own_valkey.url, str(record)], env={**os.environ})

    def lines(count: int) -> list[str]:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            found = record.read_text().splitlines() if record.exists() else []
            if len(found) >= count:
                return found
            time.sleep(0.02)
        raise AssertionError(f"the worker wrote {found}")

    yield lines
    process.kill()
    process.wait()


def test_worker_does_what_was_sent(
    own_valkey: ValkeyServer, sender: Sender, worker: Callable[[int], list[str]]
) -> None:
    """Before it started, while it runs, with a delay, and after the broker was killed under it."""
    assert sender.send("before")
    assert {"ready", "before ю"} == set(worker(2))
    assert sender.send("later", countdown_seconds=0.2)
    assert "later ю" == worker(3)[2]
    own_valkey.kill()
    own_valkey.start()
    assert sender.send("after")
    assert "after ю" == worker(4)[3]


def test_the_queue_tells_how_much_waits_and_an_emptied_server_has_nothing(own_valkey: ValkeyServer) -> None:
    """That is how the backstop sees that the broker lost what the ledger calls queued."""
    queue = CeleryTaskQueue(lambda: create_celery(own_valkey.url, embedded=True))
    assert 0 == queue.waiting()

    for number in range(3):
        queue.send("calendar.pull", task_id=f"task-{number}", arguments={})
    assert 3 == queue.waiting()

    with redis.Redis.from_url(own_valkey.url) as client:
        client.flushall()
    assert 0 == queue.waiting()


def test_a_server_that_is_away_can_not_tell_what_waits(own_valkey: ValkeyServer) -> None:
    """Not knowing is not zero."""
    queue = CeleryTaskQueue(lambda: create_celery(own_valkey.url, embedded=True))
    own_valkey.kill()

    with pytest.raises(Transient):
        queue.waiting()
