"""Accounts and calendars."""

import pytest
from msgspec.structs import replace
from textual.widgets import OptionList, Static

from aicalendar_tui.backend.domain.errors import Unreachable
from aicalendar_tui.screens.calendars.lines import COLORS, moved, next_color
from aicalendar_tui.screens.calendars.screen import CalendarsScreen
from tests.unit.screens.dialog_preview import DialogApp
from tests.unit.screens.fake_dialog_gateway import DESIGN, HOLIDAYS, HOME, WORK, FakeDialogGateway


def lines(app: DialogApp) -> list[str]:
    """The calendars as they are listed, spaces folded."""
    return [" ".join(str(option.prompt).split()) for option in app.screen.query_one(OptionList).options]


async def test_each_calendar_has_a_line() -> None:
    """In the user's order, with how it is kept up to date."""
    app = DialogApp(CalendarsScreen(FakeDialogGateway()))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert ["■ Ana Kovač ○ polled", "■ Design team ○ polled", "■ Home ○ polled", "■ Holidays ○ polled"] == lines(
            app
        )


async def test_space_hides_and_shows() -> None:
    """The one under the cursor, which stays there."""
    app = DialogApp(CalendarsScreen(FakeDialogGateway(), first=DESIGN))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("space")
        await pilot.pause()
        assert "□ Design team hidden ○ polled" == lines(app)[1]
        await pilot.press("space")
        await pilot.pause()
        assert "■ Design team ○ polled" == lines(app)[1]


async def test_solo_shows_one_alone_and_then_what_was_shown_before() -> None:
    """Also from one solo to the next."""
    gateway = FakeDialogGateway()
    gateway.shown_calendars[2] = replace(HOME, shown=False)
    app = DialogApp(CalendarsScreen(gateway, first=DESIGN))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("s")
        await pilot.pause()
        assert [False, True, False, False] == [calendar.shown for calendar in gateway.shown_calendars]
        assert "■ Design team alone ○ polled" == lines(app)[1]
        await pilot.press("k", "s")
        await pilot.pause()
        assert [True, False, False, False] == [calendar.shown for calendar in gateway.shown_calendars]
        await pilot.press("s")
        await pilot.pause()
        assert [True, True, False, True] == [calendar.shown for calendar in gateway.shown_calendars]


async def test_colour_order_and_live_are_a_key_each() -> None:
    """And `0` is the colour at Google again."""
    gateway = FakeDialogGateway()
    app = DialogApp(CalendarsScreen(gateway))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("c")
        await pilot.pause()
        assert COLORS[COLORS.index(WORK.color) + 1] == gateway.shown_calendars[0].color
        await pilot.press("0", "W")
        await pilot.pause()
        assert ("#123456", "live") == (gateway.shown_calendars[0].color, gateway.shown_calendars[0].live)
        await pilot.press("J")
        await pilot.pause()
        await pilot.press("J")
        await pilot.pause()
        assert ["Design team", "Home", "Ana Kovač", "Holidays"] == [c.summary for c in gateway.shown_calendars]


async def test_what_google_does_not_offer_is_told() -> None:
    """And not asked for."""
    gateway = FakeDialogGateway()
    gateway.shown_calendars = [replace(HOLIDAYS, live="unwatchable")]
    app = DialogApp(CalendarsScreen(gateway))
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        await pilot.press("W")
        await pilot.pause()
        assert "no live updates" in str(app.screen.query_one("#hints", Static).content)
        assert not gateway.shown_calendars[0].live_wanted


async def test_several_accounts_have_headings_that_are_skipped() -> None:
    """The cursor goes from calendar to calendar; order stays within an account."""
    gateway = FakeDialogGateway()
    other = replace(HOME, user_id="boris@example.com", calendar_id="other", summary="Other")
    gateway.shown_calendars = [WORK, other]
    app = DialogApp(CalendarsScreen(gateway))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert ["ana@example.com", "boris@example.com"] == [lines(app)[0], lines(app)[2]]
        await pilot.press("J")
        await pilot.pause()
        assert [WORK, other] == gateway.shown_calendars
        await pilot.press("j")
        await pilot.press("space")
        await pilot.pause()
        assert not gateway.shown_calendars[1].shown


async def test_a_fault_is_told_and_the_list_stays() -> None:
    """Nothing was changed."""
    gateway = FakeDialogGateway()
    app = DialogApp(CalendarsScreen(gateway))
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        gateway.error = Unreachable("the disk is on fire")
        await pilot.press("space")
        await pilot.pause()
        assert "the disk is on fire" in str(app.screen.query_one("#hints", Static).content)
        assert 4 == len(lines(app))


async def test_no_calendar_says_so() -> None:
    """And no key fails."""
    gateway = FakeDialogGateway()
    gateway.shown_calendars = []
    app = DialogApp(CalendarsScreen(gateway))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press("space", "s", "W", "c", "0", "J", "j")
        assert app.screen.query_one("#nothing").display
        await pilot.press("A")
        assert [None] == app.results


@pytest.mark.parametrize(
    ("color", "step", "expected"),
    [(COLORS[-1], 1, COLORS[0]), ("#010203", 1, COLORS[0]), ("#010203", -1, COLORS[-1])],
)
def test_colours_go_round(color: str, step: int, expected: str) -> None:
    """One from elsewhere begins at an end."""
    assert expected == next_color(color, step)


def test_the_ends_of_the_order_stay_where_they_are() -> None:
    """Nothing wraps around."""
    assert [WORK, HOME] == moved([WORK, HOME], WORK, -1)
    assert [WORK, HOME] == moved([WORK, HOME], HOME, 1)
