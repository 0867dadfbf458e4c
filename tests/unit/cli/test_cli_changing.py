"""`add`, `watch`, `sync`, `cache clear`: what they ask of the services, and how long they wait."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.cli.add import read_times
from aicalendar_tui.cli.report import UsageError
from tests.unit.cli.desk import HOME, WORK, FakeServices, run

MONDAY = datetime(2026, 11, 23, 9, 42, tzinfo=ZoneInfo("Europe/Prague"))


def task(state: str = "done", **fields) -> Task:
    """A task that the services were asked for."""
    return Task(task_id="t", user_id="u", name="calendar.pull", calendar_id="work-id", state=state, **fields)  # pyright: ignore[reportArgumentType] - states are texts here


class TestTimes:
    """What --start and --end mean."""

    @pytest.mark.parametrize(
        ("start", "end", "expected"),
        [
            ("2026-11-24T15:00", "2026-11-24T16:30", ("24T15:00", "24T16:30")),
            ("tomorrow 15:00", "16:30", ("24T15:00", "24T16:30")),
            ("tomorrow 15:00", "+45m", ("24T15:00", "24T15:45")),
            ("15:00", None, ("23T15:00", "23T16:00")),
            ("08:00", None, ("24T08:00", "24T09:00")),
            ("завтра в 9 вечера", "2 часа", ("24T21:00", "24T23:00")),
            ("22:00", "01:00", ("23T22:00", "24T01:00")),
            ("2026-11-24T15:00+00:00", "+1h", ("24T16:00", "24T17:00")),
            ("tue 15-16:30", None, ("24T15:00", "24T16:30")),
        ],
    )
    def test_times_are_in_the_shown_zone(self, start: str, end: str | None, expected: tuple[str, str]):
        """Typed in words or as ISO."""
        begin, finish = read_times(start, end, now=MONDAY, zone="Europe/Prague", all_day=False)
        assert isinstance(begin, datetime)
        assert isinstance(finish, datetime)
        assert expected == tuple(moment.strftime("%dT%H:%M") for moment in (begin, finish))
        assert "Europe/Prague" == str(begin.tzinfo)

    @pytest.mark.parametrize(
        ("start", "end", "last"),
        [("2026-12-24", None, 24), ("24 dec", "26 dec", 26), ("24-26 dec", None, 26), ("24 dec", "3 days", 26)],
    )
    def test_days_end_with_their_last_day(self, start: str, end: str | None, last: int):
        """What people type is inclusive, what is stored exclusive."""
        expected = (date(2026, 12, 24), date(2026, 12, last + 1))
        assert expected == read_times(start, end, now=MONDAY, zone="Europe/Prague", all_day=True)
        assert expected == read_times(start, end, now=MONDAY, zone="Europe/Prague", all_day=False)

    @pytest.mark.parametrize(
        ("start", "end", "all_day"),
        [
            ("soon", None, False),
            ("15:00", "whenever", False),
            ("15:00", None, True),
            ("26 dec", "24 dec 2026", True),
            ("tomorrow 15:00", "tomorrow 14:00", False),
        ],
    )
    def test_what_is_no_time_is_refused(self, start: str, end: str | None, all_day: bool):
        """By what was typed, or by its order."""
        with pytest.raises(UsageError):
            read_times(start, end, now=MONDAY, zone="Europe/Prague", all_day=all_day)

    @given(st.text(max_size=30), st.none() | st.text(max_size=30), st.booleans())
    def test_any_text_is_a_span_or_refused(self, start: str, end: str | None, all_day: bool):
        """Never a traceback, never an end before its start."""
        try:
            begin, finish = read_times(start, end, now=MONDAY, zone="Europe/Prague", all_day=all_day)
        except UsageError:
            return
        assert begin <= finish


class TestAdd:
    @pytest.mark.parametrize("title", ["", "  "])
    def test_a_title_is_needed(self, tmp_path: Path, title: str):
        """Nothing is made without one."""
        services = FakeServices()
        answer = run("add", "--title", title, "--start", "12:30", services=services, home=tmp_path)
        assert (2, "aicalendar: a title is needed\n", []) == (answer.code, answer.err, services.created)

    """The edit is taken first, then sent."""

    def test_an_event_goes_to_the_primary_calendar(self, tmp_path: Path):
        """With what was typed, in the shown zone; the services are waited for."""
        services = FakeServices(outcome=task())
        answer = run(
            "add", "--title", "Lunch", "--start", "12:30", "--end", "13:30", "--place", "Lokál",
            services=services, home=tmp_path,
        )  # fmt: skip
        assert (0, "Added: Lunch, Monday 23 November 12:30–13:30 (Work)\n", "") == (
            answer.code,
            answer.out,
            answer.err,
        )
        calendar_id, draft = services.created[0]
        assert ("work-id", "Lunch", "Lokál") == (calendar_id, draft.summary, draft.location)
        assert datetime(2026, 11, 23, 12, 30, tzinfo=UTC) == draft.start
        assert [("sync", (("calendar_id", "work-id"), ("scope", "push")))] == services.asked
        assert 1 == answer.leases

    def test_a_calendar_is_found_by_the_beginning_of_its_name(self, tmp_path: Path):
        """Case aside."""
        services = FakeServices()
        run(
            "add",
            "--title",
            "x",
            "--start",
            "tomorrow",
            "--calendar",
            "ho",
            "--no-wait",
            services=services,
            home=tmp_path,
        )
        assert [] == services.created  # Home or Holidays?
        run(
            "add",
            "--title",
            "x",
            "--start",
            "tomorrow",
            "--calendar",
            "hom",
            "--no-wait",
            services=services,
            home=tmp_path,
        )
        assert HOME.calendar_id == services.created[0][0]

    @pytest.mark.parametrize(
        ("calendar", "message"),
        [("Holidays", "can only be read"), ("Gym", "there are: Work, Home, Holidays"), ("ho", "give the id")],
    )
    def test_a_wrong_calendar_is_wrong_usage(self, tmp_path: Path, calendar: str, message: str):
        """Nothing is created."""
        services = FakeServices()
        answer = run(
            "add", "--title", "x", "--start", "12:00", "--calendar", calendar, services=services, home=tmp_path
        )
        assert 2 == answer.code
        assert message in answer.err
        assert [] == services.created

    def test_offline_it_is_kept_and_says_so(self, tmp_path: Path):
        """That is no failure."""
        services = FakeServices(outcome=task("retrying", error="no route"), pushed=False)
        answer = run("add", "--title", "x", "--start", "12:00", services=services, home=tmp_path)
        assert 0 == answer.code
        assert "waits to be sent" in answer.err

    def test_a_refusal_is_a_failure_with_its_reason(self, tmp_path: Path):
        """The edit is still there, and shown in the calendar."""
        services = FakeServices(outcome=task("failed"), problem="forbidden")
        answer = run("add", "--title", "x", "--start", "12:00", services=services, home=tmp_path)
        assert 1 == answer.code
        assert "refused: forbidden" in answer.err

    def test_no_wait_starts_nothing(self, tmp_path: Path):
        """Not even with nobody there to take the request."""
        services = FakeServices(broker_away=True)
        answer = run("add", "--title", "x", "--start", "12:00", "--no-wait", services=services, home=tmp_path)
        assert (0, 0, "") == (answer.code, answer.leases, answer.err)
        assert 1 == len(services.created)


class TestSync:
    """Now, both ways."""

    def test_it_waits_until_all_is_done(self, tmp_path: Path):
        """And says how much is up to date then."""
        services = FakeServices(outcome=task(), calendars=[replace(WORK, synced_at=1), HOME])
        answer = run("sync", "--full", services=services, home=tmp_path)
        assert (0, "1 calendar is up to date\n") == (answer.code, answer.out)
        assert [("sync", (("calendar_id", None), ("full", True)))] == services.asked

    def test_calendars_that_the_list_brings_are_waited_for(self, tmp_path: Path):
        """The first sync of an account knows none of them when it begins."""
        services = FakeServices(outcome=task(), tasks={"later": replace(task("queued"), task_id="later")})
        answer = run("sync", services=services, home=tmp_path)
        assert 1 == answer.code
        assert "not done yet" in answer.err

    def test_a_failed_task_is_a_failure_with_its_reason(self, tmp_path: Path):
        """One line."""
        answer = run("sync", services=FakeServices(outcome=task("failed", error="quota\nexceeded")), home=tmp_path)
        assert (1, "aicalendar: the sync failed: quota exceeded\n") == (answer.code, answer.err)

    def test_it_gives_up_when_nothing_moves(self, tmp_path: Path):
        """Work that is still queued when the time is over goes on elsewhere."""
        answer = run("sync", services=FakeServices(outcome=task("queued")), home=tmp_path)
        assert 1 == answer.code
        assert "not done yet" in answer.err

    def test_progress_is_shown_to_a_person_only(self, tmp_path: Path):
        """And taken away again."""
        services = FakeServices(outcome=task("running", subject="Work", done=5, total=9))
        err = run("sync", services=services, home=tmp_path, terminal=True).err
        assert "fetch changes: Work · 5 of 9" in err
        assert "\r\x1b[2K" in err
        assert "5 of 9" not in run("sync", services=services, home=tmp_path).err

    @pytest.mark.parametrize("ready", [True, False])
    def test_services_that_cannot_be_reached_are_told(self, tmp_path: Path, ready: bool):
        """With where to look."""
        answer = run("sync", services=FakeServices(broker_away=True), home=tmp_path, ready=ready)
        assert 1 == answer.code
        assert "aicalendar doctor" in answer.err


class TestWatch:
    """Live updates."""

    def test_on_asks_for_one_calendar_or_for_all(self, tmp_path: Path):
        """And prints how they are then."""
        services = FakeServices(outcome=task())
        answer = run("watch", "on", "Work", services=services, home=tmp_path)
        run("watch", "off", services=services, home=tmp_path)
        assert [("live", "work-id", True), ("live", None, False)] == services.asked
        assert (0, "Work  ○ asked for changes every 5 min\n") == (answer.code, answer.out)

    def test_a_failure_is_told(self, tmp_path: Path):
        """The wish stays: the services try again."""
        answer = run("watch", "on", services=FakeServices(outcome=task("failed", error="no tunnel")), home=tmp_path)
        assert 1 == answer.code
        assert "no tunnel" in answer.err

    def test_status_needs_no_services(self, tmp_path: Path):
        """It only reads."""
        answer = run("watch", "status", "--json", home=tmp_path)
        assert (0, 0) == (answer.code, answer.leases)
        calendars = json.loads(answer.out)["calendars"]
        assert ["Work", "Home", "Holidays"] == [calendar["calendar"] for calendar in calendars]
        assert {"calendar_id", "calendar", "wanted", "state", "expires", "synced_at", "problem"} == calendars[
            0
        ].keys()


class TestCache:
    """Forgetting is harmless."""

    def test_clear_forgets_one_user_or_all(self, tmp_path: Path):
        """Through the service that the API has, too."""
        services = FakeServices()
        run("cache", "clear", services=services, home=tmp_path)
        run("cache", "clear", "user123", services=services, home=tmp_path)
        assert [WORK.user_id, "user123"] == services.forgotten
