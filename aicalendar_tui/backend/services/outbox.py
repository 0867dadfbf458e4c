"""Adding to the outbox: one user action is one change, kept in order, merged only with what never left.

Rules found by trials that lost edits without them (DESIGN section 3): only untried steps are merged or taken back;
anything else is appended. An action of several steps is always a change of its own.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from aicalendar_tui.backend.domain.change import Change, Step, UndoEntry, coalesce, same_target
from aicalendar_tui.backend.ports import WriteUnit
from aicalendar_tui.backend.services.index import reindex

ALL = 1_000_000


def enqueue(
    unit: WriteUnit, *, user_id: str, steps: Sequence[Step], label: str, now: int, send_updates: str = "none"
) -> int:
    """Puts the steps into the outbox and returns the change that carries them; 0 when nothing is left to send."""
    if len(steps) == 1:
        step = steps[0]
        earlier = _last_on(unit, user_id, step.event_id)
        if earlier is not None and _takes_more(earlier, user_id, send_updates):
            number = max(n for n, other in enumerate(earlier.steps) if other.event_id == step.event_id)
            if len(earlier.steps) == 1 and _cancel_out(earlier.steps[0], step):
                unit.delete_change(earlier.change_id)
                return 0
            if (merged := coalesce(earlier.steps[number], step)) is not None:
                unit.put_steps(earlier.change_id, [merged if n == number else s for n, s in enumerate(earlier.steps)])
                return earlier.change_id
    change = Change(user_id=user_id, steps=tuple(steps), label=label, created_at=now, send_updates=send_updates)
    return unit.add_change(change).change_id


def withdraw(unit: WriteUnit, entry: UndoEntry) -> Change | None:
    """Takes the change of an edit out of the outbox, if that undoes it; returns what it was.

    That is so when nothing of it is at Google, no other edit is in it and none was made on top of it.
    """
    change = unit.change(entry.change_id) if entry.change_id else None
    if change is None or any(step.done for step in change.steps):
        return None
    if change.state == "waiting" and (change.tried or len(change.steps) == 1):
        return None  # what is sent can only be countered; single steps cancel out or merge
    # What was merged into it and has been undone in it since leaves nothing behind.
    if sum(other.undone == entry.undone for other in unit.undo_of(change.change_id)) != 1:
        return None
    for event_id in change.event_ids:
        last = _last_on(unit, change.user_id, event_id)
        if last is not None and last.change_id != change.change_id:
            return None
    unit.delete_change(change.change_id)
    return change


def rename_event(unit: WriteUnit, user_id: str, old: str, new: str) -> None:
    """What waits for an event, or could be undone, is about `new` from now on: Google has forgotten the old one."""

    def renamed(steps: Sequence[Step]) -> list[Step]:
        return [replace(step, event_id=new) if step.event_id == old else step for step in steps]

    places: set[str] = set()
    for change in unit.changes_about(user_id):
        if old in change.event_ids:
            own = [step for step in change.steps if step.event_id == old and change.owner_of(step) == user_id]
            places |= {place for step in own for place in (step.calendar_id, step.destination) if place}
            unit.put_steps(change.change_id, renamed(change.steps))
    for undone in (False, True):
        for entry in unit.undo_entries(user_id, undone=undone, limit=ALL):
            if any(step.event_id == old for step in (*entry.forward, *entry.inverse)):
                unit.put_undo_steps(entry.undo_id, forward=renamed(entry.forward), inverse=renamed(entry.inverse))
    for place in places:
        reindex(unit, user_id, place, [old, new])


def _takes_more(change: Change, user_id: str, send_updates: str) -> bool:
    """Whether a later edit of that user may be merged into it: guests are told of both alike."""
    return change.state == "waiting" and (change.user_id, change.send_updates) == (user_id, send_updates)


def _last_on(unit: WriteUnit, user_id: str, event_id: str) -> Change | None:
    changes = unit.changes_of(user_id, event_id)
    return changes[-1] if changes else None


def _cancel_out(earlier: Step, later: Step) -> bool:
    """Whether an untried step and the one that counters it leave nothing to send."""
    if earlier.tried or earlier.done:
        return False
    if earlier.verb == later.verb == "move" and earlier.event_id == later.event_id:
        return (earlier.calendar_id, earlier.destination) == (later.destination, later.calendar_id)
    if not same_target(earlier, later):
        return False
    created_and_deleted = earlier.verb == "insert" and later.verb == "delete"
    deleted_and_restored = earlier.verb == "delete" and later.fields.get("status") == "confirmed"
    return created_and_deleted or deleted_and_restored
