"""The agendas read lately, so that a view has something to show before its own answer comes."""

from aicalendar_tui.backend.domain.agenda import Agenda, Entry, sort_key
from aicalendar_tui.backend.domain.event import EventKey
from aicalendar_tui.backend.domain.times import Days

KEPT = 8
PATIENCE = 5
"""So many answers in a row that are older than what is shown mean that the database is another one."""


class Agendas:
    """Newest first; what is shown never goes back to an earlier revision."""

    def __init__(self) -> None:
        self._agendas: list[Agenda] = []
        self._merged: Agenda | None = None
        self._refused = 0
        self.revision = -1

    def accept(self, agenda: Agenda) -> bool:
        """Keeps the answer; False when it is older than what was seen already (then it is dropped).

        An old revision that is told again and again is the truth of a database that was made anew.
        """
        if agenda.revision < self.revision:
            self._refused += 1
            if self._refused < PATIENCE:
                return False
            self._agendas.clear()
        self._refused = 0
        self.revision = agenda.revision
        self._agendas = [agenda, *(kept for kept in self._agendas if kept.days != agenda.days)][:KEPT]
        self._merged = None
        return True

    def of(self, days: Days) -> Agenda | None:
        """The last answer for exactly these days."""
        return next((agenda for agenda in self._agendas if agenda.days == days), None)

    def covering(self, days: Days) -> Agenda:
        """The answer for these days, else for days around them, else what is known of them from several.

        The same object for the same question until another answer is accepted.
        """
        if (exact := self.of(days)) is not None:
            return exact
        for agenda in self._agendas:
            if agenda.days.zone == days.zone and agenda.days.first <= days.first and days.last <= agenda.days.last:
                return agenda
        if self._merged is None or self._merged.days != days:
            known: dict[EventKey, Entry] = {}
            for agenda in reversed(self._agendas):
                known.update((entry.key, entry) for entry in agenda.entries)
            self._merged = Agenda(days, tuple(sorted(known.values(), key=sort_key)), max(0, self.revision))
        return self._merged


def changed_keys(before: Agenda, after: Agenda) -> frozenset[EventKey]:
    """The entries of `after` that are new, or say something else than before, for the same days.

    An edit that reached Google is no change to look at.
    """
    if before.days != after.days or before is after:
        return frozenset()
    known = {entry.key: _visible(entry) for entry in before.entries}
    return frozenset(entry.key for entry in after.entries if known.get(entry.key) != _visible(entry))


def _visible(entry: Entry) -> tuple[object, ...]:
    return (
        entry.start,
        entry.end,
        entry.all_day,
        entry.summary,
        entry.location,
        entry.status,
        entry.response,
        entry.color_id,
    )
