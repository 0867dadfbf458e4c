"""A move and a change of the same event by one save of the form: one action, sent, refused and taken back as one."""

from datetime import UTC, datetime, timedelta

import pytest

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import InvalidEdit, Rejected, Unreachable
from aicalendar_tui.backend.domain.event import EventKey
from tests.unit.services.household import HOME, USER, Household, timed
from tests.unit.services.test_move import BEN, BENS, SECOND, WORK, house, places, pulled, series, sync

__all__ = ["house"]

COFFEE = Draft(summary="Coffee")


@pytest.mark.parametrize("sent", [False, True])
@pytest.mark.parametrize("whole_series", [False, True])
def test_both_are_one_change_and_one_undo(house: Household, whole_series: bool, sent: bool) -> None:
    """Undone and made again, sent or not."""
    key = series(house) if whole_series else pulled(house, summary="Tea")
    before = places(house)
    moved = house.edit.move(key, (USER, WORK), draft=COFFEE)
    assert EventKey(USER, WORK, key.event_id) == moved
    after = [(WORK, "Special" if title == "Special" else "Coffee") for _, title in before]
    assert (after, 1) == (places(house), len(house.outbox()))
    if sent:
        sync(house)
    house.edit.undo(USER)
    assert before == places(house)
    if not sent:
        assert [] == house.outbox()
    sync(house)
    house.edit.redo(USER)
    assert after == places(house)
    sync(house)
    house.edit.undo(USER)
    sync(house)
    assert before == places(house)


def test_new_time_of_an_instance_is_meant_for_all_that_move(house: Household) -> None:
    """The form was opened on the second of three; the changed one is the second."""
    key = series(house)
    start = datetime(2026, 11, 25, 14, tzinfo=UTC)
    third = EventKey(USER, HOME, key.event_id, "2026-11-25T09:00:00Z")
    draft = Draft(start=start, end=start + timedelta(hours=1))
    assert [] == house.edit.losses(third, draft, "all")
    house.edit.move(third, (USER, WORK), draft=draft, scope="all")
    shown = [(entry.start_in(UTC).hour, entry.summary, entry.calendar_id) for entry in house.agenda()]
    assert [(14, "Daily", WORK), (14, "Special", WORK), (14, "Daily", WORK)] == shown
    sync(house)


def test_instance_alone_neither_moves_nor_changes(house: Household) -> None:
    """Told, and nothing waits."""
    key = series(house)
    with pytest.raises(InvalidEdit):
        house.edit.move(EventKey(USER, HOME, key.event_id, SECOND), (USER, WORK), draft=COFFEE)
    assert [] == house.outbox()


def test_into_the_calendar_where_it_is_only_the_change_is_made(house: Household) -> None:
    """No move to nowhere."""
    key = pulled(house, summary="Tea")
    assert key == house.edit.move(key, (USER, HOME), draft=COFFEE)
    assert [["patch"]] == [[step.verb for step in change.steps] for change in house.outbox()]


def test_unsent_event_is_made_in_its_new_place_as_it_is(house: Household) -> None:
    """One insert, and an undo leads it back."""
    key = house.create("Tea")
    house.edit.move(key, (USER, WORK), draft=COFFEE)
    assert [[("insert", WORK)]] == [[(s.verb, s.calendar_id) for s in c.steps] for c in house.outbox()]
    house.edit.undo(USER)
    assert [(HOME, "Tea")] == places(house)
    sync(house)


def test_refused_move_leaves_the_change_unmade_and_both_are_taken_back(house: Household) -> None:
    """Nothing of it is at Google."""
    key = pulled(house, summary="Tea")
    house.edit.move(key, (USER, WORK), draft=COFFEE)
    house.google.fail("move_event", Rejected("No", code=403, reason="forbidden"))
    house.push(USER)
    assert ["rejected"] == [change.state for change in house.outbox()]
    assert ["Tea"] == [event["summary"] for event in house.google.live_events(HOME).values()]
    house.edit.undo(USER)
    assert ([(HOME, "Tea")], []) == (places(house), house.outbox())


@pytest.mark.parametrize("how", ["undo", "theirs"])
def test_refused_change_after_the_move_is_taken_back_with_the_move(house: Household, how: str) -> None:
    """What is at Google already goes back; by undo or by settling, and the undo never waits behind the refusal."""
    key = pulled(house, summary="Tea")
    house.edit.move(key, (USER, WORK), draft=COFFEE)
    house.google.fail("patch_event", Rejected("No", code=403, reason="forbidden"))
    house.push(USER)
    (change,) = house.outbox()
    assert ("rejected", [True, False]) == (change.state, [step.done for step in change.steps])
    if how == "undo":
        house.edit.undo(USER)
    else:
        house.services().settle(change.change_id, "theirs")
    assert [(HOME, "Tea")] == places(house)
    sync(house)
    assert ["Tea"] == [event["summary"] for event in house.google.live_events(HOME).values()]


@pytest.mark.parametrize("after", [False, True])
def test_crash_between_the_two_is_gone_on_with(house: Household, after: bool) -> None:
    """Nothing doubled, nothing left out."""
    key = pulled(house, summary="Tea")
    house.edit.move(key, (USER, WORK), draft=COFFEE)
    for operation in ("move_event", "patch_event"):
        house.google.fail(operation, Unreachable(), after=after)
    for _ in range(2):
        with pytest.raises(Unreachable):
            house.push(USER)
        assert [(WORK, "Coffee")] == places(house)
    sync(house)


def test_copy_for_another_account_has_the_new_values(house: Household) -> None:
    """And the original is what comes back."""
    key = series(house)
    house.edit.move(key, (BEN, BENS), draft=COFFEE)
    assert [(BENS, "Coffee"), (BENS, "Special"), (BENS, "Coffee")] == places(house, BEN)
    house.push(USER)
    titles = sorted(event["summary"] for event in house.remotes.accounts[BEN].live_events(BENS).values())
    assert ["Coffee", "Special"] == titles
    house.edit.undo(USER)
    assert [] == places(house, BEN)
    house.push(USER)
    house.pull(USER, HOME)
    assert ([], "Daily") == (house.outbox(), house.google.live_events(HOME)[key.event_id]["summary"])


def test_instance_outside_of_the_rule_comes_along_to_another_account(house: Household) -> None:
    """As a date of its own: nothing of the series is left behind without a word."""
    key = series(house)
    outside = {"dateTime": "2026-11-27T17:00:00Z", "timeZone": "UTC"}
    extra = timed("Extra", day=27, hour=18, id="extra", recurringEventId=key.event_id, originalStartTime=outside)
    house.google.put(HOME, extra)
    house.pull(USER, HOME)
    before = [title for _, title in places(house)]
    assert "Extra" in before
    house.edit.move(key, (BEN, BENS))
    assert ([], before) == (places(house), [title for _, title in places(house, BEN)])
    house.push(USER)
    assert ([], before) == (house.outbox(), [title for _, title in places(house, BEN)])
    (copy,) = [e for e in house.remotes.accounts[BEN].live_events(BENS).values() if "recurrence" in e]
    assert ["RRULE:FREQ=DAILY;COUNT=3", "RDATE:20261127T170000Z"] == copy["recurrence"]
