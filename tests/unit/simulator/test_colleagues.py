"""The demo's colleagues: something happens each time, by day, and what the user made stays as it is."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aicalendar_tui.simulator.clock import ManualClock
from aicalendar_tui.simulator.colleagues import MOST_INVITATIONS, PAUSE_SECONDS, Colleagues
from aicalendar_tui.simulator.demo import fill_world
from aicalendar_tui.simulator.world import World
from tests.unit.simulator.simulated_client import Client

ANA = "ana@example.com"
PRAGUE = ZoneInfo("Europe/Prague")


@pytest.fixture
def client() -> Client:
    """Ana's access to a fresh demo."""
    world = World(ManualClock(datetime(2026, 11, 23, 11, 12, tzinfo=UTC)))
    fill_world(world, zone="Europe/Prague", email=ANA, token="demo")
    return Client(world, "demo")


def list_all(client: Client) -> dict[str, dict[str, Any]]:
    """All events on Ana's calendars by id, cancelled ones too."""
    found = {}
    for calendar in client.get("users/me/calendarList")["items"]:
        path = f"calendars/{calendar['id'].replace('#', '%23')}/events"
        for one in client.get(path, maxResults=2500, showDeleted=True)["items"]:
            found[one["id"]] = one | {"calendar": calendar["summary"]}
    return found


def test_each_act_changes_something_that_the_user_sees(client: Client) -> None:
    """Forty of them: twenty minutes of a demo."""
    colleagues = Colleagues(client.world, ANA)
    before = list_all(client)
    for number in range(40):
        done = colleagues.act()
        after = list_all(client)
        assert done is not None, number
        assert before != after, done
        before = after


def test_what_the_user_made_for_herself_is_left_alone(client: Client) -> None:
    """Only answers of her guests change on her own events; nobody touches Home, Health, Travel or Holidays."""
    colleagues = Colleagues(client.world, ANA)
    before = list_all(client)
    for _number in range(40):
        colleagues.act()
    after = list_all(client)

    def what_stays(one: dict[str, Any]) -> str:
        changing = ("etag", "updated", "attendees", "sequence")
        return json.dumps({name: value for name, value in one.items() if name not in changing}, sort_keys=True)

    kept = {key for key, one in before.items() if one["calendar"] not in ("Design team",)}
    assert {key: what_stays(before[key]) for key in kept} == {key: what_stays(after[key]) for key in kept}


def test_invitations_do_not_pile_up(client: Client) -> None:
    """The oldest goes before another comes."""
    colleagues = Colleagues(client.world, ANA)
    before = set(list_all(client))
    for _number in range(60):
        colleagues.act()
        invited = [one for key, one in list_all(client).items() if key not in before and one["status"] != "cancelled"]
        assert len(invited) <= MOST_INVITATIONS + 1


def test_meetings_stay_in_the_working_day(client: Client) -> None:
    """However often they are moved."""
    colleagues = Colleagues(client.world, ANA)
    moved = {key for key, one in list_all(client).items() if one["calendar"] == "Design team"}
    for _number in range(60):
        colleagues.act()
    for key, one in list_all(client).items():
        if key in moved and "dateTime" in one.get("start", {}):
            start, end = (
                datetime.fromisoformat(one[edge]["dateTime"]).astimezone(PRAGUE) for edge in ("start", "end")
            )
            assert 8 <= start.hour < end.hour + end.minute / 60 <= 19, one["summary"]


def test_an_empty_world_is_left_in_peace() -> None:
    """A user without colleagues, or a calendar from files."""
    world = World(ManualClock(datetime(2026, 11, 23, 11, 12, tzinfo=UTC)))
    world.add_user(ANA, "Ana Kovač", "Europe/Prague")
    assert Colleagues(world, ANA).act() is None


def test_the_same_seed_makes_the_same_afternoon(client: Client) -> None:
    """So that a picture can be made again."""
    world = World(ManualClock(datetime(2026, 11, 23, 11, 12, tzinfo=UTC)))
    fill_world(world, zone="Europe/Prague", email=ANA, token="demo")
    first, second = Colleagues(client.world, ANA, seed=7), Colleagues(world, ANA, seed=7)
    assert [first.act() for _ in range(10)] == [second.act() for _ in range(10)]
    assert PAUSE_SECONDS[0] <= first.choose_pause() <= PAUSE_SECONDS[1]
