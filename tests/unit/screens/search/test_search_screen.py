"""The search."""

import pytest
from msgspec.structs import replace
from textual.widgets import Input, OptionList, Static

from aicalendar_tui.backend.domain.errors import Unreachable
from aicalendar_tui.screens.messages import NewsArrived
from aicalendar_tui.screens.search.screen import SearchScreen
from tests.unit.screens.dialog_preview import CALENDARS, DialogApp
from tests.unit.screens.fake_dialog_gateway import HITS, FakeDialogGateway


def lines(app: DialogApp) -> list[str]:
    """The hits as they are listed, spaces folded."""
    return [" ".join(str(option.prompt).split()) for option in app.screen.query_one(OptionList).options]


def said(app: DialogApp) -> str:
    """What is told about the hits."""
    return str(app.screen.query_one("#said", Static).content)


def search(gateway: FakeDialogGateway, text: str = "") -> DialogApp:
    """The screen alone."""
    return DialogApp(SearchScreen(gateway, calendars=CALENDARS, text=text))


async def test_letters_find_while_they_are_typed() -> None:
    """The last ones count, however many were asked for."""
    gateway = FakeDialogGateway()
    app = search(gateway)
    async with app.run_test(size=(140, 30)) as pilot:
        await pilot.pause()
        assert ([], True) == (lines(app), "cal:" in said(app))
        await pilot.press(*"team")
        await pilot.pause()
        assert ["Mon 30 Nov 2026 12:12–13:12 ▌ Team lunch ↻ Design team"] == lines(app)
        assert (" team",) == gateway.searched[-1].words


async def test_enter_goes_to_the_selected_hit() -> None:
    """The arrows select, the field keeps the letters."""
    app = search(FakeDialogGateway(), "lunch")
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert len(HITS) == len(lines(app))
        await pilot.press("down", "enter")
        assert [HITS[1]] == app.results


async def test_esc_goes_nowhere_and_the_text_is_remembered() -> None:
    """For the next time."""
    remembered: list[str] = []
    screen = SearchScreen(FakeDialogGateway(), calendars=CALENDARS, remember=remembered.append)
    app = DialogApp(screen)
    async with app.run_test() as pilot:
        await pilot.press(*"lun", "escape")
        assert ([None], ["lun"]) == (app.results, remembered)


async def test_nothing_found_says_so() -> None:
    """And Enter does nothing."""
    app = search(FakeDialogGateway())
    async with app.run_test() as pilot:
        await pilot.press(*"zzz", "enter")
        await pilot.pause()
        assert ("Nothing found", []) == (said(app), app.results)


async def test_what_is_not_understood_is_named() -> None:
    """While the rest is looked for."""
    app = search(FakeDialogGateway(), "lunch before:someday")
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "not understood: before:someday" == said(app)
        assert len(HITS) == len(lines(app))


async def test_days_are_read_as_people_write_them() -> None:
    """The same words as in the dialog that goes to a date."""
    gateway = FakeDialogGateway()
    app = search(gateway, 'lunch after:tomorrow before:"24 dec"')
    async with app.run_test() as pilot:
        await pilot.pause()
        query = gateway.searched[-1]
        assert ("2026-11-24", "2026-12-24") == (str(query.after), str(query.before))


async def test_news_search_again_and_keep_the_selection() -> None:
    """On the same event, wherever it has moved to."""
    gateway = FakeDialogGateway()
    app = search(gateway, "lunch")
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("down")
        gateway.hits = (replace(HITS[0], event_id="new"), *HITS)
        app.screen.post_message(NewsArrived(None))
        await pilot.pause()
        await pilot.press("enter")
        assert [HITS[1]] == app.results


async def test_a_fault_is_told() -> None:
    """In place of the hits."""
    gateway = FakeDialogGateway()
    gateway.error = Unreachable("the disk is on fire")
    app = search(gateway, "lunch")
    async with app.run_test() as pilot:
        await pilot.pause()
        assert ([], True) == (lines(app), "the disk is on fire" in said(app))


@pytest.mark.parametrize("width", [60, 80, 90, 140])
async def test_hostile_text_keeps_to_its_line(width: int) -> None:
    """Markup, escapes, directions and wide letters."""
    evil = "lunch [red]x[/y]\x1b[2J\n\u202e" + "漢" * 3000
    gateway = FakeDialogGateway()
    gateway.hits = (replace(HITS[0], summary=evil, location=evil),)
    app = search(gateway, "lunch")
    async with app.run_test(size=(width, 24)) as pilot:
        await pilot.pause()
        assert 1 == app.screen.query_one(OptionList).virtual_size.height
        assert not {"\x1b", "\u202e", "\n"} & set(lines(app)[0])
        assert "lunch" == app.screen.query_one(Input).value
