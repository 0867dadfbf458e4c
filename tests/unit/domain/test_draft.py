"""What a user typed: refused with the field's name when no calendar could hold it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from aicalendar_tui.backend.domain.draft import Draft, shifted
from aicalendar_tui.backend.domain.errors import InvalidEdit

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft(start=NINE), "end"),
        (Draft(end=NINE), "end"),
        (Draft(start=NINE, end=NINE - timedelta(seconds=1)), "end"),
        (Draft(start=NINE, end=DAY), "end"),
        (Draft(start=DAY, end=NINE), "end"),
        (Draft(start=DAY, end=DAY), "end"),
        (Draft(start=DAY, end=DAY - timedelta(days=1)), "end"),
        (Draft(start=NINE.replace(tzinfo=None), end=NINE.replace(tzinfo=None)), "start"),
        (Draft(start=NINE, end=NINE.replace(tzinfo=None)), "end"),
    ],
)
def test_impossible_times_are_refused_with_the_field_to_mend(draft: Draft, field: str) -> None:
    """Never sent to Google to be rejected there."""
    with pytest.raises(InvalidEdit) as refused:
        draft.validate()
    assert field == refused.value.field


@pytest.mark.parametrize(
    "draft",
    [
        Draft(),
        Draft(summary=""),
        Draft(start=NINE, end=NINE),
        Draft(start=DAY, end=DAY + timedelta(days=1)),
        Draft(start=datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")), end=NINE),
    ],
)
def test_possible_drafts_pass(draft: Draft) -> None:
    """An event may be a moment; a day is at least one."""
    draft.validate()


def test_only_what_is_set_is_a_field() -> None:
    """The rest stays as it is at Google."""
    assert {} == Draft().fields()
    assert {"summary": "", "colorId": None} == Draft(summary="", color_id=None).fields()
    assert {"recurrence": None} == Draft(recurrence=()).fields()
    assert {"recurrence": ["RRULE:FREQ=DAILY"]} == Draft(recurrence=("RRULE:FREQ=DAILY",)).fields()


def test_times_are_written_in_the_zone_that_they_are_meant_in() -> None:
    """A series follows the wall clock of its zone."""
    fields = Draft(start=NINE, end=NINE + timedelta(hours=1), zone="Europe/Berlin").fields()
    assert {"dateTime": "2026-11-23T10:00:00+01:00", "timeZone": "Europe/Berlin"} == fields["start"]
    assert {"date": "2026-11-23"} == Draft(start=DAY, end=DAY + timedelta(days=1), zone="Europe/Berlin").fields()[
        "start"
    ]


def test_shifted_time_keeps_its_place_on_the_clock() -> None:
    """Nine stays nine when the clocks go back in between."""
    start = datetime(2026, 10, 24, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    moved, end = shifted(start, start + timedelta(hours=1), by=timedelta(days=1))
    assert ["2026-10-25T09:00:00+01:00", "2026-10-25T10:00:00+01:00"] == [moved.isoformat(), end.isoformat()]
