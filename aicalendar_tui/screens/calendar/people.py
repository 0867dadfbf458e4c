"""The commands of the calendar screen that are about other people."""

from datetime import timedelta
from typing import TYPE_CHECKING

from textual.message import Message

from aicalendar_tui.backend.domain.agenda import Agenda
from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.i18n import _, ngettext
from aicalendar_tui.screens.gateway import Details

if TYPE_CHECKING:
    from aicalendar_tui.screens.calendar.editing_screen import EditingScreen
    from aicalendar_tui.screens.people.answer_screen import Answer

    Base = EditingScreen
else:
    Base = object

SHARED_DAYS = 7
"""From today on; of these the working days are told."""
ROUND_SECONDS = 15 * 60
SHORTEST_SECONDS = 30 * 60


class AvailabilityRead(Message, bubble=False):
    """What the user's own calendars hold in the days to share."""

    def __init__(self, agenda: Agenda) -> None:
        super().__init__()
        self.agenda = agenda


class People(Base):
    """Mixed into the calendar screen."""

    def action_answer(self) -> None:
        """Yes, no or maybe to the selected invitation."""
        self._with_details(self._ask_answer)

    def _ask_answer(self, details: Details) -> None:
        event, key = details.event, details.key
        if event.response is None:
            self._tell(_("You are not invited to this event"), warning=True)
            return
        from aicalendar_tui.screens.people.answer_screen import AnswerScreen

        def answered(answer: "Answer | None") -> None:
            if answer is None:
                return
            said = {
                "accepted": _("{title}: you said yes · u undoes"),
                "declined": _("{title}: you said no · u undoes"),
                "tentative": _("{title}: you said maybe · u undoes"),
            }[answer.response]
            toast = said.format(title=self._short_title(details))
            self._ask_scope(
                event.recurring_event_id is not None or bool(event.recurrence),
                lambda scope: self._edit(
                    lambda: self.gateway.change(key, answer.draft, scope=scope, notify=answer.notify), toast, key
                ),
                only=("this", "all"),
            )

        self.app.push_screen(AnswerScreen(details, self.state.zone, hour24=self._hour24), answered)

    def action_share(self) -> None:
        """When there is time in the next days, as text for pasting."""
        today = self.present.date()
        self._await()
        self.run_worker(
            self._read_availability(Days(today, today + timedelta(days=SHARED_DAYS), self.state.zone)),
            group="availability",
            exclusive=True,
        )

    async def _read_availability(self, days: Days) -> None:
        try:
            agenda = await self.gateway.agenda(days)
        except CalendarError as error:
            self.post_message(self.EditRefused(error))
            self._awaited()
        else:
            self.post_message(AvailabilityRead(agenda))

    def on_availability_read(self, message: AvailabilityRead) -> None:
        """Only calendars that the user writes to say when they are busy; holidays of others don't."""
        from aicalendar_tui.backend.domain.free_times import busy_span, free_spans, working_spans
        from aicalendar_tui.screens.people.availability import say_availability
        from aicalendar_tui.screens.people.availability_screen import AvailabilityScreen

        days = message.agenda.days
        own = {(c.user_id, c.calendar_id) for c in self.state.calendars if c.writable and c.shown}
        entries = (entry for entry in message.agenda.entries if (entry.user_id, entry.calendar_id) in own)
        free = free_spans(
            working_spans(days, self.state.preferences.work),
            [span for entry in entries if (span := busy_span(entry, days.zone)) is not None],
            from_=int(self.present.timestamp()),
            step=ROUND_SECONDS,
            shortest=SHORTEST_SECONDS,
        )
        count = len(own)
        asked = ngettext("{number} calendar looked at", "{number} calendars looked at", count).format(number=count)
        text = say_availability(free, days.zone, hour24=self._hour24)
        self.app.push_screen(AvailabilityScreen(text, asked), self._availability_closed)
        self._awaited()

    def _availability_closed(self, copied: bool | None) -> None:
        if copied:
            self._tell(_("Copied: paste it where you like"))
