"""The simulated Google as a person with another device sees it: plain HTTP."""

import json
from datetime import datetime, timedelta
from http.client import HTTPConnection
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
