"""This and following: shown at once, two series at Google, one change for the user, and undone as one."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import InvalidEdit, Rejected, Unreachable
from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.backend.domain.times import Days
from tests.unit.services.household import HOME, USER, Household, timed

DAYS = Days(date(2026, 11, 20), date(2026, 12, 20), "UTC")


def key_of(series: EventKey, day: int) -> EventKey:
    """The instance on that day of November."""
    return EventKey(USER, HOME, series.event_id, f"2026-11-{day}T09:00:00Z")


def series(house: Household, **fields: Any) -> EventKey:
    """Six mornings from Monday the 23rd on."""
    event = house.google.put(HOME, timed("Daily", **{"recurrence": ["RRULE:FREQ=DAILY;COUNT=6"], **fields}))
    house.pull(USER, HOME)
    return EventKey(USER, HOME, event["id"])


def shown(house: Household) -> list[tuple[int, str]]:
    """(day, title) of what a screen shows, in order."""
    return [(entry.start_in(UTC).day, entry.summary) for entry in house.agenda(DAYS)]


def settle(house: Household) -> None:
    """Both ways until nothing waits; then the mirror must be Google's, and the screen what it was."""
    before = shown(house)
    house.push(USER)
    house.pull(USER, HOME)
    assert [] == house.outbox()
    assert house.google.live_events(HOME) == house.mirror()
    assert before == shown(house)


def named(first: int, title: str, last: int) -> list[tuple[int, str]]:
    """That title on each of the days."""
    return [(day, title) for day in range(first, last + 1)]


def test_following_change_shows_both_series_at_once_and_after_the_push(house: Household) -> None:
    """COUNT is divided between them."""
    key = series(house)
    house.edit.change(key_of(key, 26), Draft(summary="Late"), scope="following")
    assert named(23, "Daily", 25) + named(26, "Late", 28) == shown(house)
    (change,) = house.outbox()
    assert ["insert", "patch"] == [step.verb for step in change.steps]
    settle(house)
    rules = sorted(event["recurrence"][0] for event in house.google.live_events(HOME).values())
    assert ["RRULE:FREQ=DAILY;COUNT=3"] * 2 == rules


def test_protocol_29_new_series_is_inserted_before_the_old_one_is_trimmed(house: Household) -> None:
    """At no moment is an instance missing at Google."""
    house.edit.change(
        key_of(series(house, recurrence=["RRULE:FREQ=DAILY"]), 26), Draft(summary="L"), scope="following"
    )
    house.google.calls.clear()
    house.push(USER)
    insert, patch = house.google.calls
    assert ("insert_event", "patch_event") == (insert.operation, patch.operation)
    assert {"recurrence": ["RRULE:FREQ=DAILY;UNTIL=20261126T085959Z"]} == patch.arguments["fields"]


def test_following_change_of_time_moves_the_later_ones(house: Household) -> None:
    """From nine to eleven, and longer."""
    key = series(house)
    start = datetime(2026, 11, 26, 11, tzinfo=UTC)
    house.edit.change(key_of(key, 26), Draft(start=start, end=start + timedelta(hours=3)), scope="following")
    assert [9, 9, 9, 11, 11, 11] == [entry.start_in(UTC).hour for entry in house.agenda(DAYS)]
    settle(house)


def test_following_from_the_first_instance_on_is_all(house: Household) -> None:
    """No second series."""
    key = series(house)
    house.edit.change(key_of(key, 23), Draft(summary="New"), scope="following")
    assert [["patch"]] == [[step.verb for step in change.steps] for change in house.outbox()]
    settle(house)
    house.edit.delete(key_of(key, 23), scope="following")
    assert [["delete"]] == [[step.verb for step in change.steps] for change in house.outbox()]
    settle(house)
    assert [] == shown(house)


def test_following_that_changes_nothing_sends_nothing(house: Household) -> None:
    """Enter in the form, with the rule that was shown in it."""
    key = series(house)
    same = Draft(summary="Daily", recurrence=("RRULE:FREQ=DAILY;COUNT=6",))
    house.edit.change(key_of(key, 26), same, scope="following")
    assert [] == house.outbox()


def test_deleting_the_following_ones_is_only_the_trim(house: Household) -> None:
    """One request."""
    key = series(house)
    house.edit.delete(key_of(key, 26), scope="following")
    assert named(23, "Daily", 25) == shown(house)
    assert [["patch"]] == [[step.verb for step in change.steps] for change in house.outbox()]
    settle(house)


def test_later_exceptions_come_along_and_earlier_ones_stay(house: Household) -> None:
    """A cancelled one stays away (S4), a changed one keeps what it had of its own."""
    key = series(house)
    house.edit.change(key_of(key, 24), Draft(summary="Early"))
    house.edit.change(key_of(key, 27), Draft(summary="Special"))
    house.edit.delete(key_of(key, 28))
    settle(house)
    house.edit.change(key_of(key, 26), Draft(location="There"), scope="following")
    expected = [(23, "Daily"), (24, "Early"), (25, "Daily"), (26, "Daily"), (27, "Special")]
    assert expected == shown(house)
    assert ["", "", "", "There", "There"] == [entry.location for entry in house.agenda(DAYS)]
    settle(house)


def test_exception_that_is_lost_is_named_before_the_edit(house: Household) -> None:
    """Asking changes nothing."""
    key = series(house)
    house.edit.change(key_of(key, 27), Draft(summary="Special"))
    settle(house)
    weekly = Draft(recurrence=("RRULE:FREQ=WEEKLY;COUNT=2",))
    revision = house.revision()
    assert ["Special, 2026-11-27 09:00"] == house.edit.losses(key_of(key, 26), weekly, "following")
    assert [] == house.edit.losses(key_of(key, 26), Draft(summary="x"), "following")
    assert [] == house.edit.losses(key_of(key, 26), weekly, "this")
    assert (revision, []) == (house.revision(), house.outbox())
    house.edit.change(key_of(key, 26), weekly, scope="following")
    assert [(23, "Daily"), (24, "Daily"), (25, "Daily"), (26, "Daily"), (3, "Daily")] == shown(house)
    settle(house)


@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("deleted", [False, True])
def test_undo_of_a_split_joins_the_series_again_and_redo_divides_it(
    house: Household, sent: bool, deleted: bool
) -> None:
    """With every exception where it was, sent or not."""
    key = series(house)
    house.edit.change(key_of(key, 27), Draft(summary="Special"))
    house.edit.delete(key_of(key, 28))
    settle(house)
    before = shown(house)
    if deleted:
        house.edit.delete(key_of(key, 26), scope="following")
    else:
        house.edit.change(key_of(key, 26), Draft(summary="Late"), scope="following")
    divided = shown(house)
    if sent:
        settle(house)
    assert "Daily" == house.edit.undo(USER)
    assert before == shown(house)
    if not sent:
        assert [] == house.outbox()
    settle(house)
    house.edit.redo(USER)
    assert divided == shown(house)
    settle(house)
    house.edit.undo(USER)
    assert before == shown(house)
    settle(house)


def test_undo_of_a_half_sent_split_is_sent_after_its_rest(house: Household) -> None:
    """It was tried: it can't be taken back, only countered."""
    key = series(house)
    before = shown(house)
    house.edit.change(key_of(key, 26), Draft(summary="Late"), scope="following")
    house.google.fail("patch_event", Unreachable())
    with pytest.raises(Unreachable):
        house.push(USER)
    assert named(23, "Daily", 25) + named(26, "Late", 28) == shown(house)
    house.edit.undo(USER)
    assert before == shown(house)
    settle(house)


@pytest.mark.parametrize("after", [False, True])
def test_crash_at_any_request_of_a_split_loses_and_doubles_nothing(house: Household, after: bool) -> None:
    """S3: one new series; each request is interrupted once."""
    key = series(house)
    house.edit.change(key_of(key, 27), Draft(summary="Special"))
    settle(house)
    house.edit.change(key_of(key, 26), Draft(location="There"), scope="following")
    expected = shown(house)
    for operation in ("insert_event", "patch_event", "delete_event", "patch_event"):
        house.google.fail(operation, Unreachable(), after=after)
    for _ in range(6):
        try:
            house.push(USER)
        except Unreachable:
            house.restart()
        assert expected == shown(house)
    settle(house)
    assert expected == shown(house)
    assert 2 == sum("recurrence" in event for event in house.google.live_events(HOME).values())


def test_edit_of_the_new_series_before_it_was_sent_goes_into_its_insert(house: Household) -> None:
    """And its undo takes only that back."""
    key = series(house)
    house.edit.change(key_of(key, 26), Draft(summary="Late"), scope="following")
    (new,) = {entry.key.series for entry in house.agenda(DAYS) if entry.summary == "Late"}
    house.edit.change(new, Draft(location="There"))
    assert [["insert", "patch"]] == [[step.verb for step in change.steps] for change in house.outbox()]
    house.edit.undo(USER)
    assert named(23, "Daily", 25) + named(26, "Late", 28) == shown(house)
    assert {""} == {entry.location for entry in house.agenda(DAYS)}
    house.edit.undo(USER)
    assert (named(23, "Daily", 28), []) == (shown(house), house.outbox())


def test_second_split_divides_the_new_series(house: Household) -> None:
    """Three series; and back again, step by step."""
    key = series(house)
    house.edit.change(key_of(key, 25), Draft(summary="B"), scope="following")
    new = next(entry.key for entry in house.agenda(DAYS) if entry.start_in(UTC).day == 27)
    house.edit.change(new, Draft(summary="C"), scope="following")
    three = named(23, "Daily", 24) + named(25, "B", 26) + named(27, "C", 28)
    assert three == shown(house)
    settle(house)
    house.edit.undo(USER)
    house.edit.undo(USER)
    assert named(23, "Daily", 28) == shown(house)
    settle(house)


def test_all_day_series_is_divided_by_dates(house: Household) -> None:
    """UNTIL is a date."""
    event = house.google.put(
        HOME,
        {
            "summary": "Bins",
            "start": {"date": "2026-11-23"},
            "end": {"date": "2026-11-24"},
            "recurrence": ["RRULE:FREQ=WEEKLY"],
        },
    )
    house.pull(USER, HOME)
    house.edit.change(EventKey(USER, HOME, event["id"], "2026-12-07"), Draft(summary="Glass"), scope="following")
    assert [("Bins", 23), ("Bins", 30), ("Glass", 7), ("Glass", 14)] == [
        (entry.summary, entry.first_day.day) for entry in house.agenda(DAYS)
    ]
    house.push(USER)
    assert ["RRULE:FREQ=WEEKLY;UNTIL=20261206"] == house.google.live_events(HOME)[event["id"]]["recurrence"]


def test_instance_that_was_added_by_its_date_can_t_begin_a_series(house: Household) -> None:
    """Told, and nothing is changed; it may end one."""
    key = series(house, recurrence=["RRULE:FREQ=DAILY;COUNT=2", "RDATE:20261127T090000Z,20261129T090000Z"])
    with pytest.raises(InvalidEdit):
        house.edit.change(key_of(key, 27), Draft(summary="x"), scope="following")
    assert [] == house.outbox()
    house.edit.delete(key_of(key, 27), scope="following")
    assert named(23, "Daily", 24) == shown(house)
    settle(house)


def test_rejected_insert_of_a_split_leaves_the_old_series_alone_at_google(house: Household) -> None:
    """One user action is rejected as a unit, and undone as one."""
    key = series(house)
    house.edit.change(key_of(key, 26), Draft(summary="Late"), scope="following")
    house.google.fail("insert_event", Rejected("No", code=403, reason="forbidden"))
    house.push(USER)
    (change,) = house.outbox()
    assert ("rejected", ["Daily"]) == (
        change.state,
        [event["summary"] for event in house.google.live_events(HOME).values()],
    )
    house.edit.undo(USER)
    assert (named(23, "Daily", 28), []) == (shown(house), house.outbox())


def test_undo_of_a_cancelled_exception_brings_back_what_it_had_of_its_own(house: Household) -> None:
    """Not the plain instance."""
    key = series(house)
    house.edit.change(key_of(key, 24), Draft(summary="Special", location="There"))
    settle(house)
    house.edit.delete(key_of(key, 24))
    settle(house)
    house.edit.undo(USER)
    assert [("Special", "There")] == [
        (entry.summary, entry.location) for entry in house.agenda(DAYS) if entry.start_in(UTC).day == 24
    ]
    settle(house)
