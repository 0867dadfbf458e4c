"""The way out: the outbox goes to Google, step by step, each at most once in effect.

The rules of DESIGN section 3 in the order in which they appear below: `tried` is committed before the request
leaves; an insert has our own id, so that a second one is a 409 and not a second event; each patch is compared with
the mirror and sent with the etag that was compared; a 412 fetches and compares again; nothing is ever dropped.
"""

from collections.abc import Container
from dataclasses import dataclass
from typing import Literal

from msgspec.structs import replace

from aicalendar_tui.backend.domain.change import Change, Step
from aicalendar_tui.backend.domain.errors import (
    Conflict,
    Duplicate,
    NotAuthorized,
    NotFound,
    Rejected,
    Transient,
    Unreachable,
)
from aicalendar_tui.backend.domain.event import SERVER_FIELDS, Resource, is_cancelled, new_event_id
from aicalendar_tui.backend.domain.news import CalendarChanged
from aicalendar_tui.backend.domain.rebase import is_as_seen, rebase
from aicalendar_tui.backend.domain.series import copy_of
from aicalendar_tui.backend.domain.times import Span
from aicalendar_tui.backend.ports import (
    AgendaCache,
    ChangePublisher,
    Clock,
    Lock,
    MirrorRow,
    ReadUnit,
    RemoteCalendar,
    Remotes,
    Store,
    WriteUnit,
)
from aicalendar_tui.backend.services.index import reindex, show_steps
from aicalendar_tui.backend.services.outbox import follow_event, rename_event
from aicalendar_tui.backend.services.pull import Progress, no_progress
from aicalendar_tui.i18n import N_

GONE = N_("It was deleted at Google meanwhile")
BOTH_CHANGED = N_("It was changed at Google meanwhile, too")
OTHER_SIGNED_OUT = N_("Google no longer accepts the sign-in of the other account; sign in there again")
MOST_COMPARISONS = 5
"""How often a 412 leads to another comparison before the change waits for the next push."""
CLASH_CODE = 409
MOST_CLASHES = 3
"""How often a 409 is taken for another writer at the same moment; what Google then says again, it means."""


class _Stopped(Exception):
    def __init__(
        self, state: Literal["conflict", "rejected"], reason: str, *, theirs: Resource | None = None
    ) -> None:
        super().__init__(reason)
        self.state: Literal["conflict", "rejected"] = state
        self.reason = reason
        self.theirs = theirs


class _TakenBack(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Push:
    """Sends what waits, for one user."""

    store: Store
    remotes: Remotes
    cache: AgendaCache
    publisher: ChangePublisher
    lock: Lock
    clock: Clock

    def __call__(self, user_id: str, *, progress: Progress = no_progress) -> int:
        """Returns how many changes reached Google. Raises Transient or NotAuthorized; what is left stays waiting.

        What stands behind a conflicting or rejected change of the same event waits with it.
        """
        sent = 0
        while True:
            with self.lock.hold(f"push {user_id}") as free:
                if not free:
                    return sent
                sent += self._drain(user_id, progress)
            if self._next(user_id) is None:
                return sent

    def _drain(self, user_id: str, progress: Progress) -> int:
        """One event's passing fault holds up that event alone; it is raised once the others have gone."""
        sent = 0
        failed: dict[int, Transient] = {}
        while (change := self._next(user_id, failed)) is not None:
            number = 0
            try:
                for number, step in enumerate(change.steps):
                    if not step.done:
                        self._send(change, number)
            except _TakenBack:
                continue
            except _Stopped as stopped:
                self._stop(change, number, stopped)
            except Transient as error:
                with self.store.write() as unit:
                    unit.set_change_state(
                        change.change_id, "waiting", reason=str(error), attempts=change.attempts + 1
                    )
                if isinstance(error, Unreachable) or error.retry_after_seconds is not None:
                    raise
                if _clashes_for_good(change, error):
                    self._stop(change, number, _Stopped("rejected", str(error)))
                else:
                    failed[change.change_id] = error
            else:
                sent += 1
            with self.store.read() as unit:
                waiting = unit.counts(user_id)["waiting"]
            progress(sent, sent + waiting)
        if failed:
            raise next(iter(failed.values()))
        return sent

    def _next(self, user_id: str, but: Container[int] = ()) -> Change | None:
        """The oldest change that nothing stands before, without those in `but` and what stands behind them."""
        with self.store.read() as unit:
            changes = unit.changes_about(user_id)
        blocked: set[str] = set()
        for change in changes:
            sendable = change.user_id == user_id and change.state == "waiting" and change.change_id not in but
            if sendable and not (change.event_ids & blocked):
                return change
            blocked |= change.event_ids
        return None

    def _send(self, change: Change, number: int) -> None:
        verb, owner = change.steps[number].verb, change.owner_of(change.steps[number])
        try:
            remote = self.remotes(owner)
            if verb == "insert":
                self._insert(remote, change, number)
            elif verb == "patch":
                self._patch(remote, change, number)
            elif verb == "delete":
                self._delete(remote, change, number)
            else:
                self._move(remote, change, number)
        except NotAuthorized as error:
            if owner == change.user_id:
                raise
            # What else waits in this account must not wait for the other one's sign-in.
            raise _Stopped("rejected", OTHER_SIGNED_OUT) from error
        except Rejected as error:
            if isinstance(error, NotFound) and verb != "insert":
                raise _Stopped("conflict", GONE) from error
            raise _Stopped("rejected", str(error) or error.reason) from error

    def _insert(self, remote: RemoteCalendar, change: Change, number: int) -> None:
        with self.store.write(durable=True) as unit:
            step = _step(unit, change, number)
            # `sent` is what the first try may have put there; nothing is merged into a tried step.
            step = replace(step, tried=True, sent=step.sent or step.fields)
            _put_step(unit, change, number, step)
            seen = _stored_etag(unit, change, step, step.event_id)
        try:
            answer = remote.insert_event(step.calendar_id, step.fields, send_updates=change.send_updates)
        except Duplicate:
            # Ours, from a try whose answer was lost (the id is 128 random bits).
            self._fetch(remote, change.owner_of(step), step)
            with self.store.write(durable=True) as unit:
                patch = replace(step, verb="patch", fields=_body(step.fields), base=_body(step.sent or {}))
                _put_step(unit, change, number, patch)
            self._patch(remote, change, number)
        else:
            self._finish(change, number, answer, seen=seen)

    def _patch(self, remote: RemoteCalendar, change: Change, number: int) -> None:
        fresh = False
        for _ in range(MOST_COMPARISONS):
            mirror = self._mirror(remote, change, number, fresh=fresh)
            with self.store.write(durable=True) as unit:
                step = _step(unit, change, number)
                restores = step.fields.get("status") == "confirmed"
                is_gone = mirror is None or is_cancelled(mirror.resource)
                if is_gone and (there := _moved_to(unit, change, step)):
                    follow_event(unit, change.owner_of(step), step, there)
                    fresh = False
                    continue
                if mirror is None and restores and step.original_start is None:
                    break
                if mirror is None or (is_cancelled(mirror.resource) and not restores):
                    raise _Stopped("conflict", GONE)
                if is_cancelled(mirror.resource):
                    # What the event was is in the base; of it, only what the tombstone lost is sent.
                    wanted = {**_lost(step, mirror.resource), **step.fields}
                    rebased = rebase(mirror.resource, wanted, mirror.resource)
                else:
                    rebased = rebase(step.base, step.fields, mirror.resource)
                if rebased.conflicts:
                    raise _Stopped("conflict", BOTH_CHANGED, theirs=mirror.resource)
                seen = _stored_etag(unit, change, step, mirror.event_id)
                if rebased.send:
                    _put_step(unit, change, number, replace(step, tried=True, sent=rebased.send))
            if not rebased.send:
                # An instance that our own lost try has changed is an exception now, and shown as one at once.
                ours = step.tried and step.original_start is not None
                self._finish(change, number, mirror.resource if ours else None, seen=seen)
                return
            try:
                answer = remote.patch_event(
                    step.calendar_id,
                    mirror.event_id,
                    rebased.send,
                    etag=mirror.etag,
                    send_updates=change.send_updates,
                )
            except Conflict:
                fresh = True
                continue
            except NotFound:
                if restores and step.original_start is None:
                    break
                raise
            self._finish(change, number, answer, seen=seen)
            return
        else:
            raise Transient(N_("the event keeps changing at Google; the edit waits"))
        self._insert_again(remote, change, number)

    def _insert_again(self, remote: RemoteCalendar, change: Change, number: int) -> None:
        """Google has forgotten the deleted event: it is created anew, under a new id."""
        event_id = new_event_id()
        with self.store.write(durable=True) as unit:
            step, owner = _step(unit, change, number), change.owner_of(change.steps[number])
            body = {**copy_of(step.base), **step.fields, "status": None}
            body = {"id": event_id, **{name: value for name, value in body.items() if value is not None}}
            insert = replace(step, verb="insert", fields=body, base={}, sent=None, tried=False)
            _put_step(unit, change, number, insert)
            rename_event(unit, owner, step.event_id, event_id)
            unit.bump_revision(owner)
        self._insert(remote, change, number)

    def _delete(self, remote: RemoteCalendar, change: Change, number: int) -> None:
        fresh = False
        for _ in range(MOST_COMPARISONS):
            mirror = self._mirror(remote, change, number, fresh=fresh)
            with self.store.write(durable=True) as unit:
                step = _step(unit, change, number)
                gone = {"id": step.event_id, "status": "cancelled"} if step.original_start is None else None
                resource = mirror.resource if mirror else gone
                seen = _stored_etag(unit, change, step, resource["id"]) if resource else ""
                if mirror is not None and not is_cancelled(mirror.resource):
                    if not is_as_seen(step.base, mirror.resource):
                        raise _Stopped("conflict", BOTH_CHANGED, theirs=mirror.resource)
                    _put_step(unit, change, number, replace(step, tried=True, sent={}))
            if mirror is None or is_cancelled(mirror.resource):
                self._finish(change, number, resource, seen=seen)
                return
            try:
                remote.delete_event(
                    step.calendar_id, mirror.event_id, etag=mirror.etag, send_updates=change.send_updates
                )
            except Conflict:
                fresh = True
                continue
            except NotFound:
                pass  # gone already: that is what was wanted
            # Without an etag of its own the tombstone gives way to the one that the next pull brings.
            tombstone = {**mirror.resource, "status": "cancelled", "etag": ""}
            self._finish(change, number, tombstone, seen=seen)
            return
        raise Transient(N_("the event keeps changing at Google; the deletion waits"))

    def _move(self, remote: RemoteCalendar, change: Change, number: int) -> None:
        """Nothing of the event changes by it, so nothing is compared: at most it is there already."""
        with self.store.write(durable=True) as unit:
            step, owner = _step(unit, change, number), change.owner_of(change.steps[number])
            # Should the answer be lost and the source pulled, this is all that is left of the changed instances.
            family = unit.families(owner, step.calendar_id, [step.event_id])[step.event_id]
            exceptions = [resource for resource in family if resource["id"] != step.event_id]
            step = replace(step, tried=True, sent=step.sent or {"exceptions": exceptions})
            _put_step(unit, change, number, step)
            seen = _stored_etag(unit, change, step, step.event_id)
            seen_there = _etag(unit, change.owner_of(step), step.destination, step.event_id)
        try:
            answer = remote.move_event(
                step.calendar_id, step.event_id, step.destination, send_updates=change.send_updates
            )
        except NotFound:
            # A former try may have arrived, or somebody had the same idea.
            answer = remote.get_event(step.destination, step.event_id)
            if is_cancelled(answer):
                raise
        self._finish_move(change, number, answer, seen=seen, seen_there=seen_there)

    def _finish_move(self, change: Change, number: int, answer: Resource, *, seen: str, seen_there: str) -> None:
        """The event goes from one mirror to the other in one transaction; see `_finish` for `seen`."""
        with self.store.write(durable=True) as unit:
            step = _step(unit, change, number)
            owner, event_id, there = change.owner_of(step), step.event_id, step.destination
            known = {resource["id"] for resource in unit.families(owner, there, [event_id])[event_id]}
            exceptions = [
                {**resource, "etag": ""}
                for resource in (step.sent or {}).get("exceptions", ())
                if resource["id"] not in known
            ]
            if _etag(unit, owner, there, event_id) == seen_there:
                # Google's own rows of the changed instances come with the next pull.
                unit.put_events(owner, there, [answer, *exceptions], pushed=True)
            if exceptions or _etag(unit, owner, there, event_id) != answer.get("etag", ""):
                _ask_for_pull(unit, owner, there)
            if _stored_etag(unit, change, step, event_id) == seen:
                tombstone = {"id": event_id, "status": "cancelled", "etag": ""}
                unit.put_events(owner, step.calendar_id, [tombstone], pushed=True)
            else:
                _ask_for_pull(unit, owner, step.calendar_id)
            steps = _put_step(unit, change, number, replace(step, done=True))
            if all(other.done for other in steps):
                unit.delete_change(change.change_id)
            spans = {place: reindex(unit, owner, place, [event_id]) for place in (step.calendar_id, there)}
            revision = unit.bump_revision(owner)
        for place, span in spans.items():
            self._announce(owner, replace(step, calendar_id=place), revision, span)

    def _mirror(self, remote: RemoteCalendar, change: Change, number: int, *, fresh: bool) -> MirrorRow | None:
        """What to compare with: the stored row, or Google's present one when `fresh` or nothing usable is stored."""
        with self.store.read() as unit:
            step = _step(unit, change, number)
            owner = change.owner_of(step)
            if step.original_start is not None:
                row = unit.mirror_instance(owner, step.calendar_id, step.event_id, step.original_start)
            else:
                row = unit.mirror(owner, step.calendar_id, step.event_id)
        if row is not None and row.etag and not fresh:
            return row
        try:
            return self._fetch(remote, owner, step, event_id=row.event_id if row else None)
        except NotFound:
            return None

    def _fetch(
        self, remote: RemoteCalendar, user_id: str, step: Step, *, event_id: str | None = None
    ) -> MirrorRow | None:
        """Mirror := what Google has now. A plain instance of a series is no exception and so not kept."""
        if step.original_start is not None and event_id is None:
            resource = remote.find_instance(step.calendar_id, step.event_id, step.original_start)
            if resource is None:
                return None
        else:
            event_id = event_id or step.event_id
            with self.store.read() as unit:
                before = unit.mirror(user_id, step.calendar_id, event_id)
            resource = remote.get_event(step.calendar_id, event_id)
            with self.store.write() as unit:
                if unit.mirror(user_id, step.calendar_id, event_id) == before:
                    unit.put_events(user_id, step.calendar_id, [resource], pushed=True)
                else:
                    _ask_for_pull(unit, user_id, step.calendar_id)
                reindex(unit, user_id, step.calendar_id, [step.event_id])
                unit.bump_revision(user_id)
        return MirrorRow(
            calendar_id=step.calendar_id,
            event_id=resource["id"],
            etag=resource.get("etag", ""),
            resource=resource,
        )

    def _finish(self, change: Change, number: int, answer: Resource | None, *, seen: str) -> None:
        """Google has it: the answer goes into the mirror and the step leaves the outbox, in one transaction.

        `seen` is the etag that was stored when the request left. Where another one is stored by now, a pull wrote it
        meanwhile: it may be newer than the answer, so it stays, and a pull more tells.
        """
        with self.store.write(durable=True) as unit:
            step, owner = _step(unit, change, number), change.owner_of(change.steps[number])
            if answer is not None:
                if _stored_etag(unit, change, step, answer["id"]) == seen:
                    unit.put_events(owner, step.calendar_id, [answer], pushed=True)
                else:
                    _ask_for_pull(unit, owner, step.calendar_id)
            steps = _put_step(unit, change, number, replace(step, done=True))
            if all(other.done for other in steps):
                unit.delete_change(change.change_id)
            span = reindex(unit, owner, step.calendar_id, [step.event_id])
            revision = unit.bump_revision(owner)
        self._announce(owner, step, revision, span)

    def _stop(self, change: Change, number: int, stopped: _Stopped) -> None:
        """Shown, settled by the user, never dropped."""
        with self.store.write() as unit:
            stored = unit.change(change.change_id)
            if stored is None:
                return
            step = stored.steps[number]
            _put_step(unit, change, number, replace(step, theirs=stopped.theirs))
            if stopped.reason == GONE and step.original_start is None:
                _bury(unit, change.owner_of(step), step)
            unit.set_change_state(change.change_id, stopped.state, reason=stopped.reason)
            news = show_steps(unit, change.user_id, stored.steps)
        for item in news:
            self.cache.invalidate(item.user_id)
            self.publisher.publish(item)

    def _announce(self, user_id: str, step: Step, revision: int, span: Span | None) -> None:
        self.cache.invalidate(user_id, event_ids=[step.event_id])
        self.publisher.publish(
            CalendarChanged(user_id=user_id, calendar_id=step.calendar_id, revision=revision, span=span)
        )


def _clashes_for_good(change: Change, error: Transient) -> bool:
    """Whether Google has said so before, too: a move into a calendar that has the event never comes about.

    Once the user has asked for it again, which leaves no reason, a single try tells.
    """
    said_before = change.attempts >= MOST_CLASHES and change.reason in ("", str(error))
    return said_before and error.code == CLASH_CODE


def _step(unit: ReadUnit, change: Change, number: int) -> Step:
    """As it is stored now: while it is untried, an edit may be merged into it or take it back at any time."""
    stored = unit.change(change.change_id)
    if stored is None:
        raise _TakenBack
    return stored.steps[number]


def _put_step(unit: WriteUnit, change: Change, number: int, step: Step) -> list[Step]:
    """Stores the step in its place; returns all of the change's steps."""
    stored = unit.change(change.change_id)
    if stored is None:
        raise _TakenBack
    steps = list(stored.steps)
    steps[number] = step
    unit.put_steps(change.change_id, steps)
    return steps


def _stored_etag(unit: ReadUnit, change: Change, step: Step, event_id: str) -> str:
    return _etag(unit, change.owner_of(step), step.calendar_id, event_id)


def _etag(unit: ReadUnit, user_id: str, calendar_id: str, event_id: str) -> str:
    row = unit.mirror(user_id, calendar_id, event_id)
    return row.etag if row else ""


def _moved_to(unit: ReadUnit, change: Change, step: Step) -> str:
    """Where somebody has put the event meanwhile, as far as a pull has told; "" for nowhere.

    A guest's copy has the same id and another organizer.
    """
    if step.original_start is not None:
        return ""
    owner = change.owner_of(step)
    others = [
        one.calendar_id for one in unit.calendars(owner) if one.writable and one.calendar_id != step.calendar_id
    ]
    for calendar_id in others:
        row = unit.mirror(owner, calendar_id, step.event_id)
        if row and not is_cancelled(row.resource) and (row.resource.get("organizer") or {}).get("self"):
            return calendar_id
    return ""


def _ask_for_pull(unit: WriteUnit, user_id: str, calendar_id: str) -> None:
    """The backstop enqueues it: what is rare may take ten seconds."""
    unit.mark_dirty(user_id, calendar_id)
    unit.clear_queued(user_id, calendar_id)


def _bury(unit: WriteUnit, user_id: str, step: Step) -> None:
    """The mirror has no event that Google has not; since no list told of it, a full one has to confirm it."""
    row = unit.mirror(user_id, step.calendar_id, step.event_id)
    if row is not None and not is_cancelled(row.resource):
        tombstone = {"id": step.event_id, "status": "cancelled", "etag": ""}
        unit.put_events(user_id, step.calendar_id, [tombstone], pushed=True)
        unit.drop_sync_token(user_id, step.calendar_id)
        _ask_for_pull(unit, user_id, step.calendar_id)


def _lost(step: Step, tombstone: Resource) -> Resource:
    """What the event was and its tombstone, which guarantees an id alone (PROTOCOL 21), no longer has."""
    return {name: value for name, value in step.base.items() if name not in SERVER_FIELDS and name not in tombstone}


def _body(fields: Resource) -> Resource:
    return {name: value for name, value in fields.items() if name != "id"}
