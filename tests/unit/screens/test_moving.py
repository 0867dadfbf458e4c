"""From the form into another calendar, and the way to what has to be settled."""

from datetime import date

from textual.widgets import Static

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import InvalidEdit
from aicalendar_tui.screens.app import CalendarApp
from aicalendar_tui.screens.conflicts.screen import ConflictList, ConflictsScreen
from aicalendar_tui.screens.editor.fields import Choice
from aicalendar_tui.screens.editor.screen import EditorScreen
from aicalendar_tui.screens.scope.screen import ScopeScreen
from tests.unit.screens.conditions import calendar_of, until
from tests.unit.screens.fake_dialog_gateway import CONFLICTS
from tests.unit.screens.fake_gateway import FakeGateway
from tests.unit.screens.test_calendar_screen import WIDE, make_app, toasts


def choose_calendar(app: CalendarApp, name: str) -> None:
    """The calendar of that name, in the form."""
    choice = app.screen.query_one("#calendar", Choice)
    found = next(calendar for calendar, _label in choice._options if calendar.summary == name)
    choice.choose(found)
    choice.post_message(Choice.Changed(choice))


async def test_the_form_moves_an_event_to_another_calendar() -> None:
    """It stays selected there; `u` brings it back."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        key = gateway.key_of("Lunch, Boris")
        calendar_of(app).state.go_to(date(2026, 11, 23), 12 * 60 + 30)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, EditorScreen) and app.screen.is_mounted)
        choose_calendar(app, "Health")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: ("move", key, "health") in gateway.calls)
        assert [] == [call for call in gateway.calls if call[0] == "change"]
        await until(pilot, lambda: "Lunch, Boris moved to Health · u undoes" in toasts(app))
        await pilot.press("u")
        await until(pilot, lambda: key in gateway.entries)


async def test_a_move_that_is_refused_changes_nothing_else() -> None:
    """The move goes first."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        calendar_of(app).state.go_to(date(2026, 11, 23), 12 * 60 + 30)
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, EditorScreen) and app.screen.is_mounted)
        choose_calendar(app, "Health")
        gateway.fail = InvalidEdit("Only its organizer can move an event to another calendar", field="calendar")
        await pilot.press("X", "ctrl+s")
        await until(pilot, lambda: any("Only its organizer" in text for text in toasts(app)))
        assert [] == [call for call in gateway.calls if call[0] in ("move", "change")]


async def test_of_a_series_all_of_it_moves() -> None:
    """The form says so, and the only answer is all; what else was changed goes along in the same edit."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        screen = calendar_of(app)
        screen.state.go_to(date(2026, 11, 25), 9 * 60)
        calls: list[tuple[object, ...]] = []

        async def move(key, calendar, *, draft=None, scope="this", notify="none"):
            calls.append((key.original_start, calendar.calendar_id, draft, scope, notify))
            return type(key)(calendar.user_id, calendar.calendar_id, key.event_id)

        gateway.move = move
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, EditorScreen) and app.screen.is_mounted)
        choose_calendar(app, "Home")
        await until(
            pilot, lambda: "moves the whole series" == str(app.screen.query_one("#note-calendar", Static).content)
        )
        await pilot.press("X", "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, ScopeScreen))
        await pilot.press("1")
        await until(pilot, lambda: len(calls) == 1)
        assert [("2026-11-25T08:00:00Z", "home", Draft(summary="StandupX"), "all", "none")] == calls
        assert [] == [call for call in gateway.calls if call[0] == "change"]
        await until(pilot, lambda: "Standup moved to Home and changed · u undoes" in toasts(app))


async def test_the_header_leads_to_what_has_to_be_settled() -> None:
    """`!` opens it, Esc goes back."""
    gateway = FakeGateway()
    gateway.conflict_list = list(CONFLICTS)
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("!")
        await until(pilot, lambda: isinstance(app.screen, ConflictsScreen))
        await until(pilot, lambda: app.screen.query_one(ConflictList).option_count == 3)
        await pilot.press("m")
        await until(pilot, lambda: app.screen.query_one(ConflictList).option_count == 2)
        assert ("settle", 1, "mine") in gateway.calls
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is calendar_of(app))


async def test_what_a_series_would_lose_is_named_before() -> None:
    """When an event is moved by keys, too."""
    gateway = FakeGateway()
    gateway.lost = ["Standup, 2026-11-26 10:00"]
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        calendar_of(app).state.go_to(date(2026, 11, 25), 9 * 60)
        await pilot.press("shift+down")
        await until(pilot, lambda: isinstance(app.screen, ScopeScreen))
        await pilot.press("2")
        await until(pilot, lambda: "2026-11-26 10:00" in str(app.screen.query_one("#losses", Static).content))
        assert [] == [call for call in gateway.calls if call[0] == "change"]
        await pilot.press("2")
        await until(pilot, lambda: [call for call in gateway.calls if call[0] == "change"])
