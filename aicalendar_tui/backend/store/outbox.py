"""What is not yet at Google, and what can be taken back."""

from collections.abc import Sequence
from typing import Any

import msgspec

from aicalendar_tui.backend.domain.change import Change, ChangeState, Step, UndoEntry
from aicalendar_tui.backend.store.schema import ChangeRow, UndoRow
from aicalendar_tui.backend.store.statements import Statements, to_json

_steps = msgspec.json.Decoder(tuple[Step, ...])


class Outbox(Statements):
    """`change` and `undo`."""

    def changes(self, user_id: str) -> list[Change]:
        """Oldest first."""
        query = ChangeRow.select().where(ChangeRow.user_id == user_id).order_by(ChangeRow.id)
        return [_change(row) for row in query.dicts().execute(self._db)]

    def changes_about(self, user_id: str) -> list[Change]:
        """A change of another user is about this one when one of its steps names them."""
        named = f'"user_id":{to_json(user_id)}'
        query = ChangeRow.select().where((ChangeRow.user_id == user_id) | ChangeRow.steps.contains(named))
        return [_change(row) for row in query.order_by(ChangeRow.id).dicts().execute(self._db)]

    def change(self, change_id: int) -> Change | None:
        """One of the outbox."""
        rows = list(ChangeRow.select().where(ChangeRow.id == change_id).dicts().execute(self._db))
        return _change(rows[0]) if rows else None

    def changes_of(self, user_id: str, event_id: str) -> list[Change]:
        """The outbox is short: it is filtered here."""
        return [
            change
            for change in self.changes_about(user_id)
            if any(step.event_id == event_id and not step.done for step in change.steps)
        ]

    def add_change(self, change: Change) -> Change:
        """At the end of the outbox."""
        fields = {
            name: getattr(change, name) for name in change.__struct_fields__ if name not in ("change_id", "steps")
        }
        change_id = ChangeRow.insert(steps=to_json(change.steps), **fields).execute(self._db)
        return msgspec.structs.replace(change, change_id=change_id)

    def put_steps(self, change_id: int, steps: Sequence[Step]) -> None:
        """The whole list again, with what was tried, sent or done."""
        ChangeRow.update(steps=to_json(steps)).where(ChangeRow.id == change_id).execute(self._db)

    def set_change_state(
        self,
        change_id: int,
        state: ChangeState,
        *,
        reason: str = "",
        attempts: int | None = None,
        retry_at: int | None = None,
    ) -> None:
        """`attempts` stays when None."""
        fields: dict[str, Any] = {"state": state, "reason": reason, "retry_at": retry_at}
        if attempts is not None:
            fields["attempts"] = attempts
        ChangeRow.update(**fields).where(ChangeRow.id == change_id).execute(self._db)

    def delete_change(self, change_id: int) -> None:
        """It is at Google, or was taken back before it left."""
        ChangeRow.delete().where(ChangeRow.id == change_id).execute(self._db)

    def undo_entries(self, user_id: str, *, undone: bool, limit: int = 1) -> list[UndoEntry]:
        """To undo: the newest first. To redo: what was undone last first."""
        order = UndoRow.id if undone else UndoRow.id.desc()
        query = UndoRow.select().where((UndoRow.user_id == user_id) & (UndoRow.undone == undone)).order_by(order)
        return [_undo(row) for row in query.limit(limit).dicts().execute(self._db)]

    def add_undo(self, entry: UndoEntry) -> None:
        """What could have been done again is gone then."""
        UndoRow.delete().where((UndoRow.user_id == entry.user_id) & UndoRow.undone).execute(self._db)
        UndoRow.insert(
            user_id=entry.user_id,
            label=entry.label,
            forward=to_json(entry.forward),
            inverse=to_json(entry.inverse),
            change_id=entry.change_id,
            created_at=entry.created_at,
        ).execute(self._db)

    def set_undone(self, undo_id: int, undone: bool, *, change_id: int) -> None:
        """`change_id` is the change that carries the present state to Google."""
        UndoRow.update(undone=undone, change_id=change_id).where(UndoRow.id == undo_id).execute(self._db)

    def undo_of(self, change_id: int) -> list[UndoEntry]:
        """Oldest first."""
        query = UndoRow.select().where(UndoRow.change_id == change_id).order_by(UndoRow.id)
        return [_undo(row) for row in query.dicts().execute(self._db)]

    def put_undo_steps(self, undo_id: int, *, forward: Sequence[Step], inverse: Sequence[Step]) -> None:
        """Both ways again."""
        UndoRow.update(forward=to_json(forward), inverse=to_json(inverse)).where(UndoRow.id == undo_id).execute(
            self._db
        )

    def delete_undo(self, undo_id: int) -> None:
        """It can't be taken back any more."""
        UndoRow.delete().where(UndoRow.id == undo_id).execute(self._db)


def _change(row: dict[str, Any]) -> Change:
    change_id, steps = row.pop("id"), _steps.decode(row.pop("steps"))
    return Change(change_id=change_id, steps=steps, **row)


def _undo(row: dict[str, Any]) -> UndoEntry:
    forward, inverse = (_steps.decode(row.pop(name)) for name in ("forward", "inverse"))
    return UndoEntry(undo_id=row.pop("id"), forward=forward, inverse=inverse, **row)
