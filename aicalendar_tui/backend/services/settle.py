"""What Google refused, and what both sides changed: listed, and settled by the user. Nothing is dropped by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from aicalendar_tui.backend.domain.change import Change, Step, UndoEntry, same_target
from aicalendar_tui.backend.domain.conflict import (
    Choice,
    Conflict,
    ConflictKind,
    changed_units,
    choose,
    conflicting_units,
    describe_units,
)
from aicalendar_tui.backend.domain.errors import InvalidEdit, NotFound
from aicalendar_tui.backend.domain.event import EventKey, Resource, is_cancelled, new_event_id
from aicalendar_tui.backend.domain.overlay import family_of, plain_instance
from aicalendar_tui.backend.domain.series import copy_of
from aicalendar_tui.backend.ports import AgendaCache, ChangePublisher, Clock, ReadUnit, Store, WriteUnit
from aicalendar_tui.backend.services.index import show_steps
from aicalendar_tui.backend.services.outbox import counters_of, enqueue, rename_event
from aicalendar_tui.backend.services.push import GONE
from aicalendar_tui.i18n import N_


@dataclass(frozen=True, slots=True)
class Settle:
    """Lists what waits for the user, and does what they decide; what stood behind it goes on then."""

    store: Store
    cache: AgendaCache
    publisher: ChangePublisher
    clock: Clock

    def list(self, user_id: str) -> list[Conflict]:
        """Oldest first."""
        with self.store.read() as unit:
            changes = unit.changes(user_id)
            return [
                _conflict(unit, change, _behind(change, changes)) for change in changes if change.state != "waiting"
            ]

    def __call__(self, change_id: int, choice: Choice | Mapping[str, Choice]) -> None:
        """Settles a change as a whole, or unit by unit (a mapping names each unit that is in conflict).

        `mine` goes out again: over what Google has by now, as a new event where Google has none any more, or as it
        was where Google said no. `theirs` withdraws the edit; what of it is at Google already is countered. Raises
        NotFound for what is settled already, InvalidEdit for a mapping that leaves a conflict open.
        """
        with self.store.write(durable=True) as unit:
            change = unit.change(change_id)
            if change is None or change.state == "waiting":
                raise NotFound("there is nothing to settle any more", code=404, reason="notFound")
            if choice == "theirs":
                steps = self._withdraw(unit, change)
            elif choice == "mine" and _kind(unit, change) == "gone":
                steps = _create_again(unit, change)
            elif choice == "mine" and change.state == "rejected":
                unit.set_change_state(change_id, "waiting")
                steps = change.steps
            else:
                steps = _rebase(unit, change, choice)
            news = show_steps(unit, change.user_id, [*change.steps, *steps])
        for item in news:
            self.cache.invalidate(item.user_id)
            self.publisher.publish(item)

    def _withdraw(self, unit: WriteUnit, change: Change) -> Sequence[Step]:
        """The change leaves the outbox; the inverse of its part that is at Google already follows it."""
        entries = unit.undo_of(change.change_id)
        turned = [(e.inverse, e.forward) if e.undone else (e.forward, e.inverse) for e in entries]
        counters = [step for forward, inverse in turned for step in counters_of(change, forward, inverse)]
        unit.delete_change(change.change_id)
        for entry in entries:
            unit.delete_undo(entry.undo_id)
        if counters:
            now = self.clock.epoch()
            enqueue(unit, user_id=change.user_id, steps=counters, label=change.label, now=now)
        return counters


def _conflict(unit: ReadUnit, change: Change, behind: int) -> Conflict:
    step, kind = _stopped(change), _kind(unit, change)
    theirs = _theirs(unit, change, step) or {}
    units = conflicting_units(step, theirs) if kind == "both_changed" else changed_units(step)
    owner = change.owner_of(step)
    return Conflict(
        change_id=change.change_id,
        key=EventKey(owner, step.calendar_id, step.event_id, step.original_start),
        title=change.label,
        kind=kind,
        reason=change.reason,
        units=describe_units(step, theirs, units),
        behind=behind,
    )


def _behind(change: Change, changes: Sequence[Change]) -> int:
    return sum(1 for other in changes if other.change_id > change.change_id and other.event_ids & change.event_ids)


def _stopped(change: Change) -> Step:
    """The step at which the change stopped: the first that Google doesn't have."""
    return next((step for step in change.steps if not step.done), change.steps[-1])


def _kind(unit: ReadUnit, change: Change) -> ConflictKind:
    if change.state == "rejected":
        return "rejected"
    theirs = _theirs(unit, change, _stopped(change))
    return "gone" if change.reason == GONE or theirs is None or is_cancelled(theirs) else "both_changed"


def _theirs(unit: ReadUnit, change: Change, step: Step) -> Resource | None:
    """What Google has now, as far as is known here."""
    owner = change.owner_of(step)
    if step.original_start is None:
        row = unit.mirror(owner, step.calendar_id, step.event_id)
        return row.resource if row else step.theirs
    row = unit.mirror_instance(owner, step.calendar_id, step.event_id, step.original_start)
    if row is not None:
        return row.resource
    if step.theirs is not None:
        return step.theirs
    family = family_of(step.event_id, unit.families(owner, step.calendar_id, [step.event_id])[step.event_id])
    return plain_instance(family.master, step.original_start)


def _rebase(unit: WriteUnit, change: Change, choice: Choice | Mapping[str, Choice]) -> Sequence[Step]:
    """The stopped step counts from what Google has now; it goes on with what is left of it."""
    stopped = _stopped(change)
    theirs = _theirs(unit, change, stopped) or {}
    choices: dict[str, Choice] = dict(choice) if isinstance(choice, Mapping) else {}
    for name in conflicting_units(stopped, theirs):
        if name not in choices:
            if isinstance(choice, Mapping):
                raise InvalidEdit(N_("It is not settled yet which of the two to keep"), field=name)
            choices[name] = "mine"
    settled = stopped
    for name, chosen in choices.items():
        settled = choose(settled, name, chosen, theirs)
    # A deletion goes ahead over whatever is there now; of a patch, nothing may be left to send.
    deletes = settled.verb == "delete"
    settled = replace(
        settled, theirs=None, base={} if deletes else settled.base, done=not (settled.fields or deletes)
    )
    steps = [settled if step is stopped else step for step in change.steps]
    if all(step.done for step in steps):
        unit.delete_change(change.change_id)
    else:
        unit.put_steps(change.change_id, steps)
        unit.set_change_state(change.change_id, "waiting")
    for entry in unit.undo_of(change.change_id):
        _follow(unit, entry, settled)
    return steps


def _follow(unit: WriteUnit, entry: UndoEntry, settled: Step) -> None:
    """Taking the edit back leads to what Google had when it was settled, not to what was there long before."""

    def followed(step: Step, *, back: bool) -> Step:
        if step.verb != "patch" or not same_target(step, settled):
            return step
        names = [name for name in step.fields if name in settled.fields]
        before = {name: settled.base.get(name) for name in names}
        if back:
            return replace(step, fields=before, base={**step.base, **settled.fields})
        return replace(step, fields={name: step.fields[name] for name in names}, base={**step.base, **before})

    forward = [followed(step, back=entry.undone) for step in entry.forward]
    inverse = [followed(step, back=not entry.undone) for step in entry.inverse]
    if all(step.verb == "patch" and not step.fields for step in forward):
        unit.delete_undo(entry.undo_id)
    else:
        unit.put_undo_steps(entry.undo_id, forward=forward, inverse=inverse)


def _create_again(unit: WriteUnit, change: Change) -> Sequence[Step]:
    """The event comes back with the edit: restored where Google remembers it, else under a new id."""
    stopped = _stopped(change)
    owner = change.owner_of(stopped)
    if stopped.verb == "patch" and _can_be_restored(unit, owner, stopped):
        again = replace(stopped, fields={**stopped.fields, "status": "confirmed"}, theirs=None)
        _put(unit, change, stopped, again)
        return [again]
    event_id = new_event_id()
    content = {} if stopped.verb == "move" else stopped.fields
    body = {**copy_of(stopped.base), **content, "status": None}
    again = Step(
        verb="insert",
        calendar_id=stopped.destination or stopped.calendar_id,
        event_id=event_id,
        fields={"id": event_id, **{name: value for name, value in body.items() if value is not None}},
        user_id=stopped.user_id,
    )
    _put(unit, change, stopped, again)
    if stopped.original_start is None:
        rename_event(unit, owner, stopped.event_id, event_id)
    removal = replace(again, verb="delete", fields={})
    for entry in unit.undo_of(change.change_id):
        if len(entry.forward) == 1 and not entry.undone:
            unit.put_undo_steps(entry.undo_id, forward=[again], inverse=[removal])
    return [again]


def _can_be_restored(unit: ReadUnit, owner: str, step: Step) -> bool:
    if step.original_start is None:
        return True  # should Google have forgotten it, the push creates it anew
    row = unit.mirror_instance(owner, step.calendar_id, step.event_id, step.original_start)
    master = unit.mirror(owner, step.calendar_id, step.event_id)
    return row is not None and master is not None and not is_cancelled(master.resource)


def _put(unit: WriteUnit, change: Change, old: Step, new: Step) -> None:
    unit.put_steps(change.change_id, [new if step is old else step for step in change.steps])
    unit.set_change_state(change.change_id, "waiting")
