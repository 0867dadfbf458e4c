"""What may become one request, and what must stay apart."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from aicalendar_tui.backend.domain.change import Change, Step, coalesce, merge_fields, open_steps
from aicalendar_tui.backend.domain.event import Resource


def patch(fields: Resource, base: Resource | None = None, **others: object) -> Step:
    """Of the event `e` in the calendar `home`."""
    return Step(verb="patch", calendar_id="home", event_id="e", fields=fields, base=base or {}, **others)  # pyright: ignore[reportArgumentType]


def test_later_patch_joins_an_untried_insert() -> None:
    """Google sees one event as it is now."""
    insert = Step(
        verb="insert", calendar_id="home", event_id="e", fields={"id": "e", "summary": "a", "location": "b"}
    )
    merged = coalesce(insert, patch({"summary": "c", "location": None}))
    assert merged is not None
    assert ("insert", {"id": "e", "summary": "c"}) == (merged.verb, merged.fields)


def test_later_patch_joins_an_untried_patch_and_keeps_the_first_base() -> None:
    """The base is what was seen before both."""
    merged = coalesce(patch({"summary": "b"}, {"summary": "a"}), patch({"summary": "c"}, {"summary": "b"}))
    assert merged == patch({"summary": "c"}, {"summary": "a"})


def test_removal_after_a_change_of_the_same_field_is_still_sent() -> None:
    """A null is a request of its own: without it Google would keep the value from before both edits."""
    merged = coalesce(patch({"colorId": "7"}, {"colorId": "5"}), patch({"colorId": None}, {"colorId": "7"}))
    assert merged == patch({"colorId": None}, {"colorId": "5"})


def test_nothing_joins_a_tried_or_done_step() -> None:
    """Its request may be at Google already."""
    later = patch({"summary": "b"})
    assert coalesce(patch({"summary": "a"}, tried=True), later) is None
    assert coalesce(patch({"summary": "a"}, done=True), later) is None


def test_steps_on_other_targets_stay_apart() -> None:
    """Another calendar, event or instance."""
    step = patch({"summary": "a"})
    for other in (
        replace(step, calendar_id="work"),
        replace(step, event_id="f"),
        replace(step, original_start="2026-11-23"),
        replace(step, verb="delete", fields={}),
        replace(step, verb="insert"),
    ):
        assert coalesce(step, other) is None


def test_patch_after_a_delete_stays_apart() -> None:
    """It is what brings the event back."""
    assert coalesce(Step(verb="delete", calendar_id="home", event_id="e"), patch({"status": "confirmed"})) is None


def test_merge_is_googles_patch() -> None:
    """A null removes, an object merges, start and end are replaced whole."""
    before = {
        "start": {"dateTime": "x", "timeZone": "y"},
        "reminders": {"useDefault": True, "overrides": []},
        "summary": "a",
    }
    fields = {"start": {"date": "2026-11-23"}, "reminders": {"useDefault": False}, "summary": None}
    after = {"start": {"date": "2026-11-23"}, "reminders": {"useDefault": False, "overrides": []}}
    assert after == merge_fields(before, fields)
    assert "a" == before["summary"]


values = (
    st.none()
    | st.text(max_size=3)
    | st.dictionaries(st.sampled_from("xy"), st.none() | st.integers(0, 3), max_size=2)
)
fields = st.dictionaries(st.sampled_from(["summary", "start", "reminders", "colorId"]), values)


@given(resource=fields, first=fields, second=fields)
def test_coalesced_patch_does_what_both_do(resource: Resource, first: Resource, second: Resource) -> None:
    """Wherever two patches are merged, Google must end up the same."""
    merged = coalesce(patch(first), patch(second))
    if merged is not None:
        assert merge_fields(merge_fields(resource, first), second) == merge_fields(resource, merged.fields)


def test_change_is_tried_as_soon_as_one_step_may_have_left() -> None:
    """Then it can't be taken back, only countered."""
    steps = (patch({}), patch({}, tried=True))
    assert (False, True) == (Change(user_id="u", steps=steps[:1]).tried, Change(user_id="u", steps=steps).tried)


def test_open_steps_are_those_that_google_does_not_have() -> None:
    """In the order in which they were made."""
    first, second, third = patch({"summary": "1"}), patch({"summary": "2"}, done=True), patch({"summary": "3"})
    changes = [Change(user_id="u", steps=(first, second)), Change(user_id="u", steps=(third,))]
    assert [first, third] == open_steps(changes)


def test_move_there_and_back_is_no_move_to_where_it_is() -> None:
    """Google would refuse it."""
    move = Step(verb="move", calendar_id="home", event_id="e", fields={"destination": "work"})
    back = replace(move, calendar_id="work", fields={"destination": "home"})
    assert coalesce(move, back) is None
    assert replace(move, fields={"destination": "club"}) == coalesce(
        move, replace(back, fields={"destination": "club"})
    )
