"""What is found is what is shown: edits at once, pulled changes with their pull, and nothing that is gone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.search import parse_query
from tests.unit.services.household import HOME, USER, Household

PRAGUE = ZoneInfo("Europe/Prague")


def at(hour: int, day: int = 24) -> datetime:
    """In November."""
    return datetime(2026, 11, day, hour, tzinfo=PRAGUE)


def find(house: Household, text: str) -> list[str]:
    """Titles of what the words find."""
    query = parse_query(text, date.fromisoformat)
    return [entry.summary for entry in house.services().search(USER, query, zone="Europe/Prague")]


def test_an_edit_is_found_at_once_and_undone_at_once(house: Household) -> None:
    """In the transaction that shows it."""
    services = house.services()
    key = services.create_event(USER, HOME, Draft(summary="Dentist", start=at(9), end=at(10)))
    assert ["Dentist"] == find(house, "dent")
    services.change_event(key, Draft(summary="Haircut", location="Žižkov"))
    assert ([], ["Haircut"]) == (find(house, "dent"), find(house, "zizkov"))
    services.undo(USER)
    assert (["Dentist"], []) == (find(house, "dent"), find(house, "haircut"))
    services.delete_event(key)
    assert [] == find(house, "dent")


def test_what_is_pulled_is_found(house: Household) -> None:
    """And no longer once it is cancelled."""
    remote = house.google
    event = remote.put(HOME, {"summary": "Board meeting", "description": "<b>Budget</b> &amp; numbers", **times()})
    house.services().pull(USER, HOME)
    assert ["Board meeting"] == find(house, "budget numbers")
    assert [] == find(house, '"b budget"')
    remote.cancel(HOME, event["id"])
    house.services().pull(USER, HOME)
    assert [] == find(house, "budget")


def test_an_empty_query_finds_nothing(house: Household) -> None:
    """Rather than everything."""
    house.services().create_event(USER, HOME, Draft(summary="Dentist", start=at(9), end=at(10)))
    assert [] == find(house, " - ")


def test_cal_names_the_calendar(house: Household) -> None:
    """By any part of its name that a word begins with."""
    house.services().create_event(USER, HOME, Draft(summary="Dentist", start=at(9), end=at(10)))
    assert ["Dentist"] == find(house, "cal:home")
    assert [] == find(house, "dentist cal:elsewhere")


def times() -> dict[str, object]:
    """Tomorrow at nine."""
    return {"start": {"dateTime": at(9).isoformat()}, "end": {"dateTime": at(10).isoformat()}}


@pytest.mark.parametrize("text", ["before:", "after:someday", "cal:", "from:''"])
def test_what_says_nothing_is_named(text: str) -> None:
    """So that the screen can say so while it is typed."""

    def read_day(text: str) -> date | None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None

    assert (text,) == parse_query(text, read_day).unclear
