"""Moving an event to another calendar: shown there at once, the same event at Google, never two and never none."""

from pathlib import Path
from typing import Any

import pytest

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import InvalidEdit, NotAuthorized, NotFound, Transient, Unreachable
from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.backend.services.push import MOST_CLASHES, Push
from tests.fakes.remote_calendar import FakeRemoteCalendar
from tests.unit.services.household import HOME, MONTH, USER, Household, timed

WORK = "work@example.com"
BEN, BENS = "ben", "ben@example.com"
SECOND = "2026-11-24T09:00:00Z"


@pytest.fixture
def house(tmp_path: Path) -> Any:
    """Two calendars of one user, one of another; all empty."""
    house = Household(tmp_path, FakeRemoteCalendar(HOME, WORK))
    house.connect()
    ben = FakeRemoteCalendar(BENS)
    house.remotes.accounts[BEN] = ben
    with house.store.write() as unit:
        unit.put_account(BEN, email=BENS, endpoint="https://google.test", now=house.clock.epoch())
        unit.put_calendar(BEN, BENS, {"id": BENS, "summary": "Ben", "accessRole": "owner"}, 0)
    house.push = Push(house.store, house.remotes, house.cache, house.publisher, house.lock, house.clock)
    yield house
    house.store.close()


def pulled(house: Household, calendar_id: str = HOME, **fields: Any) -> EventKey:
    """The key of an event that somebody else made and a pull brought."""
    event = house.google.put(calendar_id, timed(**fields))
    house.pull(USER, calendar_id)
    return EventKey(USER, calendar_id, event["id"])


def series(house: Household) -> EventKey:
    """Three mornings, the second of them changed."""
    key = pulled(house, summary="Daily", recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    house.edit.change(EventKey(USER, HOME, key.event_id, SECOND), Draft(summary="Special"))
    house.push(USER)
    house.pull(USER, HOME)
    return key


def places(house: Household, user_id: str = USER) -> list[tuple[str, str]]:
    """(calendar, title) of what is shown."""
    return [(entry.calendar_id, entry.summary) for entry in house.read.agenda(user_id, MONTH).entries]


def sync(house: Household) -> None:
    """Both ways; then both mirrors are Google's, nothing waits, and the screen is as it was."""
    before = places(house)
    house.push(USER)
    for calendar_id in (HOME, WORK):
        house.pull(USER, calendar_id)
        assert house.google.live_events(calendar_id) == house.mirror(calendar_id)
    assert ([], before) == (house.outbox(), places(house))


def test_moved_event_is_shown_in_the_destination_at_once(house: Household) -> None:
    """Hidden at the source; both can be opened or not."""
    key = pulled(house, summary="Tea", location="Here")
    moved = house.edit.move(key, (USER, WORK))
    assert EventKey(USER, WORK, key.event_id) == moved
    assert [(WORK, "Tea")] == places(house)
    assert house.read.event(key) is None
    view = house.read.event(moved)
    assert view is not None
    assert ("Here", "waiting") == (view.event.location, view.state)
    sync(house)
    assert ["move_event"] == [name for name in house.google.operations() if not name.startswith("list")]


def test_whole_series_moves_with_its_exceptions(house: Household) -> None:
    """Seen before the next pull, too."""
    key = series(house)
    house.edit.move(key, (USER, WORK))
    expected = [(WORK, "Daily"), (WORK, "Special"), (WORK, "Daily")]
    assert expected == places(house)
    house.push(USER)
    assert expected == places(house)
    sync(house)


def test_pull_of_the_source_is_shown_in_the_destination_while_the_move_waits(house: Household) -> None:
    """An edit on the phone in between."""
    key = pulled(house, summary="Tea")
    house.edit.move(key, (USER, WORK))
    house.google.put(HOME, {**house.google.live_events(HOME)[key.event_id], "summary": "Coffee"})
    house.pull(USER, HOME)
    assert [(WORK, "Coffee")] == places(house)
    house.pull(USER, HOME, full=True)
    assert [(WORK, "Coffee")] == places(house)
    sync(house)


@pytest.mark.parametrize("pulls", [(), (HOME,), (WORK,), (HOME, WORK)])
def test_404_at_the_source_looks_at_the_destination(house: Household, pulls: tuple[str, ...]) -> None:
    """The answer of the first try was lost; whatever was pulled since, the event is shown once."""
    key = pulled(house, summary="Tea")
    house.edit.move(key, (USER, WORK))
    house.google.fail("move_event", Unreachable(), after=True)
    with pytest.raises(Unreachable):
        house.push(USER)
    for calendar_id in pulls:
        house.pull(USER, calendar_id)
        assert [(WORK, "Tea")] == places(house)
    house.restart()
    house.push = Push(house.store, house.remotes, house.cache, house.publisher, house.lock, house.clock)
    sync(house)
    assert [(WORK, "Tea")] == places(house)


def test_event_that_is_in_neither_calendar_is_a_conflict(house: Household) -> None:
    """Deleted at Google meanwhile."""
    key = pulled(house)
    house.edit.move(key, (USER, WORK))
    house.google.cancel(HOME, key.event_id)
    house.push(USER)
    assert ["conflict"] == [change.state for change in house.outbox()]


@pytest.mark.parametrize("choice", ["mine", "theirs"])
def test_move_that_clashes_again_and_again_is_shown_and_waits_no_longer(house: Household, choice: Any) -> None:
    """409: the destination has the event. What stands behind goes on once that is settled."""
    key = pulled(house, summary="Tea")
    moved = house.edit.move(key, (USER, WORK))
    house.edit.change(moved, Draft(location="There"))
    clash = Transient("409 conflict: it is there already", code=409)
    house.google.fail("move_event", clash, times=MOST_CLASHES + 1)
    for _ in range(MOST_CLASHES):
        with pytest.raises(Transient):
            house.push(USER)
        assert ["waiting", "waiting"] == [change.state for change in house.outbox()]
    house.push(USER)
    services = house.services()
    assert [("rejected", str(clash), 1)] == [(c.kind, c.reason, c.behind) for c in services.list_conflicts(USER)]
    house.google.fail("move_event", clash)
    services.settle(services.list_conflicts(USER)[0].change_id, "mine")
    house.push(USER)
    assert ["rejected"] == [conflict.kind for conflict in services.list_conflicts(USER)]
    services.settle(services.list_conflicts(USER)[0].change_id, choice)
    house.push(USER)
    assert ["Tea"] == house.summaries()
    assert [WORK if choice == "mine" else HOME] == [entry.calendar_id for entry in house.agenda()]


def test_passing_clash_is_no_refusal_however_often_the_network_failed(house: Household) -> None:
    """Another writer at the same moment, after days without network."""
    key = pulled(house, summary="Tea")
    house.edit.move(key, (USER, WORK))
    for error in (*[Unreachable("no network")] * 5, Transient("409 conflict", code=409)):
        house.google.fail("move_event", error)
        with pytest.raises(Transient):
            house.push(USER)
    assert ["waiting"] == [change.state for change in house.outbox()]
    sync(house)
    assert [(WORK, "Tea")] == places(house)


@pytest.mark.parametrize("told", ["before the push", "before it is settled"])
@pytest.mark.parametrize("moves", [False, True])
def test_edit_follows_an_event_that_somebody_moved_meanwhile(house: Household, told: str, moves: bool) -> None:
    """S3: it is never restored where it was, beside what is alive elsewhere."""
    key = pulled(house, summary="Tea", organizer={"email": HOME, "self": True})
    house.edit.change(key, Draft(location="There"))
    if moves:
        house.edit.move(key, (USER, WORK))
    house.google.move_event(HOME, key.event_id, WORK)
    for calendar_id in (HOME, WORK):
        if told == "before it is settled" and calendar_id == HOME:
            house.pull(USER, HOME)
            house.push(USER)
            assert ["gone"] == [conflict.kind for conflict in house.services().list_conflicts(USER)]
        house.pull(USER, calendar_id)
    for conflict in house.services().list_conflicts(USER):
        house.services().settle(conflict.change_id, "mine")
    house.push(USER)
    assert ([], {}) == (house.outbox(), house.google.live_events(HOME))
    assert [("Tea", "There")] == [(e["summary"], e["location"]) for e in house.google.live_events(WORK).values()]
    assert [(WORK, "Tea")] == places(house)


def test_move_behind_an_edit_starts_where_somebody_has_put_the_event(house: Household) -> None:
    """And the edit can be taken back there."""
    house.google.put_calendar({"id": "third@example.com", "summary": "Third", "accessRole": "owner"})
    house.pull_list(USER)
    house.pull(USER, "third@example.com")
    key = pulled(house, summary="Tea", organizer={"email": HOME, "self": True})
    house.edit.change(key, Draft(summary="Coffee"))
    house.edit.move(key, (USER, "third@example.com"))
    house.google.move_event(HOME, key.event_id, WORK)
    for calendar_id in (HOME, WORK):
        house.pull(USER, calendar_id)
    house.push(USER)
    assert [("third@example.com", "Coffee")] == places(house)
    sync(house)


def test_edit_that_followed_its_event_is_taken_back_there(house: Household) -> None:
    """Undone after it was sent."""
    key = pulled(house, summary="Tea", organizer={"email": HOME, "self": True})
    house.edit.change(key, Draft(summary="Coffee"))
    house.google.move_event(HOME, key.event_id, WORK)
    for calendar_id in (HOME, WORK):
        house.pull(USER, calendar_id)
    house.push(USER)
    assert [(WORK, "Coffee")] == places(house)
    house.edit.undo(USER)
    assert [(WORK, "Tea")] == places(house)
    sync(house)
    assert [(WORK, "Tea")] == places(house)


def test_edit_of_a_deleted_event_does_not_go_to_the_copy_of_a_guest(house: Household) -> None:
    """It has the same id and another organizer."""
    key = pulled(house, summary="Tea", organizer={"email": HOME, "self": True})
    house.google.put(WORK, {**house.google.live_events(HOME)[key.event_id], "organizer": {"email": HOME}})
    house.edit.change(key, Draft(summary="Coffee"))
    house.google.cancel(HOME, key.event_id)
    for calendar_id in (HOME, WORK):
        house.pull(USER, calendar_id)
    house.push(USER)
    assert ["gone"] == [conflict.kind for conflict in house.services().list_conflicts(USER)]
    assert ["Tea"] == [event["summary"] for event in house.google.live_events(WORK).values()]


def test_untried_insert_is_made_in_the_destination(house: Household) -> None:
    """Nothing left this machine yet."""
    key = house.create("Tea")
    house.edit.move(key, (USER, WORK))
    assert [("insert", WORK)] == [(s.verb, s.calendar_id) for c in house.outbox() for s in c.steps]
    assert [(WORK, "Tea")] == places(house)
    sync(house)


def test_tried_insert_is_moved_and_never_re_addressed(house: Household) -> None:
    """S3: it may be in the first calendar."""
    key = house.create("Tea")
    house.google.fail("insert_event", Unreachable(), after=True)
    with pytest.raises(Unreachable):
        house.push(USER)
    house.edit.move(key, (USER, WORK))
    assert ["insert", "move"] == [step.verb for change in house.outbox() for step in change.steps]
    assert [(WORK, "Tea")] == places(house)
    sync(house)
    assert [1, 0] == [len(house.google.live_events(calendar_id)) for calendar_id in (WORK, HOME)]


def test_order_is_kept_across_calendars(house: Household) -> None:
    """Patched here, moved, patched there: each waits for the one before."""
    key = pulled(house, summary="A")
    house.edit.change(key, Draft(summary="B"))
    moved = house.edit.move(key, (USER, WORK))
    house.edit.change(moved, Draft(location="There"))
    assert [["patch"], ["move"], ["patch"]] == [[s.verb for s in c.steps] for c in house.outbox()]
    house.google.put(HOME, {**house.google.live_events(HOME)[key.event_id], "summary": "Theirs"})
    house.push(USER)
    assert ["conflict", "waiting", "waiting"] == [change.state for change in house.outbox()]
    assert [] == list(house.google.live_events(WORK))


@pytest.mark.parametrize("sent", [False, True])
def test_undo_moves_back_and_redo_moves_again(house: Household, sent: bool) -> None:
    """Unsent, nothing is left to send."""
    key = series(house)
    before = places(house)
    house.edit.move(key, (USER, WORK))
    after = places(house)
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


def test_two_moves_in_a_row_are_one(house: Household) -> None:
    """And there and back again is none."""
    house.google.put_calendar({"id": "third@example.com", "summary": "Third", "accessRole": "owner"})
    house.pull_list(USER)
    key = pulled(house)
    moved = house.edit.move(key, (USER, WORK))
    moved = house.edit.move(moved, (USER, "third@example.com"))
    assert [(HOME, "third@example.com")] == [(s.calendar_id, s.destination) for c in house.outbox() for s in c.steps]
    house.edit.move(moved, (USER, HOME))
    assert [] == house.outbox()


@pytest.mark.parametrize(
    "fields",
    [
        {"eventType": "outOfOffice"},
        {"organizer": {"email": "boss@example.com"}},
        {"organizer": {"email": "boss@example.com", "self": False}},
    ],
)
def test_what_is_not_ones_own_default_event_stays(house: Household, fields: dict[str, Any]) -> None:
    """As Google would say, but before anything waits."""
    with pytest.raises(InvalidEdit):
        house.edit.move(pulled(house, **fields), (USER, WORK))
    assert [] == house.outbox()


def test_instance_does_not_move_alone_and_no_event_into_a_calendar_that_is_not_writable(house: Household) -> None:
    """Nor into one that isn't there; nor where it is."""
    key = series(house)
    with pytest.raises(InvalidEdit):
        house.edit.move(EventKey(USER, HOME, key.event_id, SECOND), (USER, WORK))
    with pytest.raises(NotFound):
        house.edit.move(key, (USER, "nowhere"))
    house.google.put_calendar({"id": WORK, "summary": "Work", "accessRole": "reader"})
    house.pull_list(USER)
    with pytest.raises(InvalidEdit):
        house.edit.move(key, (USER, WORK))
    assert key == house.edit.move(key, (USER, HOME))
    assert [] == house.outbox()


def test_another_account_gets_a_copy_and_then_the_original_goes(house: Household) -> None:
    """One change; both screens show it at once, exceptions too."""
    key = series(house)
    moved = house.edit.move(key, (BEN, BENS))
    assert (BEN, BENS) == (moved.user_id, moved.calendar_id)
    copied = [(BENS, "Daily"), (BENS, "Special"), (BENS, "Daily")]
    assert ([], copied) == (places(house), places(house, BEN))
    assert [["insert", "patch", "delete"]] == [[s.verb for s in c.steps] for c in house.outbox()]
    house.push(USER)
    house.pull(USER, HOME)
    house.use(house.remotes.accounts[BEN])
    house.pull(BEN, BENS)
    assert ([], []) == (house.outbox(), places(house))
    assert copied == places(house, BEN)
    assert {} == house.google.live_events(HOME)


def test_edit_in_the_other_account_waits_for_the_copy(house: Household) -> None:
    """Order per event, across accounts."""
    key = pulled(house, summary="Tea")
    moved = house.edit.move(key, (BEN, BENS))
    house.edit.change(moved, Draft(summary="Coffee"))
    assert [(BENS, "Coffee")] == places(house, BEN)
    assert 0 == house.push(BEN)
    house.push(USER)
    assert 1 == house.push(BEN)
    assert ["Coffee"] == [e["summary"] for e in house.remotes.accounts[BEN].live_events(BENS).values()]


def test_other_account_that_is_signed_out_rejects_the_move_alone(house: Household) -> None:
    """What else waits here goes on, and the original stays at Google."""
    key = pulled(house, summary="Tea")
    house.edit.move(key, (BEN, BENS))
    house.create("Other", hour=15)
    house.remotes.accounts[BEN].fail("insert_event", NotAuthorized())
    assert 1 == house.push(USER)
    assert ["rejected"] == [change.state for change in house.outbox()]
    assert ["Other", "Tea"] == sorted(event["summary"] for event in house.google.live_events(HOME).values())
    house.edit.undo(USER)
    house.edit.undo(USER)
    assert [(HOME, "Tea")] == places(house)


@pytest.mark.parametrize("sent", [False, True])
def test_undo_of_a_move_to_another_account(house: Household, sent: bool) -> None:
    """Restored here first, then gone there."""
    key = pulled(house, summary="Tea", location="Here")
    house.edit.move(key, (BEN, BENS))
    if sent:
        house.push(USER)
    house.edit.undo(USER)
    assert ([(HOME, "Tea")], []) == (places(house), places(house, BEN))
    house.push(USER)
    assert {} == house.remotes.accounts[BEN].live_events(BENS)
    assert ["Here"] == [event["location"] for event in house.google.live_events(HOME).values()]
    assert [] == house.outbox()
