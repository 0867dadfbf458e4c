"""Many users on one server: what one receiver and one, then two workers bear; printed as a table.

    .venv/bin/python -m benchmarks.load [--users 1000] [--minutes 10]

PostgreSQL, a Redis-protocol server, the receiver and Celery workers are real processes of their own, started here and
ended here; Google is the simulator, in one process. This program makes the load, on the same machine.
"""

import argparse
import json
import os
import secrets
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psycopg

from aicalendar_tui.backend.credentials import FileCredentials
from aicalendar_tui.backend.domain.channel import Channel, hash_token
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.services import Services
from aicalendar_tui.bootstrap import build_services
from aicalendar_tui.settings import load_settings
from aicalendar_tui.simulator.clock import SteerableClock
from aicalendar_tui.simulator.clock import SystemClock as GoogleClock
from aicalendar_tui.simulator.server import run_in_thread
from aicalendar_tui.simulator.world import World
from tests.integration.postgres.server import PostgresServer
from tests.integration.valkey_server import ValkeyServer

SENDERS = 8
"""Threads that play phones, and Google's servers."""
BEGIN = datetime(2026, 11, 23, 9, tzinfo=UTC)
TELL_OF_ROWS = """
CREATE FUNCTION tell_of_row() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN PERFORM pg_notify('load', NEW.event_id); RETURN NEW; END$$;
CREATE TRIGGER tell_of_row AFTER INSERT ON event FOR EACH ROW EXECUTE FUNCTION tell_of_row();
"""
"""PostgreSQL tells of a row when its transaction is committed: no polling, which would load the server."""


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--users", type=int, default=1_000)
    parser.add_argument("--minutes", type=float, default=10, help="give up what is not done by then")
    parser.add_argument("--simulator", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.simulator:
        serve_simulator(options.users)
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that the servers are ended, too
    with tempfile.TemporaryDirectory(prefix="load-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        Load(Path(folder), options.users, time.monotonic() + 60 * options.minutes).run()


def serve_simulator(users: int) -> None:
    """One calendar for each; says where it listens, and ends with its standard input."""
    world = World(SteerableClock(GoogleClock(), start=None))
    for number in range(users):
        world.add_user(name_user(number), f"User {number}", access_token=f"token-{number}")
    with run_in_thread(world) as simulator:
        say(simulator.base_url)
        sys.stdin.read()


def name_user(number: int) -> str:
    """The address of one of them."""
    return f"user{number}@example.com"


class Load:
    """The server with all its parts, and the load on it."""

    def __init__(self, folder: Path, users: int, deadline: float) -> None:
        self._folder = folder
        self._users = users
        self._deadline = deadline
        self._children: list[subprocess.Popen[str]] = []
        self._arrived: dict[str, float] = {}
        self._local = threading.local()

    def run(self) -> None:
        """Everything in turn."""
        for name in ("postgres", "valkey", "home"):
            (self._folder / name).mkdir()
        os.chmod(self._folder, 0o755)  # PostgreSQL runs as another user where we are root
        postgres = PostgresServer(self._folder / "postgres")
        valkey = ValkeyServer(self._folder / "valkey")
        try:
            postgres.start()
            valkey.start()
            self._url = postgres.new_database()
            self._measure(valkey)
        finally:
            for child in self._children:
                end(child)
            valkey.kill()
            postgres.kill()

    def _measure(self, valkey: ValkeyServer) -> None:
        simulator = self._spawn("-m", "benchmarks.load", "--simulator", "--users", str(self._users), talks=True)
        assert simulator.stdout is not None
        google = simulator.stdout.readline().strip()
        self._google = int(google.rpartition(":")[2])
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self._receiver = listener.getsockname()[1]
        self._environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AICALENDAR_")},
            "AICALENDAR_HOME": str(self._folder / "home"),
            "REDIS_URL": valkey.url,
            "DATABASE_URL": self._url,
            "GOOGLE_API_ENDPOINT": google,
            "PUBLIC_URL": f"http://127.0.0.1:{self._receiver}",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        settings = load_settings(environ=self._environ)
        services = build_services(settings)
        credentials = FileCredentials(settings.folders.data / "credentials")
        for number in range(self._users):
            credentials.save(name_user(number), google, {"token": f"token-{number}"})
            with services.store.write() as unit:
                unit.put_account(name_user(number), email=name_user(number), endpoint=google, now=int(time.time()))
        self._spawn(
            *("-m", "uvicorn", "--factory", "aicalendar_tui.backend.receiver.local:create_app"),
            *("--host", "127.0.0.1", "--port", str(self._receiver), "--no-access-log", "--log-level=warning"),
        )
        self._wait("the receiver", self._receiver_answers)
        services.watch.publish_address(self._environ["PUBLIC_URL"])
        say(f"{self._users} users, {os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}")
        with self._workers(2):
            self._sign_up(services)
        self._acknowledge(services)
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(TELL_OF_ROWS)
        threading.Thread(target=self._listen, daemon=True).start()
        rates = []
        for count in (1, 2):
            with self._workers(count):
                rates.append(self._synchronize(services, count))
        say(f"two workers to one: {rates[1] / rates[0]:.2f} ×")
        self._look_once(services)
        usage = subprocess.run(
            ["ps", "-o", "rss=,args=", "--ppid", str(os.getpid())], capture_output=True, text=True, check=True
        ).stdout
        for line in usage.splitlines():
            size, _, program = line.strip().partition(" ")
            say(f"memory {int(size) / 1024:>6.0f} MB  {program.strip()[-60:]}")
        say(f"database {self._ask('SELECT pg_database_size(current_database())') / 2**20:.0f} MB")

    def _sign_up(self, services: Services) -> None:
        begun = time.perf_counter()
        for number in range(self._users):
            services.ledger.request("calendar.pull_list", name_user(number))
        self._wait_for_count("first syncs", "SELECT count(*) FROM calendar WHERE sync_token IS NOT NULL")
        report("users signed up and synced the first time", self._users, time.perf_counter() - begun)
        begun = time.perf_counter()
        for number in range(self._users):
            services.set_live(name_user(number), None, True)
        self._wait_for_count("channels", "SELECT count(*) FROM channel WHERE state = 'active'")
        report("channels opened", self._users, time.perf_counter() - begun)

    def _acknowledge(self, services: Services) -> None:
        """No worker runs: the first notification of each calendar is queued, the others are only counted."""
        token = secrets.token_urlsafe(32)
        for number in range(self._users):
            channel = Channel(
                channel_id=f"load-{number}",
                user_id=name_user(number),
                calendar_id=name_user(number),
                token_hash=hash_token(token),
                state="active",
                expiration_ms=(int(time.time()) + 3600) * 1000,
                address=self._environ["PUBLIC_URL"],
                created_at=int(time.time()),
            )
            with services.store.write() as unit:
                unit.put_channel(channel)

        def notify(number: int) -> float:
            headers = {
                "X-Goog-Channel-ID": f"load-{number % self._users}",
                "X-Goog-Channel-Token": token,
                "X-Goog-Resource-State": "exists",
                "X-Goog-Resource-ID": "resource",
            }
            sent = time.perf_counter()
            self._post(self._receiver, "/webhook/google-calendar", headers, b"")
            return time.perf_counter() - sent

        for name, numbers in (
            ("first of each calendar", range(self._users)),
            ("coalesced", range(self._users, 3 * self._users)),
        ):
            begun = time.perf_counter()
            with ThreadPoolExecutor(SENDERS) as pool:
                times = list(pool.map(notify, numbers))
            report(f"acknowledged, {name}", len(numbers), time.perf_counter() - begun, times)
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("DELETE FROM channel WHERE channel_id LIKE 'load-%'")

    def _synchronize(self, services: Services, workers: int) -> float:
        """Returns how many edits at Google came into our database a second."""
        label = f"{workers} worker{'s' if workers > 1 else ''}"
        self._wait(
            "what was left", lambda: self._ask("SELECT count(*) FROM calendar WHERE dirty_seq > synced_seq") == 0
        )
        for number in range(4 * workers):  # each worker builds its clients with its first tasks
            self._await_arrivals({self._edit_at_google(number)[0]: 0.0})
        begun = time.perf_counter()
        with ThreadPoolExecutor(SENDERS) as pool:
            edits = dict(pool.map(self._edit_at_google, range(self._users)))
        made = time.perf_counter() - begun
        times = self._await_arrivals(edits)
        seconds = max(self._arrived[event_id] for event_id in edits) - begun
        report(f"{label}: a burst of edits at Google (made in {made:.0f} s) synced", len(edits), seconds, times)
        rate = len(edits) / seconds

        paced: dict[str, float] = {}
        begun = time.perf_counter()
        pace = rate / 2
        for number in range(min(self._users, round(20 * pace))):
            time.sleep(max(0.0, begun + number / pace - time.perf_counter()))
            event_id, sent = self._edit_at_google(number)
            paced[event_id] = sent
        times = self._await_arrivals(paced)
        report(f"{label}: edits at Google, {pace:.0f} a second", len(paced), time.perf_counter() - begun, times)

        own: dict[str, float] = {}
        begun = time.perf_counter()
        for number in range(min(self._users, 200)):
            user_id = name_user(number)
            sent = time.perf_counter()
            draft = Draft(summary=f"Ours {number}", start=BEGIN, end=BEGIN + timedelta(hours=1), zone="UTC")
            own[services.create_event(user_id, user_id, draft).event_id] = sent
            services.request_sync(user_id, scope="push")
        times = self._await_arrivals(own)
        seconds = max(self._arrived[event_id] for event_id in own) - begun
        report(f"{label}: a burst of edits of users at Google", len(own), seconds, times)
        return rate

    def _look_once(self, services: Services) -> None:
        begun = time.perf_counter()
        services.backstop()
        seconds = time.perf_counter() - begun
        say(f"one round of the backstop: {seconds:.2f} s, {1000 * seconds / self._users:.2f} ms a user")

    def _edit_at_google(self, number: int) -> tuple[str, float]:
        """The new event's id, and when the request left (`perf_counter`)."""
        number %= self._users
        times = {"start": BEGIN.isoformat(), "end": (BEGIN + timedelta(hours=1)).isoformat()}
        body = json.dumps({"summary": "Theirs", **{key: {"dateTime": value} for key, value in times.items()}})
        headers = {"Authorization": f"Bearer token-{number}", "Content-Type": "application/json"}
        sent = time.perf_counter()
        answer = self._post(self._google, "/calendar/v3/calendars/primary/events", headers, body.encode())
        return json.loads(answer)["id"], sent

    def _post(self, port: int, path: str, headers: dict[str, str], body: bytes) -> bytes:
        """On a connection that this thread keeps. Raises RuntimeError for any answer but 2xx."""
        kept: dict[Any, Any] = self._local.__dict__
        for last in (False, True):
            connection = kept.setdefault(port, HTTPConnection("127.0.0.1", port, timeout=30))
            try:
                connection.request("POST", path, body, headers)
                answer = connection.getresponse()
                content = answer.read()
            except OSError:
                connection.close()  # kept for too long
                if last:
                    raise
                continue
            if answer.status >= 300:
                raise RuntimeError(f"{path}: {answer.status} {content[:200]!r}")
            return content
        raise AssertionError

    def _listen(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection, suppress(psycopg.Error):
            connection.execute("LISTEN load")
            for notice in connection.notifies():  # ends with the server
                self._arrived.setdefault(notice.payload, time.perf_counter())

    def _await_arrivals(self, edits: dict[str, float]) -> list[float]:
        """How many seconds each took from its request until its row was committed."""
        self._wait(f"{len(edits)} edits", lambda: edits.keys() <= self._arrived.keys())
        return [self._arrived[event_id] - sent for event_id, sent in edits.items()]

    @contextmanager
    def _workers(self, count: int) -> Iterator[None]:
        started = [
            self._spawn(
                *("-m", "celery", "-A", "aicalendar_tui.worker", "--quiet", "worker", "-n", f"load{number}@%h"),
                *("-c", "1", "--loglevel=ERROR", "--without-gossip", "--without-mingle"),
            )
            for number in range(count)
        ]
        yield
        for worker in started:
            end(worker)
            self._children.remove(worker)

    def _spawn(self, *arguments: str, talks: bool = False) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE if talks else None
        environ = getattr(self, "_environ", dict(os.environ))
        child = subprocess.Popen(
            [sys.executable, "-W", "ignore", *arguments], env=environ, stdin=pipe, stdout=pipe, text=True
        )
        self._children.append(child)
        return child

    def _receiver_answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._receiver), 1):
            return True
        return False

    def _wait_for_count(self, what: str, query: str) -> None:
        self._wait(what, lambda: self._ask(query) >= self._users, pause_seconds=0.1)

    def _ask(self, query: str) -> int:
        connection = self._local.__dict__.get("connection")
        if connection is None:
            connection = self._local.connection = psycopg.connect(self._url, autocommit=True)
        (number,) = connection.execute(query.encode()).fetchone() or (0,)
        return number

    def _wait(self, what: str, condition: Callable[[], Any], *, pause_seconds: float = 0.02) -> None:
        while not condition():
            if time.monotonic() > self._deadline:
                sys.exit(f"the time was over while waiting for {what}: try fewer users")
            time.sleep(pause_seconds)


def end(child: subprocess.Popen[str]) -> None:
    """SIGTERM, and SIGKILL after five seconds."""
    child.terminate()
    try:
        child.wait(5)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def report(what: str, count: int, seconds: float, times: Sequence[float] = ()) -> None:
    """One line; with `times` (seconds) also their median and 95th percentile."""
    line = f"{what:<66}{count:>6}{count / seconds:>9.1f}/s"
    if times:
        p95 = statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
        line += f"   p50 {1000 * statistics.median(times):>7.0f} ms   p95 {1000 * p95:>7.0f} ms"
    say(line)


def say(text: str) -> None:
    """At once, also into a pipe."""
    print(text, flush=True)


if __name__ == "__main__":
    main()
