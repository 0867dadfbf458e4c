"""A client of the simulated API without HTTP: requests go to `handle` as plain Python values."""

from typing import Any
from urllib.parse import quote

import msgspec

from aicalendar_tui.simulator.query import Query
from aicalendar_tui.simulator.router import BASE, Answer, Request, handle
from aicalendar_tui.simulator.world import World


class Client:
    """One user's access to a world, by access token."""

    def __init__(self, world: World, token: str) -> None:
        self.world = world
        self.token = token

    def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        headers: dict[str, str] | None = None,
        **query: object,
    ) -> Answer:
        """One request to a path below `/calendar/v3/`."""
        return handle(
            self.world,
            Request(
                method=method,
                path=BASE + path,
                query=Query.of(query),
                headers={"authorization": f"Bearer {self.token}", **(headers or {})},
                body=msgspec.json.encode(body) if body is not None else b"",
            ),
        )

    def get(self, path: str, **query: object) -> Any:
        """The answer to a GET, which has to succeed."""
        return self.read(self.send("GET", path, **query))

    @staticmethod
    def read(answer: Answer) -> Any:
        """An answer's value; it has to be a success."""
        assert answer.status < 300, answer.body.decode()
        return answer.read()

    def insert(self, calendar_id: str = "primary", /, **fields: Any) -> Any:
        """A new event, from ten to eleven unless told otherwise."""
        times = {
            "start": {"dateTime": "2026-11-23T10:00:00Z", "timeZone": "UTC"},
            "end": {"dateTime": "2026-11-23T11:00:00Z", "timeZone": "UTC"},
        }
        return self.read(self.send("POST", f"calendars/{quote(calendar_id)}/events", times | fields))

    def patch(self, event_id: str, /, **fields: Any) -> Any:
        """A patched event of the primary calendar."""
        return self.read(self.send("PATCH", f"calendars/primary/events/{event_id}", fields))

    def delete(self, event_id: str) -> Answer:
        """The answer to a deletion on the primary calendar."""
        return self.send("DELETE", f"calendars/primary/events/{event_id}")

    def list_all(self, **query: object) -> tuple[list[Any], str | None]:
        """The items of all pages of the primary calendar's list, and its sync token."""
        items: list[Any] = []
        page_token = None
        while True:
            page = self.get("calendars/primary/events", pageToken=page_token, **query)
            items += page["items"]
            page_token = page.get("nextPageToken")
            if page_token is None:
                return items, page.get("nextSyncToken")


def reason_of(answer: Answer) -> tuple[int, str]:
    """The status and Google's reason of an error answer."""
    return answer.status, answer.read()["error"]["errors"][0]["reason"]
