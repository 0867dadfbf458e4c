"""The whole program in a home of its own, a simulated Google that outlives all of it, and an eye that compares both.

Google answers from a thread of this process: whatever is killed, it isn't, and what it has committed stays.
"""

import json
import os
import pty
import signal
import socket
import sqlite3
import subprocess
import sys
import termios
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from aicalendar_tui.backend.domain.agenda import Agenda
from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.backend.domain.event import EventKey, Resource
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.backend.services import Services
from aicalendar_tui.bootstrap import build_services
from aicalendar_tui.cli.local_api import LocalApi
from aicalendar_tui.launcher.lease import join
from aicalendar_tui.launcher.state import State
from aicalendar_tui.settings import Settings, load_settings
from aicalendar_tui.simulator.notifier import DeliveryPolicy
from aicalendar_tui.simulator.server import build_world, run_in_thread

USER = "ana@example.com"
ZONE = "Europe/Prague"
SERVICES = ("valkey", "receiver", "worker")
HTTP_SECONDS = 10
PAINTED_BYTES = 5_000
"""A screen that has written so much shows the calendar."""


class GoogleRefused(Exception):
    """Google answered with an error; `status` says which."""

    def __init__(self, status: int, content: bytes) -> None:
        super().__init__(f"{status} {content[:200]!r}")
        self.status = status


class Request(NamedTuple):
    """One that the API was sent."""

    method: str
    path: str
    status: int


class Google:
    """The simulated Google as another device sees it, and the control API behind it."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, method: str, path: str, body: Resource | None = None, **query: object) -> Any:
        """A request to the API below `/calendar/v3/`. Raises GoogleRefused."""
        return self._ask(method, f"/calendar/v3/{path}" + (f"?{urlencode(query)}" if query else ""), body)

    def control(self, method: str, path: str, body: Resource | None = None) -> Any:
        """A request to the control API. Raises GoogleRefused."""
        return self._ask(method, f"/_control/{path}", body)

    def insert(self, calendar_id: str, summary: str, start: datetime, **fields: object) -> str:
        """An hour from `start`; returns the event's id."""
        body = {"summary": summary, **moments(start), **fields}
        return self.ask("POST", f"calendars/{quote(calendar_id)}/events", body)["id"]

    def patch(self, calendar_id: str, event_id: str, **fields: object) -> None:
        """Changes fields without a condition, as a phone does."""
        self.ask("PATCH", f"calendars/{quote(calendar_id)}/events/{event_id}", fields)

    def delete(self, calendar_id: str, event_id: str) -> None:
        """For good."""
        self.ask("DELETE", f"calendars/{quote(calendar_id)}/events/{event_id}")

    def calendars(self) -> list[Resource]:
        """The list of calendars."""
        return self.ask("GET", "users/me/calendarList")["items"]

    def events(self, calendar_id: str, **query: object) -> list[Resource]:
        """All of them, page by page."""
        items: list[Resource] = []
        page: Resource = {}
        while True:
            token = {"pageToken": page["nextPageToken"]} if page.get("nextPageToken") else {}
            page = self.ask("GET", f"calendars/{quote(calendar_id)}/events", maxResults=2500, **query, **token)
            items += page["items"]
            if not page.get("nextPageToken"):
                return items

    def list_calls(self, calendar_id: str) -> int:
        """How often the events of that calendar were listed since the requests were cleared, pages counted."""
        path = f"/calendar/v3/calendars/{calendar_id}/events"
        return sum(one.method == "GET" and _unquoted(one.path) == path for one in self.requests())

    def requests(self) -> list[Request]:
        """The last ones, oldest first."""
        return [Request(*one) for one in self.control("GET", "requests")["requests"]]

    def _ask(self, method: str, path: str, body: Resource | None) -> Any:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=HTTP_SECONDS)
        try:
            headers = {"Authorization": "Bearer demo", "Content-Type": "application/json"}
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status >= 300:
            raise GoogleRefused(answer.status, content)
        return json.loads(content) if content else None


class Machine:
    """`aicalendar --demo serve` as a process, and this process as the screen beside it."""

    def __init__(self, folder: Path, google: Google) -> None:
        self.folder = folder
        self.google = google
        self.log = folder.with_name(f"{folder.name}.log")
        """What `serve` prints; beside the home, whose disk may be full."""
        self.environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("AICALENDAR", "REDIS", "GOOGLE", "LC_"))},
            "AICALENDAR_HOME": str(folder),
            "AICALENDAR_ZONE": ZONE,
            "GOOGLE_API_ENDPOINT": f"http://127.0.0.1:{google.port}",
            "API_PORT": "0",
            "WEBHOOK_PORT": "0",
            "LANG": "C.UTF-8",
            "LANGUAGE": "en",
        }
        self.settings: Settings = load_settings(demo=True, environ=self.environ)
        self.services: Services = build_services(self.settings, checkpoint=False)
        self._api = LocalApi(self.settings)
        self._serve: subprocess.Popen[bytes] | None = None

    # processes

    def start(self) -> None:
        """Starts `serve`; does not wait for the services."""
        with self.log.open("ab") as log:
            self._serve = subprocess.Popen(
                [sys.executable, "-m", "aicalendar_tui", "--demo", "serve"],
                env=self.environ,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def serves(self) -> bool:
        """Whether `serve` has not ended by itself."""
        return self._serve is not None and self._serve.poll() is None

    @contextmanager
    def screen(self) -> Iterator[subprocess.Popen[bytes]]:
        """The calendar on a screen of its own, painted; killed with SIGKILL when the block ends."""
        near, far = pty.openpty()
        termios.tcsetwinsize(far, (45, 140))
        painted = threading.Event()

        def watch() -> None:
            seen = b""
            with suppress(OSError):  # EIO: the last one on the other side has closed it
                while data := os.read(near, 65_536):
                    seen = (seen + data)[-100_000:]
                    if len(seen) > PAINTED_BYTES:
                        painted.set()

        watcher = threading.Thread(target=watch, daemon=True)
        process = subprocess.Popen(
            [sys.executable, "-m", "aicalendar_tui", "--demo"],
            env={**self.environ, "TERM": "xterm-256color"},
            stdin=far,
            stdout=far,
            stderr=far,
            start_new_session=True,
        )
        os.close(far)
        watcher.start()
        try:
            assert painted.wait(20), "the screen was not painted within 20 s"
            yield process
        finally:
            process.kill()
            process.wait()
            watcher.join(5)
            os.close(near)

    def stop(self) -> None:
        """Ends everything and waits until nothing of the home runs."""
        if self._serve is not None:
            self._serve.terminate()
            self._serve.wait(10)
        self.services.store.close()
        eventually(lambda: not self.processes(), "all processes of the home end")

    def kill_serve(self) -> None:
        """SIGKILL to the one that holds the lease; returns when its services are gone, too."""
        self.kill_holder()
        self.wait_silence()

    def kill_holder(self) -> None:
        """SIGKILL to `serve`; its services live on while somebody else holds a lease."""
        assert self._serve is not None
        self._serve.kill()
        self._serve.wait()

    def wait_silence(self) -> None:
        """Returns when the services have ended with their last lease."""
        eventually(lambda: not self.processes(), "the services end with their last lease")

    def state(self) -> State | None:
        """What the supervisor says; None while there is none."""
        lease = join(self.settings.folders.run.resolve())
        if lease is None:
            return None
        with lease:
            return lease.state

    def is_ready(self) -> bool:
        """Whether every service is up."""
        state = self.state()
        return state is not None and state.is_ready(SERVICES)

    def kill(self, name: str) -> bool:
        """SIGKILL to a service, the `supervisor` (the worker's parent), its `guard`, or both at once.

        False when there is nothing to kill.
        """
        state = self.state()
        if state is None:
            return False
        try:
            guard = _parent_of(state.pid)
        except OSError:
            return False
        match name:
            case "supervisor":
                pids = [state.pid]
            case "guard":
                pids = [guard]
            case "guard and supervisor":
                pids = [guard, state.pid]
            case _:
                pids = [state.services[name].pid]
        struck = False
        for pid in pids:
            with suppress(ProcessLookupError):
                if pid:
                    os.kill(pid, signal.SIGKILL)
                    struck = True
        return struck

    def flush_redis(self) -> bool:
        """FLUSHALL: queue, views and stream are gone; False when there is no server."""
        socket_path = self.settings.folders.run.resolve() / "valkey.sock"
        return _say_to(socket_path, b"FLUSHALL\r\n").startswith(b"+OK")

    def processes(self) -> list[int]:
        """All that live for this home."""
        mark = f"AICALENDAR_HOME={self.folder}".encode()
        run_folder = str(self.settings.folders.run.resolve()).encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    # valkey-server writes its title, with its socket, over its environment.
                    ours = mark in (entry / "environ").read_bytes().split(b"\0")
                    if ours or run_folder in (entry / "cmdline").read_bytes():
                        found.append(int(entry.name))
                except OSError:
                    continue  # it ended between the two looks
        return found

    # the screen's side

    def nudge(self, path: str = f"/sync/{quote(USER)}?scope=push") -> bool:
        """Asks the receiver to enqueue, as the screen does after an edit; False when it is away."""
        try:
            self._api.request("POST", path)
        except CalendarError:
            return False
        return True

    def agenda(self, days: Days) -> Agenda:
        """What a screen shows."""
        return self.services.read_agenda(USER, days)

    def summary_of(self, calendar_id: str, event_id: str) -> str | None:
        """The title that a screen shows; None while the event isn't there."""
        view = self.services.read_event(EventKey(USER, calendar_id, event_id))
        return view.event.summary if view else None

    def is_idle(self) -> bool:
        """Whether no task is queued, running or waiting for another try."""
        return self.services.read_status(USER).open_tasks == 0

    # the eye

    def differences(self) -> list[str]:
        """What keeps this machine from being equal to Google; [] is calm."""
        with self.services.store.read() as unit:
            changes = unit.changes(USER)
            shown = {c.calendar_id for c in unit.calendars(USER) if c.shown}
        if changes:
            return [f"change {c.change_id} {c.label!r} is {c.state}: {c.reason}" for c in changes]
        found = []
        calendar_ids = [entry["id"] for entry in self.google.calendars()]
        for calendar_id in calendar_ids:
            there = {item["id"]: item for item in self.google.events(calendar_id, showDeleted="true")}
            here = self._mirror(calendar_id)
            found += _compare_rows(calendar_id, here, there)
        return found or self._compare_agenda([one for one in calendar_ids if one in shown])

    def _mirror(self, calendar_id: str) -> dict[str, Resource]:
        path = f"file:{quote(str(self.settings.folders.database))}?mode=ro"
        connection = sqlite3.connect(path, uri=True, timeout=5)
        try:
            rows = connection.execute(
                "SELECT e.event_id, e.resource FROM event e JOIN calendar c ON c.generation = e.generation"
                " WHERE c.user_id = ? AND c.calendar_id = ?",
                (USER, calendar_id),
            ).fetchall()
        finally:
            connection.close()
        return {event_id: json.loads(resource) for event_id, resource in rows}

    def _compare_agenda(self, calendar_ids: list[str]) -> list[str]:
        """The screen's entries, through cache and index, beside Google's own expansion of all series."""
        first = datetime.now(UTC).date() - timedelta(days=20)
        days = Days(first, first + timedelta(days=80), "UTC")
        low, high = days.dates.start + 2 * 86_400, days.dates.end - 2 * 86_400
        here = Counter(
            (e.calendar_id, e.summary, e.start, e.end)
            for e in self.agenda(days).entries
            if low <= e.start and e.end <= high
        )
        there: Counter[tuple[str, str, int, int]] = Counter()
        bounds = {"timeMin": f"{days.first}T00:00:00Z", "timeMax": f"{days.last}T00:00:00Z"}
        for calendar_id in calendar_ids:
            for item in self.google.events(calendar_id, singleEvents="true", **bounds):
                start, end = _epoch(item["start"]), _epoch(item["end"])
                if low <= start and end <= high:
                    there[(calendar_id, item.get("summary", ""), start, end)] += 1
        return [
            *(f"the agenda lacks {entry}" for entry in there - here),
            *(f"the agenda has {entry}, and Google hasn't" for entry in here - there),
        ]

    def wait_calm(self, *, seconds: float = 60) -> float:
        """Blocks until there is no difference left; returns the seconds it took. Raises AssertionError."""
        began = time.monotonic()
        while found := self.differences():
            assert time.monotonic() - began < seconds, "\n".join([f"not calm within {seconds:g} s:", *found[:20]])
            time.sleep(0.05)
        return time.monotonic() - began

    def wait_live(self, *, seconds: float = 40) -> None:
        """Blocks until every service is up, the first sync is done and all that can be watched is."""
        eventually(self.is_ready, "the services are ready", seconds=seconds)

        def is_live() -> bool:
            calendars = self.services.read_calendars(USER).calendars
            return bool(calendars) and all(c.live in ("live", "unwatchable", "polling") for c in calendars)

        eventually(is_live, "all calendars are live", seconds=seconds)
        self.wait_calm(seconds=seconds)


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """One that runs while the block does; `folder` should have a short path, unix sockets want that."""
    folder.mkdir(mode=0o700, exist_ok=True)
    world, _ = build_world(demo=True, zone=ZONE)
    with run_in_thread(world, policy=DeliveryPolicy()) as simulator:
        made = Machine(folder, Google(simulator.port))
        made.start()
        try:
            yield made
        finally:
            made.stop()


def eventually(condition: Callable[[], object], what: str, *, seconds: float = 15) -> None:
    """Blocks until the condition holds. Raises AssertionError when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s, and still not: {what}"
        time.sleep(0.02)


def moments(start: datetime, *, hours: float = 1) -> Resource:
    """`start` and `end` as Google writes them."""
    end = start + timedelta(hours=hours)
    return {
        "start": {"dateTime": start.isoformat(), "timeZone": ZONE},
        "end": {"dateTime": end.isoformat(), "timeZone": ZONE},
    }


def _compare_rows(calendar_id: str, here: dict[str, Resource], there: dict[str, Resource]) -> list[str]:
    """Living events and cancelled instances of living series must be the same; a tombstone may be forgotten."""
    found = []
    for event_id in here.keys() | there.keys():
        ours, theirs = here.get(event_id), there.get(event_id)
        lives_here, lives_there = _lives(ours), _lives(theirs)
        if lives_here != lives_there:
            state = "is here and not at Google" if lives_here else "is at Google and not here"
            found.append(f"{calendar_id}: {event_id} {(ours or theirs or {}).get('summary')!r} {state}")
        elif lives_here and ours != theirs:
            fields = {k for k in {*(ours or ()), *(theirs or ())} if (ours or {}).get(k) != (theirs or {}).get(k)}
            found.append(f"{calendar_id}: {event_id} differs in {sorted(fields)}")
        elif not lives_here and theirs and _lives(there.get(theirs.get("recurringEventId", ""))) and ours is None:
            found.append(f"{calendar_id}: the cancelled instance {event_id} is forgotten here")
    return found


def _lives(resource: Resource | None) -> bool:
    return resource is not None and resource.get("status") != "cancelled"


def _epoch(moment: Resource) -> int:
    if "dateTime" in moment:
        return int(datetime.fromisoformat(moment["dateTime"]).timestamp())
    return int(datetime.fromisoformat(moment["date"]).replace(tzinfo=UTC).timestamp())


def _parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _unquoted(path: str) -> str:
    return path.replace("%40", "@").replace("%23", "#")


def _say_to(socket_path: Path, command: bytes) -> bytes:
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(str(socket_path))
            client.sendall(command)
            return client.recv(64)
    except OSError:
        return b""
