"""The sheet of one event."""

from datetime import UTC, date, datetime

from msgspec.structs import replace
from textual.widgets import Static

from aicalendar_tui.backend.domain.errors import Unreachable
from aicalendar_tui.backend.domain.event import Attendee, Event
from aicalendar_tui.backend.domain.news import CalendarChanged, TasksChanged
from aicalendar_tui.screens.details.rows import MOST_GUESTS, detail_rows
from aicalendar_tui.screens.details.screen import DetailsScreen
from aicalendar_tui.screens.gateway import Details
from aicalendar_tui.screens.messages import NewsArrived
from tests.unit.screens.dialog_preview import DialogApp
from tests.unit.screens.fake_dialog_gateway import (
    DESIGN,
    DETAILS,
    HOLIDAYS,
    ME,
    REVIEW,
    REVIEW_KEY,
    ZONE,
    FakeDialogGateway,
)

NEWS = NewsArrived(CalendarChanged(user_id=ME, calendar_id="design", revision=2))


def said(details: Details, label: str, zone: str = ZONE) -> str:
    """The row with that label; '' when there is none."""
    return next((str(row.value) for row in detail_rows(details, zone) if row.label == label), "")


def shown(app: DialogApp) -> str:
    """All text of the sheet."""
    return "\n".join(str(part.content) for part in app.screen.query(Static))


async def test_everything_known_is_told() -> None:
    """Title, calendar, time, rule, place, call, guests, reminders, state and description."""
    app = DialogApp(DetailsScreen(FakeDialogGateway(), REVIEW_KEY))
    async with app.run_test() as pilot:
        await pilot.pause()
        text = shown(app)
        expected = [
            "Design review",
            "■ Design team",
            "Monday 23 November 2026, 14:00–15:30 · 1 h 30 min",
            "every 2 weeks on Monday, until Thu 24 Dec 2026",
            "Room 4, Karlín",
            "https://meet.example.com/abc-defg-hij",
            "2 yes · 1 maybe · 1 no · 1 not answered",
            "? Boris  boris@example.com · “maybe ten minutes late”",
            "10 min before, 1 day before",
            "↑ waiting to be sent",
            "• Onboarding & sign-in",
        ]
        assert [part for part in expected if part not in text] == []


async def test_the_keys_leave_with_a_command() -> None:
    """By their place on a Cyrillic layout too."""
    for key, expected in (("e", "edit"), ("у", "edit"), ("X", "delete"), ("J", "join"), ("О", "join"), ("O", "open")):
        app = DialogApp(DetailsScreen(FakeDialogGateway(), REVIEW_KEY))
        async with app.run_test() as pilot:
            await pilot.pause()
            await pilot.press(key)
            assert [expected] == app.results


async def test_escape_q_and_enter_close() -> None:
    """With nothing to do."""
    for key in ("escape", "q", "enter", "й"):
        app = DialogApp(DetailsScreen(FakeDialogGateway(), REVIEW_KEY))
        async with app.run_test() as pilot:
            await pilot.press(key)
            assert [None] == app.results


async def test_what_can_not_be_done_is_not_offered() -> None:
    """No edit of a calendar that is only read, no call where there is none."""
    details = Details(key=REVIEW_KEY, event=replace(REVIEW, join_url="", html_link=""), calendar=HOLIDAYS)
    app = DialogApp(DetailsScreen(FakeDialogGateway(details=details), REVIEW_KEY))
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("e", "X", "J", "O")
        assert app.results == []
        assert "Esc close" == str(app.screen.query_one("#hints", Static).content).strip()


async def test_news_of_its_calendar_are_read() -> None:
    """Other news are not."""
    gateway = FakeDialogGateway()
    app = DialogApp(DetailsScreen(gateway, REVIEW_KEY))
    async with app.run_test() as pilot:
        await pilot.pause()
        app.screen.post_message(NewsArrived(TasksChanged(user_id=ME)))
        app.screen.post_message(NewsArrived(CalendarChanged(user_id=ME, calendar_id="home", revision=2)))
        await pilot.pause()
        assert gateway.reads == 1
        gateway.shown_details = replace(DETAILS, event=replace(REVIEW, summary="Moved"), waiting=False)
        app.screen.post_message(NEWS)
        await pilot.pause()
        assert "Moved" in shown(app)
        assert "waiting to be sent" not in shown(app)


async def test_an_event_that_goes_while_one_looks_says_so() -> None:
    """And can't be edited any more."""
    gateway = FakeDialogGateway()
    app = DialogApp(DetailsScreen(gateway, REVIEW_KEY))
    async with app.run_test() as pilot:
        await pilot.pause()
        gateway.shown_details = None
        app.screen.post_message(NEWS)
        await pilot.pause()
        await pilot.press("e")
        assert "This event is gone" in shown(app)
        assert app.results == []


async def test_a_failed_read_keeps_what_was_there() -> None:
    """With the reason above it."""
    gateway = FakeDialogGateway()
    app = DialogApp(DetailsScreen(gateway, REVIEW_KEY))
    async with app.run_test() as pilot:
        await pilot.pause()
        gateway.error = Unreachable("the database is busy")
        app.screen.post_message(NewsArrived(None))
        await pilot.pause()
        assert "the database is busy" in shown(app)
        assert "Room 4, Karlín" in shown(app)


async def test_foreign_text_is_only_text() -> None:
    """Markup, escapes and direction marks in every field, and a title of 5,000 letters."""
    evil = "[bold]x[/nonsense] [@click=app.quit]y[/] \x1b[2J\u202e" + "漢" * 5000
    event = replace(
        REVIEW,
        summary=evil,
        location=evil,
        description=evil,
        organizer=evil,
        join_url=evil,
        zone="[x]/[/y]",
        recurrence=(f"RRULE:{evil}",),
        attendees=(Attendee(evil, evil, comment=evil),),
    )
    calendar = replace(DESIGN, summary=evil, color="url(x)")
    details = Details(key=REVIEW_KEY, event=event, calendar=calendar, problem=evil)
    app = DialogApp(DetailsScreen(FakeDialogGateway(details=details), REVIEW_KEY))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "[bold]x[/nonsense]" in shown(app)
        assert not {"\x1b", "\u202e"} & set(shown(app))


def test_another_zone_has_a_row_of_its_own() -> None:
    """Here first, there beside it."""
    start = datetime(2026, 11, 23, 13, tzinfo=UTC)
    event = replace(REVIEW, start=start, end=start, zone="America/New_York")
    details = replace(DETAILS, event=event)
    assert ("Monday 23 November 2026, 14:00", "Monday 23 November 2026, 08:00") == (
        said(details, "when"),
        said(details, "New York"),
    )


def test_whole_days_are_told_by_their_last_day() -> None:
    """The end of the data is the day after it."""
    event = Event(event_id="x", start=date(2026, 11, 24), end=date(2026, 11, 27))
    assert "Tue 24 Nov 2026 – Thu 26 Nov 2026 · 3 days" == said(replace(DETAILS, event=event), "when")


def test_many_guests_are_counted() -> None:
    """A company's invitation must not fill the sheet."""
    guests = tuple(Attendee(f"{n}@example.com") for n in range(MOST_GUESTS + 60))
    rows = detail_rows(replace(DETAILS, event=replace(REVIEW, attendees=guests)), ZONE)
    assert "and 60 more" in [str(row.value) for row in rows]


def test_a_problem_comes_first() -> None:
    """What needs the user is above what is merely known."""
    rows = detail_rows(replace(DETAILS, problem="It changed at Google in the meantime"), ZONE)
    assert "! It changed at Google in the meantime" == str(rows[0].value)


def test_an_instance_says_the_rule_of_its_series() -> None:
    """With the day that the rule itself leaves out, and the last day as it is in the event's zone."""
    instance = replace(
        REVIEW,
        recurrence=(),
        recurring_event_id="review",
        original_start="2026-11-23T13:00:00Z",
        zone="America/New_York",
    )
    weekly = replace(
        DETAILS, event=instance, recurrence=("RRULE:FREQ=WEEKLY;UNTIL=20261204T045959Z", "EXDATE:20261130")
    )
    assert "every week on Monday, until Thu 3 Dec 2026" == said(weekly, "repeats")
    moved = replace(weekly, event=replace(instance, original_start="2026-11-22T13:00:00Z"))
    assert "every week, until Thu 3 Dec 2026" == said(moved, "repeats")


def test_a_clock_of_twelve_hours_shows_in_the_details() -> None:
    """In the time of the event."""
    rows = {row.label: str(row.value) for row in detail_rows(DETAILS, ZONE, hour24=False)}
    assert "Monday 23 November 2026, 2:00 pm–3:30 pm · 1 h 30 min" == rows["when"]


async def test_a_wide_terminal_keeps_the_event_in_sight() -> None:
    """The sheet stands on the other side of it; on a narrow one it is below."""
    for width, left, expected in ((140, False, "right"), (140, True, "left"), (80, True, "below")):
        app = DialogApp(DetailsScreen(FakeDialogGateway(), REVIEW_KEY, left=left))
        async with app.run_test(size=(width, 45)) as pilot:
            await pilot.pause()
            sheet = app.screen.query_one("#sheet").region
            place = "below" if sheet.y > 10 else "left" if sheet.x < 40 else "right"
            assert expected == place


async def test_markdown_of_a_description_is_shown() -> None:
    """Typed as such, or written as HTML by Google's own editor."""
    for description in ("Bring the **new** flows", "<p>Bring the <b>new</b> flows</p>"):
        event = replace(REVIEW, description=description)
        app = DialogApp(DetailsScreen(FakeDialogGateway(details=replace(DETAILS, event=event)), REVIEW_KEY))
        async with app.run_test() as pilot:
            await pilot.pause()
            shown_text = app.screen.query_one("#description", Static).content
            assert "Bring the new flows" == str(shown_text)
