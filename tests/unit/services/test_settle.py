"""Conflicts and rejections: listed with all three sides, settled by the user, and never dropped."""

from typing import Any

import pytest

from aicalendar_tui.backend.domain.conflict import Conflict
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import InvalidEdit, NotFound, Rejected
from aicalendar_tui.backend.domain.event import EventKey, Resource
from aicalendar_tui.backend.services import Services
from tests.unit.services.household import HOME, USER, Household, draft, timed

SECOND = "2026-11-24T09:00:00Z"


@pytest.fixture
def services(house: Household) -> Services:
    """As screens have them."""
    return house.services()


def pulled(house: Household, **fields: Any) -> EventKey:
    """The key of an event that somebody else made and a pull brought."""
    event = house.google.put(HOME, timed(**fields))
    house.pull(USER, HOME)
    return EventKey(USER, HOME, event["id"])


def theirs(house: Household, key: EventKey, **fields: Any) -> None:
    """Somebody edits it at Google."""
    house.google.put(HOME, {**house.google.live_events(HOME)[key.event_id], **fields})


def at_google(house: Household) -> Resource:
    """The only event there."""
    (event,) = house.google.live_events(HOME).values()
    return event


def only(services: Services) -> Conflict:
    """The one that there is to settle."""
    (conflict,) = services.list_conflicts(USER)
    return conflict


def sync(house: Household) -> None:
    """Both ways; then the mirror is Google's and nothing waits."""
    house.push(USER)
    house.pull(USER, HOME)
    assert ([], house.google.live_events(HOME)) == (house.outbox(), house.mirror())


def clash(house: Household) -> EventKey:
    """Title and time changed on both sides, the place here alone."""
    key = pulled(house, summary="Old")
    moved = draft(hour=11)
    house.edit.change(key, Draft(summary="Mine", location="Here", start=moved.start, end=moved.end))
    theirs(house, key, summary="Theirs", **{name: timed(hour=15)[name] for name in ("start", "end")})
    house.push(USER)
    return key


def test_conflict_is_listed_with_all_three_sides(house: Household, services: Services) -> None:
    """In words; what only one side changed is no question."""
    key = clash(house)
    conflict = only(services)
    assert ("both_changed", "conflict", key, "Old") == (conflict.kind, conflict.state, conflict.key, conflict.title)
    assert {
        "summary": ("Old", "Mine", "Theirs"),
        "time": (
            "2026-11-23 09:00 – 09:59 UTC",
            "2026-11-23 11:00 – 11:59 UTC",
            "2026-11-23 15:00 – 15:59 UTC",
        ),
    } == {unit.unit: (unit.base, unit.mine, unit.theirs) for unit in conflict.units}


def test_mine_goes_out_over_what_google_has_now(house: Household, services: Services) -> None:
    """And can be taken back, to theirs."""
    clash(house)
    services.settle(only(services).change_id, "mine")
    sync(house)
    assert ("Mine", "Here", "T11") == (at_google(house)["summary"], at_google(house)["location"], _hour(house))
    house.edit.undo(USER)
    sync(house)
    assert ("Theirs", "T15") == (at_google(house)["summary"], _hour(house))
    house.edit.redo(USER)
    sync(house)
    assert ("Mine", "T11") == (at_google(house)["summary"], _hour(house))


def _hour(house: Household) -> str:
    return at_google(house)["start"]["dateTime"][10:13]


def test_theirs_withdraws_the_edit(house: Household, services: Services) -> None:
    """With its undo: there is nothing to take back."""
    clash(house)
    services.settle(only(services).change_id, "theirs")
    assert (["Theirs"], [], None) == (house.summaries(), house.outbox(), house.edit.undo(USER))
    sync(house)
    assert "location" not in at_google(house)


def test_field_by_field(house: Household, services: Services) -> None:
    """My title, their time; the place was never in question."""
    clash(house)
    services.settle(only(services).change_id, {"summary": "mine", "time": "theirs"})
    sync(house)
    assert ("Mine", "Here", "T15") == (at_google(house)["summary"], at_google(house)["location"], _hour(house))
    house.edit.undo(USER)
    sync(house)
    assert ("Theirs", "T15") == (at_google(house)["summary"], _hour(house))


def test_field_by_field_has_to_name_each_of_them(house: Household, services: Services) -> None:
    """Nothing changes; the open one is named."""
    clash(house)
    with pytest.raises(InvalidEdit) as refused:
        services.settle(only(services).change_id, {"summary": "mine"})
    assert ("time", "conflict") == (refused.value.field, only(services).state)


def test_all_theirs_field_by_field_leaves_nothing_to_send(house: Household, services: Services) -> None:
    """The change is gone."""
    key = pulled(house, summary="Old")
    house.edit.change(key, Draft(summary="Mine"))
    theirs(house, key, summary="Theirs")
    house.push(USER)
    services.settle(only(services).change_id, {"summary": "theirs"})
    assert ([], ["Theirs"], None) == (house.outbox(), house.summaries(), house.edit.undo(USER))


def test_event_that_changed_again_before_mine_went_out_is_a_conflict_again(
    house: Household, services: Services
) -> None:
    """Settled was what the user saw."""
    key = pulled(house, summary="Old")
    house.edit.change(key, Draft(summary="Mine"))
    theirs(house, key, summary="Theirs")
    house.push(USER)
    services.settle(only(services).change_id, "mine")
    theirs(house, key, summary="Newer")
    house.push(USER)
    assert [("Theirs", "Mine", "Newer")] == [(u.base, u.mine, u.theirs) for u in only(services).units]


def test_what_stood_behind_goes_on(house: Household, services: Services) -> None:
    """In its order."""
    key = pulled(house, summary="Old")
    house.edit.change(key, Draft(summary="Mine"))
    theirs(house, key, summary="Theirs")
    house.push(USER)
    house.edit.change(key, Draft(location="Behind"))
    assert 1 == only(services).behind
    services.settle(only(services).change_id, "theirs")
    sync(house)
    assert ("Theirs", "Behind") == (at_google(house)["summary"], at_google(house)["location"])


def test_settling_counts_the_revision_up_and_is_published(house: Household, services: Services) -> None:
    """S5: every screen shows it."""
    clash(house)
    before = house.revision()
    house.publisher.published.clear()
    services.settle(only(services).change_id, "mine")
    assert before < house.revision()
    assert [HOME] == [news.calendar_id for news in house.publisher.published]  # pyright: ignore[reportAttributeAccessIssue]
    assert (0, 1) == ((summary := house.read.summary(USER)).conflicts, summary.waiting)


def test_what_is_settled_already_is_refused(house: Household, services: Services) -> None:
    """By the other window, say."""
    clash(house)
    change_id = only(services).change_id
    services.settle(change_id, "mine")
    for late in (change_id, 4711):
        with pytest.raises(NotFound):
            services.settle(late, "theirs")


def test_guests_are_settled_one_by_one(house: Household, services: Services) -> None:
    """My answer against theirs; other guests are as Google has them (PROTOCOL 30)."""
    me: Resource = {"email": "ana@example.com", "self": True, "responseStatus": "needsAction"}
    boss: Resource = {"email": "boss@example.com", "responseStatus": "needsAction"}
    key = pulled(house, attendees=[boss, me])
    house.edit.change(key, Draft(response="accepted", comment="Late"))
    theirs(house, key, attendees=[{**boss, "responseStatus": "declined"}, {**me, "responseStatus": "tentative"}])
    house.push(USER)
    conflict = only(services)
    assert [("attendee ana@example.com", "needsAction", "accepted, Late", "tentative")] == [
        (unit.unit, unit.base, unit.mine, unit.theirs) for unit in conflict.units
    ]
    services.settle(conflict.change_id, {"attendee ana@example.com": "mine"})
    sync(house)
    assert ["declined", "accepted"] == [guest["responseStatus"] for guest in at_google(house)["attendees"]]


def test_conflict_of_one_instance_that_was_never_stored_here(house: Household, services: Services) -> None:
    """Somebody changed it, and no pull brought that yet."""
    key = pulled(house, summary="Daily", recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    house.edit.change(EventKey(USER, HOME, key.event_id, SECOND), Draft(summary="Mine"))
    instance = house.google.find_instance(HOME, key.event_id, SECOND)
    assert instance is not None
    house.google.put(HOME, {**instance, "summary": "Theirs"})
    house.push(USER)
    assert [("Daily", "Mine", "Theirs")] == [(u.base, u.mine, u.theirs) for u in only(services).units]
    services.settle(only(services).change_id, "mine")
    sync(house)
    assert ["Daily", "Mine", "Daily"] == house.summaries()


@pytest.mark.parametrize("forgotten", [False, True])
@pytest.mark.parametrize("pulls", [False, True])
def test_event_that_is_gone_is_created_again_with_the_edit(
    house: Household, services: Services, forgotten: bool, pulls: bool
) -> None:
    """Restored, or anew where Google has forgotten it; whole, and undone as an edit is."""
    key = pulled(house, summary="Old", location="Here")
    house.edit.change(key, Draft(summary="Mine"))
    house.google.cancel(HOME, key.event_id)
    if pulls:
        house.pull(USER, HOME)
    if forgotten:
        shelf = house.google._shelf(HOME)
        del shelf.events[key.event_id], shelf.changed_at[key.event_id]
    house.push(USER)
    conflict = only(services)
    assert ("gone", "Mine") == (conflict.kind, conflict.units[0].mine)
    services.settle(conflict.change_id, "mine")
    assert ["Mine"] == house.summaries()
    house.push(USER)
    assert ("Mine", "Here") == (at_google(house)["summary"], at_google(house)["location"])
    assert ([], ["Mine"]) == (house.outbox(), house.summaries())


def test_event_that_is_gone_is_let_go(house: Household, services: Services) -> None:
    """S4: it stays away."""
    key = pulled(house)
    house.edit.change(key, Draft(summary="Mine"))
    house.google.cancel(HOME, key.event_id)
    house.push(USER)
    services.settle(only(services).change_id, "theirs")
    sync(house)
    assert ([], {}) == (house.summaries(), house.google.live_events(HOME))


@pytest.mark.parametrize("whole", [False, True])
def test_instance_that_is_gone_is_created_again(house: Household, services: Services, whole: bool) -> None:
    """In its series; by itself where the series is gone."""
    key = pulled(house, summary="Daily", recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    house.edit.change(EventKey(USER, HOME, key.event_id, SECOND), Draft(summary="Mine"))
    instance = house.google.find_instance(HOME, key.event_id, SECOND)
    assert instance is not None
    house.google.cancel(HOME, key.event_id if whole else instance["id"])
    house.pull(USER, HOME)
    house.push(USER)
    assert "gone" == only(services).kind
    services.settle(only(services).change_id, "mine")
    expected = ["Mine"] if whole else ["Daily", "Mine", "Daily"]
    assert expected == house.summaries()
    sync(house)
    assert expected == house.summaries()


def test_move_of_an_event_that_is_gone_creates_it_in_the_destination(house: Household, services: Services) -> None:
    """And what stood behind is about the new one."""
    house.google.put_calendar({"id": "work@example.com", "summary": "Work", "accessRole": "owner"})
    house.pull_list(USER)
    key = pulled(house, summary="Tea")
    moved = house.edit.move(key, (USER, "work@example.com"))
    house.edit.change(moved, Draft(summary="Coffee"))
    house.google.cancel(HOME, key.event_id)
    house.push(USER)
    services.settle(only(services).change_id, "mine")
    assert ["Coffee"] == house.summaries()
    house.push(USER)
    assert ["Coffee"] == [event["summary"] for event in house.google.live_events("work@example.com").values()]
    assert [] == house.outbox()


def test_rejected_change_is_tried_again_or_let_go(house: Household, services: Services) -> None:
    """With Google's own words."""
    house.create("Mine")
    for _ in range(2):
        house.google.fail("insert_event", Rejected("You can't", code=403, reason="forbidden"))
        house.push(USER)
        conflict = only(services)
        assert ("rejected", "rejected", "You can't") == (conflict.kind, conflict.state, conflict.reason)
        services.settle(conflict.change_id, "mine")
    house.google.fail("insert_event", Rejected("You can't", code=403, reason="forbidden"))
    house.push(USER)
    services.settle(only(services).change_id, "theirs")
    assert ([], [], None) == (house.outbox(), house.summaries(), house.edit.undo(USER))


def test_letting_go_of_a_half_done_split_takes_its_done_half_back(house: Household, services: Services) -> None:
    """A change is settled as a unit: no second series stays behind."""
    key = pulled(house, summary="Daily", recurrence=["RRULE:FREQ=DAILY;COUNT=6"])
    house.edit.change(
        EventKey(USER, HOME, key.event_id, "2026-11-26T09:00:00Z"), Draft(summary="Late"), scope="following"
    )
    house.google.before_next("insert_event", lambda: theirs(house, key, recurrence=["RRULE:FREQ=DAILY;COUNT=5"]))
    house.push(USER)
    assert ("both_changed", ["recurrence"]) == (only(services).kind, [u.unit for u in only(services).units])
    services.settle(only(services).change_id, "theirs")
    assert ["Daily"] * 5 == house.summaries()
    sync(house)
    assert ["Daily"] * 5 == house.summaries()


def test_mine_finishes_a_half_done_split(house: Household, services: Services) -> None:
    """And its undo joins it again, as far as theirs went."""
    key = pulled(house, summary="Daily", recurrence=["RRULE:FREQ=DAILY;COUNT=6"])
    house.edit.change(
        EventKey(USER, HOME, key.event_id, "2026-11-26T09:00:00Z"), Draft(summary="Late"), scope="following"
    )
    house.google.before_next("insert_event", lambda: theirs(house, key, recurrence=["RRULE:FREQ=DAILY;COUNT=5"]))
    house.push(USER)
    services.settle(only(services).change_id, "mine")
    sync(house)
    assert ["Daily"] * 3 + ["Late"] * 3 == house.summaries()
    house.edit.undo(USER)
    sync(house)
    assert ["Daily"] * 5 == house.summaries()


def test_undo_of_an_edit_in_conflict_withdraws_it(house: Household, services: Services) -> None:
    """No second conflict behind the first."""
    key = pulled(house, summary="Old")
    house.edit.change(key, Draft(summary="Mine"))
    theirs(house, key, summary="Theirs")
    house.push(USER)
    house.edit.undo(USER)
    assert ([], ["Theirs"], []) == (services.list_conflicts(USER), house.summaries(), house.outbox())
