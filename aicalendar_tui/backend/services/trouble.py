"""What a failed task leaves behind: the calendar stays dirty, says why, and the backstop takes it from there."""

from dataclasses import dataclass

from aicalendar_tui.backend.domain.errors import AddressRefused, CalendarError, NotAuthorized, Unreachable
from aicalendar_tui.backend.domain.news import ConnectionChanged
from aicalendar_tui.backend.ports import AgendaCache, ChangePublisher, Store
from aicalendar_tui.i18n import N_

UNREACHABLE = N_("Google can't be reached; edits wait here and go out later")
ADDRESS_REFUSED = N_("Google does not accept this address for live updates; the calendar is polled")
SIGNED_OUT = N_("Google no longer accepts the sign-in; sign in again with: aicalendar login")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Degraded calendars are shown as such; the next pull that works clears it."""

    store: Store
    cache: AgendaCache
    publisher: ChangePublisher

    def __call__(self, user_id: str, calendar_id: str | None, error: CalendarError) -> None:
        """Notes the problem on the calendar, or on all of the user's that are shown when it concerns the account."""
        problem = describe(error)
        changed = False
        with self.store.write() as unit:
            for calendar in unit.calendars(user_id):
                concerned = calendar.shown if calendar_id is None else calendar.calendar_id == calendar_id
                if concerned and calendar.problem != problem:
                    unit.set_problem(user_id, calendar.calendar_id, problem)
                    unit.mark_dirty(user_id, calendar.calendar_id)
                    unit.clear_queued(user_id, calendar.calendar_id)
                    changed = True
            if changed:
                unit.bump_revision(user_id)
        if not changed:
            return  # the next try failed like the one before: nobody needs to look again
        self.cache.invalidate(user_id)
        self.publisher.publish(ConnectionChanged(user_id=user_id))


def describe(error: CalendarError) -> str:
    """One line for people: a message to translate where we know what to do, else what the other side said."""
    if isinstance(error, Unreachable):
        return UNREACHABLE
    if isinstance(error, AddressRefused):
        return ADDRESS_REFUSED
    if isinstance(error, NotAuthorized):
        return SIGNED_OUT
    return str(error) or type(error).__name__
