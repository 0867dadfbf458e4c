"""Views through the cache, always of the present revision; and the list of calendars."""

from datetime import date, timedelta

import pytest

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import NotFound
from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.backend.domain.times import Days
from tests.unit.services.household import HOME, NOW, USER, Household, draft, timed

DAY = Days(NOW.date(), NOW.date() + timedelta(days=1), "UTC")


class Counting:
    """Counts the reads of entries that reach the database."""

    def __init__(self, house: Household) -> None:
        self.reads = 0
        original = house.store._units.entries_json

        def counted(*arguments: object) -> bytes:
            self.reads += 1
            return original(*arguments)  # pyright: ignore[reportArgumentType] - handed through

        house.store._units.entries_json = counted  # pyright: ignore[reportAttributeAccessIssue] - looked at


def test_second_reading_comes_from_the_cache_until_something_changes(house: Household) -> None:
    """The revision decides; deleting what is cached costs time alone."""
    house.create("Tea")
    counting = Counting(house)
    first, second = house.read.agenda(USER, DAY), house.read.agenda(USER, DAY)
    assert (1, first) == (counting.reads, second)
    house.create("Coffee", hour=15)
    assert ["Tea", "Coffee"] == house.summaries(DAY)
    assert 2 == counting.reads
    house.cache.invalidate_user_cache(USER)
    assert ["Tea", "Coffee"] == house.summaries(DAY)
    assert 3 == counting.reads


def test_agenda_tells_the_revision_it_was_read_at(house: Household) -> None:
    """From the cache and from the database."""
    house.create("Tea")
    assert [house.revision()] * 2 == [house.read.agenda(USER, DAY).revision for _ in range(2)]


def test_order_is_all_day_first_then_by_start_longer_first(house: Household) -> None:
    """As the views paint them."""
    house.google.put(HOME, timed("Short", hour=9))
    end = {"dateTime": "2026-11-23T18:00:00Z"}
    house.google.put(HOME, {**timed("Long", hour=9), "end": end})
    house.google.put(HOME, timed("Early", hour=7))
    house.google.put(HOME, {"summary": "Day", "start": {"date": "2026-11-23"}, "end": {"date": "2026-11-24"}})
    house.pull(USER, HOME)
    assert ["Day", "Early", "Long", "Short"] == house.summaries(DAY)


def test_event_of_several_days_is_in_each_of_them(house: Household) -> None:
    """Timed and all-day."""
    house.google.put(HOME, {"summary": "Fair", "start": {"date": "2026-11-22"}, "end": {"date": "2026-11-25"}})
    night = {"start": {"dateTime": "2026-11-23T22:00:00Z"}, "end": {"dateTime": "2026-11-24T06:00:00Z"}}
    house.google.put(HOME, {"summary": "Night", **night})
    house.pull(USER, HOME)
    seen = [house.summaries(Days(date(2026, 11, d), date(2026, 11, d + 1), "UTC")) for d in range(21, 26)]
    assert [[], ["Fair"], ["Fair", "Night"], ["Fair", "Night"], []] == seen


def test_window_grows_on_demand_in_both_directions(house: Household) -> None:
    """Only changed series are expanded at other times."""
    house.google.put(HOME, {**timed("Yearly"), "recurrence": ["RRULE:FREQ=YEARLY"]})
    house.pull(USER, HOME)
    for year in (2027, 2031, 2040):
        assert ["Yearly"] == house.summaries(Days(date(year, 11, 23), date(year, 11, 24), "UTC"))
    assert [] == house.summaries(Days(date(2020, 11, 23), date(2020, 11, 24), "UTC"))
    assert ["Yearly"] == house.summaries(DAY)


def test_far_years_are_empty_rather_than_endless(house: Household) -> None:
    """Holding the key that leafs must not expand a series for a thousand years."""
    house.google.put(HOME, {**timed("Daily"), "recurrence": ["RRULE:FREQ=DAILY"]})
    house.pull(USER, HOME)
    for year in (2500, 9998, 2):
        assert [] == house.summaries(Days(date(year, 1, 1), date(year, 1, 8), "UTC"))


def test_hidden_calendar_is_not_in_the_views(house: Household) -> None:
    """And is, when it is shown again."""
    house.create("Tea")
    with house.store.write() as unit:
        unit.set_shown(USER, HOME, False)
        unit.bump_revision(USER)
    assert [] == house.summaries(DAY)
    assert [False] == [calendar.shown for calendar in house.read.calendars(USER).calendars]
    with house.store.write() as unit:
        unit.set_shown(USER, HOME, True)
        unit.bump_revision(USER)
    assert ["Tea"] == house.summaries(DAY)


def test_event_is_shown_with_what_waits_for_it(house: Household) -> None:
    """Instance, series and single event."""
    event = house.google.put(HOME, {**timed("Daily"), "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"]})
    house.pull(USER, HOME)
    key = EventKey(USER, HOME, event["id"], "2026-11-24T09:00:00Z")
    view = house.read.event(key)
    assert view is not None
    assert ("Daily", "synced", 24) == (view.event.summary, view.state, view.event.start.day)
    house.edit.change(key, Draft(summary="Special"))
    view, whole = house.read.event(key), house.read.event(key.series)
    assert view is not None
    assert whole is not None
    assert ("Special", "waiting", "Daily") == (view.event.summary, view.state, whole.event.summary)
    house.edit.delete(key)
    assert house.read.event(key) is None
    assert house.read.event(EventKey(USER, HOME, "nobody")) is None
    assert house.read.event(EventKey(USER, "nowhere", event["id"])) is None


def test_default_account_is_me(house: Household) -> None:
    """Others by their name, or not at all."""
    assert (USER, USER) == (house.read.resolve_user("me"), house.read.resolve_user(USER))
    with pytest.raises(NotFound):
        house.read.resolve_user("nobody")


def test_protocol_8_list_of_calendars_is_followed(house: Household) -> None:
    """New ones are pulled, gone ones are gone, with their events and their live updates."""
    house.google.put_calendar({"id": "work", "summary": "Work", "accessRole": "writer"})
    house.google.put("work", timed("Meeting"))
    assert 1 == house.pull_list(USER)
    assert [("calendar.pull", "work")] == house.sent()
    house.pull(USER, "work")
    assert ["Meeting"] == house.summaries(DAY)
    house.google.remove_calendar("work")
    assert 1 == house.pull_list(USER)
    assert ([], [HOME]) == (house.summaries(DAY), [c.calendar_id for c in house.read.calendars(USER).calendars])
    assert 0 == house.pull_list(USER)


def test_calendar_list_of_several_pages_is_taken_whole(house: Household) -> None:
    """Nothing on a later page is taken for gone."""
    for number in range(7):
        house.google.put_calendar({"id": f"c{number}", "summary": f"C{number}", "accessRole": "reader"})
    house.google.page_size = 2
    house.pull_list(USER)
    house.pull_list(USER)
    assert 8 == len(house.read.calendars(USER).calendars)


def test_primary_calendar_comes_first_and_hidden_ones_are_not_shown(fresh: Household) -> None:
    """As in Google's own list."""
    fresh.google.put_calendar({"id": "a", "summary": "A", "accessRole": "owner", "selected": False})
    fresh.pull_list(USER)
    assert [(HOME, True), ("a", False)] == [(c.calendar_id, c.shown) for c in fresh.read.calendars(USER).calendars]


def test_edits_are_counted_for_the_state_line(house: Household) -> None:
    """Waiting, in conflict, rejected."""
    house.create("Tea")
    house.edit.create(USER, HOME, draft("Coffee", hour=15))
    summary = house.read.summary(USER)
    assert (2, 0, 0, 1) == (summary.waiting, summary.conflicts, summary.rejected, summary.calendars)
