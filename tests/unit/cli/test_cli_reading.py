"""`agenda`, `next` and `tasks`: what is printed, for people and for machines."""

import json
import re
from pathlib import Path

import pytest

from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.i18n import set_language
from tests.unit.cli.desk import FakeServices, entry, run

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
MEETING = entry("Design review", "2026-11-23T14:00", "2026-11-23T15:30", location="Room 4")


class TestAgenda:
    """The coming days as text."""

    def test_events_stand_under_their_day_in_order(self, tmp_path: Path):
        """All-day ones first; the calendar's name stands in for its colour in a pipe."""
        services = FakeServices(
            entries=[
                MEETING,
                entry("Offsite", "2026-11-23", "2026-11-24"),
                entry("Standup", "2026-11-24T09:00", "2026-11-24T09:15", calendar_id="home-id"),
            ]
        )
        answer = run("agenda", services=services, home=tmp_path)
        expected = (
            "Monday 23 November · today\n"
            "  · all day      Offsite · Work\n"
            "  · 14:00–15:30  Design review · Room 4 · Work\n"
            "\n"
            "Tuesday 24 November\n"
            "  · 09:00–09:15  Standup · Home\n"
        )
        assert (0, expected, "") == (answer.code, answer.out, answer.err)

    def test_an_event_over_midnight_is_under_both_days(self, tmp_path: Path):
        """With the half that is on each; a day in between is whole."""
        services = FakeServices(entries=[entry("Flight", "2026-11-23T22:00", "2026-11-25T06:00")])
        lines = run("agenda", services=services, home=tmp_path).out.splitlines()
        assert ["  · 22:00–…  Flight · Work", "  · all day  Flight · Work", "  · …–06:00  Flight · Work"] == [
            line for line in lines if "Flight" in line
        ]

    def test_only_a_terminal_gets_colours(self, tmp_path: Path):
        """And none with NO_COLOR or on a dumb terminal."""
        services = FakeServices(entries=[MEETING])
        coloured = run("agenda", services=services, home=tmp_path, terminal=True).out
        assert "\x1b[38;2;255;0;0m●" in coloured
        for environ in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            assert "\x1b" not in run("agenda", services=services, home=tmp_path, terminal=True, environ=environ).out
        assert "\x1b" not in run("agenda", services=services, home=tmp_path).out

    @pytest.mark.parametrize(
        "title", ["\x1b[2J\x1b]0;owned\x07x", "a\nb\r\tc", "\u202eevil", "[red]markup[/red]", "日本語 👩‍👩‍👧"]
    )
    def test_hostile_titles_stay_on_their_line(self, tmp_path: Path, title: str):
        """Nothing in them reaches the terminal as a command."""
        out = run(
            "agenda",
            services=FakeServices(entries=[entry(title, "2026-11-23T14:00", "2026-11-23T15:00")]),
            home=tmp_path,
        ).out
        assert 2 == len(out.splitlines())
        assert all(letter.isprintable() for letter in out.replace("\n", ""))

    def test_marks_say_what_is_special(self, tmp_path: Path):
        """Answers, waiting edits, edits that need a decision."""
        services = FakeServices(
            entries=[
                entry("A", "2026-11-23T10:00", "2026-11-23T11:00", response="declined"),
                entry("B", "2026-11-23T11:00", "2026-11-23T12:00", waiting=True, response="tentative"),
                entry("", "2026-11-23T12:00", "2026-11-23T12:00", problem=True, waiting=True),
            ]
        )
        out = run("agenda", "today", services=services, home=tmp_path).out
        assert "A · declined · Work" in out
        assert "B · maybe · ↑ waits to be sent · Work" in out
        assert "· 12:00        (no title) · ! needs a decision · Work" in out

    def test_json_is_complete_and_stable(self, tmp_path: Path):
        """The fields that docs/commands.md promises."""
        services = FakeServices(
            entries=[
                entry("Offsite", "2026-11-23", "2026-11-25"),
                entry("Обед", "2026-11-23T12:00", "2026-11-23T13:00"),
            ]
        )
        answer = run(
            "agenda", "today", "--json", services=services, home=tmp_path, environ={"AICALENDAR_ZONE": "Asia/Tokyo"}
        )
        document = json.loads(answer.out)
        assert {"schema", "from", "to", "zone", "revision", "events"} == document.keys()
        assert (1, "2026-11-23", "2026-11-24", "Asia/Tokyo", 7) == (
            document["schema"],
            document["from"],
            document["to"],
            document["zone"],
            document["revision"],
        )
        whole, timed = document["events"]
        assert ("2026-11-23", "2026-11-25", True) == (whole["start"], whole["end"], whole["all_day"])
        assert ("Обед", "2026-11-23T21:00:00+09:00", "Work", "#ff0000") == (
            timed["summary"],
            timed["start"],
            timed["calendar"],
            timed["color"],
        )
        documented = (Path(__file__).parents[3] / "docs" / "commands.md").read_text("utf-8")
        assert all(f"`{name}`" in documented for name in timed)

    def test_an_empty_range_says_so(self, tmp_path: Path):
        """Not just nothing."""
        assert "Nothing is planned.\n" == run("agenda", home=tmp_path).out

    def test_without_an_account_it_says_what_to_do(self, tmp_path: Path):
        """One line, with the commands in it."""
        answer = run("agenda", services=FakeServices(has_account=False), home=tmp_path)
        assert (1, "") == (answer.code, answer.out)
        assert 1 == len(answer.err.splitlines())
        assert "aicalendar demo" in answer.err

    def test_without_calendars_it_says_how_to_fetch_them(self, tmp_path: Path):
        """On standard error, so that the answer stays clean."""
        answer = run("agenda", "--json", services=FakeServices(calendars=[]), home=tmp_path)
        assert [] == json.loads(answer.out)["events"]
        assert "aicalendar sync" in answer.err

    def test_a_strange_range_is_wrong_usage(self, tmp_path: Path):
        """With examples of right ones."""
        answer = run("agenda", "whenever", home=tmp_path)
        assert 2 == answer.code
        assert "'whenever'" in answer.err
        assert "next week" in answer.err

    def test_twelve_hours_are_shown_when_set(self, tmp_path: Path):
        """The same everywhere."""
        environ = {"AICALENDAR_CLOCK_HOURS": "12"}
        assert (
            "2:00 pm–3:30 pm"
            in run("agenda", services=FakeServices(entries=[MEETING]), home=tmp_path, environ=environ).out
        )

    def test_it_speaks_russian(self, tmp_path: Path):
        """Where the catalogue has the words; it never fails for those that it lacks."""
        set_language("ru")
        try:
            assert 0 == run("agenda", services=FakeServices(entries=[MEETING]), home=tmp_path).code
        finally:
            set_language(None)


class TestNext:
    """One line for a status bar or an impatient person."""

    def test_the_next_event_is_told_with_the_time_until_then(self, tmp_path: Path):
        """Not the running one, not a declined one, not a whole day."""
        services = FakeServices(
            entries=[
                entry("Running", "2026-11-23T09:30", "2026-11-23T10:30"),
                entry("Declined", "2026-11-23T09:45", "2026-11-23T10:30", response="declined"),
                entry("Holiday", "2026-11-23", "2026-11-24"),
                entry("Standup", "2026-11-23T10:00", "2026-11-23T10:15"),
            ]
        )
        assert "in 18 min  · 10:00–10:15  Standup · Work\n" == run("next", services=services, home=tmp_path).out

    def test_an_event_of_another_day_names_the_day(self, tmp_path: Path):
        """However far it is."""
        services = FakeServices(entries=[entry("Audit", "2027-02-01T08:00", "2027-02-01T09:00")])
        assert "Mon 1 February 08:00–09:00  Audit" in run("next", services=services, home=tmp_path).out

    def test_seconds_are_rounded_up(self, tmp_path: Path):
        """ "in 0 min" would be over before it is read."""
        services = FakeServices(entries=[entry("Soon", "2026-11-23T09:43", "2026-11-23T10:00")])
        assert run("next", services=services, home=tmp_path, now="2026-11-23T09:42:59").out.startswith("in 1 min ")

    def test_json_has_the_event_and_the_seconds(self, tmp_path: Path):
        """null where nothing comes."""
        document = json.loads(run("next", "--json", services=FakeServices(entries=[MEETING]), home=tmp_path).out)
        assert (4 * 3600 + 18 * 60, "Design review") == (document["starts_in_seconds"], document["event"]["summary"])
        nothing = json.loads(run("next", "--json", home=tmp_path).out)
        assert (None, None) == (nothing["event"], nothing["starts_in_seconds"])


class TestTasks:
    """The ledger in plain words."""

    def test_tasks_are_told_in_plain_words(self, tmp_path: Path):
        """With progress, or why they failed."""
        tasks = [
            Task(
                task_id="1", user_id="u", name="calendar.pull", subject="Work", state="running", done=250, total=1000
            ),
            Task(task_id="2", user_id="u", name="calendar.push", subject="Lunch", state="failed", error="no\nright"),
        ]
        lines = run(
            "tasks", services=FakeServices(tasks={t.task_id: t for t in tasks}), home=tmp_path
        ).out.splitlines()
        assert lines[0].endswith("running      fetch changes: Work · 250 of 1000")
        assert lines[1].endswith("failed       send edits: Lunch · no right")

    def test_json_has_all_fields(self, tmp_path: Path):
        """As the domain knows them."""
        task = Task(task_id="1", user_id="u", name="calendar.pull")
        document = json.loads(run("tasks", "--json", services=FakeServices(tasks={"1": task}), home=tmp_path).out)
        assert set(Task.__struct_fields__) == document["tasks"][0].keys()
