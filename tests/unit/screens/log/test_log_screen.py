"""The log."""

from datetime import UTC, datetime

import pytest
from textual.widgets import Static

from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.screens.log.lines import LogLine, read_line
from aicalendar_tui.screens.log.screen import LogScreen
from tests.unit.screens.dialog_preview import LOG, DialogApp

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def shown(app: DialogApp) -> list[str]:
    """The lines, spaces folded."""
    return [" ".join(line.split()) for line in str(app.screen.query_one("#lines", Static).content).split("\n")]


async def read() -> list[LogLine]:
    """Always the same."""
    return list(LOG)


async def test_lines_have_time_service_and_text() -> None:
    """The time on the clock of the zone that is shown."""
    app = DialogApp(LogScreen(read, zone="Europe/Prague"))
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        assert "12:11:58 worker pulled Travel" == shown(app)[0]


async def test_e_leaves_only_what_went_wrong() -> None:
    """And brings everything back."""
    app = DialogApp(LogScreen(read, zone="Europe/Prague"))
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        await pilot.press("e")
        await pilot.pause()
        assert ["12:11:59 screen redis is away: its socket isn't there"] == shown(app)
        await pilot.press("e")
        await pilot.pause()
        assert len(LOG) == len(shown(app))


async def test_the_end_is_shown_until_one_scrolls() -> None:
    """What is new does not tear one away from what one reads."""
    lines = [LogLine(service="worker", text=f"line {number}") for number in range(100)]

    async def grow() -> list[LogLine]:
        return list(lines)

    screen = LogScreen(grow, zone="UTC")
    app = DialogApp(screen)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.pause()
        assert screen.body.max_scroll_y == screen.body.scroll_y > 0
        await pilot.press("g")
        lines.append(LogLine(service="worker", text="new"))
        screen._read()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert (0, "worker new") == (screen.body.scroll_y, shown(app)[-1])
        await pilot.press("ctrl+l")
        assert [None] == app.results


async def test_nothing_and_a_fault_are_told() -> None:
    """In place of the lines."""

    async def nothing() -> list[LogLine]:
        return []

    async def fail() -> list[LogLine]:
        raise CalendarError("the disk is on fire")

    for source, expected in ((nothing, "Nothing was written yet."), (fail, "the disk is on fire")):
        app = DialogApp(LogScreen(source, zone="UTC"))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            assert expected in " ".join(shown(app))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            'time=2026-11-23T08:00:00Z level=error logger=backend.push message="it \\"broke\\"" code=503',
            LogLine(service="worker", text='it "broke" code=503', level="error", time=MORNING),
        ),
        ("2026-11-23T08:00:00Z ready", LogLine(service="worker", text="ready", time=MORNING)),
        (
            "2026-11-23 08:00:00,000 WARNING slow",
            LogLine(service="worker", text="WARNING slow", level="warning", time=MORNING),
        ),
        (
            "Traceback (most recent call last):",
            LogLine(service="worker", text="Traceback (most recent call last):", level="error"),
        ),
        ("time=yesterday level=odd message=x", LogLine(service="worker", text="x")),
        (
            "42:M 23 Nov 2026 08:00:00.000 # out of memory",
            LogLine(
                service="worker",
                text="out of memory",
                level="warning",
                time=datetime(2026, 11, 23, 8, 0).astimezone(),
            ),
        ),
        ("42:M 23 Foo 2026 08:00:00.000 * x", LogLine(service="worker", text="x")),
        ("   ", None),
        ("\x1b[31mred\x1b[0m", LogLine(service="worker", text="[31mred [0m")),
    ],
)
def test_whatever_a_program_writes_is_a_line(raw: str, expected: LogLine | None) -> None:
    """Our own form and others', harmless."""
    assert expected == read_line("worker", raw)
