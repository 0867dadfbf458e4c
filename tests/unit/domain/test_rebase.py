"""The comparison before each patch: unit by unit, and never more than the edit itself."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.backend.domain.change import merge_fields
from aicalendar_tui.backend.domain.event import Resource
from aicalendar_tui.backend.domain.rebase import Rebased, comparable, rebase

NINE, TEN, ELEVEN = ({"dateTime": f"2026-11-23T{hour:02}:00:00Z"} for hour in (9, 10, 11))


def test_untouched_field_is_sent() -> None:
    """Google has what the edit was made from."""
    assert Rebased({"summary": "mine"}) == rebase(
        {"summary": "old"}, {"summary": "mine"}, {"summary": "old", "etag": "x"}
    )


def test_field_that_google_has_as_we_want_it_is_done() -> None:
    """Our own try, or somebody with the same idea."""
    assert Rebased({}) == rebase({"summary": "old"}, {"summary": "mine"}, {"summary": "mine"})


def test_field_that_both_changed_is_a_conflict_and_nothing_is_sent_of_it() -> None:
    """The user decides."""
    assert Rebased({}, ("summary",)) == rebase({"summary": "old"}, {"summary": "mine"}, {"summary": "theirs"})


def test_other_fields_of_google_don_t_matter() -> None:
    """Two people may change two things."""
    base, mine = {"summary": "old"}, {"summary": "mine"}
    assert Rebased({"summary": "mine"}) == rebase(base, mine, {"summary": "old", "location": "theirs"})


def test_start_and_end_are_one_unit() -> None:
    """A moved start with somebody else's end would be an event that nobody meant."""
    base, mine = {"start": NINE, "end": TEN}, {"start": TEN, "end": ELEVEN}
    assert Rebased({}, ("time",)) == rebase(base, mine, {"start": NINE, "end": ELEVEN})
    assert Rebased(mine) == rebase(base, mine, {"start": NINE, "end": TEN})


def test_same_instant_in_another_zone_is_the_same_time() -> None:
    """Google may write it back otherwise."""
    base = {"start": {"dateTime": "2026-11-23T10:00:00+01:00", "timeZone": "Europe/Berlin"}, "end": TEN}
    mine = {"start": TEN, "end": ELEVEN}
    assert Rebased(mine) == rebase(base, mine, {"start": NINE, "end": TEN})


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("summary", "", None),
        ("transparency", "opaque", None),
        ("visibility", "default", None),
        ("status", "confirmed", None),
        ("recurrence", ["RRULE:FREQ=DAILY", "EXDATE:20261123"], ["EXDATE:20261123", "RRULE:FREQ=DAILY"]),
        ("recurrence", [], None),
        ("reminders", {"useDefault": True}, None),
        (
            "reminders",
            {
                "useDefault": False,
                "overrides": [{"minutes": 5, "method": "popup"}, {"minutes": 9, "method": "email"}],
            },
            {"overrides": [{"minutes": 9, "method": "email"}, {"minutes": 5, "method": "popup"}]},
        ),
    ],
)
def test_equal_values_compare_equal(name: str, one: Any, other: Any) -> None:
    """Google leaves defaults out and orders lists as it likes."""
    assert comparable({name: one}, name) == comparable({name: other}, name)
    assert comparable({name: one}, name) == comparable({name: one} if other is None else {name: other}, name)


def guests(**answers: str) -> Resource:
    """`ana="accepted"` and so on."""
    return {"attendees": [{"email": f"{name}@x.org", "responseStatus": answer} for name, answer in answers.items()]}


def answers(resource: Resource) -> dict[str, str]:
    """The reverse of `guests`."""
    return {guest["email"].split("@")[0]: guest["responseStatus"] for guest in resource["attendees"]}


def test_protocol_30_own_answer_goes_back_with_googles_present_list() -> None:
    """Somebody answered and somebody was invited meanwhile: neither is overwritten."""
    base = guests(ana="needsAction", bob="needsAction")
    mirror = guests(ana="needsAction", bob="declined", cid="tentative")
    rebased = rebase(base, guests(ana="accepted", bob="needsAction"), mirror)
    assert {"ana": "accepted", "bob": "declined", "cid": "tentative"} == answers(rebased.send)


def test_answer_that_both_gave_differently_is_a_conflict() -> None:
    """Named by address."""
    rebased = rebase(guests(ana="needsAction"), guests(ana="accepted"), guests(ana="declined"))
    assert ("attendee ana@x.org",) == rebased.conflicts


def test_answer_that_google_has_already_sends_nothing() -> None:
    """Answered on the phone, too."""
    assert Rebased({}) == rebase(guests(ana="needsAction"), guests(ana="accepted"), guests(ana="accepted"))


def test_removed_guest_stays_removed_and_others_stay() -> None:
    """Here and at Google."""
    rebased = rebase(
        guests(ana="accepted", bob="accepted"),
        guests(ana="accepted"),
        guests(ana="accepted", bob="accepted", cid="declined"),
    )
    assert {"ana": "accepted", "cid": "declined"} == answers(rebased.send)
    assert Rebased({}) == rebase(
        guests(ana="accepted", bob="accepted"), guests(ana="accepted"), guests(ana="accepted")
    )


def test_address_is_compared_without_case() -> None:
    """Google keeps what was typed."""
    base = {"attendees": [{"email": "Ana@X.org", "responseStatus": "needsAction"}]}
    assert Rebased({}) == rebase(base, guests(ana="accepted"), guests(ana="accepted"))


def test_fields_of_a_guest_that_google_alone_knows_go_back_unchanged() -> None:
    """Such as `id` and `additionalGuests`."""
    theirs = {
        "attendees": [{"email": "ana@x.org", "responseStatus": "needsAction", "id": "7", "additionalGuests": 1}]
    }
    rebased = rebase(guests(ana="needsAction"), guests(ana="accepted"), theirs)
    assert {"email": "ana@x.org", "responseStatus": "accepted", "id": "7", "additionalGuests": 1} == rebased.send[
        "attendees"
    ][0]


names = st.sampled_from(["summary", "location", "colorId"])
values = st.dictionaries(names, st.sampled_from([None, "", "a", "b"]))


@given(base=values, mine=values, mirror=values)
def test_rebase_never_touches_what_the_edit_did_not_change(base: Resource, mine: Resource, mirror: Resource) -> None:
    """After the patch, each unit is ours where we changed it and Google's where we didn't."""
    rebased = rebase(base, mine, mirror)
    after = merge_fields(mirror, rebased.send)
    for name in mine.keys() | mirror.keys():
        changed = name in mine and comparable(mine, name) != comparable(base, name)
        if not changed:
            assert comparable(mirror, name) == comparable(after, name)
        elif name not in rebased.conflicts:
            assert comparable(mine, name) == comparable(after, name)
        else:
            assert comparable(base, name) != comparable(mirror, name) != comparable(mine, name)
