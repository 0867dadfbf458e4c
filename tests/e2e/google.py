"""The simulated Google as a person with another device sees it: plain HTTP."""

import json
import socket
import sys
import time
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from subprocess import DEVNULL, Popen
from typing import Any


class Phone:
    """Someone edits the same calendars elsewhere; `address` is (host, port) of the simulator."""

    def __init__(self, host: str, port: int, *, calendar: str = "primary") -> None:
        self._host = host
        self._port = port
        self._events = f"/calendar/v3/calendars/{calendar}/events"

    def insert(self, summary: str, start: datetime, *, hours: float = 1) -> str:
        """Returns the new event's id; `start` is aware."""
        return self._ask("POST", self._events, {"summary": summary, **_times(start, hours)})["id"]

    def move(self, event_id: str, start: datetime, *, hours: float = 1) -> None:
        """To another time."""
        self._ask("PATCH", f"{self._events}/{event_id}", _times(start, hours))

    def rename(self, event_id: str, summary: str) -> None:
        """To another title."""
        self._ask("PATCH", f"{self._events}/{event_id}", {"summary": summary})

    def delete(self, event_id: str) -> None:
        """For good."""
        self._ask("DELETE", f"{self._events}/{event_id}")

    def find(self, summary: str) -> dict[str, Any] | None:
        """The event with that title, if there is one now."""
        found = self._ask("GET", f"{self._events}?maxResults=2500")["items"]
        return next((item for item in found if item.get("summary") == summary), None)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        connection = HTTPConnection(self._host, self._port, timeout=10)
        try:
            headers = {"Authorization": "Bearer demo", "Content-Type": "application/json"}
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        assert answer.status < 300, (answer.status, content)
        return json.loads(content) if content else None


def _times(start: datetime, hours: float) -> dict[str, Any]:
    end = start + timedelta(hours=hours)
    return {"start": {"dateTime": start.isoformat()}, "end": {"dateTime": end.isoformat()}}


class Google:
    """A simulated Google outside of the program, which can go away and come back as it was."""

    def __init__(self, state: Path, *, now: str) -> None:
        """`now` is an ISO time with its offset."""
        self._state = state
        self._now = now
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.phone = Phone("127.0.0.1", self.port)
        self.start()

    def start(self) -> None:
        """Begins to answer."""
        command = [sys.executable, "-m", "aicalendar_tui.simulator", "--demo", "--port", str(self.port)]
        self._process = Popen([*command, "--now", self._now, "--state", str(self._state)], stderr=DEVNULL)
        deadline = time.monotonic() + 20
        while not self._answers():
            assert time.monotonic() < deadline, "the simulated Google does not answer"
            time.sleep(0.02)

    def stop(self) -> None:
        """Answers no more; nothing that it was told is lost."""
        self._process.terminate()
        self._process.wait(10)

    def _answers(self) -> bool:
        try:
            self.phone.find("")
        except OSError:
            return False
        return True
