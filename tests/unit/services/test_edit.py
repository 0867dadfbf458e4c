"""The user's edits: shown at once, kept in the outbox, taken back or countered."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import InvalidEdit, NotFound, Unreachable
from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.backend.domain.news import CalendarChanged
from aicalendar_tui.backend.domain.times import Days
from tests.unit.services.household import HOME, USER, Household, draft, timed

SECOND = "2026-11-24T09:00:00Z"
BERLIN = ZoneInfo("Europe/Berlin")


def pulled(house: Household, **fields: Any) -> EventKey:
    """The key of an event that somebody else made and a pull brought."""
    event = house.google.put(HOME, timed(**fields))
    house.pull(USER, HOME)
    return EventKey(USER, HOME, event["id"])


def series(house: Household, **fields: Any) -> EventKey:
    """The second of three mornings."""
    key = pulled(house, **{"summary": "Daily", "recurrence": ["RRULE:FREQ=DAILY;COUNT=3"], **fields})
    return EventKey(USER, HOME, key.event_id, SECOND)


def verbs(house: Household) -> list[str]:
    """Of the steps that wait."""
    return [step.verb for change in house.outbox() for step in change.steps]


def send_all(house: Household) -> None:
    """Both ways, until nothing waits; then the mirror must be Google's."""
    house.push(USER)
    house.pull(USER, HOME)
    assert house.google.live_events(HOME) == house.mirror()
    assert [] == house.outbox()


def test_created_event_is_shown_at_once_and_waits(house: Household) -> None:
    """Nobody is asked."""
    house.google.calls.clear()
    key = house.create("Tea")
    (entry,) = house.agenda()
    assert ("Tea", True, key) == (entry.summary, entry.waiting, entry.key)
    assert ([], ["insert"]) == (house.google.calls, verbs(house))


def test_edit_counts_the_revision_up_once_and_is_published(house: Household) -> None:
    """S5: other screens read again."""
    before = house.revision()
    house.publisher.published.clear()
    house.create("Tea")
    (news,) = house.publisher.published
    assert isinstance(news, CalendarChanged)
    assert before + 1 == house.revision() == news.revision
    assert news.span is not None


def test_edit_is_written_durably(house: Household) -> None:
    """It survives the power going out: synchronous is FULL within its transaction, and NORMAL after it."""
    seen: list[int] = []
    add_change = type(house.store._units).add_change

    class Watching(type(house.store._units)):
        def add_change(self, change: Any) -> Any:
            seen.append(self._sql("PRAGMA synchronous")[0][0])
            return add_change(self, change)

    house.store._units.__class__ = Watching
    house.create("Tea")
    with house.store.write() as unit:
        seen.append(unit._sql("PRAGMA synchronous")[0][0])
    assert [2, 1] == seen


def test_event_survives_a_restart_before_it_was_sent(house: Household) -> None:
    """Offline for days works."""
    house.create("Tea")
    house.restart()
    assert ["Tea"] == house.summaries()
    send_all(house)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (Draft(summary="No time"), "start"),
        (Draft(start=date(2026, 11, 23), end=date(2026, 11, 23)), "end"),
        (Draft(start=datetime(2026, 11, 23, 9, tzinfo=UTC), end=datetime(2026, 11, 23, 8, tzinfo=UTC)), "end"),
    ],
)
def test_impossible_event_changes_nothing(house: Household, wrong: Draft, field: str) -> None:
    """The field to mend is named."""
    before = house.revision()
    with pytest.raises(InvalidEdit) as refused:
        house.edit.create(USER, HOME, wrong)
    assert (field, before, []) == (refused.value.field, house.revision(), house.outbox())


def test_calendar_that_can_only_be_read_is_refused(house: Household) -> None:
    """Before anything waits for ever."""
    key = pulled(house)
    house.google.put_calendar({"id": HOME, "summary": "Home", "accessRole": "reader"})
    house.pull_list(USER)
    with pytest.raises(InvalidEdit):
        house.create("Tea")
    with pytest.raises(InvalidEdit):
        house.edit.change(key, Draft(summary="x"))
    with pytest.raises(InvalidEdit):
        house.edit.delete(key)
    assert [] == house.outbox()


def test_edit_of_what_is_not_there_is_refused(house: Household) -> None:
    """Unknown calendar, event, deleted event."""
    key = house.create("Tea")
    house.edit.delete(key)
    with pytest.raises(NotFound):
        house.edit.change(key, Draft(summary="x"))
    with pytest.raises(NotFound):
        house.edit.delete(EventKey(USER, HOME, "nobody"))
    with pytest.raises(NotFound):
        house.edit.create(USER, "nowhere", draft())


def test_change_that_changes_nothing_sends_nothing(house: Household) -> None:
    """Enter in the form without an edit."""
    key = pulled(house, summary="Tea")
    before = house.revision()
    start = datetime(2026, 11, 23, 10, tzinfo=BERLIN)
    house.edit.change(key, Draft(summary="Tea", start=start, end=start + timedelta(minutes=59), location=""))
    assert (before, []) == (house.revision(), house.outbox())


def test_successive_edits_of_an_unsent_event_are_one_request(house: Household) -> None:
    """Only what was not tried is merged."""
    key = house.create("Tea")
    house.edit.change(key, Draft(summary="Coffee"))
    house.edit.change(key, Draft(location="Kitchen"))
    assert ["insert"] == verbs(house)
    send_all(house)
    assert ["insert_event"] == [name for name in house.google.operations() if not name.startswith("list")]
    house.edit.change(key, Draft(summary="Cocoa"))
    house.edit.change(key, Draft(summary="Milk"))
    assert ["patch"] == verbs(house)
    send_all(house)
    assert ["Milk"] == house.summaries()


def test_colour_that_is_taken_away_after_it_was_changed_is_gone_at_google(house: Household) -> None:
    """A null is a request, also when it is merged."""
    key = pulled(house, colorId="5")
    house.edit.change(key, Draft(color_id="7"))
    house.edit.change(key, Draft(color_id=None))
    send_all(house)
    (event,) = house.google.live_events(HOME).values()
    assert "colorId" not in event


def test_undo_of_an_unsent_event_leaves_nothing_to_send(house: Household) -> None:
    """And redo makes it again."""
    house.create("Tea")
    assert "Tea" == house.edit.undo(USER)
    assert ([], []) == (house.summaries(), house.outbox())
    assert "Tea" == house.edit.redo(USER)
    assert (["Tea"], ["insert"]) == (house.summaries(), verbs(house))
    send_all(house)


def test_undo_of_a_sent_event_is_the_inverse_change(house: Household) -> None:
    """And redo restores it, under its own id."""
    key = house.create("Tea")
    house.push(USER)
    house.edit.undo(USER)
    assert (["delete"], []) == (verbs(house), house.summaries())
    send_all(house)
    house.edit.redo(USER)
    assert ["Tea"] == house.summaries()
    send_all(house)
    assert [key.event_id] == list(house.google.live_events(HOME))


def test_redo_before_the_undo_was_sent_restores_the_event(house: Household) -> None:
    """The insert was tried, its answer lost; undo and redo wait behind it."""
    house.create("Tea")
    house.google.fail("insert_event", Unreachable(), after=True)
    with pytest.raises(Unreachable):
        house.push(USER)
    house.edit.undo(USER)
    house.edit.redo(USER)
    assert ["Tea"] == house.summaries()
    send_all(house)
    assert ["Tea"] == house.summaries()


def test_undo_of_an_unsent_change_asks_google_for_nothing(house: Household) -> None:
    """Whatever was merged."""
    key = pulled(house, summary="Tea", location="Here")
    house.edit.change(key, Draft(summary="Coffee", location=""))
    house.edit.undo(USER)
    house.google.calls.clear()
    send_all(house)
    assert [] == [name for name in house.google.operations() if not name.startswith("list")]
    (entry,) = house.agenda()
    assert ("Tea", "Here") == (entry.summary, entry.location)


def test_undo_of_a_sent_change_puts_every_field_back(house: Household) -> None:
    """Also those that were empty before."""
    key = pulled(house, summary="Tea")
    start = datetime(2026, 11, 25, 9, tzinfo=UTC)
    house.edit.change(key, Draft(summary="Coffee", location="Here", start=start, end=start + timedelta(hours=2)))
    send_all(house)
    before = house.google.live_events(HOME)[key.event_id]
    house.edit.undo(USER)
    send_all(house)
    (entry,) = house.agenda()
    assert ("Tea", "", 23) == (entry.summary, entry.location, entry.start_in(UTC).day)
    house.edit.redo(USER)
    send_all(house)
    after = house.google.live_events(HOME)[key.event_id]
    assert [before[name] for name in ("summary", "location", "start", "end")] == [
        after[name] for name in ("summary", "location", "start", "end")
    ]


@pytest.mark.parametrize("sent", [False, True])
def test_undo_of_a_deletion_brings_the_event_back_whole(house: Household, sent: bool) -> None:
    """Shown at once, with all that it had."""
    key = pulled(house, summary="Tea", location="Here", description="Long")
    house.edit.delete(key)
    if sent:
        send_all(house)
    assert [] == house.summaries()
    house.edit.undo(USER)
    assert [("Tea", "Here")] == [(entry.summary, entry.location) for entry in house.agenda()]
    send_all(house)
    (event,) = house.google.live_events(HOME).values()
    assert ("Tea", "Here", "Long") == (event["summary"], event["location"], event["description"])


@pytest.mark.parametrize("sent", [False, True])
def test_undo_of_a_cancelled_instance_shows_it_at_once(house: Household, sent: bool) -> None:
    """And at Google after the next push."""
    key = series(house)
    house.edit.delete(key)
    if sent:
        send_all(house)
    assert ["Daily", "Daily"] == house.summaries()
    house.edit.undo(USER)
    assert ["Daily"] * 3 == house.summaries()
    send_all(house)
    assert ["Daily"] * 3 == house.summaries()


@pytest.mark.parametrize("sent", [False, True])
def test_undo_of_a_changed_instance_is_about_that_instance(house: Household, sent: bool) -> None:
    """The others never moved."""
    house.edit.change(series(house), Draft(summary="Special"))
    if sent:
        send_all(house)
    house.edit.undo(USER)
    assert ["Daily"] * 3 == house.summaries()
    send_all(house)


def test_undo_goes_back_edit_by_edit_and_redo_forth(house: Household) -> None:
    """A new edit ends what could be redone."""
    key = pulled(house, summary="A")
    for title in "BCD":
        house.edit.change(key, Draft(summary=title))
    titles = []
    for _ in range(3):
        house.edit.undo(USER)
        titles += house.summaries()
    for _ in range(2):
        house.edit.redo(USER)
        titles += house.summaries()
    assert ["C", "B", "A", "B", "C"] == titles
    house.edit.change(key, Draft(summary="E"))
    assert house.edit.redo(USER) is None
    send_all(house)
    assert ["E"] == house.summaries()


def test_nothing_to_undo_is_no_error(house: Household) -> None:
    """None, and nothing changes."""
    before = house.revision()
    assert (None, None, before) == (house.edit.undo(USER), house.edit.redo(USER), house.revision())


def test_scope_this_changes_one_instance_and_all_the_series(house: Household) -> None:
    """The instance is keyed, the series patched."""
    key = series(house)
    house.edit.change(key, Draft(summary="One"), scope="this")
    assert ["Daily", "One", "Daily"] == house.summaries()
    house.edit.change(key, Draft(location="Everywhere"), scope="all")
    assert ["Everywhere"] == list({entry.location for entry in house.agenda() if entry.summary == "Daily"})
    send_all(house)


def test_delete_with_scope_this_and_all(house: Household) -> None:
    """One, then the rest."""
    key = series(house)
    house.edit.delete(key, scope="this")
    assert 2 == len(house.summaries())
    house.edit.delete(EventKey(USER, HOME, key.event_id, "2026-11-23T09:00:00Z"), scope="all")
    assert [] == house.summaries()
    send_all(house)
    assert {} == house.google.live_events(HOME)


def test_all_moves_the_series_as_its_instance_was_moved_across_summer_time(house: Household) -> None:
    """Grabbed after the clocks went back, from nine to ten: ten o'clock on both sides."""
    event = house.google.put(
        HOME,
        {
            "summary": "Daily",
            "start": {"dateTime": "2026-10-23T09:00:00+02:00", "timeZone": "Europe/Berlin"},
            "end": {"dateTime": "2026-10-23T10:00:00+02:00", "timeZone": "Europe/Berlin"},
            "recurrence": ["RRULE:FREQ=DAILY;COUNT=5"],
        },
    )
    house.pull(USER, HOME)
    start = datetime(2026, 10, 26, 10, tzinfo=BERLIN)
    key = EventKey(USER, HOME, event["id"], "2026-10-26T08:00:00Z")
    house.edit.change(key, Draft(start=start, end=start + timedelta(hours=2)), scope="all")
    week = Days(date(2026, 10, 20), date(2026, 10, 31), "Europe/Berlin")
    entries = house.agenda(week)
    assert [(day, 10) for day in range(23, 28)] == [
        (e.start_in(BERLIN).day, e.start_in(BERLIN).hour) for e in entries
    ]
    assert {7200} == {entry.end - entry.start for entry in entries}
    send_all(house)


def test_all_moves_an_all_day_series_by_days(house: Household) -> None:
    """Dates have no zone."""
    event = house.google.put(
        HOME,
        {
            "summary": "Bins",
            "start": {"date": "2026-11-02"},
            "end": {"date": "2026-11-03"},
            "recurrence": ["RRULE:FREQ=DAILY;INTERVAL=7;COUNT=3"],
        },
    )
    house.pull(USER, HOME)
    key = EventKey(USER, HOME, event["id"], "2026-11-09")
    house.edit.change(key, Draft(start=date(2026, 11, 10), end=date(2026, 11, 11)), scope="all")
    assert [3, 10, 17] == [entry.first_day.day for entry in house.agenda()]


def test_all_moves_a_weekly_series_to_the_day_it_was_moved_to(house: Household) -> None:
    """The days in its rule move along, or nothing would."""
    event = house.google.put(HOME, timed("Class", recurrence=["RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4"]))
    house.pull(USER, HOME)
    start = datetime(2026, 11, 24, 11, tzinfo=UTC)
    key = EventKey(USER, HOME, event["id"], "2026-11-23T09:00:00Z")
    house.edit.change(key, Draft(start=start, end=start + timedelta(hours=1)), scope="all")
    two_weeks = Days(date(2026, 11, 20), date(2026, 12, 10), "UTC")
    assert [(24, 11), (26, 11), (1, 11), (3, 11)] == [
        (e.start_in(UTC).day, e.start_in(UTC).hour) for e in house.agenda(two_weeks)
    ]
    send_all(house)


@pytest.mark.parametrize("rule", ["FREQ=MONTHLY;BYDAY=4MO", "FREQ=MONTHLY;BYMONTHDAY=23", "FREQ=YEARLY;BYMONTH=11"])
def test_day_of_a_rule_that_can_t_be_moved_is_refused_for_all(house: Household, rule: str) -> None:
    """Better than an edit that seems to work and does nothing; another hour is fine."""
    event = house.google.put(HOME, timed("Class", recurrence=[f"RRULE:{rule}"]))
    house.pull(USER, HOME)
    key = EventKey(USER, HOME, event["id"], "2026-11-23T09:00:00Z")
    start = datetime(2026, 11, 24, 9, tzinfo=UTC)
    with pytest.raises(InvalidEdit):
        house.edit.change(key, Draft(start=start, end=start + timedelta(hours=1)), scope="all")
    start = datetime(2026, 11, 23, 15, tzinfo=UTC)
    house.edit.change(key, Draft(start=start, end=start + timedelta(hours=1)), scope="all")
    assert [15] == [entry.start_in(UTC).hour for entry in house.agenda()]


def test_whole_series_becomes_one_of_whole_days_and_back(house: Household) -> None:
    """Under other keys; a changed instance comes along, and an undo leads back."""
    key = series(house)
    house.edit.change(key, Draft(summary="Special"))
    send_all(house)
    house.edit.change(key, Draft(start=date(2026, 11, 25), end=date(2026, 11, 26)), scope="all")
    shown = [(24, "Daily"), (25, "Special"), (26, "Daily")]
    assert shown == [(entry.first_day.day, entry.summary) for entry in house.agenda()]
    send_all(house)
    assert shown == [(entry.first_day.day, entry.summary) for entry in house.agenda()]
    house.edit.undo(USER)
    send_all(house)
    assert [(23, "Daily", False), (24, "Special", False), (25, "Daily", False)] == [
        (entry.start_in(UTC).day, entry.summary, entry.all_day) for entry in house.agenda()
    ]


def test_answer_keeps_every_other_guest(house: Household) -> None:
    """PROTOCOL 30."""
    guests = [{"email": "boss@example.com"}, {"email": "ana@example.com", "self": True, "comment": "Late"}]
    key = pulled(house, attendees=guests)
    house.edit.change(key, Draft(response="tentative"))
    (change,) = house.outbox()
    assert [guests[0], {**guests[1], "responseStatus": "tentative"}] == change.steps[0].fields["attendees"]
    assert ["tentative"] == [entry.response for entry in house.agenda()]


def test_answer_to_what_one_is_not_invited_to_is_refused(house: Household) -> None:
    """There is nobody to answer for."""
    with pytest.raises(InvalidEdit):
        house.edit.change(pulled(house), Draft(response="accepted"))


def test_event_without_a_zone_of_its_own_is_meant_in_the_calendars(house: Household) -> None:
    """A series needs one."""
    house.google.put_calendar({"id": HOME, "summary": "Home", "accessRole": "owner", "timeZone": "Asia/Tokyo"})
    house.pull_list(USER)
    key = house.create("Tea")
    house.push(USER)
    assert "Asia/Tokyo" == house.google.live_events(HOME)[key.event_id]["start"]["timeZone"]


def test_deleting_a_series_that_has_changed_instances_and_undoing_it_shows_what_google_has(house: Household) -> None:
    """Exceptions go with the series; what comes back is what Google lists."""
    key = series(house)
    house.edit.change(key, Draft(summary="Special"))
    send_all(house)
    house.edit.delete(key, scope="all")
    send_all(house)
    house.edit.undo(USER)
    assert ["Daily"] * 3 == house.summaries()
    send_all(house)
    assert ["Daily"] * 3 == house.summaries()


def test_title_with_anything_in_it_is_kept_as_it_is(house: Household) -> None:
    """Markup, escapes, wide letters and 5,000 of them are data."""
    titles = ["[b]x[/b]", "\x1b[31mred", "日本語🙂", "a" * 5_000, "</script>", "'; DROP TABLE event; --"]
    for hour, title in enumerate(titles):
        house.create(title, hour=hour)
    assert titles == house.summaries()
    send_all(house)
    assert titles == house.summaries()
