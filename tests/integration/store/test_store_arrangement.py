"""Colour and order of calendars, as the user wants them on this machine."""

from datetime import date
from pathlib import Path

from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.backend.store.first_view import read_first_view
from aicalendar_tui.backend.store.store import PeeweeStore


def test_order_and_colour_outlive_what_google_says(store: PeeweeStore, path: Path) -> None:
    """Also in what the screen begins with; the empty colour is Google's again."""
    resource = {"id": "home", "summary": "Home", "accessRole": "owner", "backgroundColor": "#111111"}
    with store.write() as unit:
        unit.set_order("ana", ["work", "home"])
        unit.set_color("ana", "home", "#ff0000")
        unit.put_calendar("ana", "home", resource, 0)
    with store.read() as unit:
        assert [("work", "#7aa2f7"), ("home", "#ff0000")] == [(c.calendar_id, c.color) for c in unit.calendars("ana")]
    view = read_first_view(path, Days(date(2026, 11, 23), date(2026, 11, 30), "UTC"))
    assert view is not None
    assert ["work", "home"] == [calendar.calendar_id for calendar in view.calendars]
    with store.write() as unit:
        unit.set_color("ana", "home", "")
        assert "#111111" == unit.calendars("ana")[1].color
