"""Series expanded here are what others make of them: dateutil on the wall clock, and recurring-ical-events.

Rules, zones and windows are random; hostile rules cost no more than kind ones.
"""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from dateutil.rrule import rruleset, rrulestr
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from aicalendar_tui.backend.domain.event import Event, parse_event
from aicalendar_tui.backend.domain.recurrence import MAX_INSTANCES, expand_series, move_recurrence
from aicalendar_tui.backend.domain.times import DAY_SECONDS, Span, epoch_of, zone_of

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Pacific/Auckland",
)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SPAN_DAYS = 500


def event(start: date | datetime, *lines: str, hours: float = 1, days: int = 1, zone: str | None = None) -> Event:
    """A series of one hour or one day, unless told otherwise."""
    length = timedelta(hours=hours) if isinstance(start, datetime) else timedelta(days=days)
    if isinstance(start, datetime):
        end: date | datetime = (start.astimezone(UTC) + length).astimezone(start.tzinfo)
    else:
        end = start + length
    return Event(event_id="s", start=start, end=end, zone=zone, recurrence=lines)


def window(first: date, last: date) -> Span:
    """UTC days."""
    return Span(epoch_of(first), epoch_of(last))


def starts(series: Event, span: Span) -> list[str]:
    """When the instances start, as a wall clock and its offset show it."""
    return [start.isoformat() for start, _ in expand_series(series, span)]


numbers = st.integers(1, 6)
by_month_day = st.lists(st.integers(1, 31) | st.integers(-5, -1), min_size=1, max_size=3, unique=True)
weekdays = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=4, unique=True)
nth_weekdays = st.lists(
    st.builds(lambda n, day: f"{n}{day}", st.sampled_from([1, 2, 3, 4, -1]), st.sampled_from(WEEKDAYS)),
    min_size=1,
    max_size=3,
    unique=True,
)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """What Google and other calendars offer, and more."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = {"FREQ": frequency}
    if draw(st.booleans()):
        parts["INTERVAL"] = str(draw(numbers))
    if draw(st.booleans()):
        parts["WKST"] = draw(st.sampled_from(["MO", "SU", "TH"]))
    days = draw(weekdays if frequency in ("DAILY", "WEEKLY") else weekdays | nth_weekdays | st.none())
    if days and draw(st.booleans()):
        parts["BYDAY"] = ",".join(days)
    if frequency in ("MONTHLY", "YEARLY") and "BYDAY" not in parts and draw(st.booleans()):
        parts["BYMONTHDAY"] = ",".join(map(str, draw(by_month_day)))
    if frequency == "YEARLY" and ("BYDAY" in parts or "BYMONTHDAY" in parts or draw(st.booleans())):
        months = draw(st.lists(st.integers(1, 12), min_size=1, max_size=3, unique=True))
        parts["BYMONTH"] = ",".join(map(str, months))
    if frequency == "MONTHLY" and len(parts.get("BYDAY", "").split(",")) > 1 and draw(st.booleans()):
        parts["BYSETPOS"] = str(draw(st.sampled_from([1, -1, 2])))
    return ";".join(f"{name}={value}" for name, value in parts.items())


naive_starts = st.datetimes(
    datetime(2024, 1, 1),  # noqa: DTZ001 - the zone is drawn apart
    datetime(2026, 12, 31),  # noqa: DTZ001 - the same
).map(lambda moment: moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0))
ends = st.none() | st.integers(1, 60) | st.dates(date(2024, 6, 1), date(2027, 12, 31))


def place(moment: datetime, zone: ZoneInfo) -> datetime:
    """A wall-clock time as an instant that exists (RFC 5545 §3.3.5)."""
    return moment.replace(tzinfo=zone).astimezone(UTC)


@settings(max_examples=400, deadline=None)
@given(start=naive_starts, rule=rules(), end=ends, zone=st.sampled_from(ZONES), offset=st.integers(-100, 900))
def test_expansion_is_dateutils_on_the_wall_clock(
    start: datetime, rule: str, end: int | date | None, zone: str, offset: int
) -> None:
    """Whatever the window: none of the instances before it is needed to find those in it."""
    if isinstance(end, int):
        rule += f";COUNT={end}"
    wall_rule = rule
    if isinstance(end, date):
        until = place(datetime.combine(end, start.time()), ZoneInfo(zone))
        rule += f";UNTIL={until:%Y%m%dT%H%M%SZ}"
        wall_rule += f";UNTIL={until.astimezone(ZoneInfo(zone)):%Y%m%dT%H%M%S}"
    first = (start + timedelta(days=offset)).date()
    span = window(first, first + timedelta(days=SPAN_DAYS))
    begin = place(start, ZoneInfo(zone)).astimezone(ZoneInfo(zone))
    assume(begin.replace(tzinfo=None) == start)  # a start that does not exist is no start
    expected = []
    for moment in rrulestr(wall_rule, dtstart=start):
        instant = place(moment, ZoneInfo(zone))
        if instant.year > 2032:
            break
        if Span(epoch_of(instant), epoch_of(instant) + 3600).overlaps(span):
            expected.append(instant)
    found = list(expand_series(event(begin, f"RRULE:{rule}", zone=zone), span))
    assert expected == [instant.astimezone(UTC) for instant, _ in found]
    assert {timedelta(hours=1)} >= {end.astimezone(UTC) - start.astimezone(UTC) for start, end in found}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    start=naive_starts,
    rule=rules(),
    end=ends,
    zone=st.sampled_from(ZONES) | st.none(),
    dropped=st.lists(st.integers(0, 10), max_size=3),
    added=st.lists(st.integers(0, 400), max_size=2),
)
def test_expansion_is_that_of_recurring_ical_events(
    start: datetime, rule: str, end: int | date | None, zone: str | None, dropped: list[int], added: list[int]
) -> None:
    """An expander of another make, with EXDATE and RDATE, timed and all-day."""
    moment: Any = start.replace(hour=12) if zone else start.date()  # noon exists on every day
    naive_first = datetime.combine(start.date(), start.time()) if not zone else moment
    assume(next(iter(rrulestr(rule, dtstart=naive_first)), None) == naive_first)  # RFC 5545 leaves others undefined
    occurrences = [o for _, o in zip(range(11), rrulestr(rule, dtstart=naive_first), strict=False)]
    if isinstance(end, int):
        rule += f";COUNT={end}"
    elif end is not None:
        until = datetime.combine(end, naive_first.time(), ZoneInfo(zone or "UTC")).astimezone(UTC)
        rule += f";UNTIL={until:%Y%m%dT%H%M%SZ}" if zone else f";UNTIL={end:%Y%m%d}"
    kind, shape = (f";TZID={zone}", "%Y%m%dT%H%M%S") if zone else (";VALUE=DATE", "%Y%m%d")
    lines = [f"RRULE:{rule}"]
    lines += [f"EXDATE{kind}:{occurrences[n]:{shape}}" for n in dropped if n < len(occurrences)]
    lines += [f"RDATE{kind}:{moment + timedelta(days=n):{shape}}" for n in added]
    first = start.date()
    last = first + timedelta(days=SPAN_DAYS)
    begin: Any = moment.replace(tzinfo=ZoneInfo(zone)) if zone else moment
    series = event(begin, *lines, zone=zone)
    text = "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:test",
            "BEGIN:VEVENT",
            "UID:s",
            f"DTSTART{kind}:{moment:{shape}}",
            "DURATION:PT1H" if zone else "DURATION:P1D",
            *lines,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )
    query = recurring_ical_events.of(icalendar.Calendar.from_ical(text))
    if zone:
        between = query.between(
            datetime.combine(first, datetime.min.time(), UTC), datetime.combine(last, datetime.min.time(), UTC)
        )
    else:
        between = query.between(first, last)
    expected = sorted({epoch_of(found["DTSTART"].dt) for found in between})
    assert expected == sorted({epoch_of(found) for found, _ in expand_series(series, window(first, last))})


@settings(max_examples=100, deadline=None)
@given(
    start=naive_starts,
    rule=rules(),
    cut=st.integers(1, SPAN_DAYS - 1),
    zone=st.sampled_from(ZONES),
    hours=st.integers(0, 100),
)
def test_two_windows_side_by_side_hold_what_one_does(
    start: datetime, rule: str, cut: int, zone: str, hours: int
) -> None:
    """The window only cuts: growing it changes nothing in what was there."""
    begin = place(start, ZoneInfo(zone)).astimezone(ZoneInfo(zone))
    series = event(begin, f"RRULE:{rule}", hours=hours, zone=zone)
    first = start.date()
    middle, last = first + timedelta(days=cut), first + timedelta(days=SPAN_DAYS)
    halves = {*starts(series, window(first, middle)), *starts(series, window(middle, last))}
    assert set(starts(series, window(first, last))) == halves


@st.composite
def odd_rules(draw: st.DrawFn) -> str:
    """What RFC 5545 allows beyond that: sets of positions, days of the year, weeks, several hours, short periods."""
    interval = draw(st.integers(1, 4))
    week_start = draw(st.sampled_from(["MO", "SU", "WE"]))
    days = ",".join(draw(weekdays))
    position = draw(st.sampled_from([1, 2, -1, -2]))
    hours = ",".join(map(str, draw(st.lists(st.integers(0, 23), min_size=1, max_size=3, unique=True))))
    numbers = ",".join(map(str, draw(st.lists(st.integers(1, 52), min_size=1, max_size=3, unique=True))))
    body = draw(
        st.sampled_from(
            [
                f"YEARLY;BYDAY={days};BYSETPOS={position}",
                f"YEARLY;BYWEEKNO={numbers};BYDAY={days}",
                f"YEARLY;BYYEARDAY={numbers},-1",
                f"MONTHLY;BYDAY={days};BYSETPOS={position},3",
                f"MONTHLY;BYMONTHDAY=13,-1;BYDAY={days}",
                f"WEEKLY;BYDAY={days};BYSETPOS={position}",
                f"WEEKLY;BYDAY={days};BYHOUR={hours}",
                f"DAILY;BYHOUR={hours};BYSETPOS=1",
                f"DAILY;BYMONTH={draw(st.integers(1, 12))}",
                "HOURLY",
                "MINUTELY",
            ]
        )
    )
    if body in ("HOURLY", "MINUTELY"):  # not more in a window than are expanded at most
        interval = draw(st.integers(*((600, 6_000) if body == "MINUTELY" else (2, 100))))
    return f"FREQ={body};INTERVAL={interval};WKST={week_start}"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(
    start=st.datetimes(datetime(1950, 1, 1), datetime(2026, 12, 31)).map(  # noqa: DTZ001 - the zone is drawn apart
        lambda moment: moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
    ),
    rule=rules() | odd_rules(),
    ends_by=st.sampled_from(["never", "COUNT", "UNTIL in UTC", "UNTIL on a date", "UNTIL by the clock"]),
    later=st.integers(0, 2_000),
    kind=st.sampled_from([*ZONES, "days", "floating"]),
    dropped=st.lists(st.integers(0, 30), max_size=3),
    added=st.lists(st.tuples(st.integers(-50, 2_000), st.integers(0, 23)), max_size=3),
    offset=st.integers(-30, 2_000),
    span_days=st.integers(1, 300),
)
def test_whole_set_of_lines_is_dateutils(
    start: datetime,
    rule: str,
    ends_by: str,
    later: int,
    kind: str,
    dropped: list[int],
    added: list[tuple[int, int]],
    offset: int,
    span_days: int,
) -> None:
    """RRULE with RDATE and EXDATE, every form of an end; timed, of whole days and floating; since long ago."""
    days, zone = kind == "days", ZoneInfo(kind if kind in ZONES else "UTC")
    name = kind if kind in ZONES else "Europe/Berlin"
    if kind == "floating":  # no offset: the time is meant in the zone beside it
        zone = ZoneInfo(name)
    if days:
        start = start.replace(hour=0, minute=0)
        assume(not {"HOURLY", "MINUTELY", "BYHOUR"} & set(rule.replace("=", ";").split(";")))
    assume(place(start, zone).astimezone(zone).replace(tzinfo=None) == start)
    last = start + timedelta(days=later)
    if ends_by == "COUNT":
        rule, wall_rule = f"{rule};COUNT={later % 90 + 1}", f"{rule};COUNT={later % 90 + 1}"
    elif ends_by == "never":
        wall_rule = rule
    elif days or ends_by == "UNTIL on a date":
        rule, wall_rule = f"{rule};UNTIL={last:%Y%m%d}", f"{rule};UNTIL={last:%Y%m%dT235959}"
    elif ends_by == "UNTIL by the clock":
        rule = wall_rule = f"{rule};UNTIL={last:%Y%m%dT%H%M%S}"
    else:
        instant = place(last, zone)
        rule, wall_rule = (
            f"{rule};UNTIL={instant:%Y%m%dT%H%M%SZ}",
            f"{rule};UNTIL={instant.astimezone(zone):%Y%m%dT%H%M%S}",
        )
    reference = rruleset()
    wall: Any = rrulestr(wall_rule, dtstart=start)
    reference.rrule(wall)
    first_few = [moment for _, moment in zip(range(31), wall, strict=False)]
    gone = [first_few[n] for n in dropped if n < len(first_few)]
    extra = [(start + timedelta(days=n)).replace(hour=0 if days else hour) for n, hour in added]
    extra = [moment for moment in extra if place(moment, zone).astimezone(zone).replace(tzinfo=None) == moment]
    for moment in gone:
        reference.exdate(moment)
    for moment in extra:
        reference.rdate(moment)
    shape = (
        ";VALUE=DATE:{:%Y%m%d}" if days else f";TZID={name if kind != 'floating' else zone.key}:{{:%Y%m%dT%H%M%S}}"
    )
    if kind == "floating":
        shape = ":{:%Y%m%dT%H%M%S}"
    lines = [
        f"RRULE:{rule}",
        *(f"EXDATE{shape.format(m)}" for m in gone),
        *(f"RDATE{shape.format(m)}" for m in extra),
    ]
    moment: Any = {"date": f"{start:%Y-%m-%d}"}
    end: Any = {"date": f"{start + timedelta(days=1):%Y-%m-%d}"}
    if not days:
        written = start if kind == "floating" else start.replace(tzinfo=zone)
        moment = {"dateTime": written.isoformat(), "timeZone": name}
        end = {**moment, "dateTime": (written + timedelta(minutes=30)).isoformat()}
    series = parse_event({"id": "s", "start": moment, "end": end, "recurrence": lines})
    assert series is not None
    length = DAY_SECONDS if days else int(series.length.total_seconds())
    first = (start + timedelta(days=offset)).date()
    span = window(first, first + timedelta(days=span_days))
    expected = set()
    for found in reference:
        epoch = epoch_of(found.date()) if days else epoch_of(place(found, zone))
        if epoch > span.end + 7_200:
            break
        if Span(epoch, epoch + length).overlaps(span):
            expected.add(epoch)
    assert sorted(expected) == sorted({epoch_of(found) for found, _ in expand_series(series, span)})


@pytest.mark.parametrize("frequency", ["SECONDLY", "MINUTELY;INTERVAL=7", "HOURLY;INTERVAL=5", "DAILY", "WEEKLY"])
@pytest.mark.parametrize("count", [9_999, 10_000, 10_001])
def test_far_end_of_a_counted_series_is_where_counting_leads(frequency: str, count: int) -> None:
    """Without looking at what is before the window."""
    start = datetime(1990, 1, 1, tzinfo=UTC)
    seconds = {"S": 1, "M": 420, "H": 18_000, "D": 86_400, "W": 604_800}[frequency[0]]
    last = int(start.timestamp()) + (count - 1) * seconds
    series = event(start, f"RRULE:FREQ={frequency};COUNT={count}", hours=0)
    found = [epoch_of(begin) for begin, _ in expand_series(series, Span(last - seconds, last + 9 * seconds))]
    assert [last - seconds, last] == found


def test_time_that_summer_time_skips_is_read_with_the_offset_before() -> None:
    """RFC 5545 §3.3.5: half past two becomes half past three, on that day alone."""
    series = event(
        datetime(2026, 3, 28, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")),
        "RRULE:FREQ=DAILY;COUNT=3",
        zone="Europe/Berlin",
    )
    expected = ["2026-03-28T02:30:00+01:00", "2026-03-29T03:30:00+02:00", "2026-03-30T02:30:00+02:00"]
    assert expected == starts(series, window(date(2026, 3, 1), date(2026, 4, 30)))


def test_time_that_comes_twice_is_the_first_of_the_two() -> None:
    """RFC 5545 §3.3.5, in New York."""
    zone = "America/New_York"
    series = event(datetime(2026, 10, 31, 1, 30, tzinfo=ZoneInfo(zone)), "RRULE:FREQ=DAILY;COUNT=3", zone=zone)
    expected = ["2026-10-31T01:30:00-04:00", "2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"]
    assert expected == starts(series, window(date(2026, 10, 1), date(2026, 11, 30)))


def test_half_an_hour_of_summer_time_is_enough() -> None:
    """Lord Howe; nine stays nine."""
    zone = "Australia/Lord_Howe"
    series = event(datetime(2026, 4, 4, 9, tzinfo=ZoneInfo(zone)), "RRULE:FREQ=DAILY;COUNT=2", zone=zone)
    assert ["2026-04-04T09:00:00+11:00", "2026-04-05T09:00:00+10:30"] == starts(
        series, window(date(2026, 4, 1), date(2026, 5, 1))
    )


@pytest.mark.parametrize(
    ("until", "count"), [("20261125T080000Z", 3), ("20261125T075959Z", 2), ("20261125", 3), ("20261125T090000", 3)]
)
def test_until_is_inclusive_as_instant_date_or_wall_clock(until: str, count: int) -> None:
    """Nine in Berlin is eight in UTC."""
    series = event(
        datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Europe/Berlin")),
        f"RRULE:FREQ=DAILY;UNTIL={until}",
        zone="Europe/Berlin",
    )
    assert count == len(starts(series, window(date(2026, 11, 1), date(2026, 12, 31))))


@pytest.mark.parametrize("until", ["20261125", "20261125T000000Z", "20261125T235959Z"])
def test_until_of_an_all_day_series_is_inclusive(until: str) -> None:
    """Some write it as an instant."""
    series = event(date(2026, 11, 23), f"RRULE:FREQ=DAILY;UNTIL={until}")
    assert ["2026-11-23", "2026-11-24", "2026-11-25"] == starts(series, window(date(2026, 11, 1), date(2026, 12, 31)))


@pytest.mark.parametrize(
    "line",
    [
        "EXDATE;TZID=Europe/Berlin:20261124T090000",
        "EXDATE;TZID=America/New_York:20261124T030000",
        "EXDATE:20261124T080000Z",
        "EXDATE:20261124T090000",
        "EXDATE;VALUE=DATE:20261124",
        "exdate;tzid=Europe/Berlin:20261201T090000,20261124T090000",
    ],
)
def test_exdate_is_understood_in_any_zone(line: str) -> None:
    """Also as a date, as some write it for a timed series."""
    series = event(
        datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("Europe/Berlin")),
        "RRULE:FREQ=DAILY;COUNT=3",
        line,
        zone="Europe/Berlin",
    )
    assert [23, 25] == [
        start.day for start, _ in expand_series(series, window(date(2026, 11, 1), date(2026, 11, 30)))
    ]


def test_week_start_decides_which_weeks_are_skipped() -> None:
    """The example of RFC 5545 §3.3.10."""
    found = {}
    for week_start in ("MO", "SU"):
        series = event(date(1997, 8, 5), f"RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST={week_start}")
        found[week_start] = [
            start.day for start, _ in expand_series(series, window(date(1997, 8, 1), date(1997, 9, 30)))
        ]
    assert {"MO": [5, 10, 19, 24], "SU": [5, 17, 19, 31]} == found


def test_last_working_day_of_each_month() -> None:
    """BYSETPOS."""
    series = event(date(2026, 1, 30), "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=4")
    assert ["2026-01-30", "2026-02-27", "2026-03-31", "2026-04-30"] == starts(
        series, window(date(2026, 1, 1), date(2026, 12, 31))
    )


def test_series_without_a_rule_has_its_start_and_its_extra_dates() -> None:
    """RDATE alone, with a period."""
    series = event(datetime(2026, 11, 23, 9, tzinfo=UTC), "RDATE:20261125T090000Z/PT1H,20261124T070000Z")
    assert ["23T09", "24T07", "25T09"] == [
        start[8:13] for start in starts(series, window(date(2026, 11, 1), date(2026, 12, 1)))
    ]


def test_instance_that_began_before_the_window_is_in_it() -> None:
    """As long as it reaches into it, and no longer."""
    series = event(datetime(2026, 11, 20, 22, tzinfo=UTC), "RRULE:FREQ=DAILY;COUNT=10", hours=4)
    assert [22, 23] == [
        start.day for start, _ in expand_series(series, window(date(2026, 11, 23), date(2026, 11, 24)))
    ]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=1",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;BYYEARDAY=366;BYHOUR=3",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=WEEKLY;BYDAY=MO;BYMONTH=13",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=99999999999",
        "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYSETPOS=300",
        "FREQ=DAILY;COUNT=99999999999999",
        "FREQ=YEARLY;BYEASTER=0",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=300",
        "FREQ=DAILY;COUNT=9;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=MONTHLY;BYHOUR={0};BYMINUTE={1};BYSECOND={1}".format(
            ",".join(map(str, range(24))), ",".join(map(str, range(60)))
        ),
    ],
)
@pytest.mark.parametrize("year", [1000, 1970, 2020])
def test_hostile_rule_costs_milliseconds_and_yields_a_bounded_number(rule: str, year: int) -> None:
    """Whoever can invite us can send one, and a thousand of them."""
    series = event(datetime(year, 1, 1, tzinfo=UTC), f"RRULE:{rule}")
    before = time.process_time()
    found = starts(series, window(date(2026, 1, 1), date(2027, 1, 1)))
    spent = time.process_time() - before
    assert len(found) <= MAX_INSTANCES
    assert spent < 0.25


def test_hundreds_of_rules_are_not_expanded() -> None:
    """The first instance is shown, never dropped."""
    series = event(datetime(2026, 11, 23, 9, tzinfo=UTC), *["RRULE:FREQ=SECONDLY"] * 300)
    before = time.process_time()
    assert 1 == len(starts(series, window(date(2026, 11, 1), date(2027, 12, 1))))
    assert time.process_time() - before < 0.25


@pytest.mark.parametrize(
    "line", ["RRULE:FREQ=NEVER", "RRULE", "", "RRULE:FREQ=DAILY;UNTIL=soon", "X-RULE:1", "RDATE:tomorrow"]
)
def test_rule_that_can_t_be_read_leaves_the_first_instance(line: str) -> None:
    """Shown, never dropped."""
    series = event(datetime(2026, 11, 23, 9, tzinfo=UTC), line)
    assert 1 == len(starts(series, window(date(2026, 11, 1), date(2026, 12, 1))))


def test_series_that_began_long_ago_is_still_there() -> None:
    """Every day since 1970."""
    series = event(datetime(1970, 1, 1, 9, tzinfo=UTC), "RRULE:FREQ=DAILY")
    assert 30 == len(starts(series, window(date(2026, 11, 1), date(2026, 12, 1))))


@settings(max_examples=150, deadline=None)
@given(
    start=naive_starts,
    days=weekdays,
    interval=st.integers(1, 3),
    week_start=st.sampled_from(["", "SU", "WE"]),
    until=st.booleans(),
    shift_days=st.integers(-9, 9),
    shift_hours=st.integers(-5, 5),
)
def test_moved_weekly_series_is_every_instance_moved(
    start: datetime, days: list[str], interval: int, week_start: str, until: bool, shift_days: int, shift_hours: int
) -> None:
    """Days of the week, start of the week and the end of the series move along."""
    start = start.replace(hour=12)
    begin = start.replace(tzinfo=UTC)
    rule = f"FREQ=WEEKLY;BYDAY={','.join(days)};INTERVAL={interval}" + (f";WKST={week_start}" if week_start else "")
    assume(next(iter(rrulestr(rule, dtstart=start))) == start)
    rule += f";UNTIL={start + timedelta(days=90):%Y%m%dT%H%M%SZ}" if until else ""
    shift = timedelta(days=shift_days, hours=shift_hours)
    (moved,) = move_recurrence([f"RRULE:{rule}"], begin, begin + shift)
    span = window(start.date() - timedelta(days=20), start.date() + timedelta(days=150))
    limit = begin + timedelta(days=100)
    before = [found + shift for found, _ in expand_series(event(begin, f"RRULE:{rule}"), span) if found < limit]
    after = [found for found, _ in expand_series(event(begin + shift, moved), span) if found < limit + shift]
    assert before == after


@pytest.mark.parametrize("zone", ZONES)
def test_named_zone_wins_over_the_offset_of_the_first_start(zone: str) -> None:
    """The rule follows the wall clock of the event's zone."""
    start = datetime(2026, 1, 15, 9, tzinfo=zone_of(zone)).astimezone(UTC)
    found = expand_series(
        event(start, "RRULE:FREQ=MONTHLY;COUNT=12", zone=zone), window(date(2026, 1, 1), date(2027, 1, 1))
    )
    assert [(15, 9)] * 12 == [(moment.day, moment.hour) for moment, _ in found if isinstance(moment, datetime)]
