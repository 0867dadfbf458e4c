"""Waiting for something to become true in a running app, never for time to pass."""

from collections.abc import Callable

from textual.pilot import Pilot

from aicalendar_tui.screens.app import CalendarApp
from aicalendar_tui.screens.calendar.screen import CalendarScreen

PATIENCE = 200
"""Rounds of the event loop; what is not true by then never will be."""


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    """Returns when `condition` holds. Raises AssertionError when it never does."""
    for _ in range(PATIENCE):
        if condition():
            return
        await pilot.pause()
    raise AssertionError("the condition never came true")


def calendar_of(app: CalendarApp) -> CalendarScreen:
    """The calendar screen, under whatever dialog."""
    screen = app.screen_stack[0]
    assert isinstance(screen, CalendarScreen)
    return screen


def screen_text(app: CalendarApp) -> str:
    """What the terminal shows, as lines of text."""
    width, height = app.size
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in lines[:height])[: (width + 1) * height * 2]
