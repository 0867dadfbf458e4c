"""The demo calendar: believable around any day, in any zone, the same each time."""

from datetime import UTC, datetime
from typing import Any

import pytest

from aicalendar_tui.simulator.clock import ManualClock
from aicalendar_tui.simulator.demo import fill_world, find_country
from aicalendar_tui.simulator.state import encode_world
from aicalendar_tui.simulator.world import World
from tests.unit.simulator.simulated_client import Client

NAMES = ["Ana Kovač", "Design team", "Home", "Health", "Travel", "Holidays"]


def make_demo(now: str = "2026-11-23T11:12:00+00:00", zone: str = "Europe/Prague") -> Client:
    """Ana's access to a fresh demo."""
    world = World(ManualClock(datetime.fromisoformat(now).astimezone(UTC)))
    fill_world(world, zone=zone, email="ana@example.com", token="demo")
    return Client(world, "demo")


def list_week(client: Client, first: str, last: str) -> dict[str, list[dict[str, Any]]]:
    """The events of each calendar between two dates, in UTC."""
    found = {}
    for calendar in client.get("users/me/calendarList")["items"]:
        path = f"calendars/{calendar['id'].replace('#', '%23')}/events"
        page = client.get(
            path, singleEvents=True, orderBy="startTime", timeMin=f"{first}T00:00:00Z", timeMax=f"{last}T00:00:00Z"
        )
        found[calendar["summary"]] = page["items"]
    return found


def test_the_present_week_is_the_one_in_the_pictures() -> None:
    """Overlaps, all-day bars, a series, invitations in every state, two calls, two alphabets."""
    week = list_week(make_demo(), "2026-11-23", "2026-11-30")
    assert NAMES == list(week)
    mine = {one["summary"]: one for one in week["Ana Kovač"]}
    assert 5 == sum(one["summary"] == "Standup" for one in week["Ana Kovač"])

    def answer(summary: str) -> str:
        return next(guest["responseStatus"] for guest in mine[summary]["attendees"] if guest.get("self"))

    assert ["needsAction", "declined", "tentative"] == [
        answer(one) for one in ("Budget review", "Hiring sync", "Обед с Олегом")
    ]
    assert mine["1:1 Mira"]["hangoutLink"].startswith("https://meet.google.com/")
    offsite = next(one for one in week["Travel"] if one["summary"] == "Lisbon offsite")
    assert ("2026-11-24", "2026-11-27") == (offsite["start"]["date"], offsite["end"]["date"])
    assert "Релиз 2.0: проверка" in [one["summary"] for one in week["Design team"]]


def test_a_series_has_a_moved_and_a_cancelled_instance() -> None:
    """In the next week and in weeks before."""
    items = make_demo().get("calendars/primary/events", q="Standup", maxResults=2500)["items"]
    exceptions = [one for one in items if "recurringEventId" in one]
    moved = [one for one in exceptions if one["status"] == "confirmed"]
    assert (2, True) == (len(moved), all(one["start"] != one["originalStartTime"] for one in moved))
    everything = make_demo().get("calendars/primary/events", maxResults=2500)["items"]
    assert 2 == sum(one["status"] == "cancelled" for one in everything)


@pytest.mark.parametrize(
    ("now", "zone"),
    [
        ("2026-11-23T11:12:00+00:00", "UTC"),
        ("2026-03-29T00:30:00+00:00", "Europe/Prague"),
        ("2024-02-29T23:59:59+00:00", "America/St_Johns"),
        ("2026-12-31T23:30:00+00:00", "Pacific/Kiritimati"),
        ("2026-10-04T12:00:00+00:00", "Australia/Lord_Howe"),
    ],
)
def test_weeks_around_any_day_are_filled(now: str, zone: str) -> None:
    """Near clock changes, leap days and year ends, at the world's edges."""
    client = make_demo(now, zone)
    items = client.get("calendars/primary/events", singleEvents=True, maxResults=2500)["items"]
    assert len(items) > 100
    standups = [one for one in items if one["summary"] == "Standup"]
    nine = sum(one["start"]["dateTime"][11:16] == "09:00" for one in standups)
    assert 2 == len(standups) - nine


def test_the_same_now_gives_the_same_world() -> None:
    """Byte for byte."""
    assert encode_world(make_demo().world) == encode_world(make_demo().world)


def test_holidays_are_those_of_the_zones_country() -> None:
    """Known to be read-only and not watchable."""
    assert ["CZ", "US", "JP", "US"] == [
        find_country(zone) for zone in ("Europe/Prague", "America/New_York", "Asia/Tokyo", "UTC")
    ]
    client = make_demo()
    entry = client.get("users/me/calendarList")["items"][-1]
    assert ("en.cz#holiday@group.v.calendar.google.com", "reader") == (entry["id"], entry["accessRole"])
    path = "calendars/en.cz%23holiday%40group.v.calendar.google.com/events"
    assert any(one["start"]["date"] == "2026-12-24" for one in client.get(path)["items"])
    body = {"id": "c", "type": "web_hook", "address": "http://127.0.0.1:9/"}
    assert 400 == client.send("POST", f"{path}/watch", body).status
    assert 403 == client.send("POST", path, {}).status
