"""Whatever happens: a mirror that follows sync tokens equals a full list, and a token never loses a change."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from aicalendar_tui.simulator import state
from aicalendar_tui.simulator.clock import ManualClock
from aicalendar_tui.simulator.world import World
from tests.unit.simulator.simulated_client import Client


class MirroredCalendar(RuleBasedStateMachine):
    """A calendar with series and exceptions, and somebody who syncs it now and then, page by page."""

    series = Bundle("series")
    events = Bundle("events")

    def __init__(self) -> None:
        super().__init__()
        clock = ManualClock(datetime(2026, 11, 23, 12, tzinfo=UTC))
        self.world = World(clock, seed=7)
        self.world.add_user("ana@example.com", "Ana", "Europe/Prague", access_token="ana")
        self.ana = Client(self.world, "ana")
        self.mirror: dict[str, Any] = {}
        self.token: str | None = None

    @rule(target=events, name=st.text(max_size=5))
    def insert(self, name: str) -> str:
        return self.ana.insert(summary=name)["id"]

    @rule(target=series, count=st.integers(1, 5))
    def insert_series(self, count: int) -> str:
        return self.ana.insert(recurrence=[f"RRULE:FREQ=DAILY;COUNT={count}"])["id"]

    @rule(event_id=st.one_of(events, series), name=st.text(max_size=5))
    def patch(self, event_id: str, name: str) -> None:
        self.ana.send("PATCH", f"calendars/primary/events/{event_id}", {"summary": name})

    @rule(event_id=st.one_of(events, series))
    def delete(self, event_id: str) -> None:
        self.ana.delete(event_id)

    @rule(event_id=series, size=st.integers(1, 3))
    def delete_and_restore(self, event_id: str, size: int) -> None:
        """With a sync in between, so that the mirror has dropped what has to come back."""
        self.delete(event_id)
        self.sync(size)
        self.restore(event_id)

    @rule(event_id=st.one_of(events, series))
    def restore(self, event_id: str) -> None:
        self.ana.send("PATCH", f"calendars/primary/events/{event_id}", {"status": "confirmed"})

    @rule(event_id=series, day=st.integers(23, 28), verb=st.sampled_from(("PATCH", "DELETE")))
    def touch_instance(self, event_id: str, day: int, verb: str) -> None:
        path = f"calendars/primary/events/{event_id}_202611{day}T100000Z"
        self.ana.send(verb, path, {"location": "x", "status": "confirmed"})

    @rule(event_id=series, count=st.integers(1, 5))
    def change_length(self, event_id: str, count: int) -> None:
        body = {"recurrence": [f"RRULE:FREQ=DAILY;COUNT={count}"]}
        self.ana.send("PATCH", f"calendars/primary/events/{event_id}", body)

    @rule(event_id=consumes(series))
    def end_recurrence(self, event_id: str) -> None:
        self.ana.send("PATCH", f"calendars/primary/events/{event_id}", {"recurrence": None})

    @rule()
    def restart(self) -> None:
        """The state file brings everything back, tokens too."""
        document = msgspec.json.decode(state.encode_world(self.world))
        self.world = World(self.world.clock, seed=8)
        state.load_world(self.world, document)
        self.ana.world = self.world

    @rule(size=st.integers(1, 3))
    def sync(self, size: int) -> None:
        items, self.token = self.ana.list_all(syncToken=self.token, maxResults=size)
        for item in items:
            if item["status"] == "cancelled" and "recurringEventId" not in item:
                gone = [one for one in self.mirror if one == item["id"] or one.startswith(item["id"] + "_")]
                for one in gone:
                    del self.mirror[one]
            else:
                self.mirror[item["id"]] = item
        assert self.read_truth() == self.shorten(self.mirror)

    def read_truth(self) -> dict[str, tuple[str, str]]:
        """What a full list says now."""
        return self.shorten({one["id"]: one for one in self.ana.list_all()[0]})

    @staticmethod
    def shorten(items: dict[str, Any]) -> dict[str, tuple[str, str]]:
        """Etag and status of each event."""
        return {event_id: (one["etag"], one["status"]) for event_id, one in items.items()}

    @invariant()
    def expanded_lists_agree_with_instances(self) -> None:
        """A series' instances are the same, whichever way one asks."""
        expanded, _ = self.ana.list_all(singleEvents=True)
        for master in self.ana.list_all()[0]:
            if "recurrence" in master:
                path = f"calendars/primary/events/{master['id']}/instances"
                asked = {one["id"] for one in self.ana.get(path)["items"]}
                assert asked == {one["id"] for one in expanded if one.get("recurringEventId") == master["id"]}


MirroredCalendar.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestMirroredCalendar = MirroredCalendar.TestCase
