"""The services as the receiver sees them, with an account, a calendar, a channel and a few tasks."""

from threading import Event
from typing import Any, Literal

from aicalendar_tui.backend.domain.agenda import Sidebar
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.channel import Channel, Notification, hash_token, token_matches
from aicalendar_tui.backend.domain.errors import CalendarError, NotFound
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.services.read import Summary

USER = "ana@example.com"
TOKEN = "a-token-that-only-google-knows"


class FakeTunnel:
    """Stands at a fixed address."""

    problem = ""

    def address(self) -> str | None:
        """The public base URL."""
        return "https://calendar.example.com"


class FakeServices:
    """Remembers what it was asked for. `failure` is raised by whatever is asked next."""

    def __init__(self) -> None:
        self.tunnel = FakeTunnel()
        self.accepted: list[Notification] = []
        self.asked: list[tuple[Any, ...]] = []
        self.failure: CalendarError | None = None
        self.go_on = Event()
        self.go_on.set()
        self.channels = [
            Channel(
                channel_id=channel_id, user_id=USER, calendar_id="work", token_hash=hash_token(TOKEN), state=state
            )
            for channel_id, state in (("live-1", "active"), ("dead-1", "dead"))
        ]
        self.calendars = (
            Calendar(user_id=USER, calendar_id="work", summary="Work", live_wanted=True),
            Calendar(user_id=USER, calendar_id="home", summary="Home"),
        )
        self.tasks = [
            Task(task_id="t-done", user_id=USER, name="calendar.pull", state="done"),
            Task(task_id="t-failed", user_id=USER, name="calendar.push", state="failed", error="403"),
        ]

    def accept(self, notification: Notification) -> Literal["accepted", "retired", "unknown"]:
        """As the real one, without a database."""
        self.go_on.wait(10)
        self._fail()
        channel = next((c for c in self.channels if c.channel_id == notification.channel_id), None)
        if channel is None or not token_matches(channel, notification.token):
            return "unknown"
        if channel.state == "dead":
            return "retired"
        self.accepted.append(notification)
        return "accepted"

    def set_live(self, user_id: str, calendar_id: str | None, wanted: bool) -> list[str]:
        """One task for each calendar."""
        self._fail()
        self._check(calendar_id)
        self.asked.append(("set_live", user_id, calendar_id, wanted))
        return ["t-watch"]

    def unsubscribe(self, channel_id: str) -> str | None:
        """None: no such channel."""
        self.asked.append(("unsubscribe", channel_id))
        return "t-unwatch" if channel_id == "live-1" else None

    def request_sync(
        self, user_id: str, *, calendar_id: str | None = None, full: bool = False, scope: str = "both"
    ) -> list[str]:
        """Two tasks."""
        self._fail()
        self._check(calendar_id)
        self.asked.append(("request_sync", user_id, calendar_id, full, scope))
        return ["t-pull", "t-push"]

    def read_channels(self, user_id: str) -> list[Channel]:
        """All of them."""
        return self.channels

    def read_calendars(self, user_id: str) -> Sidebar:
        """In the user's order."""
        return Sidebar(self.calendars)

    def read_status(self, user_id: str) -> Summary:
        """Something waits."""
        return Summary(waiting=2, conflicts=1, rejected=0, open_tasks=3, live_calendars=1, calendars=2)

    def read_task(self, task_id: str) -> Task | None:
        """None: never given out."""
        return next((task for task in self.tasks if task.task_id == task_id), None)

    def read_tasks(self, user_id: str, limit: int = 50) -> list[Task]:
        """The first ones."""
        return self.tasks[:limit]

    def retry_task(self, task_id: str) -> str | None:
        """Only what failed."""
        return "t-again" if task_id == "t-failed" else None

    def health(self) -> dict[str, Any]:
        """Well."""
        self._fail()
        return {"status": "ok"}

    def resolve_user(self, user_id: str) -> str:
        """`me` is the only account."""
        if user_id not in ("me", USER):
            raise NotFound(f"there is no user {user_id!r}", code=404, reason="notFound")
        return USER

    def _check(self, calendar_id: str | None) -> None:
        if calendar_id is not None and calendar_id not in ("work", "home"):
            raise NotFound(f"there is no calendar {calendar_id!r}", code=404, reason="notFound")

    def _fail(self) -> None:
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure


def google_headers(**changes: str | None) -> dict[str, str]:
    """The headers of a genuine notification; a change to None leaves one out (`channel_token=None`)."""
    headers = {
        "X-Goog-Channel-ID": "live-1",
        "X-Goog-Channel-Token": TOKEN,
        "X-Goog-Channel-Expiration": "Tue, 24 Nov 2026 10:00:00 GMT",
        "X-Goog-Resource-ID": "r-1",
        "X-Goog-Resource-State": "exists",
        "X-Goog-Message-Number": "7",
    }
    for name, value in changes.items():
        full = "X-Goog-" + name.replace("_", "-").title().replace("-Id", "-ID")
        if value is None:
            del headers[full]
        else:
            headers[full] = value
    return headers
