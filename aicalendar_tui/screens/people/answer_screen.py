"""Asks for the answer to an invitation: yes, no or maybe, with a note if one likes."""

from typing import ClassVar

from msgspec import UNSET, Struct
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Input, Static

from aicalendar_tui.backend.domain.change import Notify
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.event import Response
from aicalendar_tui.backend.domain.times import zone_of
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.gateway import Details
from aicalendar_tui.screens.phrases import say_when
from aicalendar_tui.screens.sheet import MUTED, Sheet
from aicalendar_tui.screens.text import clean

LONGEST_NOTE = 500


class Answer(Struct, frozen=True, kw_only=True):
    """What was chosen."""

    response: Response
    draft: Draft
    notify: Notify


class AnswerScreen(Sheet[Answer | None]):
    """Dismisses with the answer, or with None. One key answers; Tab goes to the note and back."""

    CSS_PATH: ClassVar[CSSPathType | None] = [Sheet.SHEET_CSS, "screen.tcss"]
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,н", "answer('accepted')", show=False),
        Binding("n,т", "answer('declined')", show=False),
        Binding("m,ь", "answer('tentative')", show=False),
        Binding("s,ы", "mail", show=False),
        Binding("tab,shift+tab", "note", show=False),
        Binding("escape", "back", show=False),
        Binding("q,й", "close", show=False),
    ]

    def __init__(self, details: Details, zone: str, *, hour24: bool = True) -> None:
        super().__init__()
        self._details = details
        self._zone = zone
        self._hour24 = hour24
        self._mail = False
        self._before = next((guest for guest in details.event.attendees if guest.is_self), None)

    def compose_body(self) -> ComposeResult:
        yield Static(id="event", markup=False)
        note = clean(self._before.comment) if self._before else ""
        yield Input(note, placeholder=_("a note for the organiser"), max_length=LONGEST_NOTE, compact=True)
        yield Static(id="mailing", markup=False)

    def on_mount(self) -> None:
        """What it is an invitation to, and the answer so far."""
        event = self._details.event
        said = {
            "accepted": _("you said yes"),
            "declined": _("you said no"),
            "tentative": _("you said maybe"),
            "needsAction": _("not answered yet"),
        }
        self.show_title(_("Answer the invitation"), said[self._before.response if self._before else "needsAction"])
        title = clean(event.summary) or _("(no title)")
        when = say_when(event, zone_of(self._zone), hour24=self._hour24)
        self.show_text("#event", Content.assemble((title, "bold"), ("\n" + when, MUTED)))
        self._show_state()

    def _show_state(self) -> None:
        text = (
            _("the organiser gets a mail") if self._mail else _("no mail is sent; the answer shows in the calendar")
        )
        self.show_text("#mailing", Content.styled(text, MUTED))
        if self.query_one(Input).has_focus:
            self.show_hints(("Enter", _("done with the note")))
            return
        self.show_hints(
            ("y", _("yes")),
            ("n", _("no")),
            ("m", _("maybe")),
            ("Tab", _("note")),
            ("s", _("mail on, off")),
            ("Esc", _("close")),
        )

    def action_answer(self, response: Response) -> None:
        """Done, with the note if it is another one than before."""
        note = self.query_one(Input).value.strip()
        before = self._before.comment if self._before else ""
        draft = Draft(response=response, comment=note if note != clean(before) else UNSET)
        self.dismiss(Answer(response=response, draft=draft, notify="all" if self._mail else "none"))

    def action_mail(self) -> None:
        """Asked for, never assumed."""
        self._mail = not self._mail
        self._show_state()

    def action_note(self) -> None:
        """To the note, and back to the keys."""
        note = self.query_one(Input)
        self.set_focus(None if note.has_focus else note)
        self.call_after_refresh(self._show_state)

    def on_input_submitted(self) -> None:
        """The keys answer again."""
        self.action_note()

    def action_back(self) -> None:
        """Out of the note first."""
        if self.query_one(Input).has_focus:
            self.action_note()
        else:
            self.dismiss(None)

    def action_close(self) -> None:
        """No answer."""
        self.dismiss(None)
