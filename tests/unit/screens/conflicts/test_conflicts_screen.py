"""Conflicts and refused edits: both sides shown, and settled by the user alone."""

import pytest
from msgspec.structs import replace
from textual.widgets import Static

from aicalendar_tui.backend.domain.errors import NotFound, Unreachable
from aicalendar_tui.screens.conflicts.screen import ConflictList, ConflictsScreen, UnitList
from aicalendar_tui.screens.conflicts.sides import Sides
from aicalendar_tui.screens.conflicts.wording import name_unit, say_value
from aicalendar_tui.screens.messages import NewsArrived
from tests.unit.screens.conditions import until
from tests.unit.screens.dialog_preview import DialogApp
from tests.unit.screens.fake_dialog_gateway import CONFLICTS, ME, ZONE, FakeDialogGateway

BOTH, GONE, REFUSED = CONFLICTS
EVIL = "[red]x[/y]\x1b[2J\n\u202e" + "漢" * 3000


def lines(app: DialogApp) -> list[str]:
    """The conflicts as they are listed, spaces folded."""
    return [" ".join(str(option.prompt).split()) for option in app.screen.query_one(ConflictList).options]


def units(app: DialogApp) -> list[str]:
    """The rows of the selected one, spaces folded."""
    return [" ".join(str(option.prompt).split()) for option in app.screen.query_one(UnitList).options]


def text_of(app: DialogApp, selector: str) -> str:
    """What a line of the sheet says."""
    return str(app.screen.query_one(selector, Static).content)


async def test_each_kind_says_what_happened_and_what_can_be_done() -> None:
    """Changed on both sides, gone, refused with its reason."""
    app = DialogApp(ConflictsScreen(FakeDialogGateway()))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: lines(app))
        assert [
            "! Design review both sides changed it",
            "− Climbing gone at Google",
            "✕ Retro refused by Google",
        ] == lines(app)
        assert "2 later edits wait for this" in text_of(app, "#reason")
        assert "m keep mine   t keep Google's" in text_of(app, "#hints")
        await pilot.press("j")
        await until(pilot, lambda: "m create it again   t let it go" in text_of(app, "#hints"))
        await pilot.press("j")
        await until(pilot, lambda: "m try again   t let it go" in text_of(app, "#hints"))
        assert "Calendar usage limits exceeded." == text_of(app, "#reason")
        assert ["shown as free busy"] == units(app)


async def test_both_sides_stand_next_to_each_other() -> None:
    """In words, with the side that is kept marked."""
    app = DialogApp(ConflictsScreen(FakeDialogGateway()))
    async with app.run_test(size=(140, 40)) as pilot:
        await until(pilot, lambda: units(app))
        shown = units(app)
        assert "time ● Tue 24 Nov 2026 15:00 – 16:30 ○ Mon 23 Nov 2026 16:00 – 17:30" == shown[0]
        assert "place ● Room 7, Karlín ○ —" == shown[1]
        assert "your answer ● yes ○ no, on leave" == shown[3]


@pytest.mark.parametrize(("key", "choice"), [("m", "mine"), ("ь", "mine"), ("t", "theirs"), ("е", "theirs")])
async def test_a_side_is_kept_as_a_whole(key: str, choice: str) -> None:
    """Under a Cyrillic layout too; what is settled leaves the list."""
    gateway = FakeDialogGateway()
    app = DialogApp(ConflictsScreen(gateway))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: lines(app))
        await pilot.press(key)
        await until(pilot, lambda: len(lines(app)) == 2)
        assert [(1, choice)] == gateway.settled


async def test_units_are_chosen_one_by_one() -> None:
    """Space and Enter switch, `a` applies all of them."""
    gateway = FakeDialogGateway()
    app = DialogApp(ConflictsScreen(gateway))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: units(app))
        await pilot.press("enter", "space", "space", "j", "space", "j", "enter")
        await until(pilot, lambda: units(app)[1].endswith("○ Room 7, Karlín ● —"))
        await pilot.press("a")
        await until(pilot, lambda: gateway.settled)
        expected = {"time": "mine", "location": "theirs", "description": "theirs", f"attendee {ME}": "mine"}
        assert [(1, expected)] == gateway.settled


async def test_only_what_both_sides_changed_is_chosen_field_by_field() -> None:
    """`a` does nothing to an event that is gone, and Enter leads nowhere."""
    gateway = FakeDialogGateway(conflicts=(GONE, REFUSED))
    app = DialogApp(ConflictsScreen(gateway))
    async with app.run_test() as pilot:
        await until(pilot, lambda: lines(app))
        await pilot.press("enter", "space", "a")
        await pilot.pause()
        assert [] == gateway.settled
        assert app.screen.query_one(ConflictList).has_focus


async def test_a_choice_holds_until_google_changes_what_it_was_about() -> None:
    """News leave it alone; another value at Google asks anew."""
    gateway = FakeDialogGateway()
    app = DialogApp(ConflictsScreen(gateway))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: units(app))
        await pilot.press("enter", "j", "space")
        before, read = units(app), gateway.reads
        app.screen.post_message(NewsArrived(None))
        await until(pilot, lambda: gateway.reads > read)
        await pilot.pause()
        assert before == units(app)
        other = replace(BOTH.units[1], theirs="Room 9")
        gateway.shown_conflicts[0] = replace(BOTH, units=(BOTH.units[0], other, *BOTH.units[2:]))
        app.screen.post_message(NewsArrived(None))
        await until(pilot, lambda: "place ● Room 7, Karlín ○ Room 9" in units(app))


async def test_news_fill_and_empty_the_list() -> None:
    """The cursor stays on its conflict."""
    gateway = FakeDialogGateway(conflicts=())
    app = DialogApp(ConflictsScreen(gateway))
    async with app.run_test() as pilot:
        nothing = app.screen.query_one("#nothing", Static)
        await until(pilot, lambda: "Nothing to settle: your edits and Google agree." == str(nothing.content))
        await pilot.press("m", "t", "a", "enter", "space", "j")
        assert [] == gateway.settled
        gateway.shown_conflicts = [GONE, REFUSED]
        app.screen.post_message(NewsArrived(None))
        await until(pilot, lambda: len(lines(app)) == 2)
        await pilot.press("j")
        gateway.shown_conflicts = list(CONFLICTS)
        app.screen.post_message(NewsArrived(None))
        await until(pilot, lambda: len(lines(app)) == 3)
        assert "Calendar usage limits exceeded." == text_of(app, "#reason")
        gateway.shown_conflicts = []
        app.screen.post_message(NewsArrived(None))
        await until(pilot, lambda: nothing.display and not lines(app))


@pytest.mark.parametrize(
    ("error", "expected"),
    [(Unreachable("no answer"), "no answer"), (NotFound("settled", code=404, reason="notFound"), "It is gone")],
)
async def test_what_could_not_be_settled_stays_and_says_why(error: Exception, expected: str) -> None:
    """And can be tried again."""
    gateway = FakeDialogGateway()
    app = DialogApp(ConflictsScreen(gateway))
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot, lambda: lines(app))
        gateway.error = error
        await pilot.press("m")
        await until(pilot, lambda: expected in text_of(app, "#hints"))
        assert 3 == len(lines(app))
        gateway.error = None
        await pilot.press("m")
        await until(pilot, lambda: len(lines(app)) == 2)


async def test_the_conflict_of_the_event_that_it_was_opened_from_comes_first() -> None:
    """As long as it has one."""
    app = DialogApp(ConflictsScreen(FakeDialogGateway(), first=REFUSED.key))
    async with app.run_test() as pilot:
        await until(pilot, lambda: lines(app))
        assert "Calendar usage limits exceeded." == text_of(app, "#reason")


@pytest.mark.parametrize("key", ["!", "escape", "q", "й"])
async def test_it_closes_as_it_opened(key: str) -> None:
    """So do Esc and q."""
    app = DialogApp(ConflictsScreen(FakeDialogGateway()))
    async with app.run_test() as pilot:
        await until(pilot, lambda: lines(app))
        await pilot.press(key)
        await until(pilot, lambda: app.results == [None])


async def test_foreign_text_is_only_text() -> None:
    """Titles, values and reasons come from elsewhere."""
    unit = replace(BOTH.units[1], mine=EVIL, theirs=EVIL)
    gateway = FakeDialogGateway(conflicts=(replace(BOTH, title=EVIL, reason=EVIL, units=(unit,)),))
    app = DialogApp(ConflictsScreen(gateway))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: units(app))
        shown = lines(app)[0] + units(app)[0] + text_of(app, "#reason")
        assert "[red]x[/y]" in shown
        assert not {"\x1b", "\u202e"} & set(shown)


@pytest.mark.parametrize(
    ("unit", "text", "expected"),
    [
        ("time", "2026-11-23 – 2026-11-25", "Mon 23 Nov 2026 – Wed 25 Nov 2026"),
        ("time", "2026-11-23 14:00 – 15:30 Asia/Tokyo", "Mon 23 Nov 2026 14:00 – 15:30 Asia/Tokyo"),
        ("time", "2026-99-99", "2026-99-99"),
        ("recurrence", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE", "every week on Monday and Wednesday"),
        ("recurrence", "EXDATE:20261123T080000Z", "EXDATE:20261123T080000Z"),
        ("colorId", "11", "Tomato"),
        ("colorId", "99", "99"),
        ("attendee x@example.com", "tentative", "maybe"),
        ("visibility", "private", "only guests"),
        ("summary", "", "—"),
        ("somethingNew", "a: b", "a: b"),
    ],
)
def test_values_read_as_elsewhere_in_the_program(unit: str, text: str, expected: str) -> None:
    """What has no words of ours stands for itself."""
    assert expected == say_value(unit, text, zone=ZONE)


def test_a_field_without_a_word_of_ours_keeps_its_name() -> None:
    """And a guest the address."""
    assert ["extendedProperties", "boris@example.com"] == [
        name_unit(BOTH, unit) for unit in ("extendedProperties", "attendee boris@example.com")
    ]


@pytest.mark.parametrize("width", [0, 20, 74, 99])
def test_rows_have_the_same_width_whatever_is_in_them(width: int) -> None:
    """Down to the least that can be read."""
    sides = Sides(width=width, zone=ZONE)
    widths = {
        len(line) for unit in BOTH.units for line in sides.row(BOTH, unit, "mine").plain.rstrip("\n").split("\n")
    }
    assert {13 + 2 * sides.column + 2} == widths
