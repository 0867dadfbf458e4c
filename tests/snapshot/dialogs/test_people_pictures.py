"""What answering and sharing look like."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from aicalendar_tui.backend.domain.event import Attendee, Event, EventKey
from aicalendar_tui.screens.gateway import Details
from aicalendar_tui.screens.people.answer_screen import AnswerScreen
from aicalendar_tui.screens.people.availability_screen import AvailabilityScreen
from tests.snapshot.dialogs.test_dialog_pictures import LOW, TALL, settle
from tests.unit.screens.dialog_preview import DialogApp
from tests.unit.screens.fake_gateway import CALENDARS, USER, ZONE

TIMES = "Mon 23 Nov 10:00–12:00, 14:00–16:30\nTue 24 Nov 09:00–18:00 (Europe/Prague)"


def make_answer() -> AnswerScreen:
    """The dialog for an invitation that was answered before."""
    start = datetime(2026, 11, 24, 13, 0, tzinfo=ZoneInfo(ZONE))
    me = Attendee(USER, is_self=True, response="tentative", comment="If the train is on time")
    event = Event(event_id="e", start=start, end=start.replace(hour=14), summary="Budget", attendees=(me,))
    return AnswerScreen(Details(key=EventKey(USER, "ana", "e"), event=event, calendar=CALENDARS[0]), ZONE)


def make_availability() -> AvailabilityScreen:
    """Two days of free time."""
    return AvailabilityScreen(TIMES, "5 calendars looked at")


@pytest.mark.parametrize("make", [make_answer, make_availability], ids=["answer", "availability"])
@pytest.mark.parametrize("size", [LOW, TALL], ids=["low", "tall"])
@pytest.mark.parametrize("light", [False, True], ids=["dark", "light"])
def test_the_dialog_looks_as_before(
    snap_compare: Callable[..., bool], make: Callable[[], AnswerScreen], size: tuple[int, int], light: bool
) -> None:
    """On both grounds, at both sizes."""
    assert snap_compare(DialogApp(make(), light=light), terminal_size=size, run_before=settle)
