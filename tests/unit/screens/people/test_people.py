"""Answering by key, and free time as text."""

from datetime import date
from typing import Any

import pytest
from msgspec import UNSET
from textual.widgets import Input

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.change import Notify
from aicalendar_tui.backend.domain.draft import Draft, Scope
from aicalendar_tui.backend.domain.event import EventKey, Response
from aicalendar_tui.screens.app import CalendarApp
from aicalendar_tui.screens.people.answer_screen import AnswerScreen
from aicalendar_tui.screens.people.availability_screen import AvailabilityScreen
from tests.unit.screens.conditions import calendar_of, screen_text, until
from tests.unit.screens.fake_gateway import FakeGateway, timed, whole_days
from tests.unit.screens.test_calendar_screen import make_app, toasts

HOSTILE = "[red]Budget[/] \x1b[31m\u202e"


class AnsweredGateway(FakeGateway):
    """Remembers the answers; whom to tell, too."""

    def __init__(self, entries: list[Entry] | None = None) -> None:
        super().__init__(entries)
        self.answers: list[tuple[Draft, Scope, Notify]] = []

    async def change(self, key: EventKey, draft: Draft, *, scope: Scope = "this", notify: Notify = "none") -> None:
        await super().change(key, draft, scope=scope, notify=notify)
        self.answers.append((draft, scope, notify))


def invited(summary: str = "Budget", **more: Any) -> AnsweredGateway:
    """A week with one invitation in it."""
    return AnsweredGateway([timed(23, "13:00", "14:30", "ana", summary, response="needsAction", **more)])


def is_open(app: CalendarApp, screen: type) -> bool:
    """Whether that dialog is on top and has been laid out."""
    return isinstance(app.screen, screen) and bool(app.screen.query("#hints")) and "Esc" in screen_text(app)


async def ask(pilot, app: CalendarApp) -> None:
    """The dialog for the first event."""
    await until(pilot, lambda: calendar_of(app).state.agenda.entries)
    await pilot.press("tab", "R")
    await until(pilot, lambda: is_open(app, AnswerScreen))


@pytest.mark.parametrize(
    ("key", "response"), [("y", "accepted"), ("n", "declined"), ("m", "tentative"), ("н", "accepted")]
)
async def test_one_key_answers(key: str, response: Response) -> None:
    """Without a note nothing is said, and no mail is sent; under a Cyrillic layout too."""
    gateway = invited()
    app = make_app(gateway)
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, app)
        await pilot.press(key)
        await until(pilot, lambda: gateway.answers)
        assert [(Draft(response=response), "this", "none")] == gateway.answers
        await until(pilot, lambda: any("Budget: you said" in toast for toast in toasts(app)))


async def test_a_note_goes_along_and_a_mail_only_when_asked_for() -> None:
    """Tab to the note; its letters are letters; Enter, then the answer."""
    gateway = invited()
    app = make_app(gateway)
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, app)
        await pilot.press("tab", *"nym", "enter", "s", "n")
        await until(pilot, lambda: gateway.answers)
        assert [(Draft(response="declined", comment="nym"), "this", "all")] == gateway.answers


async def test_escape_leaves_the_note_then_the_dialog() -> None:
    """Nothing is answered."""
    gateway = invited()
    app = make_app(gateway)
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, app)
        await pilot.press("tab", "x", "escape")
        await until(pilot, lambda: not app.screen.query_one(Input).has_focus)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is calendar_of(app))
        assert [] == gateway.answers


async def test_a_series_asks_how_much() -> None:
    """One of them, or all."""
    gateway = invited(recurring=True, original_start="2026-11-23T12:00:00Z")
    app = make_app(gateway)
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, app)
        await pilot.press("y", "2")
        await until(pilot, lambda: gateway.answers)
        draft, scope, _ = gateway.answers[0]
        assert ("accepted", UNSET, "all") == (draft.response, draft.comment, scope)


async def test_what_one_is_not_invited_to_has_no_answer() -> None:
    """It says so."""
    app = make_app(AnsweredGateway([timed(23, "13:00", "14:00", "ana", "Focus")]))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: calendar_of(app).state.agenda.entries)
        await pilot.press("tab", "R")
        await until(pilot, lambda: "You are not invited to this event" in toasts(app))


async def test_a_hostile_title_is_shown_as_text() -> None:
    """Neither markup nor escapes."""
    app = make_app(invited(HOSTILE))
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, app)
        assert "[red]Budget[/]" in screen_text(app)
        assert "\x1b" not in screen_text(app)


async def test_free_time_is_told_and_copied() -> None:
    """From now on, in working hours, around what is there; whole days that are not free leave nothing."""
    entries = [
        timed(23, "14:00", "15:30", "ana", "Review"),
        timed(24, "09:00", "17:40", "ana", "Workshop"),
        timed(25, "09:00", "18:00", "ana", "Asked", response="declined"),
        timed(26, "09:00", "18:00", "holidays", "Thanksgiving"),
        whole_days(date(2026, 11, 27), date(2026, 11, 28), "ana", "Travel"),
    ]
    app = make_app(FakeGateway(entries))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: calendar_of(app).state.agenda.entries)
        await pilot.press("S")
        await until(pilot, lambda: is_open(app, AvailabilityScreen))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is calendar_of(app))
        expected = (
            "Mon 23 Nov 12:15–14:00, 15:30–18:00\nWed 25 Nov 09:00–18:00\nThu 26 Nov 09:00–18:00 (Europe/Prague)"
        )
        assert expected == app.clipboard


async def test_a_week_without_free_time_says_so() -> None:
    """And has nothing to copy."""
    app = make_app(FakeGateway([timed(day, "08:00", "20:00", "ana", f"Busy{day}") for day in range(23, 30)]))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: calendar_of(app).state.agenda.entries)
        await pilot.press("S")
        await until(pilot, lambda: "No free half hour in these days" in screen_text(app))
        await pilot.press("enter", "escape")
        await until(pilot, lambda: app.screen is calendar_of(app))
        assert "" == app.clipboard
