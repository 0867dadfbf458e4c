"""What keys and news do, in a running app on a fake gateway."""

import asyncio
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import InvalidEdit, Unreachable
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.screens.app import CalendarApp, Initial
from aicalendar_tui.screens.calendar.entry_look import look_of
from aicalendar_tui.screens.calendar.scene import Flash
from aicalendar_tui.screens.calendar.sidebar import Sidebar
from aicalendar_tui.screens.calendar.time_grid import TimeGrid
from aicalendar_tui.screens.scope.screen import ScopeScreen
from aicalendar_tui.screens.theme import LIGHT
from tests.unit.screens.conditions import calendar_of, screen_text, until
from tests.unit.screens.fake_gateway import HOSTILE, ZONE, FakeGateway, timed, whole_days

WIDE, NARROW = (140, 45), (80, 24)
WEEK = Days(date(2026, 11, 23), date(2026, 11, 30), ZONE)


def make_app(gateway: FakeGateway, **options) -> CalendarApp:
    """With the week read before, as the command line does."""
    initial = Initial(agenda=gateway.read_agenda(WEEK), calendars=tuple(gateway.calendar_list), status=gateway.state)
    return CalendarApp(gateway, initial=initial, **options)


def toasts(app: CalendarApp) -> list[str]:
    """The notifications that are shown."""
    return [notification.message for notification in app._notifications]


async def test_the_first_paint_shows_what_was_read_before() -> None:
    """Even while the gateway has not answered yet."""
    gateway = FakeGateway()
    app = make_app(gateway)
    gateway.gate = asyncio.Event()
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "Workshop" in screen_text(app))
        assert "Ana Kovač" in screen_text(app)
        gateway.gate.set()


async def test_notices_are_shown_as_they_are() -> None:
    """Names of files are foreign text: nothing in them is markup."""
    notices = ("2 events left out of [red]a[/b].ics", "FOO is no setting")
    app = make_app(FakeGateway(), notices=notices)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: len(toasts(app)) == len(notices))
        assert list(notices) == toasts(app)
        assert all(not notification.markup for notification in app._notifications)


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_news_repaint_the_week_without_a_key(size: tuple[int, int]) -> None:
    """Somebody else adds, renames and removes an event."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: gateway._listeners)
        entry = timed(25, "09:30", "11:00", "ana", "Surprise")
        gateway.add_elsewhere(entry)
        await until(pilot, lambda: "Surprise" in screen_text(app))
        gateway.change_elsewhere(entry.key, summary="Agreed")
        await until(pilot, lambda: "Agreed" in screen_text(app) and "Surprise" not in screen_text(app))
        await gateway.delete(entry.key)
        await until(pilot, lambda: "Agreed" not in screen_text(app))


async def test_what_changes_by_itself_flashes_and_own_edits_do_not() -> None:
    """The eye is drawn to what somebody else did."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: gateway._listeners)
        screen = calendar_of(app)
        key = gateway.key_of("Workshop")
        gateway.change_elsewhere(key, summary="Workshop 2")
        await until(pilot, lambda: key in screen.state.flash.keys)
        await until(pilot, lambda: not screen.state.flash.keys)
        own = gateway.key_of("Lunch, Boris")
        await pilot.press("j", "shift+down")
        await until(pilot, lambda: gateway.entries[own].waiting)
        await until(pilot, lambda: screen.state.agenda.revision == gateway.revision)
        assert frozenset() == screen.state.flash.keys


async def test_an_answer_that_comes_late_is_not_shown() -> None:
    """The newest request wins: a slow answer for the week before does not replace this one."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        screen = calendar_of(app)
        await until(pilot, lambda: screen.state.tasks)
        gateway.gate = asyncio.Event()
        await pilot.press("p", "p", "p", "n", "n", "n")
        gateway.gate.set()
        await until(pilot, lambda: "Workshop" in screen_text(app))
        assert WEEK == screen.state.days


async def test_a_storm_of_news_makes_few_reads() -> None:
    """A thousand news, one or two reads more."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: gateway._listeners and calendar_of(app).state.tasks)
        await pilot.pause()
        gateway.calls.clear()
        gateway.gate = asyncio.Event()
        for _ in range(1000):
            gateway.publish(None)
        await until(pilot, lambda: ("agenda", WEEK) in gateway.calls)
        gateway.gate.set()
        await pilot.pause()
        await pilot.pause()
        assert gateway.calls.count(("agenda", WEEK)) <= 3


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("d", "Monday  23 November 2026"),
        ("1", "Monday  23 November 2026"),
        ("x", "3 days  23–25 November 2026"),
        ("m", "November  2026"),
        ("a", "Tuesday 24 November"),
        ("mw", "Week 48  23–29 November 2026"),
        ("n", "Week 49  30 November – 6 December 2026"),
        ("p", "Week 47  16–22 November 2026"),
        ("ь", "November  2026"),
        ("nnt", "Week 48  23–29 November 2026"),
    ],
)
async def test_keys_choose_what_is_shown(keys: str, shown: str) -> None:
    """Views, periods and today, under both layouts."""
    app = make_app(FakeGateway())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*keys)
        await until(pilot, lambda: shown in screen_text(app))


async def test_deleting_asks_nothing_and_undo_brings_it_back() -> None:
    """The toast names it."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("j", "X")
        await until(pilot, lambda: "Kavárna" not in screen_text(app))
        assert ["Lunch, Boris deleted · u undoes"] == toasts(app)
        await pilot.press("u")
        await until(pilot, lambda: "Kavárna" in screen_text(app))
        await pilot.press("ctrl+r")
        await until(pilot, lambda: "Kavárna" not in screen_text(app))


async def test_deleting_from_a_series_asks_how_much() -> None:
    """This, this and following, all."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        screen = calendar_of(app)
        await until(pilot, lambda: screen.state.tasks)
        screen.state.go_to(date(2026, 11, 25), 9 * 60)
        key = screen.state.selected
        await pilot.press("X")
        await until(pilot, lambda: isinstance(app.screen, ScopeScreen))
        await pilot.press("3")
        await until(pilot, lambda: ("delete", key, "all") in gateway.calls)


async def test_escape_leaves_the_series_alone() -> None:
    """No answer, no change."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        screen = calendar_of(app)
        screen.state.go_to(date(2026, 11, 25), 9 * 60)
        await pilot.press("X")
        await until(pilot, lambda: isinstance(app.screen, ScopeScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        assert [] == [call for call in gateway.calls if call[0] == "delete"]


async def test_an_event_is_grabbed_moved_and_put_down() -> None:
    """A day on and an hour later, in the event's own zone; Enter hands it to the gateway."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        key = gateway.key_of("Lunch, Boris")
        await pilot.press("j", "M", "l", "j", "j")
        assert 12 == gateway.entries[key].start_in(ZoneInfo(ZONE)).hour
        await pilot.press("enter")
        await until(pilot, lambda: gateway.entries[key].waiting)
        expected = datetime(2026, 11, 24, 13, 30, tzinfo=ZoneInfo(ZONE))
        assert expected == gateway.entries[key].start_in(ZoneInfo(ZONE))


async def test_escape_lets_a_grabbed_event_go_back() -> None:
    """Nothing was asked of the gateway."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("j", "M", "l", "l", "escape")
        screen = calendar_of(app)
        await until(pilot, lambda: screen.state.ghost is None)
        assert date(2026, 11, 23) == screen.state.cursor.day
        assert [] == [call for call in gateway.calls if call[0] == "change"]


async def test_quick_moves_add_up() -> None:
    """Three presses before the first answer are three half hours."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        key = gateway.key_of("Lunch, Boris")
        await pilot.press("j", "shift+down", "shift+down", "shift+down")
        expected = datetime(2026, 11, 23, 14, 0, tzinfo=ZoneInfo(ZONE))
        await until(pilot, lambda: gateway.entries[key].start_in(ZoneInfo(ZONE)) == expected)


async def test_lengthening_moves_the_end() -> None:
    """Alt and an arrow."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        key = gateway.key_of("Lunch, Boris")
        before = gateway.entries[key]
        await pilot.press("j", "alt+down")
        await until(pilot, lambda: gateway.entries[key].end == before.end + 1800)
        assert before.start == gateway.entries[key].start


async def test_copy_and_paste_make_a_second_event_at_the_cursor() -> None:
    """With the same length."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("j", "y")
        await until(pilot, lambda: toasts(app))
        await pilot.press("l", "l", "P")
        await until(pilot, lambda: any(call[0] == "create" for call in gateway.calls))
        draft = next(call[2] for call in gateway.calls if call[0] == "create")
        assert isinstance(draft, Draft)
        assert "Lunch, Boris" == draft.summary
        assert datetime(2026, 11, 25, 12, 30, tzinfo=ZoneInfo(ZONE)) == draft.start
        assert datetime(2026, 11, 25, 13, 30, tzinfo=ZoneInfo(ZONE)) == draft.end


async def test_a_calendar_that_can_only_be_read_is_not_edited() -> None:
    """The toast says why."""
    gateway = FakeGateway([whole_days(date(2026, 11, 26), date(2026, 11, 27), "holidays", "Thanksgiving")])
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("tab", "M")
        await until(pilot, lambda: toasts(app) == ["Holidays can only be read"])


async def test_one_key_turns_live_updates_on_and_off() -> None:
    """Of the calendar of the selected event; the dot follows."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        screen = calendar_of(app)
        screen.state.go_to(date(2026, 11, 24), 13 * 60 + 30)
        screen.state.select_step(1)
        await pilot.press("W")
        await until(pilot, lambda: ("calendar", "health", {"live_wanted": True, "live": "live"}) in gateway.calls)
        await until(
            pilot, lambda: any(c.calendar_id == "health" and c.live == "live" for c in screen.state.calendars)
        )
        await pilot.press("W")
        await until(pilot, lambda: ("calendar", "health", {"live_wanted": False, "live": "polling"}) in gateway.calls)


async def test_a_calendar_hidden_by_a_key_comes_back_by_the_same_key() -> None:
    """It stays under the cursor although its events are gone."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("j", "F")
        await until(pilot, lambda: "Climbing" not in screen_text(app))
        await pilot.press("F")
        await until(pilot, lambda: "Climbing" in screen_text(app))


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_list_of_calendars_is_reached_by_a_key(size: tuple[int, int]) -> None:
    """Where the sidebar is folded away, it unfolds."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=size) as pilot:
        screen = calendar_of(app)
        await pilot.press("s", "j", "j", "space")
        await until(pilot, lambda: ("calendar", "home", {"shown": False}) in gateway.calls)
        await pilot.press("escape")
        await until(pilot, lambda: not screen.query_one(Sidebar).has_focus)
        assert screen.query_one(Sidebar).display == (size == WIDE)


async def test_a_refusal_is_told_and_changes_nothing() -> None:
    """The state stays, the toast has one line."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        gateway.fail = InvalidEdit("The end is before the start", field="end")
        await pilot.press("j", "shift+down")
        await until(pilot, lambda: toasts(app) == ["The end is before the start"])
        await until(pilot, lambda: "Kavárna" in screen_text(app))


async def test_an_unreachable_service_is_told() -> None:
    """`r` while nothing answers."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        gateway.fail = Unreachable("connection refused")
        await pilot.press("r")
        await until(pilot, lambda: toasts(app) == ["Not possible right now: connection refused"])


async def test_the_state_line_follows_the_connection() -> None:
    """Live, polling, offline; waiting edits, conflicts; a problem gets a line of its own."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: gateway._listeners)
        assert "● live  1 edit waiting  12:12" in screen_text(app)
        gateway.set_status(connection="polling", poll_seconds=300, waiting=0)
        await until(pilot, lambda: "○ every 5 min  12:12" in screen_text(app))
        gateway.set_status(connection="offline", waiting=2, conflicts=1, problem="No answer from Google")
        await until(pilot, lambda: "✕ offline  2 edits waiting  ! 1 conflict  (! settles)  12:12" in screen_text(app))
        await until(pilot, lambda: "! No answer from Google" in screen_text(app))


async def test_hostile_text_is_shown_as_text() -> None:
    """Markup stays visible, escape sequences and direction marks don't reach the terminal."""
    gateway = FakeGateway(
        [timed(23, "09:00", "13:00", "ana", HOSTILE), timed(24, "09:00", "10:00", "ana", "W" * 5000)]
    )
    app = make_app(gateway)
    async with app.run_test(size=(200, 45)) as pilot:
        for view in "dwma":
            await pilot.press(view)
            await until(pilot, lambda: "[red]" in screen_text(app))
            text = screen_text(app)
            assert not set("\x1b\u202e\u200b\u200d") & set(text)


@pytest.mark.parametrize("size", [(39, 30), (100, 11), (5, 3), (1, 1)])
async def test_a_terminal_that_is_too_small_says_so(size: tuple[int, int]) -> None:
    """One line, no crash; and back again."""
    app = make_app(FakeGateway())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: calendar_of(app).has_class("-small"))
        assert "Workshop" not in screen_text(app)
        await pilot.resize_terminal(100, 30)
        await until(pilot, lambda: "Workshop" in screen_text(app))


@pytest.mark.parametrize("size", [(40, 12), (60, 15), (110, 24), (300, 100)])
@pytest.mark.parametrize("view", list("dwmxa"))
async def test_every_view_works_at_any_size(size: tuple[int, int], view: str) -> None:
    """Each row is as wide as the terminal."""
    app = make_app(FakeGateway())
    async with app.run_test(size=size) as pilot:
        await pilot.press(view, "j", "n", "p", "tab")
        strips = app.screen._compositor.render_strips()
        assert [size[0]] * size[1] == [strip.cell_length for strip in strips]


async def test_a_click_selects_the_event_under_the_mouse() -> None:
    """On the grid."""
    app = make_app(FakeGateway())
    async with app.run_test(size=WIDE) as pilot:
        screen = calendar_of(app)
        lines = screen_text(app).splitlines()
        y = next(n for n, line in enumerate(lines) if "Workshop" in line)
        await pilot.click(offset=(lines[y].index("Workshop"), y))
        await until(pilot, lambda: screen.state.entry is not None and screen.state.entry.summary == "Workshop")


async def test_only_lines_that_differ_are_painted_again() -> None:
    """A step of the cursor touches a few rows, not the screen."""
    app = make_app(FakeGateway())
    async with app.run_test(size=WIDE) as pilot:
        grid = calendar_of(app).query_one(TimeGrid)
        await until(pilot, lambda: calendar_of(app).state.tasks)
        await pilot.press("j")
        before = grid._lines
        await pilot.press("j")
        assert before is not None
        assert grid._lines is not None
        differing = sum(old != new for old, new in zip(before, grid._lines, strict=True))
        assert 1 <= differing <= 6


async def test_the_theme_can_be_changed() -> None:
    """Every line is drawn anew; Textual's own themes work too."""
    app = make_app(FakeGateway())
    async with app.run_test(size=WIDE) as pilot:
        for theme in (LIGHT, "nord", "textual-light", "aicalendar-dark"):
            app.theme = theme
            await pilot.pause()
            grid = calendar_of(app).query_one(TimeGrid)
            ground = grid.palette.ground
            segment = next(iter(grid.render_line(grid.size.height - 1)))
            assert segment.style is not None
            assert segment.style.bgcolor is not None
            assert ground == segment.style.bgcolor.name


async def test_the_agenda_goes_on_in_both_directions() -> None:
    """Scrolling near an end reads more days."""
    app = make_app(FakeGateway())
    async with app.run_test(size=WIDE) as pilot:
        screen = calendar_of(app)
        await pilot.press("a")
        days = screen.state.days
        for _ in range(40):
            await pilot.press("k")
        await until(pilot, lambda: screen.state.days.first < days.first)
        await until(pilot, lambda: "Thursday 29 October" in screen_text(app))


async def test_the_palette_offers_the_commands() -> None:
    """Fed from the table."""
    app = make_app(FakeGateway())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("colon")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press(*"several")
        await until(pilot, lambda: "Several days" in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "3 days" in screen_text(app))


async def test_q_goes_back_first_and_then_quits() -> None:
    """Out of the sidebar, then out of the app."""
    app = make_app(FakeGateway())
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("s", "q")
        await until(pilot, lambda: not calendar_of(app).query_one(Sidebar).has_focus)
        assert app._exit is False
        await pilot.press("q")
        await until(pilot, lambda: app._exit)


async def test_an_event_is_created_from_the_form() -> None:
    """At the cursor, in the calendar under it; it is selected afterwards."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        screen = calendar_of(app)
        await pilot.press("l", "c")
        await until(pilot, lambda: app.screen is not screen)
        await pilot.press(*"Picnic", "ctrl+s")
        await until(pilot, lambda: screen.state.entry is not None and screen.state.entry.summary == "Picnic")
        assert screen.state.entry is not None
        assert datetime(2026, 11, 24, 12, 0, tzinfo=ZoneInfo(ZONE)) == screen.state.entry.start_in(ZoneInfo(ZONE))


async def test_every_dialog_opens_over_the_calendar_and_closes() -> None:
    """With Esc, and the calendar keeps up with the news below it."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        screen = calendar_of(app)
        await until(pilot, lambda: gateway._listeners)
        await pilot.press("j")
        for number, key in enumerate(("enter", "e", "g", "T", "question_mark", "colon")):
            await pilot.press(key)
            await until(pilot, lambda: app.screen is not screen)
            gateway.add_elsewhere(timed(27, "18:00", "19:00", "ana", f"News {number}"))
            await until(
                pilot, lambda name=f"News {number}": any(e.summary == name for e in screen.state.agenda.entries)
            )
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is screen)


async def test_a_double_click_on_an_empty_place_opens_the_form() -> None:
    """With the time that was pointed at."""
    app = make_app(FakeGateway())
    async with app.run_test(size=WIDE) as pilot:
        screen = calendar_of(app)
        await pilot.double_click(TimeGrid, offset=(30, 38))
        await until(pilot, lambda: app.screen is not screen)
        assert date(2026, 11, 24) == screen.state.cursor.day


async def test_what_undo_brings_back_does_not_flash() -> None:
    """It is our own doing."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        screen = calendar_of(app)
        key = gateway.key_of("Lunch, Boris")
        await pilot.press("j", "X")
        await until(pilot, lambda: key not in {entry.key for entry in screen.state.agenda.entries})
        await pilot.press("u")
        await until(pilot, lambda: key in {entry.key for entry in screen.state.agenda.entries})
        assert frozenset() == screen.state.flash.keys


async def test_an_invitation_that_comes_in_flashes() -> None:
    """Without a body at rest, it has one for a moment."""
    gateway = FakeGateway([])
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        screen = calendar_of(app)
        await until(pilot, lambda: screen.state.agendas.of(screen.state.days) is not None)
        invitation = timed(25, "15:00", "16:00", "ana", "Poker", response="needsAction")
        gateway.add_elsewhere(invitation)
        await until(pilot, lambda: "Poker" in screen_text(app))
        grid = screen.query_one(TimeGrid)
        scene = grid.scene
        assert scene is not None
        lit = look_of(invitation, scene, grid.palette, ground=grid.palette.ground).body
        rest = look_of(invitation, replace(scene, flash=Flash()), grid.palette, ground=grid.palette.ground).body
        assert {invitation.key} == scene.flash.keys
        assert lit != rest
