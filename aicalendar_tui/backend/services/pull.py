"""Fetching what changed at Google into the mirror, without ever losing a change or trampling an edit.

The order of things is what keeps it true: `queued` is cleared first, all pages are fetched before the one
transaction, and `dirty_seq` is read again after the lock is released. Amid a burst of notifications the pull is put
off instead, with `queued` left on: then the next ones are only counted, and one list call answers them all.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aicalendar_tui.backend.domain.calendar import Calendar, SyncState
from aicalendar_tui.backend.domain.errors import NotFound, Rejected, SyncTokenExpired, Transient
from aicalendar_tui.backend.domain.event import Resource
from aicalendar_tui.backend.domain.news import CalendarChanged
from aicalendar_tui.backend.domain.pacing import (
    PAUSE_SECONDS,
    RESTED_SECONDS,
    STREAM_SECONDS,
    goes_on,
    is_burst,
    is_flood,
)
from aicalendar_tui.backend.domain.times import Span
from aicalendar_tui.backend.ports import (
    AgendaCache,
    ChangePublisher,
    Clock,
    Lock,
    ReadUnit,
    RemoteCalendar,
    Remotes,
    Stage,
    Store,
)
from aicalendar_tui.backend.services.index import reindex
from aicalendar_tui.backend.services.ledger import Ledger
from aicalendar_tui.i18n import N_

FULL_SYNC_FROM = 1_000
"""An incremental answer with more changes than this is staged like a full sync."""
BATCH_ROWS = 250
STAGE_SECONDS = 30
"""A full sync pauses after so long; its continuation is requested once the lock is free."""
MOST_ROUNDS = 8
"""How often one task looks again for changes that came meanwhile; the backstop takes the rest."""

Progress = Callable[[int, int | None], None]


PutOff = Callable[[float, int], None]
"""Has the same task done again after so many seconds, and told then the `dirty_seq` that it saw now (`seen`).

Raises Transient when the broker is away."""


def no_progress(done: int, total: int | None) -> None:
    """For callers that don't show any."""


@dataclass(frozen=True, slots=True)
class Pull:
    """The way in, for one calendar."""

    store: Store
    remotes: Remotes
    cache: AgendaCache
    publisher: ChangePublisher
    ledger: Ledger
    lock: Lock
    clock: Clock

    def __call__(
        self,
        user_id: str,
        calendar_id: str,
        *,
        full: bool = False,
        progress: Progress = no_progress,
        put_off: PutOff | None = None,
        seen: int | None = None,
    ) -> int | None:
        """Returns how many changes came. Raises Transient, NotAuthorized, Rejected; nothing is half done then.

        None: amid a burst, and `put_off` has taken what is left (without it, nothing ever waits). `seen` is what it
        was told when this very task was put off before.

        When another process pulls this calendar already, that one looks again: 0 is returned at once (but a full
        pull comes again later, unless the other one is full, too).
        """
        with self.store.write() as unit:
            calendar = unit.calendar(user_id, calendar_id)
            if calendar is None:
                return 0
            state = unit.sync_state(user_id, calendar_id)
            waits = put_off is not None and not full and self._is_amid_burst(unit, calendar, state, seen)
            if not waits:
                unit.clear_queued(user_id, calendar_id)
        if waits and put_off is not None and self._puts_off(user_id, calendar_id, state.dirty_seq, put_off):
            return None
        if seen is not None and not full and _is_up_to_date(state):
            return 0  # another pull began after the last notification that this one waited for
        began_at = state.dirty_seq
        changes = 0
        for _ in range(MOST_ROUNDS):
            with self.lock.hold(f"pull {user_id} {calendar_id}") as free:
                if not free:
                    if full:
                        self._leave_to_other(user_id, calendar_id)
                    return changes
                if full:
                    self._begin_afresh(user_id, calendar_id)
                    full = False
                changes += self._once(user_id, calendar_id, progress)
            with self.store.read() as unit:
                state = unit.sync_state(user_id, calendar_id)
            if state.staged:
                self.ledger.request("calendar.pull", user_id, calendar_id=calendar_id)
                break
            if state.dirty_seq <= state.synced_seq:
                break
            amid_burst = goes_on(meanwhile=state.dirty_seq - began_at, waited=seen is not None)
            if put_off is not None and amid_burst and self._puts_rest_off(user_id, calendar_id, put_off):
                return None
        return changes

    def _is_amid_burst(self, unit: ReadUnit, calendar: Calendar, state: SyncState, seen: int | None) -> bool:
        """Decided in the transaction that clears `queued` or leaves it on: a flood writes many rows in between."""
        if calendar.synced_at is None or state.sync_token is None or state.staged:
            return False
        now = self.clock.epoch()
        rested = now - calendar.synced_at
        if seen is not None:
            return is_flood(came=state.dirty_seq - seen, rested_seconds=rested)
        if rested >= RESTED_SECONDS:
            return False
        begun = unit.count_begun(calendar.user_id, calendar.calendar_id, "calendar.pull", since=now - STREAM_SECONDS)
        return is_burst(pending=state.dirty_seq - state.synced_seq, rested_seconds=rested, begun=begun)

    def _puts_rest_off(self, user_id: str, calendar_id: str, put_off: PutOff) -> bool:
        """Takes `queued` on again, so that what comes meanwhile asks for no task of its own."""
        with self.store.write() as unit:
            unit.mark_dirty(user_id, calendar_id)
            dirty_seq = unit.sync_state(user_id, calendar_id).dirty_seq
        return self._puts_off(user_id, calendar_id, dirty_seq, put_off)

    def _puts_off(self, user_id: str, calendar_id: str, dirty_seq: int, put_off: PutOff) -> bool:
        try:
            put_off(PAUSE_SECONDS, dirty_seq)
        except Transient:  # no broker to wait in: then it is done now
            with self.store.write() as unit:
                unit.clear_queued(user_id, calendar_id)
            return False
        return True

    def _begin_afresh(self, user_id: str, calendar_id: str) -> None:
        """Only under the lock: the rows of a stage that somebody still writes must not be swept."""
        with self.store.write() as unit:
            unit.drop_sync_token(user_id, calendar_id)
            unit.abandon_stage(user_id, calendar_id)

    def _leave_to_other(self, user_id: str, calendar_id: str) -> None:
        with self.store.read() as unit:
            is_full = unit.sync_state(user_id, calendar_id).staged
        if not is_full:
            raise Transient(N_("another sync of this calendar is under way; the full one comes after it"))

    def _once(self, user_id: str, calendar_id: str, progress: Progress) -> int:
        remote = self.remotes(user_id)
        with self.store.read() as unit:
            state = unit.sync_state(user_id, calendar_id)
        if state.sync_token is None or state.fingerprint != remote.fingerprint:
            return self._full(remote, user_id, calendar_id, progress)
        try:
            return self._incremental(remote, user_id, calendar_id, state.sync_token, progress)
        except SyncTokenExpired:
            return self._full(remote, user_id, calendar_id, progress)

    def _incremental(
        self, remote: RemoteCalendar, user_id: str, calendar_id: str, sync_token: str, progress: Progress
    ) -> int:
        with self.store.write() as unit:
            dirty_seq = unit.sync_state(user_id, calendar_id).dirty_seq
            write_sequence = unit.write_sequence(user_id, calendar_id)
        items: list[Resource] = []
        page_token: str | None = None
        while True:
            page = remote.list_events(calendar_id, sync_token=sync_token, page_token=page_token)
            items += page.items
            if len(items) > FULL_SYNC_FROM:
                return self._full(remote, user_id, calendar_id, progress)
            page_token = page.next_page_token
            if page_token is None:
                break
            progress(len(items), None)
        if page.next_sync_token is None:
            raise Transient(N_("the last page of changes had no sync token"))
        with self.store.write() as unit:
            written = unit.put_events(user_id, calendar_id, items, unless_pushed_after=write_sequence)
            span = reindex(unit, user_id, calendar_id, written.family_ids)
            calendar = unit.calendar(user_id, calendar_id)
            mended = not written.protected and calendar is not None and calendar.problem != ""
            if written.protected:
                # Also a poll that nobody asked for comes again now: it has not seen what came after the push.
                unit.mark_dirty(user_id, calendar_id)
                unit.clear_queued(user_id, calendar_id)
            else:
                unit.abandon_stage(user_id, calendar_id)
                unit.finish_pull(
                    user_id,
                    calendar_id,
                    sync_token=page.next_sync_token,
                    fingerprint=remote.fingerprint,
                    synced_seq=dirty_seq,
                    now=self.clock.epoch(),
                )
            revision = unit.bump_revision(user_id) if written.family_ids or mended else None
        if not written.protected:
            self.cache.put_sync_token(user_id, calendar_id, page.next_sync_token)
        if revision is not None:
            self._announce(user_id, calendar_id, revision, span, written.family_ids)
        return len(written.family_ids)

    def _full(self, remote: RemoteCalendar, user_id: str, calendar_id: str, progress: Progress) -> int:
        started = self.clock.epoch()
        with self.store.write() as unit:
            stage = unit.begin_stage(user_id, calendar_id, fingerprint=remote.fingerprint)
            staged = unit.event_count(user_id, calendar_id, generation=stage.generation)
        page_token = stage.page_token
        while True:
            try:
                page = remote.list_events(calendar_id, page_token=page_token)
            except (SyncTokenExpired, Rejected) as error:
                if page_token is None:
                    raise
                with self.store.write() as unit:
                    unit.abandon_stage(user_id, calendar_id)
                raise Transient(N_("Google forgot where the full sync stood; it begins again")) from error
            page_token = page.next_page_token
            self._stage(user_id, calendar_id, stage, page.items, page_token)
            staged += len(page.items)
            progress(staged, None)
            if page_token is None:
                break
            if self.clock.epoch() - started >= STAGE_SECONDS:
                return staged
        if page.next_sync_token is None:
            raise Transient(N_("the last page of the full sync had no sync token"))
        if staged == 0 and self._is_suspiciously_empty(remote, user_id, calendar_id):
            with self.store.write() as unit:
                unit.abandon_stage(user_id, calendar_id)
            raise Transient(N_("Google listed nothing, then something: the full sync begins again"))
        self._swap(remote, user_id, calendar_id, stage, page.next_sync_token)
        return staged

    def _stage(
        self, user_id: str, calendar_id: str, stage: Stage, items: Sequence[Resource], page_token: str | None
    ) -> None:
        """Keeps a page in short transactions; the page token goes with its last batch."""
        batches = [items[first : first + BATCH_ROWS] for first in range(0, len(items), BATCH_ROWS)] or [[]]
        for number, batch in enumerate(batches, start=1):
            with self.store.write() as unit:
                written = unit.put_events(user_id, calendar_id, batch, generation=stage.generation)
                reindex(unit, user_id, calendar_id, written.family_ids, generation=stage.generation)
                if number == len(batches):
                    unit.keep_page_token(user_id, calendar_id, page_token)
                    # It gets on, if only a page at a time: no worker dies of what is in this one.
                    unit.clear_deaths(user_id, calendar_id)

    def _is_suspiciously_empty(self, remote: RemoteCalendar, user_id: str, calendar_id: str) -> bool:
        """Reads a second time before an empty answer deletes a calendar that had events (PROTOCOL 19)."""
        with self.store.read() as unit:
            if unit.event_count(user_id, calendar_id) == 0:
                return False
        return bool(remote.list_events(calendar_id).items)

    def _swap(self, remote: RemoteCalendar, user_id: str, calendar_id: str, stage: Stage, sync_token: str) -> None:
        asked_after = stage.write_sequence
        while True:
            with self.store.write() as unit:
                doubtful = unit.pushed_since(user_id, calendar_id, asked_after)
                if not doubtful:
                    edited = {event_id for change in unit.changes_about(user_id) for event_id in change.event_ids}
                    unit.swap_stage(user_id, calendar_id, stage)
                    # Only now: what is being moved is shown in another calendar, from the rows that are live there.
                    reindex(unit, user_id, calendar_id, edited)
                    unit.finish_pull(
                        user_id,
                        calendar_id,
                        sync_token=sync_token,
                        fingerprint=remote.fingerprint,
                        synced_seq=stage.dirty_seq,
                        now=self.clock.epoch(),
                    )
                    unit.set_compared_at(user_id, calendar_id, self.clock.epoch())
                    revision = unit.bump_revision(user_id)
                    break
                asked_after = unit.write_sequence(user_id, calendar_id)
            # No etag tells whether what was listed is older or newer than what a push wrote meanwhile.
            present = [_present(remote, calendar_id, event_id) for event_id in doubtful]
            self._stage(user_id, calendar_id, stage, present, None)
        self.cache.put_sync_token(user_id, calendar_id, sync_token)
        self._announce(user_id, calendar_id, revision, None, ())
        more = True
        while more:
            with self.store.write() as unit:
                more = unit.sweep_generations()

    def _announce(
        self, user_id: str, calendar_id: str, revision: int, span: Span | None, event_ids: Sequence[str] | set[str]
    ) -> None:
        self.cache.invalidate(user_id, event_ids=event_ids)
        self.publisher.publish(
            CalendarChanged(user_id=user_id, calendar_id=calendar_id, revision=revision, span=span)
        )


def _is_up_to_date(state: SyncState) -> bool:
    """Whether a pull would find nothing that anybody has told of."""
    return state.sync_token is not None and not state.staged and state.dirty_seq <= state.synced_seq


def _present(remote: RemoteCalendar, calendar_id: str, event_id: str) -> Resource:
    """The event as Google has it now; a tombstone of our own where it has none."""
    try:
        return remote.get_event(calendar_id, event_id)
    except NotFound:
        return {"id": event_id, "status": "cancelled"}
