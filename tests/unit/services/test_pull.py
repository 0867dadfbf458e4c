"""The way in: no change is lost, none is shown twice, and no edit is trampled."""

import pytest

from aicalendar_tui.backend.domain.calendar import SyncState
from aicalendar_tui.backend.domain.errors import NotFound, Rejected, SyncTokenExpired, Transient, Unreachable
from aicalendar_tui.backend.domain.news import CalendarChanged
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.backend.services import pull as pull_module
from aicalendar_tui.backend.services.index import reindex
from tests.unit.services.household import HOME, NOW, USER, Household, draft, timed


def sync_state(house: Household) -> SyncState:
    with house.store.read() as unit:
        return unit.sync_state(USER, HOME)


def is_dirty(house: Household) -> bool:
    """Whether something is left to fetch."""
    state = sync_state(house)
    return state.dirty_seq > state.synced_seq


def test_first_pull_lists_everything_and_keeps_the_token(fresh: Household) -> None:
    """All pages, in one swap."""
    fresh.google.page_size = 2
    for number in range(5):
        fresh.google.put(HOME, timed(f"Event {number}", hour=number))
    fresh.connect()
    assert [f"Event {number}" for number in range(5)] == fresh.summaries()
    assert fresh.google.live_events(HOME) == fresh.mirror()
    assert sync_state(fresh).sync_token is not None
    assert not is_dirty(fresh)


def test_incremental_pull_brings_changes_and_tombstones(house: Household) -> None:
    """With the sync token, and with nothing else."""
    kept = house.google.put(HOME, timed("Kept"))
    gone = house.google.put(HOME, timed("Gone"))
    house.pull(USER, HOME)
    house.google.put(HOME, {**kept, "summary": "Changed"})
    house.google.cancel(HOME, gone["id"])
    house.google.calls.clear()
    assert 2 == house.pull(USER, HOME)
    assert ["Changed"] == house.summaries()
    assert [True] == [call.arguments["sync_token"] is not None for call in house.google.calls]


def test_pull_publishes_calendar_revision_and_span_after_the_commit(house: Household) -> None:
    """Open screens read again what they show of it."""
    house.google.put(HOME, timed("New"))
    house.publisher.published.clear()
    house.pull(USER, HOME)
    (news,) = house.publisher.published
    assert isinstance(news, CalendarChanged)
    assert (HOME, house.revision()) == (news.calendar_id, news.revision)
    assert news.span is not None
    assert news.span.start <= int(NOW.replace(hour=9).timestamp()) < news.span.end


def test_protocol_25_known_etag_writes_nothing_and_publishes_nothing(house: Household) -> None:
    """The echo of our own push."""
    house.create("Mine")
    house.push(USER)
    revision = house.revision()
    house.publisher.published.clear()
    assert 0 == house.pull(USER, HOME)
    assert (revision, []) == (house.revision(), house.publisher.published)


def test_protocol_18_expired_token_leads_to_a_full_sync(house: Household) -> None:
    """What vanished meanwhile is gone; what came is there."""
    gone = house.google.put(HOME, timed("Gone"))
    house.pull(USER, HOME)
    house.google.cancel(HOME, gone["id"])
    house.google.put(HOME, timed("New"))
    house.google.expire_sync_tokens()
    house.pull(USER, HOME)
    assert ["New"] == house.summaries()
    assert house.google.live_events(HOME) == house.mirror()


def test_protocol_16_other_parameters_lead_to_a_full_sync(house: Household) -> None:
    """The token belongs to the parameters that it was issued for."""
    house.google.put(HOME, timed("Here"))
    house.pull(USER, HOME)
    house.google._fingerprint = "another"
    house.google.calls.clear()
    house.pull(USER, HOME)
    assert [None] == [call.arguments["sync_token"] for call in house.google.calls]
    assert "another" == sync_state(house).fingerprint


def test_s1_crash_between_pages_keeps_old_token_and_old_rows(house: Household) -> None:
    """Rows and token are one transaction, after the last page."""
    house.google.page_size = 1
    for number in range(3):
        house.google.put(HOME, timed(f"Event {number}", hour=number))
    before = sync_state(house).sync_token
    house.google.before_next("list_events", lambda: house.google.fail("list_events", Unreachable()))
    house.google.before_next("list_events", lambda: None)
    with pytest.raises(Unreachable):
        house.pull(USER, HOME)
    assert (before, []) == (sync_state(house).sync_token, house.summaries())
    house.pull(USER, HOME)
    assert 3 == len(house.summaries())


def test_change_that_comes_during_the_pull_is_fetched_by_the_same_task(house: Household) -> None:
    """`dirty_seq` is read again once the lock is free."""

    def somebody_edits() -> None:
        with house.store.write() as unit:
            unit.mark_dirty(USER, HOME)
        house.google.before_next("list_events", lambda: house.google.put(HOME, timed("Late")))

    house.google.before_next("list_events", somebody_edits)
    house.pull(USER, HOME)
    assert (["Late"], False) == (house.summaries(), is_dirty(house))


def test_pull_returns_at_once_while_another_one_holds_the_lock(house: Household) -> None:
    """That one looks at `dirty_seq` again."""
    house.google.put(HOME, timed())
    with house.lock.hold(f"pull {USER} {HOME}") as free:
        assert free
        assert 0 == house.pull(USER, HOME)
    assert [] == house.summaries()


def test_full_pull_never_ends_the_full_sync_of_another_process(house: Household) -> None:
    """Its rows could be swept while it still writes them."""
    house.google.put(HOME, timed("Staged"))
    with house.store.write() as unit:
        stage = unit.begin_stage(USER, HOME, fingerprint="fake")
    with house.lock.hold(f"pull {USER} {HOME}"):
        house.pull(USER, HOME, full=True)
        with house.store.write() as unit:
            unit.put_events(USER, HOME, [{"id": "a", "etag": "1", **timed()}], generation=stage.generation)
            while unit.sweep_generations():
                pass
            assert 1 == unit.event_count(USER, HOME, generation=stage.generation)


def test_full_pull_that_finds_an_incremental_one_running_is_tried_again(house: Household) -> None:
    """The wish for a full compare is not lost."""
    with house.lock.hold(f"pull {USER} {HOME}"), pytest.raises(Transient):
        house.pull(USER, HOME, full=True)
    house.google.calls.clear()
    house.pull(USER, HOME, full=True)
    assert None is house.google.calls[0].arguments["sync_token"]


def test_row_that_a_push_wrote_meanwhile_is_protected(house: Household) -> None:
    """The pull lists, then a push writes, then the pull commits: the calendar stays dirty with its old token."""
    key = house.create("Mine")
    house.push(USER)
    house.google.put(HOME, {**house.google.live_events(HOME)[key.event_id], "summary": "Theirs"})
    token = sync_state(house).sync_token
    house.use(PushWhileListing(house, key.event_id))
    house.pull(USER, HOME)
    assert ["Pushed"] == house.summaries()
    assert house.google.live_events(HOME) == house.mirror()
    assert (True, False) == (sync_state(house).sync_token != token, is_dirty(house))


class PushWhileListing:
    """The first list answer is taken before a push, and arrives after it."""

    def __init__(self, house: Household, event_id: str) -> None:
        self._house = house
        self._google = house.google
        self._event_id = event_id
        self._pushed = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._google, name)

    def list_events(self, calendar_id: str, **tokens: str | None) -> object:
        """As Google's."""
        answer = self._google.list_events(calendar_id, **tokens)
        if not self._pushed:
            self._pushed = True
            pushed = self._google.put(
                calendar_id, {**self._google.live_events(calendar_id)[self._event_id], "summary": "Pushed"}
            )
            with self._house.store.write() as unit:
                token = unit.sync_state(USER, HOME).sync_token
                written = unit.put_events(USER, HOME, [pushed], pushed=True)
                reindex(unit, USER, HOME, written.family_ids)
                assert token == unit.sync_state(USER, HOME).sync_token
        return answer


def test_full_sync_never_hides_a_remote_edit_behind_a_pushed_row(house: Household) -> None:
    """A push writes its answer while the full sync lists what somebody wrote after that push."""
    pushed = house.google.put(HOME, timed("Pushed"))
    with house.store.write() as unit:
        unit.begin_stage(USER, HOME, fingerprint="fake")
        unit.drop_sync_token(USER, HOME)
        unit.keep_page_token(USER, HOME, "page-1")
    house.google._token_pages["page-1"] = ([], 0, None)
    theirs = house.google.put(HOME, {**pushed, "summary": "Theirs"})
    house.google._token_pages["page-1"] = ([theirs], house.google._sequence, None)
    with house.store.write() as unit:
        unit.put_events(USER, HOME, [pushed], pushed=True)
    house.pull(USER, HOME)
    assert house.google.live_events(HOME) == house.mirror()


def test_protocol_19_suddenly_empty_relist_is_read_twice(house: Household) -> None:
    """An empty answer that was a mistake deletes nothing."""
    event = house.google.put(HOME, timed("Still there"))
    house.pull(USER, HOME)
    house.google.expire_sync_tokens()
    shelf = house.google._shelf(HOME)
    hidden = dict(shelf.changed_at)

    def hide() -> None:
        shelf.changed_at.clear()
        house.google.before_next("list_events", lambda: shelf.changed_at.update(hidden))

    house.google.before_next("list_events", lambda: None)
    house.google.before_next("list_events", hide)
    with pytest.raises(Transient):
        house.pull(USER, HOME)
    assert [event["summary"]] == house.summaries()
    house.pull(USER, HOME)
    assert house.google.live_events(HOME) == house.mirror()


def test_calendar_that_is_really_empty_is_emptied(house: Household) -> None:
    """The second reading agrees."""
    house.google.put(HOME, timed())
    house.pull(USER, HOME)
    shelf = house.google._shelf(HOME)
    shelf.events.clear()
    shelf.changed_at.clear()
    house.google.expire_sync_tokens()
    house.pull(USER, HOME)
    assert ([], {}) == (house.summaries(), house.mirror())


def test_interrupted_full_sync_goes_on_where_it_stopped(house: Household) -> None:
    """And what was shown stays until it is complete."""
    house.google.put(HOME, timed("Old"))
    house.pull(USER, HOME)
    for number in range(5):
        house.google.put(HOME, timed(f"Event {number}", hour=number))
    house.google.expire_sync_tokens()
    house.google.page_size = 2
    house.google.before_next("list_events", lambda: None)
    house.google.before_next("list_events", lambda: None)
    house.google.before_next("list_events", lambda: house.google.fail("list_events", Unreachable()))
    with pytest.raises(Unreachable):
        house.pull(USER, HOME)
    assert (["Old"], True) == (house.summaries(), sync_state(house).staged)
    house.restart()
    house.google.calls.clear()
    house.pull(USER, HOME)
    assert [True] * 2 == [call.arguments["page_token"] is not None for call in house.google.calls[1:3]]
    assert house.google.live_events(HOME) == house.mirror()
    assert not sync_state(house).staged


def test_full_sync_pauses_after_its_time_and_asks_for_itself(house: Household) -> None:
    """One task never holds a worker for long."""
    for number in range(3):
        house.google.put(HOME, timed(f"Event {number}", hour=number))
    house.google.page_size = 1
    house.google.expire_sync_tokens()
    house.google.before_next("list_events", lambda: None)
    house.google.before_next("list_events", lambda: house.clock.advance(pull_module.STAGE_SECONDS))
    house.pull(USER, HOME)
    assert ([("calendar.pull", HOME)], True) == (house.sent(), sync_state(house).staged)
    house.pull(USER, HOME)
    assert house.google.live_events(HOME) == house.mirror()


def test_full_sync_whose_page_token_google_refuses_begins_again(house: Household) -> None:
    """Else the calendar would be stuck for ever on a page token of yesterday."""
    house.google.put(HOME, timed("Here"))
    with house.store.write() as unit:
        unit.drop_sync_token(USER, HOME)
        unit.begin_stage(USER, HOME, fingerprint="fake")
        unit.keep_page_token(USER, HOME, "of yesterday")
    for error in (Rejected("Invalid page token value."), SyncTokenExpired()):
        house.google.fail("list_events", error)
        with pytest.raises(Transient):
            house.pull(USER, HOME)
        with house.store.write() as unit:
            unit.begin_stage(USER, HOME, fingerprint="fake")
            unit.keep_page_token(USER, HOME, "of yesterday")
    with house.store.write() as unit:
        unit.abandon_stage(USER, HOME)
    house.pull(USER, HOME)
    assert ["Here"] == house.summaries()


def test_calendar_that_is_gone_at_google_is_told_and_not_retried_for_ever(house: Household) -> None:
    """A first page that is refused is an answer, not a passing fault."""
    house.google.fail("list_events", NotFound("no such calendar", code=404, reason="notFound"))
    with pytest.raises(NotFound):
        house.pull(USER, HOME)


def test_more_than_a_thousand_changes_are_staged(house: Household) -> None:
    """Few of them at a time in a transaction, and all of them in the end."""
    for number in range(1_300):
        house.google.put(HOME, timed(f"Event {number}", hour=number % 20))
    assert 1_300 == house.pull(USER, HOME)
    assert house.google.live_events(HOME) == house.mirror()
    assert 1_300 == len(house.summaries())


def test_protocol_17_pull_without_a_last_sync_token_stores_nothing(house: Household) -> None:
    """Never advance on an answer that is not whole (PROTOCOL 17, 28)."""
    house.google.put(HOME, timed("New"))
    before = sync_state(house).sync_token

    class NoToken:
        def __getattr__(self, name: str) -> object:
            return getattr(house.google, name)

        def list_events(self, calendar_id: str, **tokens: str | None) -> object:
            from msgspec.structs import replace

            return replace(house.google.list_events(calendar_id, **tokens), next_sync_token=None)

    house.use(NoToken())  # pyright: ignore[reportArgumentType] - all but one of its methods are the fake's
    with pytest.raises(Transient):
        house.pull(USER, HOME)
    assert (before, []) == (sync_state(house).sync_token, house.summaries())


def test_tombstone_with_nothing_but_its_id_removes_the_moved_instance(house: Household) -> None:
    """PROTOCOL 21: the identity is kept from before."""
    series = house.google.put(HOME, timed("Daily", recurrence=["RRULE:FREQ=DAILY;COUNT=3"]))
    instance = house.google.find_instance(HOME, series["id"], "2026-11-24T09:00:00Z")
    assert instance is not None
    house.google.put(HOME, {**instance, "summary": "Moved"})
    house.pull(USER, HOME)
    assert ["Daily", "Moved", "Daily"] == house.summaries()
    bare = {"id": instance["id"], "status": "cancelled"}
    house.google._write(house.google._shelf(HOME), bare)
    house.pull(USER, HOME)
    assert ["Daily", "Daily"] == house.summaries()


def test_pull_that_works_again_clears_the_problem_on_the_screen(house: Household) -> None:
    """Even when nothing changed at Google: the list of calendars is cached by its revision."""
    house.trouble(USER, HOME, Unreachable())
    assert ["degraded"] == [calendar.live for calendar in house.read.calendars(USER).calendars]
    house.pull(USER, HOME)
    assert ["polling"] == [calendar.live for calendar in house.read.calendars(USER).calendars]
    assert isinstance(house.publisher.published[-1], CalendarChanged)


def test_window_that_grows_during_a_full_sync_holds_for_what_was_staged(house: Household) -> None:
    """Somebody leafs ahead while the calendar is being relisted."""
    house.google.put(HOME, timed("Daily", recurrence=["RRULE:FREQ=DAILY"]))
    for number in range(2):
        house.google.put(HOME, timed(f"Event {number}"))
    house.google.expire_sync_tokens()
    house.google.page_size = 1
    far = Days(NOW.date().replace(year=2031), NOW.date().replace(year=2031, day=24), "UTC")
    house.google.before_next("list_events", lambda: None)
    house.google.before_next("list_events", lambda: None)
    house.google.before_next("list_events", lambda: house.summaries(far))
    house.pull(USER, HOME)
    assert ["Daily"] == house.summaries(far)


def test_edit_that_is_undone_during_a_full_sync_leaves_no_trace(house: Household) -> None:
    """The staged index had the edit laid over."""
    for number in range(3):
        house.google.put(HOME, timed(f"Event {number}", hour=number))
    house.pull(USER, HOME)
    event_id = next(event["id"] for event in house.google.live_events(HOME).values())
    (entry,) = [entry for entry in house.agenda() if entry.event_id == event_id]
    house.edit.delete(entry.key)
    house.google.expire_sync_tokens()
    house.google.page_size = 1
    house.google.before_next("list_events", lambda: None)
    house.google.before_next("list_events", lambda: None)
    house.google.before_next("list_events", lambda: house.edit.undo(USER))
    house.pull(USER, HOME)
    assert ["Event 0", "Event 1", "Event 2"] == house.summaries()


def test_pending_edit_survives_any_pull(house: Household) -> None:
    """The overlay is laid over whatever the mirror is."""
    event = house.google.put(HOME, timed("Theirs"))
    house.pull(USER, HOME)
    (entry,) = house.agenda()
    house.edit.change(entry.key, draft("Mine"))
    house.google.put(HOME, {**event, "location": "Elsewhere"})
    house.pull(USER, HOME)
    (entry,) = house.agenda()
    assert ("Mine", "Elsewhere", True) == (entry.summary, entry.location, entry.waiting)
    house.google.expire_sync_tokens()
    house.pull(USER, HOME)
    assert ["Mine"] == house.summaries()


def test_restored_series_has_the_exceptions_that_google_has(house: Household) -> None:
    """Exceptions go with their master; the ones that come back are listed again."""
    series = house.google.put(HOME, timed("Daily", recurrence=["RRULE:FREQ=DAILY;COUNT=3"]))
    house.pull(USER, HOME)
    instance = house.google.find_instance(HOME, series["id"], "2026-11-24T09:00:00Z")
    assert instance is not None
    house.google.put(HOME, {**instance, "summary": "Moved"})
    house.pull(USER, HOME)
    house.google.cancel(HOME, series["id"])
    house.pull(USER, HOME)
    assert [] == house.summaries()
    house.google.put(HOME, {**series, "status": "confirmed"})
    house.pull(USER, HOME)
    assert house.google.live_events(HOME) == house.mirror()
    assert ["Daily", "Daily", "Daily"] == house.summaries()


def test_pull_of_an_unknown_calendar_does_nothing(house: Household) -> None:
    """It left the list while its task was queued."""
    house.google.calls.clear()
    assert (0, []) == (house.pull(USER, "nobody's"), house.google.calls)


def test_left_over_stage_does_not_ask_for_pulls_for_ever(house: Household) -> None:
    """An incremental pull that works makes an older full sync pointless."""
    with house.store.write() as unit:
        unit.begin_stage(USER, HOME, fingerprint="fake")
        unit.keep_page_token(USER, HOME, "page-1")
    house.pull(USER, HOME)
    assert ([], False) == (house.sent(), sync_state(house).staged)


def test_one_event_that_makes_no_sense_does_not_stop_the_others(house: Household) -> None:
    """Foreign data is never trusted to be whole."""
    shelf = house.google._shelf(HOME)
    strange = [
        {"start": {"dateTime": "0001-01-01T00:00:00+14:00"}, "end": {"dateTime": "9999-12-31T23:00:00-12:00"}},
        {"start": {"dateTime": "2026-11-23"}, "end": None, "attendees": [None, "ana", {}], "reminders": []},
        {"start": {"date": "2026-11-23"}, "end": {"date": "9999-12-31"}, "recurrence": ["RRULE:FREQ=YEARLY"]},
        {"start": "tomorrow", "end": 7, "recurrence": "RRULE:FREQ=DAILY", "conferenceData": [1]},
        {
            **timed(),
            "recurrence": ["RRULE:FREQ=NEVER", None, "EXDATE:soon"],
            "reminders": {"overrides": [{"minutes": "x"}]},
        },
        {**timed(), "originalStartTime": {"date": "0001-01-01"}, "recurringEventId": "nobody"},
    ]
    for number, resource in enumerate(strange):
        house.google._write(shelf, {"id": f"strange{number}", "status": "confirmed", **resource})
    house.google.put(HOME, timed("Sane", hour=20))
    house.pull(USER, HOME)
    assert "Sane" in house.summaries()
