"""The way out: each step reaches Google at most once in effect, and none is ever dropped."""

from collections.abc import Callable
from typing import Any

import pytest

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import (
    CalendarError,
    NotAuthorized,
    NotFound,
    Rejected,
    Transient,
    Unreachable,
)
from aicalendar_tui.backend.domain.event import EventKey, Resource
from aicalendar_tui.backend.services.index import reindex
from tests.fakes.remote_calendar import FakeRemoteCalendar
from tests.unit.services.household import HOME, USER, Household, timed

SECOND = "2026-11-24T09:00:00Z"


class Between:
    """Stands before Google; `after[operation]` runs once between Google's commit and the arrival of its answer."""

    def __init__(self, google: FakeRemoteCalendar, **after: Callable[[], object]) -> None:
        self._google = google
        self._after = after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._google, name)
        if not callable(method):
            return method

        def call(*arguments: Any, **named: Any) -> Any:
            answer = method(*arguments, **named)
            self._after.pop(name, lambda: None)()
            return answer

        return call


def pulled(house: Household, **fields: Any) -> EventKey:
    """The key of an event that somebody else made and a pull brought."""
    event = house.google.put(HOME, timed(**fields))
    house.pull(USER, HOME)
    return EventKey(USER, HOME, event["id"])


def at_google(house: Household) -> list[str]:
    """The titles of what is there."""
    return sorted(event["summary"] for event in house.google.live_events(HOME).values())


def states(house: Household) -> list[str]:
    """Of the outbox, oldest first."""
    return [change.state for change in house.outbox()]


def assert_in_step(house: Household) -> None:
    """Mirror and Google are the same, and nothing waits."""
    assert house.google.live_events(HOME) == house.mirror()
    assert [] == house.outbox()


def test_protocol_27_insert_carries_our_own_id(house: Household) -> None:
    """And the answer goes into the mirror at once."""
    key = house.create("Mine")
    assert 1 == house.push(USER)
    assert [key.event_id] == list(house.google.live_events(HOME))
    assert_in_step(house)
    assert [("Mine", False)] == [(entry.summary, entry.waiting) for entry in house.agenda()]


def test_s3_lost_answer_of_an_insert_makes_no_second_event(house: Household) -> None:
    """409: the event is ours."""
    house.create("Mine")
    house.google.fail("insert_event", Unreachable(), after=True)
    with pytest.raises(Unreachable):
        house.push(USER)
    assert ["waiting"] == states(house)
    house.push(USER)
    assert ["Mine"] == at_google(house)
    assert_in_step(house)


def test_edit_after_a_lost_insert_reaches_google_as_a_patch(house: Household) -> None:
    """Nothing is merged into what may have been sent."""
    key = house.create("First")
    house.google.fail("insert_event", Unreachable(), after=True)
    with pytest.raises(Unreachable):
        house.push(USER)
    house.edit.change(key, Draft(summary="Second"))
    assert 2 == len(house.outbox())
    house.push(USER)
    assert ["Second"] == at_google(house)
    assert_in_step(house)


def test_tried_is_committed_before_the_request_leaves(house: Household) -> None:
    """A crash between request and answer must know that it may have arrived."""
    seen: list[tuple[str, bool, bool]] = []

    def look() -> None:
        (change,) = house.outbox()
        seen.append((change.steps[0].verb, change.steps[0].tried, change.steps[0].sent is not None))

    for operation in ("insert_event", "patch_event", "delete_event"):
        house.google.before_next(operation, look)
    key = house.create("Mine")
    house.push(USER)
    house.edit.change(key, Draft(summary="Changed"))
    house.push(USER)
    house.edit.delete(key)
    house.push(USER)
    assert [("insert", True, True), ("patch", True, True), ("delete", True, True)] == seen


def test_protocol_26_patch_sends_only_the_fields_and_the_etag_that_was_compared(house: Household) -> None:
    """Never the whole event."""
    key = pulled(house, summary="Old", location="Here")
    house.edit.change(key, Draft(summary="New"))
    house.google.calls.clear()
    house.push(USER)
    (call,) = house.google.calls
    assert ("patch_event", {"summary": "New"}) == (call.operation, call.arguments["fields"])
    assert call.arguments["etag"]
    assert ["New"] == at_google(house)
    assert_in_step(house)


def test_412_on_another_field_is_compared_again_and_sent(house: Household) -> None:
    """Two people changed two things."""
    key = pulled(house, summary="Old")
    house.edit.change(key, Draft(summary="Mine"))
    house.google.put(HOME, {**house.google.live_events(HOME)[key.event_id], "location": "Theirs"})
    house.push(USER)
    (event,) = house.google.live_events(HOME).values()
    assert ("Mine", "Theirs") == (event["summary"], event["location"])
    assert_in_step(house)


def test_412_on_the_same_field_is_a_conflict_that_is_shown(house: Household) -> None:
    """Nothing is overwritten, nothing is dropped."""
    key = pulled(house, summary="Old")
    house.edit.change(key, Draft(summary="Mine"))
    house.google.put(HOME, {**house.google.live_events(HOME)[key.event_id], "summary": "Theirs"})
    house.push(USER)
    assert (["Theirs"], ["conflict"]) == (at_google(house), states(house))
    (entry,) = house.agenda()
    assert ("Mine", True, False) == (entry.summary, entry.problem, entry.waiting)
    assert (1, 0) == ((summary := house.read.summary(USER)).conflicts, summary.waiting)


def test_own_success_that_reads_as_412_is_done(house: Household) -> None:
    """PROTOCOL 26: httplib2 sent the patch twice."""
    key = pulled(house, summary="Old")
    house.edit.change(key, Draft(summary="Mine"))
    house.google.before_next(
        "patch_event",
        lambda: house.google.put(HOME, {**house.google.live_events(HOME)[key.event_id], "summary": "Mine"}),
    )
    assert 1 == house.push(USER)
    assert_in_step(house)


def test_event_that_changes_at_each_try_leaves_the_edit_waiting(house: Household) -> None:
    """Not for ever in one task."""
    key = pulled(house, summary="Old")
    house.edit.change(key, Draft(summary="Mine"))

    def bump() -> None:
        event = house.google.live_events(HOME)[key.event_id]
        house.google.put(HOME, {**event, "location": str(len(house.google.calls))})
        house.google.before_next("patch_event", bump)

    house.google.before_next("patch_event", bump)
    with pytest.raises(Transient):
        house.push(USER)
    assert ["waiting"] == states(house)


def test_404_on_a_delete_is_done(house: Household) -> None:
    """That is what was wanted."""
    key = pulled(house)
    house.edit.delete(key)
    house.google.cancel(HOME, key.event_id)
    assert 1 == house.push(USER)
    assert ([], []) == (house.outbox(), house.summaries())
    house.pull(USER, HOME)
    assert_in_step(house)


def test_404_on_a_patch_is_a_conflict(house: Household) -> None:
    """It was deleted at Google: the user decides whether the edit is worth a new event."""
    key = pulled(house)
    house.edit.change(key, Draft(summary="Mine"))
    house.google.cancel(HOME, key.event_id)
    house.push(USER)
    assert ["conflict"] == states(house)
    assert "deleted" in house.outbox()[0].reason
    house.pull(USER, HOME)
    assert ["conflict"] == states(house)


def test_edit_of_an_event_that_google_has_forgotten_is_a_conflict(house: Household) -> None:
    """404 rather than a tombstone."""
    key = pulled(house)
    house.edit.change(key, Draft(summary="Mine"))
    shelf = house.google._shelf(HOME)
    del shelf.events[key.event_id], shelf.changed_at[key.event_id]
    house.push(USER)
    assert ["conflict"] == states(house)


def test_other_4xx_is_rejected_kept_and_shown(house: Household) -> None:
    """Retryable, never dropped."""
    house.create("Mine")
    house.google.fail("insert_event", Rejected("You can't do that", code=403, reason="forbidden"))
    assert 0 == house.push(USER)
    (change,) = house.outbox()
    assert ("rejected", "You can't do that") == (change.state, change.reason)
    assert [True] == [entry.problem for entry in house.agenda()]
    task_id = house.ledger.request("calendar.push", USER)
    house.request_sync.retry(task_id)
    house.push(USER)
    assert_in_step(house)


def test_order_is_kept_per_event_and_what_stands_behind_a_conflict_waits(house: Household) -> None:
    """Other events go on."""
    key = pulled(house, summary="Old")
    house.edit.change(key, Draft(summary="Mine"))
    house.google.put(HOME, {**house.google.live_events(HOME)[key.event_id], "summary": "Theirs"})
    house.push(USER)
    house.edit.change(key, Draft(location="Behind"))
    house.create("Other", hour=15)
    assert 1 == house.push(USER)
    assert ["conflict", "waiting"] == states(house)
    assert ["Other", "Theirs"] == at_google(house)


def test_passing_fault_leaves_the_change_waiting_and_counts_the_attempt(house: Household) -> None:
    """Told to the caller, who retries."""
    house.create("Mine")
    for fault in (Transient("503"), Unreachable()):
        house.google.fail("insert_event", fault)
        with pytest.raises(Transient):
            house.push(USER)
    (change,) = house.outbox()
    assert ("waiting", 2) == (change.state, change.attempts)
    assert 1 == house.push(USER)


def test_gone_grant_loses_nothing(house: Household) -> None:
    """The user signs in again, and it goes out."""
    house.create("Mine")
    house.google.fail("insert_event", NotAuthorized())
    with pytest.raises(NotAuthorized):
        house.push(USER)
    house.push(USER)
    assert_in_step(house)


def test_crash_at_any_request_loses_and_doubles_nothing(house: Household) -> None:
    """Before the commit and after it; all objects are built anew each time."""
    key = house.create("Created")
    edits = (
        ("insert_event", lambda: None),
        ("patch_event", lambda: house.edit.change(key, Draft(summary="Changed"))),
        ("delete_event", lambda: house.edit.delete(key)),
    )
    for operation, edit in edits:
        edit()
        for after in (False, True):
            house.google.fail(operation, Unreachable(), after=after)
            with pytest.raises(Unreachable):
                house.push(USER)
            house.restart()
        house.push(USER)
        house.pull(USER, HOME)
        assert_in_step(house)
    assert {} == house.google.live_events(HOME)


def test_answer_that_arrives_after_a_newer_pull_does_not_hide_what_it_brought(house: Household) -> None:
    """Our patch commits, somebody edits, a pull brings that with its token, and then our answer comes."""
    key = pulled(house, summary="Old")
    house.edit.change(key, Draft(location="Mine"))

    def somebody_edits_and_we_pull() -> None:
        house.google.put(HOME, {**house.google.live_events(HOME)[key.event_id], "summary": "Theirs"})
        house.pull(USER, HOME)

    house.use(Between(house.google, patch_event=somebody_edits_and_we_pull))  # pyright: ignore[reportArgumentType]
    house.push(USER)
    house.pull(USER, HOME)
    assert ["Theirs"] == house.summaries()
    assert_in_step(house)


@pytest.mark.parametrize("operation", ["insert_event", "delete_event", "get_event"])
def test_no_late_answer_hides_a_newer_row(house: Household, operation: str) -> None:
    """Neither that of an insert, a deletion nor a comparison."""
    key = pulled(house, summary="Old")
    if operation == "insert_event":
        key = house.create("Mine")
    elif operation == "delete_event":
        house.edit.delete(key)
    else:
        house.edit.change(key, Draft(location="Mine"))
        house.google.put(HOME, {**house.google.live_events(HOME)[key.event_id], "summary": "Between"})

    def somebody_edits_and_we_pull() -> None:
        event = house.google.live_events(HOME).get(key.event_id) or {"id": key.event_id, **timed()}
        house.google.put(HOME, {**event, "summary": "Theirs", "status": "confirmed"})
        house.pull(USER, HOME)

    house.use(Between(house.google, **{operation: somebody_edits_and_we_pull}))  # pyright: ignore[reportArgumentType]
    house.push(USER)
    house.pull(USER, HOME)
    assert house.google.live_events(HOME) == house.mirror()
    assert "Theirs" in house.summaries()


def test_pull_between_commit_and_answer_brings_our_own_patch(house: Household) -> None:
    """The answer is that row then."""
    key = pulled(house, summary="Old")
    house.edit.change(key, Draft(summary="Mine"))
    house.use(Between(house.google, patch_event=lambda: house.pull(USER, HOME)))  # pyright: ignore[reportArgumentType]
    house.push(USER)
    assert ["Mine"] == house.summaries()
    house.pull(USER, HOME)
    assert_in_step(house)


def series(house: Household) -> EventKey:
    """The second of three mornings."""
    event = house.google.put(HOME, timed("Daily", recurrence=["RRULE:FREQ=DAILY;COUNT=3"]))
    house.pull(USER, HOME)
    return EventKey(USER, HOME, event["id"], SECOND)


def test_protocol_29_instance_is_found_by_series_and_original_start(house: Household) -> None:
    """Its id is asked for, then patched with its own etag."""
    key = series(house)
    house.edit.change(key, Draft(summary="Special"))
    house.push(USER)
    house.pull(USER, HOME)
    assert ["Daily", "Special", "Daily"] == house.summaries()
    assert_in_step(house)


def test_changed_instance_stays_changed_when_its_answer_was_lost(house: Household) -> None:
    """Without a pull in between: the screen must not fall back to the series."""
    key = series(house)
    house.edit.change(key, Draft(summary="Special"))
    house.google.fail("patch_event", Unreachable(), after=True)
    with pytest.raises(Unreachable):
        house.push(USER)
    house.push(USER)
    assert ["Daily", "Special", "Daily"] == house.summaries()
    assert [] == house.outbox()
    house.pull(USER, HOME)
    assert_in_step(house)


def test_s4_cancelled_instance_stays_away_when_the_answer_was_lost(house: Household) -> None:
    """Google has it cancelled: that is what the mirror says from then on."""
    key = series(house)
    house.edit.delete(key)
    house.google.fail("delete_event", Unreachable(), after=True)
    with pytest.raises(Unreachable):
        house.push(USER)
    house.push(USER)
    assert (["Daily", "Daily"], []) == (house.summaries(), house.outbox())
    house.pull(USER, HOME)
    assert ["Daily", "Daily"] == house.summaries()


def test_s4_deleted_event_stays_away_when_google_has_forgotten_it(house: Household) -> None:
    """412 first, then 404."""
    key = pulled(house)
    house.edit.delete(key)
    shelf = house.google._shelf(HOME)
    house.google.before_next(
        "delete_event",
        lambda: house.google.put(HOME, {**house.google.live_events(HOME)[key.event_id], "location": "x"}),
    )
    house.google.before_next(
        "get_event", lambda: (shelf.events.pop(key.event_id), shelf.changed_at.pop(key.event_id))
    )
    house.push(USER)
    assert ([], []) == (house.summaries(), house.outbox())


def test_restored_event_that_google_has_forgotten_is_created_anew(house: Household) -> None:
    """Undo never loses the event."""
    key = pulled(house, summary="Precious", location="Safe")
    house.edit.delete(key)
    house.push(USER)
    house.edit.undo(USER)
    shelf = house.google._shelf(HOME)
    del shelf.events[key.event_id], shelf.changed_at[key.event_id]
    house.push(USER)
    (event,) = house.google.live_events(HOME).values()
    assert ("Precious", "Safe") == (event["summary"], event["location"])
    assert ["Precious"] == house.summaries()
    assert_in_step(house)


def test_edit_made_while_a_push_is_under_way_is_sent_by_that_push(house: Household) -> None:
    """Looked for again when the lock is free."""
    house.create("First")
    house.google.before_next("insert_event", lambda: house.create("Second", hour=12))
    house.push(USER)
    assert ["First", "Second"] == at_google(house)


def test_undo_while_its_insert_is_being_sent_is_the_inverse(house: Household) -> None:
    """It was tried: it can't be taken back, only countered."""
    house.create("Mine")
    house.google.before_next("insert_event", lambda: house.edit.undo(USER))
    house.push(USER)
    assert ([], []) == (at_google(house), house.summaries())


def test_push_returns_at_once_while_another_one_holds_the_lock(house: Household) -> None:
    """One sender a user keeps the order."""
    house.create("Mine")
    with house.lock.hold(f"push {USER}"):
        assert 0 == house.push(USER)
    assert [] == at_google(house)


def test_progress_may_write_to_the_database(house: Household) -> None:
    """The ledger does."""
    house.create("One")
    house.create("Two", hour=15)
    told: list[tuple[int, int | None]] = []

    def progress(done: int, total: int | None) -> None:
        house.ledger.progress("nobody's", USER, done, total)
        told.append((done, total))

    house.push(USER, progress=progress)
    assert [(1, 2), (2, 2)] == told


def test_steps_of_a_calendar_that_left_are_kept_as_conflict(house: Household) -> None:
    """S2: never dropped."""
    key = pulled(house)
    house.edit.change(key, Draft(summary="Mine"))
    house.google.remove_calendar(HOME)
    house.push(USER)
    assert ["conflict"] == states(house)


def test_mirror_that_lost_its_row_is_fetched_before_the_patch(house: Household) -> None:
    """Compared with what Google has now."""
    key = pulled(house, summary="Old")
    house.edit.change(key, Draft(summary="Mine"))
    with house.store.write() as unit:
        unit._sql_write("DELETE FROM event")
        reindex(unit, USER, HOME, [key.event_id])
    house.push(USER)
    assert ["Mine"] == house.summaries()
    assert_in_step(house)


def test_insert_into_a_calendar_that_is_gone_is_rejected(house: Household) -> None:
    """With Google's reason."""
    house.create("Mine")
    house.google.fail("insert_event", NotFound("Not Found", code=404, reason="notFound"))
    house.push(USER)
    assert [("rejected", "Not Found")] == [(change.state, change.reason) for change in house.outbox()]


def test_answer_to_an_invitation_sends_the_whole_list(house: Household) -> None:
    """PROTOCOL 30, with what Google has by then."""
    guests: list[Resource] = [
        {"email": "boss@example.com", "responseStatus": "accepted"},
        {"email": "ana@example.com", "self": True, "responseStatus": "needsAction"},
    ]
    key = pulled(house, attendees=guests)
    house.edit.change(key, Draft(response="accepted"))
    theirs = [
        {**guests[0], "responseStatus": "declined"},
        guests[1],
        {"email": "new@example.com", "responseStatus": "accepted"},
    ]
    house.google.put(HOME, {**house.google.live_events(HOME)[key.event_id], "attendees": theirs})
    house.push(USER)
    (event,) = house.google.live_events(HOME).values()
    assert ["declined", "accepted", "accepted"] == [guest["responseStatus"] for guest in event["attendees"]]
    assert_in_step(house)


def test_event_that_always_fails_holds_up_no_other(house: Household) -> None:
    """Its own later edits wait behind it; the fault is raised at the end, so that all of it is tried again."""
    house.create("Bad")
    house.create("Good", hour=11)
    house.google.fail("insert_event", Transient("500"))
    with pytest.raises(Transient):
        house.push(USER)
    assert ["Good"] == [event["summary"] for event in house.google.live_events(HOME).values()]
    assert [("waiting", "500", 1)] == [(change.state, change.reason, change.attempts) for change in house.outbox()]
    assert 1 == house.push(USER)


@pytest.mark.parametrize("fault", [Unreachable(), Transient("429", retry_after_seconds=3), NotAuthorized()])
def test_fault_that_concerns_everything_stops_the_push_at_once(house: Household, fault: CalendarError) -> None:
    """Offline, told to wait, or signed out: the next request would fare no better."""
    house.create("First")
    house.create("Second", hour=11)
    house.google.fail("insert_event", fault)
    with pytest.raises(type(fault)):
        house.push(USER)
    assert 1 == house.google.operations().count("insert_event")
    assert 2 == len(house.outbox())
