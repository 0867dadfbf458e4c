"""All of a series changed: its changed and cancelled instances come along, or are named before, and undo restores."""

from datetime import UTC, datetime, timedelta

import pytest

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import Unreachable
from aicalendar_tui.backend.domain.event import EventKey
from tests.unit.services.household import HOME, USER, Household
from tests.unit.services.test_split import DAYS, key_of, series, settle, shown

WEEKLY = Draft(recurrence=("RRULE:FREQ=WEEKLY;COUNT=2",))


def moved(day: int, hour: int) -> Draft:
    """An hour on that day of November."""
    start = datetime(2026, 11, day, hour, tzinfo=UTC)
    return Draft(start=start, end=start + timedelta(hours=1))


def times(house: Household) -> list[tuple[int, int, str]]:
    """(day, hour, title) of what is shown."""
    starts = [(entry.start_in(UTC), entry.summary) for entry in house.agenda(DAYS)]
    return [(start.day, start.hour, title) for start, title in starts]


def colourful(house: Household) -> EventKey:
    """Six mornings: the 24th has another title, the 25th another hour, the 26th is cancelled."""
    key = series(house)
    house.edit.change(key_of(key, 24), Draft(summary="Special", location="There"))
    house.edit.change(key_of(key, 25), moved(25, 15))
    house.edit.delete(key_of(key, 26))
    settle(house)
    return key


BEFORE = [(23, 9, "Daily"), (24, 9, "Special"), (25, 15, "Daily"), (27, 9, "Daily"), (28, 9, "Daily")]
LATER = [(23, 11, "Daily"), (24, 11, "Special"), (25, 15, "Daily"), (27, 11, "Daily"), (28, 11, "Daily")]


@pytest.mark.parametrize("sent", [False, True])
def test_other_hour_of_all_takes_every_exception_along(house: Household, sent: bool) -> None:
    """Shown at once, one change; undone and made again, sent or not."""
    key = colourful(house)
    assert [] == house.edit.losses(key_of(key, 27), moved(27, 11), "all")
    house.edit.change(key_of(key, 27), moved(27, 11), scope="all")
    assert (LATER, 1) == (times(house), len(house.outbox()))
    if sent:
        settle(house)
    house.edit.undo(USER)
    assert BEFORE == times(house)
    if not sent:
        assert [] == house.outbox()
    settle(house)
    house.edit.redo(USER)
    assert LATER == times(house)
    settle(house)
    house.edit.undo(USER)
    settle(house)
    assert BEFORE == times(house)


def test_series_that_moves_by_a_day_takes_its_exceptions_to_the_next_day(house: Household) -> None:
    """Where the old places are still places of the series."""
    key = colourful(house)
    house.edit.change(key_of(key, 23), moved(24, 9), scope="all")
    expected = [(24, 9, "Daily"), (25, 9, "Special"), (25, 15, "Daily"), (28, 9, "Daily"), (29, 9, "Daily")]
    assert expected == times(house)
    settle(house)
    house.edit.undo(USER)
    settle(house)
    assert BEFORE == times(house)


def test_there_and_back_by_two_edits_is_as_it_was(house: Household) -> None:
    """What was removed on the way leaves a trace at Google, and that hides nothing."""
    key = colourful(house)
    house.edit.change(key_of(key, 27), moved(27, 11), scope="all")
    settle(house)
    instance = next(entry.key for entry in house.agenda(DAYS) if entry.start_in(UTC).day == 28)
    house.edit.change(instance, moved(28, 9), scope="all")
    assert BEFORE == times(house)
    settle(house)


def test_instance_that_was_grabbed_goes_where_it_was_put(house: Household) -> None:
    """And the others as far as it went."""
    key = colourful(house)
    house.edit.change(key_of(key, 25), moved(25, 16), scope="all")
    hours = [(23, 10, "Daily"), (24, 10, "Special"), (25, 16, "Daily"), (27, 10, "Daily"), (28, 10, "Daily")]
    assert hours == times(house)
    settle(house)


def test_new_title_of_all_leaves_those_their_own_that_have_one(house: Household) -> None:
    """The one that was only moved follows its series."""
    key = colourful(house)
    house.edit.change(key_of(key, 27), Draft(summary="New"), scope="all")
    titles = ["New", "Special", "New", "New", "New"]
    assert titles == [title for _, _, title in times(house)]
    settle(house)
    house.edit.undo(USER)
    settle(house)
    assert BEFORE == times(house)


def test_losses_of_all_are_named_first_and_brought_back_by_undo(house: Household) -> None:
    """Once a week, where it was every day."""
    key = colourful(house)
    assert ["Special, 2026-11-24 09:00", "Daily, 2026-11-25 15:00"] == house.edit.losses(key, WEEKLY, "all")
    house.edit.change(key, WEEKLY, scope="all")
    assert [(23, 9, "Daily"), (30, 9, "Daily")] == times(house)
    settle(house)
    house.edit.undo(USER)
    assert BEFORE == times(house)
    settle(house)


@pytest.mark.parametrize("after", [False, True])
def test_crash_at_any_request_of_a_change_of_all_shows_and_does_the_same(house: Household, after: bool) -> None:
    """One request fails, then the program starts anew."""
    key = colourful(house)
    house.edit.change(key_of(key, 27), moved(27, 11), scope="all")
    for operation in ("delete_event", "patch_event", "patch_event", "delete_event", "find_instance"):
        house.google.fail(operation, Unreachable(), after=after)
    for _ in range(8):
        try:
            house.push(USER)
        except Unreachable:
            house.restart()
        assert LATER == times(house)
    settle(house)


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_exception_that_was_changed_at_google_meanwhile_is_not_swept_away(house: Household, choice: str) -> None:
    """It is a conflict, and settled by the user."""
    key = colourful(house)
    house.edit.change(key_of(key, 27), moved(27, 11), scope="all")
    (special,) = [event for event in house.google.live_events(HOME).values() if event["summary"] == "Special"]
    house.google.put(HOME, {**special, "location": "Elsewhere"})
    house.push(USER)
    assert ["conflict"] == [change.state for change in house.outbox()]
    house.services().settle(house.outbox()[0].change_id, choice)  # pyright: ignore[reportArgumentType]
    settle(house)
    assert (LATER if choice == "mine" else BEFORE) == times(house)
    places = {event["summary"]: event.get("location") for event in house.google.live_events(HOME).values()}
    assert ("There" if choice == "mine" else "Elsewhere") == places["Special"]


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_exception_changed_at_google_meanwhile_stops_a_division_too(house: Household, choice: str) -> None:
    """What the new series took along is older; withdrawn, the new series goes again."""
    key = colourful(house)
    house.edit.change(key_of(key, 24), Draft(description="Late"), scope="following")
    divided = times(house)
    (special,) = [event for event in house.google.live_events(HOME).values() if event["summary"] == "Special"]
    house.google.put(HOME, {**special, "location": "Elsewhere"})
    house.push(USER)
    assert ["conflict"] == [change.state for change in house.outbox()]
    house.services().settle(house.outbox()[0].change_id, choice)  # pyright: ignore[reportArgumentType]
    settle(house)
    assert (divided if choice == "mine" else BEFORE) == times(house)
    places = {event.get("location") for event in house.google.live_events(HOME).values()}
    assert ("There" if choice == "mine" else "Elsewhere") in places


def test_excluded_dates_move_along(house: Household) -> None:
    """And dates that were added."""
    lines = ["RRULE:FREQ=DAILY;COUNT=4", "EXDATE:20261124T090000Z", "RDATE;TZID=UTC:20261130T170000"]
    key = series(house, recurrence=lines)
    house.edit.change(key_of(key, 23), moved(23, 10), scope="all")
    expected = [(23, 10, "Daily"), (25, 10, "Daily"), (26, 10, "Daily"), (30, 18, "Daily")]
    assert expected == times(house)
    settle(house)


def test_series_that_is_moved_by_its_own_key_moves_its_days_along(house: Household) -> None:
    """As a command does, that knows no instance."""
    key = series(house, recurrence=["RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=2"])
    house.edit.change(key, moved(24, 9))
    assert [(24, 9, "Daily"), (1, 9, "Daily")] == times(house)
    settle(house)


def test_repeated_changes_of_a_series_without_exceptions_are_one_request(house: Household) -> None:
    """As before."""
    key = series(house)
    for hour in (10, 11, 12):
        first = house.agenda(DAYS)[0].key
        house.edit.change(first, moved(23, hour), scope="all")
    assert [["patch"]] == [[step.verb for step in change.steps] for change in house.outbox()]
    settle(house)
    assert {12} == {hour for _, hour, _ in times(house)}
    assert key.event_id == house.agenda(DAYS)[0].event_id


def test_undo_of_deleting_the_following_ones_restores_every_kind_of_exception(house: Household) -> None:
    """Deleting asks nothing: so nothing may be gone for good."""
    key = colourful(house)
    house.edit.delete(key_of(key, 24), scope="following")
    assert [(23, 9, "Daily")] == times(house)
    settle(house)
    house.edit.undo(USER)
    assert BEFORE == times(house)
    settle(house)
    special = next(event for event in house.google.live_events(HOME).values() if event["summary"] == "Special")
    assert "There" == special["location"]


def test_half_sent_deletion_of_the_following_ones_is_undone_whole(house: Household) -> None:
    """An exception is gone at Google already, the series not yet trimmed."""
    key = colourful(house)
    house.edit.delete(key_of(key, 24), scope="following")
    house.google.fail("patch_event", Unreachable())
    with pytest.raises(Unreachable):
        house.push(USER)
    house.edit.undo(USER)
    assert BEFORE == times(house)
    settle(house)
    assert len(BEFORE) == len(shown(house))
