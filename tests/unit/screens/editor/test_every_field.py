"""Guests, calls, reminders, kinds and repetition, from the keys to the draft."""

from datetime import date, timedelta

from msgspec import UNSET
from msgspec.structs import replace
from textual.widgets import TextArea

from aicalendar_tui.backend.domain.draft import Draft, Reminder
from aicalendar_tui.backend.domain.event import Attendee
from aicalendar_tui.backend.domain.kinds import Declines, Workplace
from aicalendar_tui.screens.editor.fields import Choice, TimeLine, WeekdayLine
from aicalendar_tui.screens.editor.guests import GuestFields
from aicalendar_tui.screens.editor.screen import EditorScreen
from aicalendar_tui.screens.gateway import Details
from tests.unit.screens.dialog_preview import DialogApp
from tests.unit.screens.editor.test_editor_screen import (
    FOUR,
    THREE,
    existing_event,
    new_event,
    note,
    saved,
    type_into,
)
from tests.unit.screens.fake_dialog_gateway import DESIGN, DETAILS, HOME, ME, REVIEW, WORK, FakeDialogGateway

MINE = replace(REVIEW, organizer_is_self=True, organizer="Ana")


def choose(app: DialogApp, name: str, steps: int = 1) -> None:
    """As so many presses of the right arrow."""
    choice = app.screen.query_one(f"#{name}", Choice)
    choice.focus()
    choice.action_move(steps)


async def test_a_guest_is_completed_and_asked_about() -> None:
    """By keys alone: some letters, Down, Enter; then whether they are told."""
    app = new_event(WORK)
    async with app.run_test() as pilot:
        type_into(app, "summary", "Lunch")
        app.screen.query_one("#guests").focus()
        await pilot.pause()
        await pilot.press(*"b", "down", "up", "enter", *"jana@example.com (optional)")
        await pilot.press("ctrl+s")
        assert ([], "by mail? y or n, then Ctrl-S") == (app.results, note(app, "notify"))
        await pilot.press("y", "ctrl+s")
        guests = (
            Attendee(ME, response="accepted"),
            Attendee("boris@example.com", "Boris"),
            Attendee("jana@example.com", optional=True),
        )
        assert (guests, "all") == (saved(app).draft.guests, saved(app).notify)


async def test_the_question_is_answered_under_a_cyrillic_layout() -> None:
    """`н` stands where `y` does."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "summary", "Lunch")
        type_into(app, "guests", "a@example.com")
        await pilot.press("ctrl+s", "н", "ctrl+s")
        assert "all" == saved(app).notify


async def test_what_is_no_address_is_refused_beside_the_guests() -> None:
    """With the part that can't be read."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "summary", "Lunch")
        type_into(app, "guests", "a@example.com, boris")
        await pilot.press("ctrl+s")
        assert ([], "not an address: boris") == (app.results, note(app, "guests"))


async def test_leaving_a_guest_out_keeps_rooms_and_oneself() -> None:
    """They are not in the line, and not forgotten."""
    app = existing_event(MINE)
    async with app.run_test() as pilot:
        type_into(app, "guests", "mira@example.com")
        await pilot.press("ctrl+s", "n", "ctrl+s")
        guests = saved(app).draft.guests
        assert isinstance(guests, tuple)
        assert [ME, "room4@example.com", "mira@example.com"] == [guest.email for guest in guests]
        assert "none" == saved(app).notify


async def test_what_guests_do_not_see_is_no_question() -> None:
    """A colour of one's own."""
    app = existing_event(MINE)
    async with app.run_test() as pilot:
        choose(app, "color_id")
        await pilot.press("ctrl+s")
        assert (Draft(color_id="1"), "none") == (saved(app).draft, saved(app).notify)


async def test_only_who_may_invites() -> None:
    """On somebody else's event the line is there to be read."""
    app = existing_event()
    async with app.run_test():
        assert app.screen.query_one("#guests").disabled
        assert "Mira Holub invites" == note(app, "guests")


async def test_a_call_is_asked_for_and_taken_away() -> None:
    """A Google Meet, under an id that is asked for once."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "summary", "Lunch")
        choose(app, "call")
        await pilot.press("ctrl+s")
        assert isinstance(saved(app).draft.call_request_id, str)
    app = existing_event(replace(REVIEW, call_name="Google Meet"))
    async with app.run_test() as pilot:
        choose(app, "call")
        await pilot.press("ctrl+s")
        assert Draft(call_request_id=None) == saved(app).draft


async def test_reminders_are_typed_and_refused() -> None:
    """What was understood stands beside them."""
    app = existing_event()
    async with app.run_test() as pilot:
        type_into(app, "reminders", "10 min, soon")
        await pilot.press("ctrl+s")
        assert "not a time before: soon" == note(app, "reminders")
        type_into(app, "reminders", "10 min, 2 h by mail")
        await pilot.press("ctrl+s")
        assert Draft(reminders=(Reminder(10), Reminder(120, by_mail=True))) == saved(app).draft


async def test_focus_time_is_in_the_main_calendar_and_has_no_guests() -> None:
    """It names itself, and says what it declines."""
    app = new_event()
    async with app.run_test() as pilot:
        choose(app, "event_type")
        await pilot.pause()
        assert not app.screen.query_one(GuestFields).display
        choose(app, "declines", 2)
        type_into(app, "decline_message", "Later, please")
        await pilot.press("ctrl+s")
        draft = saved(app).draft
        assert (WORK, "Focus time", "focusTime") == (saved(app).calendar, draft.summary, draft.event_type)
        assert Declines("declineAllConflictingInvitations", "Later, please") == draft.declines


async def test_a_kind_is_refused_in_another_calendar() -> None:
    """Google has them in the main one alone."""
    app = new_event()
    async with app.run_test() as pilot:
        choose(app, "event_type")
        await pilot.pause()
        app.screen.query_one("#calendar", Choice).choose(DESIGN)
        await pilot.press("ctrl+s")
        assert ([], "only in your main calendar") == (app.results, note(app, "event_type"))


async def test_a_working_location_is_public_and_free() -> None:
    """As Google wants it; a place of one's own needs a name."""
    app = new_event()
    async with app.run_test() as pilot:
        choose(app, "event_type", 3)
        choose(app, "all_day")
        choose(app, "workplace", 2)
        await pilot.pause()
        type_into(app, "summary", "Library")
        await pilot.press("ctrl+s")
        assert ([], "The place needs a name") == (app.results, note(app, "workplace"))
        type_into(app, "workplace_label", "National Library")
        await pilot.press("ctrl+s")
        draft = saved(app).draft
        assert ("workingLocation", "transparent", "public") == (
            draft.event_type,
            draft.transparency,
            draft.visibility,
        )
        assert Workplace("customLocation", "National Library") == draft.workplace


async def test_the_builder_says_the_rule_and_its_next_dates() -> None:
    """Every second week on Tuesday and Thursday, until a day."""
    app = new_event()
    async with app.run_test(size=(140, 45)) as pilot:
        type_into(app, "summary", "Lunch")
        choose(app, "recurrence", 3)
        type_into(app, "interval", "2")
        app.screen.query_one(WeekdayLine).focus()
        await pilot.press("4")
        choose(app, "ending")
        await pilot.pause()
        type_into(app, "bound", "24 dec")
        await pilot.pause()
        assert (
            "every 2 weeks on Tuesday and Thursday, until Thu 24 Dec 2026\n"
            "Tue 24 Nov · Thu 26 Nov · Tue 8 Dec · Thu 10 Dec · Tue 22 Dec"
        ) == note(app, "rule")
        await pilot.press("ctrl+s")
        rule = "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;UNTIL=20261224T225959Z"
        assert ((rule,), THREE) == (saved(app).draft.recurrence, saved(app).draft.start)


async def test_a_series_begins_on_its_first_day() -> None:
    """Not on a Tuesday when it is every Friday."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "summary", "Lunch")
        choose(app, "recurrence", 3)
        app.screen.query_one(WeekdayLine).focus()
        await pilot.press("5", "2", "ctrl+s")
        draft = saved(app).draft
        assert (("RRULE:FREQ=WEEKLY;BYDAY=FR",), THREE + timedelta(days=3), FOUR + timedelta(days=3)) == (
            draft.recurrence,
            draft.start,
            draft.end,
        )


async def test_a_rule_that_can_not_be_read_is_refused() -> None:
    """At the field that is wrong."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "summary", "Lunch")
        choose(app, "recurrence")
        type_into(app, "interval", "0")
        await pilot.press("ctrl+s")
        assert ([], "a number from 1 on") == (app.results, note(app, "interval"))
        type_into(app, "interval", "1")
        choose(app, "ending")
        await pilot.pause()
        type_into(app, "bound", "23.11.2026")
        await pilot.press("ctrl+s")
        assert ([], "no day after the start; try 24 dec") == (app.results, note(app, "bound"))


def instance_app(recurrence: tuple[str, ...]) -> DialogApp:
    """The form for the first instance of a series."""
    event = replace(REVIEW, recurrence=(), recurring_event_id="review", original_start="2026-11-23T13:00:00Z")
    details = Details(key=DETAILS.key, event=event, calendar=DESIGN, recurrence=recurrence)
    screen = EditorScreen(
        FakeDialogGateway(),
        calendars=[DESIGN, HOME],
        details=details,
        start=event.start,
        end=event.end,
        calendar=DESIGN,
    )
    return DialogApp(screen)


async def test_an_instance_that_moves_leaves_the_rule_alone() -> None:
    """To another weekday: only the user changes how the series repeats."""
    app = instance_app(("RRULE:FREQ=WEEKLY",))
    async with app.run_test() as pilot:
        type_into(app, "start", "wed 9")
        await pilot.press("ctrl+s")
        assert UNSET is saved(app).draft.recurrence


async def test_the_rule_of_a_series_can_be_changed_at_any_instance() -> None:
    """The day that the rule left to its start is named then."""
    app = instance_app(("RRULE:FREQ=WEEKLY", "EXDATE:20261130T130000Z"))
    async with app.run_test() as pilot:
        type_into(app, "interval", "3")
        await pilot.press("ctrl+s")
        lines = ("RRULE:FREQ=WEEKLY;INTERVAL=3;BYDAY=MO", "EXDATE:20261130T130000Z")
        assert Draft(recurrence=lines) == saved(app).draft


async def test_the_rule_of_a_new_series_follows_its_start() -> None:
    """Tuesday becomes Friday, and the fourth Tuesday the fourth Friday."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "summary", "Lunch")
        choose(app, "recurrence", 4)
        choose(app, "place")
        type_into(app, "start", "fri 27 nov")
        await pilot.press("tab", "ctrl+s")
        assert ("RRULE:FREQ=MONTHLY;BYDAY=4FR",) == saved(app).draft.recurrence


async def test_the_ends_may_be_in_different_zones() -> None:
    """The second zone is the end's own."""
    app = new_event()
    async with app.run_test() as pilot:
        type_into(app, "summary", "Flight")
        type_into(app, "end_zone", "America/New_York")
        await pilot.pause()
        type_into(app, "end", "18:00")
        await pilot.press("ctrl+s")
        draft = saved(app).draft
        assert ("Europe/Prague", "America/New_York") == (draft.zone, draft.end_zone)
        assert isinstance(draft.end, type(THREE))
        assert timedelta(hours=9) == draft.end - THREE


async def test_a_description_shows_its_markdown_once_it_is_left() -> None:
    """Below it; text without marks says everything itself."""
    app = new_event()
    async with app.run_test() as pilot:
        area = app.screen.query_one(TextArea)
        area.focus()
        area.text = "Bring **all**"
        await pilot.press("tab")
        assert "Bring all" == note(app, "preview")
        area.focus()
        area.text = "Bring all"
        await pilot.press("tab")
        assert not app.screen.query_one("#row-preview").display


async def test_a_typed_range_works_from_the_keys() -> None:
    """`tue 15-16:30`, letter by letter."""
    app = new_event()
    async with app.run_test() as pilot:
        await pilot.press(*"Lunch", "tab")
        start = app.screen.query_one("#start", TimeLine)
        start.value = ""
        await pilot.press(*"tue 1 dec 15-16:30", "ctrl+s")
        draft = saved(app).draft
        assert isinstance(draft.start, type(THREE))
        assert (date(2026, 12, 1), timedelta(minutes=90)) == (draft.start.date(), draft.end - draft.start)  # type: ignore[operator]


async def test_hostile_text_in_every_field_is_harmless() -> None:
    """Names of guests, calls, places and descriptions come from others."""
    evil = "a\x1b[2J\u202e[red]b[/red]" + "x" * 10_000
    event = replace(
        MINE, summary=evil, location=evil, description=evil, call_name=evil, organizer=evil, zone=evil[:40],
        attendees=(Attendee("e@example.com", evil),), recurrence=(f"RRULE:FREQ={evil}",), event_type=evil[:40],
    )  # fmt: skip
    app = existing_event(event)
    async with app.run_test(size=(140, 45)) as pilot:
        await pilot.pause()
        shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        assert not {"\x1b", "\u202e"} & set(shown)
        await pilot.press("ctrl+s")
        assert [None] == app.results
