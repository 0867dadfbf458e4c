"""The shown index: any range of days is a few scans of a clustered index, and says what a look at each row would."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.times import DAY_SECONDS, Days, Span, epoch_of
from aicalendar_tui.backend.store.rows import BUCKET_SECONDS
from aicalendar_tui.backend.store.store import PeeweeStore

ZONES = ("UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Australia/Lord_Howe")
NOON = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp())

lengths = (
    st.integers(0, 300 * 60)
    | st.integers(0, 3_000 * DAY_SECONDS)
    | st.sampled_from([length + extra for length in BUCKET_SECONDS for extra in (-1, 0, 1)])
)
starts = st.integers(NOON - 800 * DAY_SECONDS, NOON + 60 * DAY_SECONDS) | st.integers(
    NOON - 3 * DAY_SECONDS, NOON + 3 * DAY_SECONDS
)


def entry(number: int, start: int, length: int, all_day: bool, calendar_id: str = "home") -> Entry:
    """All-day ones begin and end at midnights in UTC."""
    if all_day:
        start -= start % DAY_SECONDS
        length = max(DAY_SECONDS, length - length % DAY_SECONDS)
    return Entry(
        user_id="ana",
        calendar_id=calendar_id,
        event_id=f"e{number}",
        start=start,
        end=start + length,
        all_day=all_day,
        summary=f"Event {number}",
    )


def index(store: PeeweeStore, entries: list[Entry]) -> None:
    """Nothing but these."""
    with store.write() as unit:
        unit._sql_write("DELETE FROM instance")
        for calendar_id in ("home", "work"):
            own = {e.event_id: [e] for e in entries if e.calendar_id == calendar_id}
            unit.replace_entries("ana", calendar_id, own)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(starts, lengths, st.booleans(), st.sampled_from(["home", "work"])), max_size=25),
    first=st.integers(-40, 40),
    count=st.integers(0, 50) | st.just(400),
    zone=st.sampled_from(ZONES),
    shown=st.sets(st.sampled_from(["home", "work", "gone"])),
)
def test_range_holds_exactly_what_overlaps_it(
    store: PeeweeStore, rows: list[Any], first: int, count: int, zone: str, shown: set[str]
) -> None:
    """Minutes to years long, at the borders of the days and of the buckets, all-day in any zone of the viewer."""
    entries = [entry(number, *row) for number, row in enumerate(rows)]
    index(store, entries)
    day = date(2026, 11, 23) + timedelta(days=first)
    days = Days(day, day + timedelta(days=count), zone)
    expected = {
        e.event_id
        for e in entries
        if e.calendar_id in shown and count and e.span.overlaps(days.dates if e.all_day else days.instants)
    }
    with store.read() as unit:
        found = unit.entries("ana", days, shown)
    assert expected == {e.event_id for e in found}
    assert len(expected) == len(found)


@pytest.mark.parametrize("zone", ZONES)
def test_all_day_event_is_on_its_own_date_whatever_the_viewers_zone(store: PeeweeStore, zone: str) -> None:
    """A birthday doesn't move when its owner travels."""
    index(store, [entry(1, epoch_of(date(2026, 11, 23)), DAY_SECONDS, all_day=True)])
    with store.read() as unit:
        seen = [
            len(unit.entries("ana", Days(day, day + timedelta(days=1), zone), ["home"]))
            for day in (date(2026, 11, 22), date(2026, 11, 23), date(2026, 11, 24))
        ]
    assert [0, 1, 0] == seen


def test_event_at_midnight_is_on_the_day_that_begins(store: PeeweeStore) -> None:
    """The end of a day is not in it; a moment is."""
    midnight = int(datetime(2026, 11, 24, tzinfo=ZoneInfo("Europe/Berlin")).timestamp())
    index(store, [entry(1, midnight - 3600, 3600, all_day=False), entry(2, midnight, 0, all_day=False)])
    with store.read() as unit:
        seen = [
            [e.event_id for e in unit.entries("ana", Days(day, day + timedelta(days=1), "Europe/Berlin"), ["home"])]
            for day in (date(2026, 11, 23), date(2026, 11, 24))
        ]
    assert [["e1"], ["e2"]] == seen


def test_range_is_read_by_the_clustered_index_alone(store: PeeweeStore) -> None:
    """No table scan and no sort: what a week costs does not grow with the years around it."""
    statements: list[tuple[str, Any]] = []
    with store.read() as unit:
        sql = unit._sql

        def explain(text: str, parameters: Any = ()) -> list[tuple[Any, ...]]:
            statements.append((text, parameters))
            return sql(text, parameters)

        unit._sql = explain  # pyright: ignore[reportAttributeAccessIssue] - looked at, not replaced
        try:
            unit.entries_json("ana", Days(date(2026, 11, 23), date(2026, 11, 30), "UTC"), ["home", "work"])
        finally:
            del unit._sql
        text, parameters = statements[-1]
        plan = [row[3] for row in unit._sql("EXPLAIN QUERY PLAN " + text, parameters)]
    steps = [step for step in plan if "instance" in step]
    assert len(BUCKET_SECONDS) + 1 == len(steps)
    assert all(
        step.startswith("SEARCH instance USING PRIMARY KEY (generation=? AND bucket=? AND start") for step in steps
    )
    assert [] == [step for step in plan if "SCAN instance" in step or "TEMP B-TREE" in step]


def test_new_entries_of_a_family_replace_its_old_ones_and_tell_the_span_of_both(store: PeeweeStore) -> None:
    """What an open screen has to read again."""
    old, new = entry(1, NOON, 3600, all_day=False), entry(1, NOON + 7 * DAY_SECONDS, 60, all_day=False)
    with store.write() as unit:
        assert Span(old.start, old.end) == unit.replace_entries("ana", "home", {"e1": [old]})
        assert Span(old.start, new.end) == unit.replace_entries("ana", "home", {"e1": [new]})
        assert Span(new.start, new.end) == unit.replace_entries("ana", "home", {"e1": []})
        assert None is unit.replace_entries("ana", "home", {"e1": []})


def test_hidden_users_and_calendars_are_not_read(store: PeeweeStore) -> None:
    """Each user sees their own."""
    index(store, [entry(1, NOON, 60, all_day=False)])
    days = Days(date(2026, 11, 1), date(2026, 12, 1), "UTC")
    with store.read() as unit:
        assert (b"[]", b"[]", b"[]") == (
            unit.entries_json("ana", days, []),
            unit.entries_json("ana", days, ["work"]),
            unit.entries_json("bob", days, ["home"]),
        )


def test_what_a_week_costs_does_not_grow_with_the_index(tmp_path: Path) -> None:
    """Counted in steps of SQLite's machine, not in seconds: 20,000 instances around the week or none."""

    def steps_with(others: int) -> int:
        store = PeeweeStore(tmp_path / f"{others}.db")
        with store.write() as unit:
            unit.put_account("ana", email="", endpoint="", now=NOON)
            unit.put_calendar("ana", "home", {"id": "home"}, 0)
            week = {f"w{n}": [entry(n, NOON + n * 3600, 1800, all_day=False)] for n in range(50)}
            around = {
                f"o{n}": [entry(n, NOON - 40 * DAY_SECONDS - n * 3600, 1800, all_day=False)] for n in range(others)
            }
            unit.replace_entries("ana", "home", week)
            unit.replace_entries("ana", "home", around)
        connection = store._database.connection()
        counted = 0

        def count() -> int:
            nonlocal counted
            counted += 1
            return 0

        connection.set_progress_handler(count, 100)
        with store.read() as unit:
            assert 50 == len(unit.entries("ana", Days(date(2026, 11, 23), date(2026, 11, 30), "UTC"), ["home"]))
        connection.set_progress_handler(None, 0)
        store.close()
        return counted

    assert steps_with(20_000) <= 1.3 * steps_with(0) + 2
