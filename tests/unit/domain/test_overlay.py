"""What is shown while edits wait: the mirror with the outbox laid over it."""

from typing import Any

import pytest

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.change import Change, ChangeState, Step, Verb
from aicalendar_tui.backend.domain.event import Resource
from aicalendar_tui.backend.domain.overlay import Family, entries_of, family_of, overlay, shown_resource
from aicalendar_tui.backend.domain.times import Span, epoch_of, parse_original_key

WINDOW = Span(epoch_of(parse_original_key("2026-11-01")), epoch_of(parse_original_key("2026-12-01")))
SECOND = "2026-11-24T09:00:00Z"


def event(**fields: Any) -> Resource:
    """A single event."""
    return {
        "id": "e",
        "summary": "Tea",
        "start": {"dateTime": "2026-11-23T09:00:00Z", "timeZone": "UTC"},
        "end": {"dateTime": "2026-11-23T10:00:00Z", "timeZone": "UTC"},
        **fields,
    }


def series(**fields: Any) -> Resource:
    """Three mornings from the 23rd on."""
    return event(recurrence=["RRULE:FREQ=DAILY;COUNT=3"], **fields)


def exception(**fields: Any) -> Resource:
    """The second morning, changed."""
    start, end = ({"dateTime": f"2026-11-24T{hour:02}:00:00Z", "timeZone": "UTC"} for hour in (9, 10))
    return event(id="e_20261124", recurringEventId="e", originalStartTime=start, start=start, end=end, **fields)


def step(verb: Verb, fields: Resource | None = None, **others: Any) -> Step:
    """On the event or series `e`."""
    return Step(verb=verb, calendar_id="home", event_id="e", fields=fields or {}, **others)


def shown(resources: list[Resource], *steps: Step, state: ChangeState = "waiting") -> list[Entry]:
    """The entries of November, in order."""
    changes = [Change(user_id="ana", steps=(each,), state=state) for each in steps]
    entries = entries_of(family_of("e", resources), changes, WINDOW, user_id="ana", calendar_id="home")
    return sorted(entries, key=lambda entry: entry.start)


def marks(entries: list[Entry]) -> list[tuple[str, bool]]:
    """(title, whether an edit waits) of each."""
    return [(entry.summary, entry.waiting) for entry in entries]


def test_event_without_edits_is_as_google_has_it() -> None:
    """Nothing waits."""
    assert [("Tea", False)] == marks(shown([event()]))


def test_inserted_event_is_shown_before_google_has_it() -> None:
    """And waits."""
    assert [("New", True)] == marks(shown([], step("insert", event(summary="New"))))


def test_patched_event_is_shown_as_it_will_be() -> None:
    """Other fields stay Google's."""
    (entry,) = shown([event(location="Here")], step("patch", {"summary": "Coffee"}))
    assert ("Coffee", "Here", True) == (entry.summary, entry.location, entry.waiting)


def test_patches_apply_in_their_order() -> None:
    """The last word wins."""
    steps = step("patch", {"summary": "A"}), step("patch", {"summary": "B"})
    assert [("B", True)] == marks(shown([event()], *steps))


@pytest.mark.parametrize("resources", [[event()], [series()], [series(), exception(summary="Moved")]])
def test_deleted_event_is_not_shown(resources: list[Resource]) -> None:
    """Nor any instance of a deleted series, changed or not."""
    assert [] == shown(resources, step("delete"))


def test_deleted_event_that_is_restored_is_shown_again() -> None:
    """The deletion is at Google already; what it was is in the restoring step's base."""
    tombstone = {"id": "e", "status": "cancelled"}
    restore = step("patch", {"status": "confirmed"}, base={**event(), "status": "cancelled"})
    assert [("Tea", True)] == marks(shown([tombstone], restore))


def test_edit_of_a_deleted_event_does_not_bring_it_back() -> None:
    """S4: only a restoring step does."""
    assert [] == shown([{"id": "e", "status": "cancelled"}], step("patch", {"summary": "Ghost"}))


def test_patch_of_this_instance_changes_no_other() -> None:
    """The instance is keyed by its original start."""
    changed = step("patch", {"summary": "Special"}, original_start=SECOND)
    assert [("Tea", False), ("Special", True), ("Tea", False)] == marks(shown([series()], changed))


def test_moved_instance_leaves_its_place() -> None:
    """One instance of that original start is shown, at the new time."""
    moved = {"start": {"dateTime": "2026-11-24T15:00:00Z"}, "end": {"dateTime": "2026-11-24T16:00:00Z"}}
    entries = shown([series()], step("patch", moved, original_start=SECOND))
    assert [9, 15, 9] == [entry.start % 86_400 // 3600 for entry in entries]
    assert [True] * 3 == [entry.recurring for entry in entries]
    assert SECOND == entries[1].original_start


def test_cancelled_instance_is_not_shown() -> None:
    """Here before Google, and Google's own ones."""
    assert 2 == len(shown([series()], step("delete", original_start=SECOND)))
    assert 2 == len(shown([series(), exception(status="cancelled")]))
    assert 2 == len(shown([series(), exception(summary="Moved")], step("delete", original_start=SECOND)))


def test_bare_tombstone_of_an_instance_hides_it() -> None:
    """It has no start of its own (PROTOCOL 21)."""
    bare = {"id": "x", "status": "cancelled", "recurringEventId": "e", "originalStartTime": {"dateTime": SECOND}}
    assert 2 == len(shown([series(), bare]))


def test_restored_instance_is_shown_at_once_with_the_details_of_its_series() -> None:
    """A tombstone keeps none of its own."""
    bare = {"id": "x", "status": "cancelled", "recurringEventId": "e", "originalStartTime": {"dateTime": SECOND}}
    restore = step("patch", {"status": "confirmed"}, original_start=SECOND, base={"status": "cancelled"})
    assert [("Tea", False), ("Tea", True), ("Tea", False)] == marks(shown([series(), bare], restore))


def test_edit_of_a_whole_series_marks_every_instance() -> None:
    """An edit of one marks that one."""
    assert [True] * 3 == [entry.waiting for entry in shown([series()], step("patch", {"summary": "All"}))]


def test_exception_keeps_its_own_values_when_the_series_changes() -> None:
    """It is a resource of its own."""
    entries = shown([series(), exception(summary="Own")], step("patch", {"summary": "All"}))
    assert ["All", "Own", "All"] == [entry.summary for entry in entries]


def test_instance_without_its_series_is_shown() -> None:
    """Who is invited to one morning sees that one."""
    assert ["Alone"] == [entry.summary for entry in shown([exception(summary="Alone")])]


def test_conflict_and_rejection_are_marked_as_problems() -> None:
    """And are still shown as the user wanted them."""
    for state in ("conflict", "rejected"):
        (entry,) = shown([event()], step("patch", {"summary": "Mine"}), state=state)
        assert ("Mine", False, True) == (entry.summary, entry.waiting, entry.problem)


def test_done_steps_are_in_the_mirror_already() -> None:
    """They are laid over nothing."""
    assert [("Tea", False)] == marks(shown([event()], step("patch", {"summary": "Old"}, done=True)))


def test_steps_of_another_calendar_are_not_laid_over() -> None:
    """The same id may be in two calendars."""
    elsewhere = Step(verb="delete", calendar_id="work", event_id="e")
    assert 1 == len(shown([event()], elsewhere))


def test_shown_resource_of_an_unchanged_instance_is_built_from_the_series() -> None:
    """As Google would list it, but for id and etag."""
    family = family_of("e", [series()])
    resource = shown_resource(family, SECOND)
    assert resource is not None
    assert ({"dateTime": "2026-11-24T09:00:00+00:00", "timeZone": "UTC"}, "e") == (
        resource["start"],
        resource["recurringEventId"],
    )
    assert "recurrence" not in resource
    assert shown_resource(overlay(family, [step("delete", original_start=SECOND)]), SECOND) is None
    assert shown_resource(Family("e"), None) is None
