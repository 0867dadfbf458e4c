"""Keys in a row: each acts on what the one before it has left, however fast they come."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from textual import events
from textual.widgets import Input

from aicalendar_tui.backend.domain.errors import InvalidEdit
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.screens.app import CalendarApp
from aicalendar_tui.screens.editor.screen import EditorScreen
from tests.unit.screens.conditions import calendar_of, screen_text, until
from tests.unit.screens.fake_gateway import USER, ZONE, FakeGateway, timed, whole_days
from tests.unit.screens.test_calendar_screen import make_app, toasts

SATURDAY_NIGHT = datetime(2026, 11, 28, 23, 59, tzinfo=ZoneInfo(ZONE))
WIDE = (140, 45)


def type_at_once(app: CalendarApp, *keys: str) -> None:
    """All of them before any is acted on, as from one write to the terminal."""
    for key in keys:
        character = key if len(key) == 1 else {"colon": ":", "enter": "\r"}.get(key)
        app.post_message(events.Key(key, character))


def selected(app: CalendarApp) -> str | None:
    """The title of the selected event, and its day."""
    entry = calendar_of(app).state.entry
    return f"{entry.summary} {entry.start_in(ZoneInfo(ZONE)):%m-%d}" if entry else None


@pytest.mark.parametrize("view", ["w", "d", "x", "m", "a"])
async def test_tab_goes_from_event_to_event_over_the_pages(view: str) -> None:
    """No event is left out where a page ends, and empty weeks are crossed; Shift-Tab goes the same way back."""
    entries = [
        timed(27, "10:00", "11:00", "ana", "Before"),
        timed(29, "11:00", "12:00", "ana", "Brunch"),
        timed(30, "09:00", "09:30", "ana", "Standup"),
        whole_days(date(2026, 12, 5), date(2026, 12, 8), "home", "Trip"),
        timed(28, "09:00", "09:30", "ana", "Late", month=12),
    ]
    app = make_app(FakeGateway(entries, now=SATURDAY_NIGHT))
    order = ["Before 11-27", "Brunch 11-29", "Standup 11-30", "Trip 12-05", "Late 12-28"]
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(view)
        await until(pilot, lambda: calendar_of(app).state.agendas.of(calendar_of(app).state.days))
        calendar_of(app).state.go_to(date(2026, 11, 28), 23 * 60 + 30)
        if view == "a":
            calendar_of(app).state.selected = entries[0].key
        for expected in order[1:]:
            await pilot.press("tab")
            await until(pilot, lambda expected=expected: selected(app) == expected)
        for expected in reversed(order[:-1]):
            await pilot.press("shift+tab")
            await until(pilot, lambda expected=expected: selected(app) == expected)


async def test_tab_stays_where_nothing_follows() -> None:
    """It says so instead of turning empty pages."""
    app = make_app(FakeGateway([], now=SATURDAY_NIGHT))
    async with app.run_test(size=WIDE) as pilot:
        before = calendar_of(app).state.cursor
        await pilot.press("tab")
        await until(pilot, lambda: toasts(app) == ["No event in the next 8 weeks"])
        assert before == calendar_of(app).state.cursor


async def test_what_is_typed_ahead_of_the_form_gets_there() -> None:
    """One write to the terminal creates an event with that title."""
    gateway = FakeGateway([])
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        type_at_once(app, "c", *"FastTyped", "enter")
        await until(pilot, lambda: [entry.summary for entry in gateway.entries.values()] == ["FastTyped"])


async def test_what_is_typed_ahead_of_the_palette_gets_there() -> None:
    """Its first letters too."""
    app = make_app(FakeGateway())
    async with app.run_test(size=WIDE) as pilot:
        type_at_once(app, "colon", *"theme")
        await until(pilot, lambda: isinstance(app.focused, Input) and app.focused.value == "theme")


async def test_what_is_typed_ahead_of_an_edit_gets_there() -> None:
    """The form opens once the event is read; Ctrl-U acts before the letters after it."""
    gateway = FakeGateway([timed(29, "11:00", "12:00", "ana", "Brunch")])
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        type_at_once(app, "tab", "e", "ctrl+u", *"Lunch", "home", "X", "end", "Y", "enter")
        await until(pilot, lambda: [entry.summary for entry in gateway.entries.values()] == ["XLunchY"])
        assert not isinstance(app.screen, EditorScreen)


async def test_a_call_far_away_is_not_joined() -> None:
    """With nothing selected J means a call that runs or is about to start."""
    noon = datetime(2026, 11, 23, 12, 12, tzinfo=ZoneInfo(ZONE))
    call = timed(23, "15:30", "16:30", "ana", "Call", join_url="https://meet.google.com/abc-defg-hij")
    app = make_app(FakeGateway([call], now=noon))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("J")
        await until(pilot, lambda: toasts(app) == ["No event selected: Tab goes to the next one"])


async def test_deleting_one_of_a_series_asks_what_to_delete() -> None:
    """Not what to change."""
    app = make_app(FakeGateway([timed(23, "15:30", "16:30", "ana", "Standup", recurring=True)]))
    async with app.run_test(size=WIDE) as pilot:
        type_at_once(app, "tab", "delete")
        await until(pilot, lambda: "This event repeats. Delete …" in screen_text(app))


async def test_only_the_last_undo_is_told() -> None:
    """Undoing step by step leaves no pile of toasts."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        type_at_once(app, "u", "u", "u")
        await until(pilot, lambda: toasts(app) == ["Nothing to undo"])
        await pilot.pause()
        assert ["Nothing to undo"] == toasts(app)


async def test_a_narrow_month_keeps_its_numbers() -> None:
    """Neither "+3" nor the name of a neighbour is written over the number of a day."""
    app = make_app(FakeGateway())
    async with app.run_test(size=(40, 12)) as pilot:
        await pilot.press("m")
        await until(pilot, lambda: all(f" {day} " in screen_text(app) for day in range(9, 31)))
        await pilot.press("w")
        await until(pilot, lambda: "Mo" in screen_text(app) and "1Tue" not in screen_text(app))


async def test_an_undo_leaves_what_others_told() -> None:
    """An error stays as long as it would have without it."""
    gateway = FakeGateway()
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("u")
        await until(pilot, lambda: toasts(app) == ["Nothing to undo"])
        gateway.fail = InvalidEdit("too long", field="summary")
        await pilot.press("r")
        await until(pilot, lambda: "too long" in toasts(app))
        type_at_once(app, "u", "u")
        await until(pilot, lambda: toasts(app) == ["too long", "Nothing to undo"])


async def test_tasks_that_say_the_same_are_told_once() -> None:
    """The newest of them."""
    gateway = FakeGateway()
    gateway.task_list = [
        Task(task_id=str(n), user_id=USER, name="calendar.pull", subject="Travel", state="done", finished_at=n)
        for n in range(3)
    ]
    app = make_app(gateway)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "Fetching Travel" in screen_text(app))
        assert 1 == screen_text(app).count("Fetching Travel")
