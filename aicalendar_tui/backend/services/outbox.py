"""Adding to the outbox: one user action is one change, kept in order, merged only with what never left.

Rules found by trials that lost edits without them (DESIGN section 3): only untried steps are merged or taken back;
anything else is appended.
"""

from collections.abc import Sequence

from aicalendar_tui.backend.domain.change import Change, Step, coalesce
from aicalendar_tui.backend.ports import WriteUnit


def enqueue(unit: WriteUnit, *, user_id: str, steps: Sequence[Step], label: str, now: int) -> int:
    """Puts the steps into the outbox and returns the change that carries them; 0 when nothing is left to send."""
    if len(steps) == 1:
        step = steps[0]
        earlier = _last_on(unit, user_id, step.event_id)
        if earlier is not None and len(earlier.steps) == 1 and earlier.state == "waiting":
            if _cancel_out(earlier.steps[0], step):
                unit.delete_change(earlier.change_id)
                return 0
            if (merged := coalesce(earlier.steps[0], step)) is not None:
                unit.put_steps(earlier.change_id, (merged,))
                return earlier.change_id
    change = unit.add_change(Change(user_id=user_id, steps=tuple(steps), label=label, created_at=now))
    return change.change_id


def _last_on(unit: WriteUnit, user_id: str, event_id: str) -> Change | None:
    changes = unit.changes_of(user_id, event_id)
    return changes[-1] if changes else None


def _cancel_out(earlier: Step, later: Step) -> bool:
    """Whether an untried step and the one that counters it leave nothing to send."""
    same = (earlier.calendar_id, earlier.event_id, earlier.original_start) == (
        later.calendar_id,
        later.event_id,
        later.original_start,
    )
    if not same or earlier.tried or earlier.done:
        return False
    created_and_deleted = earlier.verb == "insert" and later.verb == "delete"
    deleted_and_restored = earlier.verb == "delete" and later.fields.get("status") == "confirmed"
    return created_and_deleted or deleted_and_restored
