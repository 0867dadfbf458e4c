"""A household whose Google is the simulator; the phone is a second client of the same account."""

from pathlib import Path

from aicalendar_tui.backend.domain.event import EventKey, Resource, is_cancelled, new_event_id
from aicalendar_tui.backend.google.calendar import GoogleCalendar
from aicalendar_tui.backend.google.remotes import GoogleRemotes
from aicalendar_tui.backend.ports import RemoteCalendar
from tests.unit.services.household import USER, Household

HOME = "ana@example.com"


class Office(Household):
    """`phone` edits as somebody else would."""

    def __init__(self, folder: Path, remotes: GoogleRemotes, work: str) -> None:
        self.work = work
        self.phone: GoogleCalendar = remotes(USER)
        super().__init__(folder)
        self.remotes.accounts[USER] = self.phone  # pyright: ignore[reportArgumentType] - the port's other side
        self.use(self.phone)
        self.connect()

    def use(self, remote: RemoteCalendar) -> None:
        """The simulator's client, whatever the household was built with."""
        super().use(self.phone)

    def at_google(self, calendar_id: str = HOME) -> dict[str, Resource]:
        """What a first full list says, by id."""
        items, page_token = [], None
        while True:
            page = self.phone.list_events(calendar_id, page_token=page_token)
            items += page.items
            page_token = page.next_page_token
            if page_token is None:
                return {item["id"]: item for item in items if not is_cancelled(item)}

    def sync(self) -> None:
        """Both ways; then nothing waits, both mirrors are Google's, and the screen is as it was."""
        before = [(entry.calendar_id, entry.start, entry.summary) for entry in self.agenda()]
        self.push(USER)
        for calendar_id in (HOME, self.work):
            self.pull(USER, calendar_id)
            assert self.at_google(calendar_id) == self.mirror(calendar_id)
        assert [] == self.outbox()
        assert before == [(entry.calendar_id, entry.start, entry.summary) for entry in self.agenda()]

    def series(self, **fields: object) -> EventKey:
        """Six mornings at nine in Berlin from 23 November on, made on the phone and pulled."""
        body: Resource = {
            "id": new_event_id(),
            "summary": "Daily",
            "start": {"dateTime": "2026-11-23T09:00:00+01:00", "timeZone": "Europe/Berlin"},
            "end": {"dateTime": "2026-11-23T10:00:00+01:00", "timeZone": "Europe/Berlin"},
            "recurrence": ["RRULE:FREQ=DAILY;COUNT=6"],
            **fields,
        }
        self.phone.insert_event(HOME, body)
        self.pull(USER, HOME)
        return EventKey(USER, HOME, body["id"])

    def instance(self, series: EventKey, day: int) -> EventKey:
        """That of a day in November."""
        return EventKey(USER, HOME, series.event_id, f"2026-11-{day}T08:00:00Z")
