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
    if len({step.event_id for step in steps}) == 1:
        earlier = _last_on(unit, user_id, steps[0].event_id)
        if earlier is not None and _takes_more(earlier, user_id, send_updates):
            number = max(n for n, other in enumerate(earlier.steps) if other.event_id == steps[0].event_id)
            if len(steps) == len(earlier.steps) == 1 and _cancel_out(earlier.steps[0], steps[0]):
                unit.delete_change(earlier.change_id)
                return 0
            if (merged := _merge(earlier.steps[number], steps)) is not None:
                unit.put_steps(earlier.change_id, [merged if n == number else s for n, s in enumerate(earlier.steps)])
                return earlier.change_id
    change = Change(user_id=user_id, steps=tuple(steps), label=label, created_at=now, send_updates=send_updates)
    return unit.add_change(change).change_id


def withdraw(unit: WriteUnit, entry: UndoEntry, *, now: int) -> Change | None:
    """Takes the change of an edit out of the outbox, if that undoes it; returns what it was.

    That is so when nothing of it is at Google, or it has stopped half way: what Google has of it is countered then,
    as far as it came. It is not so when another edit is in it or was made on top of it.
    """
    change = unit.change(entry.change_id) if entry.change_id else None
    if change is None:
        return None
    if change.state == "waiting" and (change.tried or len(change.steps) == 1):
        return None  # what is sent can only be countered; single steps cancel out or merge
    forward, inverse = (entry.inverse, entry.forward) if entry.undone else (entry.forward, entry.inverse)
    if not _carries(change, forward) or sum(not other.undone for other in unit.undo_of(change.change_id)) > 1:
        return None
    for event_id in change.event_ids:
        last = _last_on(unit, change.user_id, event_id)
        if last is not None and last.change_id != change.change_id:
            return None
    unit.delete_change(change.change_id)
    if steps := counters_of(change, forward, inverse):
        enqueue(unit, user_id=change.user_id, steps=steps, label=change.label, now=now)
    return change


def _carries(change: Change, steps: Sequence[Step]) -> bool:
    """Whether those steps and nothing else are in it; what was merged into it and undone again leaves nothing.

    A change that has stopped may have been rewritten on the way: of that, the targets and fields must be the same.
    """
    pairs = list(zip(change.steps, steps, strict=False))
    if len(change.steps) != len(steps) or not all(same_target(one, other) for one, other in pairs):
        return False
    if change.state != "waiting":
        return all(one.fields.keys() <= other.fields.keys() for one, other in pairs)
    return all((one.verb, one.fields) == (other.verb, other.fields) for one, other in pairs)


def counters_of(change: Change, forward: Sequence[Step], inverse: Sequence[Step]) -> list[Step]:
    """Those of the `inverse` steps that counter what of a stopped change is at Google already."""
    there = [step for step in change.steps if step.done or _was_insert(step, forward)]
    return [step for step in inverse if any(_counters(step, done) for done in there)]


def _was_insert(step: Step, forward: Sequence[Step]) -> bool:
    """Whether its insert arrived and only what was merged into it since has not."""
    return step.verb == "patch" and any(first.verb == "insert" and same_target(first, step) for first in forward)


def _counters(step: Step, done: Step) -> bool:
    if done.verb == "move" or step.verb == "move":
        return done.verb == step.verb and done.event_id == step.event_id
    return same_target(step, done)


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


def follow_event(unit: WriteUnit, user_id: str, step: Step, there: str) -> None:
    """What waits for the step's event where it is no longer goes on in the calendar into which somebody has put it.

    A move that leads there has nothing left to do; one that leads elsewhere starts there.
    """
    event_id, here = step.event_id, step.calendar_id
    left = False
    for change in unit.changes_about(user_id):
        steps = list(change.steps)
        for number, each in enumerate(steps):
            on_it = (change.owner_of(each), each.calendar_id, each.event_id) == (user_id, here, event_id)
            if left or each.done or not on_it:
                continue
            left = each.verb == "move"
            arrived = left and each.destination == there
            steps[number] = replace(each, done=True) if arrived else replace(each, calendar_id=there)
        if all(each.done for each in steps):
            unit.delete_change(change.change_id)
        elif tuple(steps) != tuple(change.steps):
            unit.put_steps(change.change_id, steps)
            for entry in unit.undo_of(change.change_id):
                unit.put_undo_steps(
                    entry.undo_id,
                    forward=_put_there(entry.forward, step, there),
                    inverse=_put_there(entry.inverse, step, there),
                )
    for place in (here, there):
        reindex(unit, user_id, place, [event_id])
    unit.bump_revision(user_id)


def _put_there(steps: Sequence[Step], gone: Step, there: str) -> list[Step]:
    """An edit's steps, or those that take it back; where it moves the event itself, the way back stays as it was."""
    if any(step.verb == "move" for step in steps):
        return list(steps)
    return [
        replace(step, calendar_id=there)
        if (step.user_id, step.calendar_id, step.event_id) == (gone.user_id, gone.calendar_id, gone.event_id)
        else step
        for step in steps
    ]


def _merge(earlier: Step, steps: Sequence[Step]) -> Step | None:
    """One step that does what all do; None when any must stay apart."""
    merged: Step | None = earlier
    for step in steps:
        merged = coalesce(merged, step) if merged is not None else None
    return merged


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
