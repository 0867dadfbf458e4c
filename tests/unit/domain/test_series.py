"""Dividing a series: rules, dates and changed instances come to lie on the right side."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from aicalendar_tui.backend.domain.change import Step
from aicalendar_tui.backend.domain.event import Event, Resource, parse_event
from aicalendar_tui.backend.domain.overlay import Family, entries_of, family_of, overlay, plain_instance
from aicalendar_tui.backend.domain.recurrence import expand_series
from aicalendar_tui.backend.domain.series import (
    Carried,
    Division,
    carry_series,
    divide_series,
    is_first,
    later_exceptions,
    passage_between,
    remains_of,
    trim_recurrence,
)
from aicalendar_tui.backend.domain.times import Span, epoch_of, format_moment, original_key, parse_original_key

SECOND, THIRD, FOURTH = (f"2026-11-{day}T08:00:00Z" for day in (24, 25, 26))
YEARS = Span(epoch_of(parse_original_key("2026-01-01")), epoch_of(parse_original_key("2029-01-01")))


def moment(day: int, clock: str, *, month: int = 11) -> Resource:
    """A time in Prague."""
    return {"dateTime": f"2026-{month:02}-{day:02}T{clock}:00+01:00", "timeZone": "Europe/Prague"}


def master(*recurrence: str, **fields: Any) -> Resource:
    """Nine o'clock in Prague from Monday 23 November 2026 on."""
    return {
        "id": "m",
        "etag": '"1"',
        "iCalUID": "m@google.com",
        "htmlLink": "https://calendar.example.com",
        "summary": "Daily",
        "start": moment(23, "09:00"),
        "end": moment(23, "10:00"),
        "recurrence": list(recurrence or ["RRULE:FREQ=DAILY"]),
        **fields,
    }


def whole_days(*recurrence: str) -> Resource:
    """Days from 23 November 2026 on."""
    return master(*recurrence, start={"date": "2026-11-23"}, end={"date": "2026-11-24"})


def family(series: Resource, **overrides: Resource) -> Family:
    """With changed instances on days of November, named `d25`."""
    resources = [series]
    for name, changed in overrides.items():
        day = parse_event(series)
        assert day is not None
        key = f"2026-11-{name[1:]}" + ("" if day.all_day else "T08:00:00Z")
        plain = plain_instance(series, key)
        assert plain is not None
        resources.append({**plain, "id": f"m_{name}", **changed})
    return family_of("m", resources)


def starts(recurrence: list[str], series: Resource) -> list[str]:
    """The keys of the instances in three years."""
    event = parse_event({**series, "id": "x", "recurrence": recurrence})
    assert event is not None
    return [original_key(start) for start, _ in expand_series(event, YEARS)]


def starts_of(division: Division) -> list[str]:
    """Those of the new series."""
    return starts(division.body["recurrence"], division.body)


def read(series: Resource) -> Event:
    """As an event."""
    event = parse_event(series)
    assert event is not None
    return event


@pytest.mark.parametrize(
    ("series", "split", "expected"),
    [
        (master(), THIRD, ["RRULE:FREQ=DAILY;UNTIL=20261125T075959Z"]),
        (master("RRULE:FREQ=DAILY;UNTIL=20271125T080000Z"), THIRD, ["RRULE:FREQ=DAILY;UNTIL=20261125T075959Z"]),
        (master("RRULE:FREQ=DAILY;COUNT=10"), THIRD, ["RRULE:FREQ=DAILY;COUNT=2"]),
        (whole_days("RRULE:FREQ=DAILY"), "2026-11-25", ["RRULE:FREQ=DAILY;UNTIL=20261124"]),
        (whole_days("RRULE:FREQ=WEEKLY;COUNT=5"), "2026-12-07", ["RRULE:FREQ=WEEKLY;COUNT=2"]),
        (
            master("RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=DAILY;UNTIL=20261123T080000Z"),
            FOURTH,
            ["RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=DAILY;UNTIL=20261123T080000Z"],
        ),
        (
            master(
                "RRULE:FREQ=DAILY",
                "EXDATE;TZID=Europe/Prague:20261124T090000,20261127T090000",
                "RDATE:20261123T150000Z,20261130T150000Z",
            ),
            THIRD,
            ["RRULE:FREQ=DAILY;UNTIL=20261125T075959Z", "EXDATE:20261124T080000Z", "RDATE:20261123T150000Z"],
        ),
        (
            whole_days("RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20261124,20261127"),
            "2026-11-25",
            ["RRULE:FREQ=DAILY;UNTIL=20261124", "EXDATE;VALUE=DATE:20261124"],
        ),
    ],
)
def test_old_series_ends_before_the_chosen_instance(series: Resource, split: str, expected: list[str]) -> None:
    """UNTIL as Google wants it, COUNT divided, dates on their side."""
    assert expected == trim_recurrence(read(series), split)


def test_an_excluded_date_counts_as_google_counts_it() -> None:
    """COUNT is of the rule, EXDATEs among them."""
    series = master("RRULE:FREQ=DAILY;COUNT=10", "EXDATE:20261124T080000Z")
    assert ["RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20261124T080000Z"] == trim_recurrence(read(series), THIRD)
    assert ["RRULE:FREQ=DAILY;COUNT=8"] == divide_series(family(series), THIRD, {}).body["recurrence"]


def test_new_series_is_a_copy_that_begins_at_the_chosen_instance() -> None:
    """Without what names the old one."""
    division = divide_series(family(master(location="Here")), THIRD, {"summary": "New"})
    assert {
        "summary": "New",
        "location": "Here",
        "start": moment(25, "09:00"),
        "end": moment(25, "10:00"),
        "recurrence": ["RRULE:FREQ=DAILY"],
    } == division.body


def test_value_that_is_taken_away_is_not_in_the_new_series() -> None:
    """An insert knows no null."""
    division = divide_series(family(master(location="Here", colorId="5")), THIRD, {"location": "", "colorId": None})
    assert set() == {"location", "colorId"} & division.body.keys()


def test_moving_this_and_following_moves_rule_dates_and_end_along() -> None:
    """From Wednesday nine to Thursday eleven."""
    series = master("RRULE:FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20261209T080000Z", "EXDATE:20261130T080000Z")
    fields = {"start": moment(26, "11:00"), "end": moment(26, "12:00")}
    division = divide_series(family(series), THIRD, fields)
    assert ["2026-11-26T10:00:00Z", "2026-12-03T10:00:00Z", "2026-12-08T10:00:00Z", "2026-12-10T10:00:00Z"] == (
        starts_of(division)
    )


def test_timed_series_goes_on_as_whole_days() -> None:
    """UNTIL becomes a date, EXDATEs too."""
    series = master("RRULE:FREQ=DAILY;UNTIL=20261128T080000Z", "EXDATE:20261127T080000Z")
    fields = {"start": {"date": "2026-11-25"}, "end": {"date": "2026-11-26"}}
    division = divide_series(family(series), THIRD, fields)
    assert ["RRULE:FREQ=DAILY;UNTIL=20261128", "EXDATE;VALUE=DATE:20261127"] == division.body["recurrence"]
    assert ["2026-11-25", "2026-11-26", "2026-11-28"] == starts_of(division)


def test_whole_days_go_on_as_a_timed_series() -> None:
    """UNTIL becomes an instant at the end of its day."""
    series = whole_days("RRULE:FREQ=DAILY;UNTIL=20261127", "EXDATE;VALUE=DATE:20261126")
    division = divide_series(family(series), "2026-11-25", {"start": moment(25, "09:00"), "end": moment(25, "10:00")})
    assert [THIRD, "2026-11-27T08:00:00Z"] == starts_of(division)


def test_later_changed_instances_are_taken_along() -> None:
    """With what is their own, and no more."""
    changed = {"summary": "Special", "start": moment(26, "14:00"), "end": moment(26, "15:00")}
    division = divide_series(family(master(), d24={"summary": "Before"}, d26=changed), THIRD, {"location": "There"})
    (carried,) = division.carried
    assert (FOURTH, changed) == (carried.original_start, carried.fields)
    assert ("Daily", "There") == (carried.base["summary"], carried.base["location"])
    assert () == division.lost


def test_taken_along_instance_follows_the_new_time_grid() -> None:
    """Its place is an hour later, its own title stays."""
    fields = {"start": moment(25, "10:00"), "end": moment(25, "11:00")}
    division = divide_series(family(master(), d26={"summary": "Special"}), THIRD, fields)
    assert [("2026-11-26T09:00:00Z", {"summary": "Special"})] == [
        (carried.original_start, carried.fields) for carried in division.carried
    ]


def test_cancelled_instance_stays_away_in_the_new_series() -> None:
    """S4: as an EXDATE."""
    division = divide_series(family(master("RRULE:FREQ=DAILY;COUNT=5"), d26={"status": "cancelled"}), THIRD, {})
    assert [THIRD, "2026-11-27T08:00:00Z"] == starts_of(division)


def test_changed_instance_without_a_place_in_the_new_rule_is_named() -> None:
    """Thursday, where it will only be on Wednesdays."""
    fields = {"recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=WE"]}
    division = divide_series(family(master(), d26={"summary": "Special"}), THIRD, fields)
    assert (["Special"], ()) == ([resource["summary"] for resource in division.lost], division.carried)


def test_series_that_stops_repeating_becomes_one_event() -> None:
    """And later changed instances are lost."""
    division = divide_series(
        family(master(), d25={"location": "Here"}, d26={"summary": "Special"}), THIRD, {"recurrence": None}
    )
    assert ("Here", False) == (division.body["location"], "recurrence" in division.body)
    assert ["Special"] == [resource["summary"] for resource in division.lost]


def test_new_value_wins_over_that_of_the_chosen_instance_itself() -> None:
    """It was made looking at it."""
    changed = {"summary": "Special", "location": "Here"}
    division = divide_series(family(master(), d25=changed), THIRD, {"summary": "New"})
    assert [{"location": "Here"}] == [carried.fields for carried in division.carried]


def test_instance_that_was_added_by_its_date_can_t_begin_a_series() -> None:
    """Its rule says nothing about it."""
    series = master("RRULE:FREQ=DAILY;COUNT=2", "RDATE:20261130T150000Z")
    with pytest.raises(ValueError, match="added by its date"):
        divide_series(family(series), "2026-11-30T15:00:00Z", {})


def test_first_instance_is_the_first_that_is_left() -> None:
    """A cancelled one before it doesn't count."""
    plain, gone = family(master()), family(master(), d23={"status": "cancelled"})
    assert [True, False] == [is_first(plain, "2026-11-23T08:00:00Z"), is_first(plain, SECOND)]
    assert [True, False] == [is_first(gone, SECOND), is_first(gone, THIRD)]


def test_later_exceptions_are_the_changed_ones_only() -> None:
    """From the chosen one on."""
    several = family(master(), d24={}, d25={}, d26={"status": "cancelled"}, d27={})
    assert [THIRD, "2026-11-27T08:00:00Z"] == list(later_exceptions(several, THIRD))


def carried(several: Family, fields: Resource, **others: Any) -> Carried:
    """All of the series changed."""
    return carry_series(several, fields, **{"own": fields, **others})


def changed_in(several: Family) -> dict[str, Any]:
    """The title of each changed instance; None where it is cancelled."""
    return {key: resource.get("summary") for key, resource in sorted(several.overrides.items())}


ELEVEN = {"start": moment(23, "11:00"), "end": moment(23, "12:00")}


def test_changed_and_cancelled_instances_follow_a_series_that_moves() -> None:
    """One to one, two hours on; what was set apart by its own time stays at it."""
    apart = {"start": moment(26, "15:00"), "end": moment(26, "16:00")}
    several = family(master(), d24={"summary": "A"}, d25={"status": "cancelled"}, d26=apart)
    found = carried(several, ELEVEN)
    tenth = {f"2026-11-{day}T10:00:00Z": title for day, title in ((24, "A"), (25, None), (26, "Daily"))}
    assert (tenth, ()) == (changed_in(found.family), found.lost)
    moved = found.family.overrides["2026-11-24T10:00:00Z"]
    assert (moment(24, "11:00"), moment(24, "12:00")) == (moved["start"], moved["end"])
    assert apart.items() <= found.family.overrides["2026-11-26T10:00:00Z"].items()


def test_longer_instance_starts_when_the_others_do() -> None:
    """Only its end is its own."""
    several = family(master(), d24={"end": moment(24, "13:30")})
    (longer,) = carried(several, ELEVEN).family.overrides.values()
    assert (moment(24, "11:00"), moment(24, "15:30")) == (longer["start"], longer["end"])


def test_instance_follows_its_series_in_all_that_is_not_its_own() -> None:
    """A new title of all is no title of one that has its own."""
    several = family(master(), d24={"summary": "A"}, d25={"location": "Here"})
    found = carried(several, {"summary": "New"})
    assert {SECOND: "A", THIRD: "New"} == changed_in(found.family)


def test_instance_on_which_all_was_changed_takes_the_new_values() -> None:
    """Where it had its own."""
    several = family(master(), d24={"summary": "A", "location": "Here"})
    found = carried(several, {"summary": "New"}, original_start=SECOND)
    (changed,) = found.family.overrides.values()
    assert ("New", "Here") == (changed["summary"], changed["location"])
    assert (
        {}
        == carried(family(master(), d24={"summary": "A"}), {"summary": "N"}, original_start=SECOND).family.overrides
    )


def test_who_is_invited_to_all_is_invited_to_the_changed_instances_too() -> None:
    """And what was answered to one of them alone stays its own."""
    ana, ben, cid = ({"email": f"{name}@example.com", "responseStatus": "accepted"} for name in ("ana", "ben", "cid"))
    declined = {**ana, "responseStatus": "declined"}
    several = family(master(attendees=[ana, ben]), d24={"attendees": [declined, ben]}, d25={"summary": "A"})
    found = carried(several, {"attendees": [ana, cid]}).family.overrides
    assert [[declined, cid], [ana, cid]] == [found[key]["attendees"] for key in (SECOND, THIRD)]


def test_instances_that_a_new_rule_of_all_leaves_without_a_place_are_named() -> None:
    """A new title leaves nobody."""
    several = family(master(), d25={"summary": "A"}, d26={"summary": "B"})
    assert () == carried(several, {"summary": "x"}).lost
    fields = {"recurrence": ["RRULE:FREQ=WEEKLY;BYDAY=MO,WE"]}
    found = carried(several, fields)
    assert (["B"], {THIRD: "A"}) == ([resource["summary"] for resource in found.lost], changed_in(found.family))


def test_trace_of_a_former_time_grid_cancels_nothing_when_the_series_comes_back() -> None:
    """S4 is about instances that were cancelled, not about times."""
    several = family(master(**ELEVEN), d24={"summary": "A", "status": "cancelled"})
    back = {"start": moment(23, "09:00"), "end": moment(23, "10:00")}
    assert {} == carried(several, back).family.overrides
    assert [(SECOND, "confirmed")] == [
        (key, step.fields["status"])
        for key, step in passage_between(several, carried(several, back).family).placed
        if step is not None
    ]


def apply(old: Family, new: Family) -> Family:
    """The old family with the steps of the passage, as they are laid over it."""
    passage = passage_between(old, new)
    blank = Step(verb="delete", calendar_id="home", event_id="m")
    steps = [replace(blank, original_start=key) for key, _ in passage.removed]
    fields = {name: new.master.get(name) for name in ("start", "end", "recurrence", "summary")} if new.master else {}
    steps.append(replace(blank, verb="patch", fields=fields))
    for key, changed in passage.placed:
        step = replace(blank, original_start=key)
        steps.append(step if changed is None else replace(step, verb="patch", fields=changed.fields))
    return overlay(old, steps)


def seen(several: Family) -> list[tuple[Any, ...]]:
    """What people see of it in three years."""
    entries = entries_of(several, [], YEARS, user_id="u", calendar_id="home")
    return sorted((entry.start, entry.end, entry.summary, entry.location) for entry in entries)


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "summary": st.sampled_from(["A", "B"]),
        "location": st.just("Here"),
        "status": st.just("cancelled"),
        "start": st.sampled_from([moment(24, "15:00"), moment(28, "08:00")]),
    },
).map(lambda changed: {**changed, "end": moment(28, "20:00")} if "start" in changed else changed)


@settings(max_examples=200, deadline=None)
@given(
    changes=st.dictionaries(st.sampled_from(["d23", "d24", "d25", "d26", "d27", "d29"]), CHANGES, max_size=4),
    days=st.integers(-2, 8),
    hours=st.sampled_from([0, 1, -3]),
    title=st.sampled_from(["Daily", "New", "A"]),
    rule=st.sampled_from(
        ["RRULE:FREQ=DAILY;COUNT=9", "RRULE:FREQ=DAILY;INTERVAL=2", "RRULE:FREQ=WEEKLY;BYDAY=MO,TH"]
    ),
)
def test_passage_leads_there_and_back(
    changes: dict[str, Resource], days: int, hours: int, title: str, rule: str
) -> None:
    """Whatever was changed or cancelled, and wherever the series goes: undone, everything is as it was."""
    before = family(master("RRULE:FREQ=DAILY;COUNT=7"), **changes)
    start = read(before.master or {}).start + timedelta(days=days, hours=hours)
    fields = {"summary": title, "recurrence": [rule]}
    fields |= {"start": format_moment(start, "Europe/Prague")}
    fields |= {"end": format_moment(start + timedelta(hours=1), "Europe/Prague")}
    found = carry_series(before, fields, own=fields)
    there = apply(before, found.family)
    assert seen(found.family) == seen(there)
    assert seen(before) == seen(apply(there, before))
    assert seen(before) == seen(apply(remains_of(before, found.family), before))
    live = [key for key, resource in before.overrides.items() if resource.get("status") != "cancelled"]
    assert len(found.lost) <= len(live)


RULES = st.builds(
    lambda frequency, interval, end: f"RRULE:FREQ={frequency};INTERVAL={interval}{end}",
    st.sampled_from(
        ["DAILY", "WEEKLY", "MONTHLY", "WEEKLY;BYDAY=MO,TH", "MONTHLY;BYDAY=-1MO,4MO", "DAILY;BYDAY=MO,SU"]
    ),
    st.integers(1, 3),
    st.sampled_from([";COUNT=9", ";UNTIL=20270401T080000Z", ";UNTIL=20270405", ""]),
)


@settings(max_examples=150, deadline=None)
@given(rule=RULES, nth=st.integers(0, 8), whole=st.booleans(), excluded=st.sets(st.integers(0, 8), max_size=3))
def test_both_halves_together_are_the_whole(rule: str, nth: int, whole: bool, excluded: set[int]) -> None:
    """Whatever the rule, its end, what was left out, and where it is divided."""
    if whole:
        rule = rule.replace("T080000Z", "")
    series = whole_days(rule) if whole else master(rule)
    plain = starts(series["recurrence"], series)
    dates = ",".join(plain[n].replace("-", "").replace(":", "") for n in sorted(excluded) if n < len(plain))
    if dates:
        series["recurrence"].append(f"EXDATE{';VALUE=DATE' if whole else ''}:{dates}")
    before = starts(series["recurrence"], series)
    if nth >= len(before):
        return
    split = before[nth]
    kept = starts(trim_recurrence(read(series), split), series) if nth else []
    assert before == kept + starts_of(divide_series(family_of("m", [series]), split, {}))
