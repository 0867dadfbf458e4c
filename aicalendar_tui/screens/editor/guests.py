"""The part of the form that says who comes: guests, completed from people seen before, and whether they are told."""

from collections.abc import Awaitable, Callable, Sequence

from msgspec import UNSET, UnsetType
from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalGroup
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.change import Notify
from aicalendar_tui.backend.domain.event import Attendee, Event
from aicalendar_tui.backend.domain.guests import Person
from aicalendar_tui.i18n import _, ngettext
from aicalendar_tui.screens.editor import choices
from aicalendar_tui.screens.editor.fields import Choice, GuestsLine
from aicalendar_tui.screens.editor.people import (
    NotAnAddress,
    matching_people,
    read_guests,
    with_person,
    write_guests,
)
from aicalendar_tui.screens.editor.row import FieldRow, typed_line
from aicalendar_tui.screens.sheet import MUTED
from aicalendar_tui.screens.text import clean


class GuestFields(VerticalGroup):
    """The line holds everyone but the user and the rooms, who stay invited all the same."""

    class PeopleRead(Message, bubble=False):
        """Who can be completed."""

        def __init__(self, people: Sequence[Person]) -> None:
            super().__init__()
            self.people = people

    def __init__(self, event: Event | None, read_people: Callable[[], Awaitable[Sequence[Person]]]) -> None:
        super().__init__()
        self._event = event
        self._read = read_people
        self._attendees = event.attendees if event else ()
        self._people: Sequence[Person] | None = None
        self._offered: list[Person] = []
        self._pointed = 0
        """Which of the people offered Enter takes."""

    def compose(self) -> ComposeResult:
        guests = write_guests(self._listed)
        yield FieldRow(_("guests"), GuestsLine(guests, name="guests", disabled=not self._may_invite), name="guests")
        yield FieldRow("", name="people", classes="-below")
        yield FieldRow(_("tell them"), Choice(choices.notifications(), "ask", name="notify"), name="notify")

    @property
    def _listed(self) -> list[Attendee]:
        return [guest for guest in self._attendees if not guest.is_self and not guest.resource]

    @property
    def _may_invite(self) -> bool:
        event = self._event
        return event is None or event.organizer_is_self or event.guests_can_modify or not event.organizer

    # -- what is chosen

    def guests(self, calendar: Calendar) -> tuple[Attendee, ...] | UnsetType:
        """All that shall be invited to an event of `calendar`; UNSET where the line says what it said."""
        typed = read_guests(self._line.value)
        if not self._may_invite or _who(typed) == _who(self._listed):
            return UNSET
        others = [guest for guest in self._attendees if guest.is_self or guest.resource]
        if typed and not others and calendar.primary and "@" in calendar.calendar_id:
            others = [Attendee(calendar.calendar_id, response="accepted")]
        return (*others, *typed)

    def check(self) -> None:
        """What is no address is refused."""
        try:
            read_guests(self._line.value)
        except NotAnAddress as error:
            self._row("guests").refuse(_("not an address: {text}").format(text=clean(str(error))))

    def ask(self) -> Notify | None:
        """Whether guests are told by mail; None, and the question is put, while the user has not said."""
        row = self._row("notify")
        if not self.display or not row.display:
            return "none"
        answer = self.query_one("#notify", Choice).value
        if answer != "ask":
            return answer
        row.refuse(_("by mail? y or n, then Ctrl-S"))
        row.focus_wrong()
        return None

    # -- living

    def on_input_changed(self, event: Input.Changed) -> None:
        """Follows the typing."""
        if typed_line(event) is not None:
            self.show()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter takes who is offered; with nobody offered it is the form's."""
        if self._offered:
            event.stop()
            line = self._line
            line.value = with_person(line.value, self._offered[self._pointed])
            line.cursor_position = len(line.value)

    def on_guests_line_pointed(self, message: GuestsLine.Pointed) -> None:
        """Up and down among those offered."""
        if self._offered:
            self._pointed = (self._pointed + message.steps) % len(self._offered)
            self._show_offer()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """People are read when somebody may be invited, and only then."""
        if self._people is None:
            self._people = ()
            self.run_worker(self._read_people(), group="people", exclusive=True)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Nobody is typed any more."""
        self._offer([])

    async def _read_people(self) -> None:
        self.post_message(self.PeopleRead(await self._read()))

    def on_guest_fields_people_read(self, message: PeopleRead) -> None:
        """Offers them at once, if somebody is being typed."""
        self._people = message.people
        self.show()

    def show(self) -> None:
        """How many they are, whether they can be told, and whom the typing may mean."""
        line, row = self._line, self._row("guests")
        if self._event is not None and not self._may_invite:
            row.say(_("{name} invites").format(name=clean(self._event.organizer)))
        else:
            row.say(self._count())
        self._row("notify").display = self._may_invite and bool(line.value.strip() or self._listed)
        self._offer(matching_people(line.value, self._people or ()) if line.has_focus else [])

    def _count(self) -> str:
        try:
            count = len(read_guests(self._line.value))
        except NotAnAddress:
            return ""
        return ngettext("{number} guest", "{number} guests", count).format(number=count) if count else ""

    def _offer(self, people: list[Person]) -> None:
        if people != self._offered:
            self._offered, self._pointed = people, 0
        self._show_offer()

    def _show_offer(self) -> None:
        lines: list[Content] = []
        for place, person in enumerate(self._offered):
            name, email = clean(person.name), clean(person.email)
            mark, style = ("▸ ", "bold") if place == self._pointed else ("  ", "")
            lines.append(
                Content.assemble(
                    (mark, "$text-accent"), (name or email, style), (f"  {email}" if name else "", MUTED)
                )
            )
        row = self._row("people")
        row.display = bool(lines)
        row.say(Content("\n").join(lines))

    @property
    def _line(self) -> GuestsLine:
        return self.query_one(GuestsLine)

    def _row(self, name: str) -> FieldRow:
        return self.query_one(f"#row-{name}", FieldRow)


def _who(guests: Sequence[Attendee]) -> list[tuple[str, bool]]:
    return [(guest.email.lower(), guest.optional) for guest in guests]
