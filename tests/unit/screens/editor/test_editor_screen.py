"""The form: typing, saving, errors, and never losing what was typed."""

from collections.abc import Callable
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from msgspec import UNSET
from msgspec.structs import replace
from textual import events
from textual.widgets import Static, TextArea

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.event import Event
from aicalendar_tui.screens.editor.fields import Choice, TextLine, TimeLine, editable
from aicalendar_tui.screens.editor.screen import EditorResult, EditorScreen
from aicalendar_tui.screens.gateway import Details
from tests.unit.screens.dialog_preview import DialogApp
from tests.unit.screens.fake_dialog_gateway import (
    DESIGN,
    DETAILS,
    HOLIDAYS,
    HOME,
    REVIEW,
    WORK,
    ZONE,
    FakeDialogGateway,
)

PRAGUE = ZoneInfo(ZONE)
THREE = datetime(2026, 11, 24, 15, tzinfo=PRAGUE)
FOUR = datetime(2026, 11, 24, 16, tzinfo=PRAGUE)


def new_event(calendar: Calendar | None = HOME) -> DialogApp:
    """The form for a new event on Tuesday from three to four."""
    return DialogApp(
        EditorScreen(
            FakeDialogGateway(),
            calendars=[WORK, DESIGN, HOME, HOLIDAYS],
            details=None,
            start=THREE,
            end=FOUR,
            calendar=calendar,
        )
    )


def existing_event(event: Event = REVIEW) -> DialogApp:
    """The form for an event of the design team."""
    details = Details(key=DETAILS.key, event=event, calendar=DESIGN)
    return DialogApp(
        EditorScreen(
            FakeDialogGateway(),
            calendars=[WORK, DESIGN, HOME, HOLIDAYS],
            details=details,
            start=event.start,
            end=event.end,
            calendar=DESIGN,
        )
    )


def type_into(app: DialogApp, name: str, text: str) -> None:
    """As a paste over the whole field would."""
    line = app.screen.query_one(f"#{name}", TextLine)
    line.focus()
    line.value = text


def saved(app: DialogApp) -> EditorResult:
    """What the form was left with, once."""
    assert len(app.results) == 1
    return cast(EditorResult, app.results[0])


def note(app: DialogApp, field: str) -> str:
    """What stands beside a field."""
    return str(app.screen.query_one(f"#note-{field}", Static).content)


async def test_a_title_and_enter_make_an_event() -> None:
    """The shortest way: everything else has its default."""
    app = new_event()
    async with app.run_test() as pilot:
        await pilot.press(*"Lunch", "enter")
        assert EditorResult(HOME, Draft(summary="Lunch", start=THREE, end=FOUR, zone=ZONE)) == saved(app)


async def test_a_new_event_needs_a_title() -> None:
    """It is said beside the title, and typing one goes on."""
    app = new_event()
    async with app.run_test() as pilot:
        await pilot.press("enter")
        assert ([], "it needs a title") == (app.results, note(app, "summary"))
        await pilot.press(*"Lunch")
        assert "" == note(app, "summary")
        await pilot.press("enter")
        assert "Lunch" == saved(app).draft.summary


async def test_an_event_without_a_title_can_still_be_edited() -> None:
    """It was made elsewhere, and is nobody's fault here."""
    app = existing_event(replace(REVIEW, summary=""))
    async with app.run_test() as pilot:
        type_into(app, "location", "Room 7")
        await pilot.press("ctrl+s")
        assert Draft(location="Room 7") == saved(app).draft


async def test_a_clock_of_twelve_hours_shows_in_the_fields() -> None:
    """And is understood in them."""
    screen = EditorScreen(
        FakeDialogGateway(), calendars=[HOME], details=None, start=THREE, end=FOUR, calendar=HOME, hour24=False
    )
    app = DialogApp(screen)
    async with app.run_test() as pilot:
        lines = [line.value for line in app.screen.query(TimeLine)]
        assert ["Tue 24 Nov 2026 3:00 pm", "4:00 pm"] == lines
        type_into(app, "summary", "Lunch")
        type_into(app, "end", "4:45 pm")
        await pilot.press("ctrl+s")
        assert FOUR.replace(minute=45) == saved(app).draft.end


async def test_a_range_typed_as_the_start_moves_both_ends() -> None:
    """`wed 10-11:30`, previewed while one types."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "summary", "Lunch")
        type_into(app, "start", "wed 10-11:30")
        await pilot.pause()
        assert "Wed 25 Nov 2026, 10:00–11:30" == note(app, "start")
        await pilot.press("ctrl+s")
        draft = saved(app).draft
        assert (THREE.replace(day=25, hour=10), THREE.replace(day=25, hour=11, minute=30)) == (draft.start, draft.end)


async def test_leaving_a_time_writes_it_out() -> None:
    """So that one sees what was understood."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "start", "завтра 9")
        await pilot.press("tab")
        lines = [line.value for line in app.screen.query(TimeLine)]
        assert ["Tue 24 Nov 2026 09:00", "10:00"] == lines


async def test_an_end_can_be_a_length() -> None:
    """From the start as it stands."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "summary", "Lunch")
        type_into(app, "end", "+2h")
        await pilot.press("ctrl+s")
        assert THREE.replace(hour=17) == saved(app).draft.end


async def test_arrows_step_the_times() -> None:
    """The start takes the end along."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "summary", "Lunch")
        app.screen.query_one("#start").focus()
        await pilot.press("up", "up", "shift+down")
        app.screen.query_one("#end").focus()
        await pilot.press("up", "ctrl+s")
        draft = saved(app).draft
        assert (THREE.replace(day=23, minute=30), FOUR.replace(day=23, minute=45)) == (draft.start, draft.end)


async def test_all_day_makes_dates() -> None:
    """The end of the draft is the day after the last."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "summary", "Lunch")
        app.screen.query_one("#all_day").focus()
        await pilot.press("space")
        assert not app.screen.query_one("#row-zone").display
        type_into(app, "end", "26")
        await pilot.press("ctrl+s")
        draft = saved(app).draft
        assert (date(2026, 11, 24), date(2026, 11, 27), None) == (draft.start, draft.end, draft.zone)


async def test_another_zone_keeps_the_clock() -> None:
    """Three o'clock there, and what that is here."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "summary", "Lunch")
        type_into(app, "zone", "America/New_York")
        await pilot.pause()
        assert "21:00 in Prague" == note(app, "zone")
        await pilot.press("ctrl+s")
        draft = saved(app).draft
        assert (THREE.replace(tzinfo=ZoneInfo("America/New_York")), "America/New_York") == (draft.start, draft.zone)


async def test_every_choice_reaches_the_draft() -> None:
    """By arrows, and by the letter a value begins with."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "summary", "Lunch")
        for name, key in (
            ("recurrence", "right"),
            ("calendar", "d"),
            ("transparency", "right"),
            ("visibility", "o"),
            ("color_id", "right"),
        ):
            app.screen.query_one(f"#{name}").focus()
            await pilot.press(key)
        await pilot.press("ctrl+s")
        result = saved(app)
        assert DESIGN == result.calendar
        assert (("RRULE:FREQ=DAILY",), "transparent", "private", "1") == (
            result.draft.recurrence,
            result.draft.transparency,
            result.draft.visibility,
            result.draft.color_id,
        )


async def test_only_calendars_that_can_be_written_are_offered() -> None:
    """And the primary one comes first to mind."""
    app = new_event(calendar=HOLIDAYS)
    async with app.run_test():
        choice = app.screen.query_one("#calendar", Choice)
        assert ([WORK, DESIGN, HOME], WORK) == ([value for value, _label in choice._options], choice.value)


async def test_saving_an_untouched_event_changes_nothing() -> None:
    """Whatever odd characters or rules it holds."""
    odd = replace(
        REVIEW, summary="  a\u202eb\x1b[31m\n", location="x\ty", description="1\r\n2\x00", visibility="confidential"
    )
    app = existing_event(odd)
    async with app.run_test() as pilot:
        await pilot.press("ctrl+s")
        assert [None] == app.results


async def test_only_what_was_changed_is_in_the_draft() -> None:
    """The rest stays UNSET, so that it can't overwrite what changed elsewhere meanwhile."""
    app = existing_event()
    async with app.run_test() as pilot:
        type_into(app, "location", "")
        await pilot.press("ctrl+s")
        assert Draft(location="") == saved(app).draft


async def test_a_moved_event_sends_both_ends() -> None:
    """And its zone."""
    app = existing_event()
    async with app.run_test() as pilot:
        type_into(app, "start", "15:00")
        await pilot.press("ctrl+s")
        assert (
            Draft(start=THREE.replace(day=23), end=THREE.replace(day=23, hour=16, minute=30), zone=ZONE)
            == saved(app).draft
        )


async def test_one_of_a_series_does_not_offer_to_repeat() -> None:
    """The rule belongs to the series."""
    app = existing_event(replace(REVIEW, recurrence=(), recurring_event_id="review"))
    async with app.run_test() as pilot:
        assert not app.screen.query_one("#recurrence").can_focus
        type_into(app, "summary", "x")
        await pilot.press("ctrl+s")
        assert Draft(summary="x") == saved(app).draft


async def test_an_error_stands_beside_its_field_and_has_the_focus() -> None:
    """The first of them, when there are several; nothing is saved."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "summary", "Lunch")
        type_into(app, "zone", "Mars/Base")
        type_into(app, "start", "lunch")
        await pilot.press("ctrl+s")
        assert app.results == []
        assert app.focused is app.screen.query_one("#start")
        assert ("not a time; try tue 15:00", "no such zone; for example Europe/Prague") == (
            note(app, "start"),
            note(app, "zone"),
        )


async def test_an_end_before_the_start_is_refused() -> None:
    """By the domain's own rule, at the field that it names."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "summary", "Lunch")
        type_into(app, "end", "2026-11-20 10:00")
        await pilot.press("ctrl+s")
        assert app.results == []
        assert (app.screen.query_one("#end"), "The end is before the start") == (app.focused, note(app, "end"))


async def test_a_burst_of_keys_reaches_the_fields_it_was_meant_for() -> None:
    """As from a paste or a script: Tab moves on before the next letter, and saving waits for the last one."""
    app = new_event()
    async with app.run_test() as pilot:
        for key in [*"Lunch", *["tab"] * 9, *"Room", "ctrl+s"]:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        draft = saved(app).draft
        assert ("Lunch", "Room") == (draft.summary, draft.location)


async def test_esc_leaves_a_form_without_changes() -> None:
    """Nothing would be lost."""
    app = existing_event()
    async with app.run_test() as pilot:
        await pilot.press("escape")
        assert [None] == app.results


async def ask(change: Callable[[DialogApp], None]) -> tuple[DialogApp, str, list[object]]:
    """The form after a change and one Esc: its app, the hints, and what it was left with."""
    app = new_event()
    async with app.run_test() as pilot:
        change(app)
        await pilot.press("escape")
        hints = str(app.screen.query_one("#hints", Static).content)
        return app, hints, list(app.results)


async def test_esc_with_changes_asks_first() -> None:
    """Whether they are in a line, a choice or the description."""

    def describe(app: DialogApp) -> None:
        app.screen.query_one(TextArea).text = "x"

    def choose(app: DialogApp) -> None:
        app.screen.query_one("#transparency", Choice).action_move(1)

    for change in (lambda app: type_into(app, "location", "x"), describe, choose):
        _app, hints, results = await ask(change)
        assert "unsaved changes" in hints
        assert results == []


async def test_esc_alone_never_drops_the_changes() -> None:
    """However often it is pressed: another key does, and only while the question stands."""
    app = new_event()
    async with app.run_test() as pilot:
        await pilot.press("x", "ctrl+d", "escape", "escape", "escape", "escape")
        assert ([], "x") == (app.results, app.screen.query_one("#summary", TextLine).value)
        await pilot.press("escape", "ctrl+d")
        assert [None] == app.results


async def test_enter_after_the_question_saves_from_anywhere() -> None:
    """Even from the description, where it means a new line otherwise."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "summary", "Lunch")
        app.screen.query_one(TextArea).focus()
        await pilot.press("a", "enter", "b", "escape", "enter")
        assert "a\nb" == saved(app).draft.description


async def test_typing_on_takes_the_question_back() -> None:
    """The next Esc asks again."""
    app = new_event()
    async with app.run_test() as pilot:
        await pilot.press("x", "escape", "y", "escape")
        assert app.results == []
        assert app.is_running


async def test_tab_visits_every_field_in_order() -> None:
    """From the title to the colour."""
    app = new_event()
    async with app.run_test() as pilot:
        visited = [app.focused.id if app.focused else None]
        for _step in range(16):
            await pilot.press("tab")
            visited.append(app.focused.id if app.focused else None)
        expected = (
            "summary start end all_day zone end_zone recurrence guests call location calendar event_type description "
            "reminders transparency visibility color_id"
        )
        assert expected.split() == visited


async def test_the_whole_form_can_be_reached_at_80_by_24() -> None:
    """Focus scrolls."""
    app = new_event()
    async with app.run_test(size=(80, 16)) as pilot:
        for _step in range(12):
            await pilot.press("tab")
        await pilot.pause()
        description = app.screen.query_one(TextArea)
        assert description is app.focused
        assert app.screen.query_one("#body").region.contains_region(description.region)


def test_a_field_takes_no_characters_that_a_terminal_acts_on() -> None:
    """Letters of all scripts stay, and so do several spaces and any length."""
    assert "a  b[31m é 漢 🎉" * 500 == editable("a  b\x1b[31m\u202e é\u200b 漢 🎉" * 500)
    assert "1\n2" == editable("1\r\n2\x00", lines=True)


async def test_a_new_event_says_only_what_was_filled_in() -> None:
    """Defaults are Google's to fill."""
    app = new_event()
    async with app.run_test() as pilot:
        await pilot.press("x", "enter")
        draft = saved(app).draft
        assert {UNSET} == {draft.location, draft.description, draft.transparency, draft.color_id, draft.recurrence}
