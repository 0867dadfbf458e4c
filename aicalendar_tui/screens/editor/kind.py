"""The part of the form that says what sort of event it is: any event, focus time, out of office, a workplace."""

from typing import Any, cast

from msgspec import UNSET
from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import VerticalGroup
from textual.message import Message
from textual.widgets import Input

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.event import Event
from aicalendar_tui.backend.domain.kinds import DECLINING, Declines, EventType, Workplace
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.editor import choices
from aicalendar_tui.screens.editor.fields import Choice, TextLine
from aicalendar_tui.screens.editor.row import FieldRow, row_of, typed_line


class KindFields(VerticalGroup):
    """An event that exists keeps its kind."""

    class Changed(Message):
        """Another kind, or another workplace: `title` is what such an event is called, '' for no name of its own."""

        def __init__(self, title: str) -> None:
            super().__init__()
            self.title = title

    def __init__(self, event: Event | None) -> None:
        super().__init__()
        self._event = event
        self.kind: str = event.event_type if event else "default"

    def compose(self) -> ComposeResult:
        event = self._event
        declines = (event.declines if event else None) or Declines()
        workplace = (event.workplace if event else None) or Workplace()
        kind = Choice(choices.kinds(self.kind), self.kind, name="event_type", fixed=event is not None)
        yield FieldRow(_("kind"), kind, name="event_type")
        modes = Choice(choices.decline_modes(), declines.mode, name="declines")
        yield FieldRow(_("declines"), modes, name="declines")
        yield FieldRow(_("and says"), TextLine(declines.message, name="decline_message"), name="decline_message")
        yield FieldRow(
            _("works"),
            Choice(choices.workplaces(), workplace.kind, name="workplace"),
            TextLine(workplace.label, name="workplace_label", placeholder=_("its name")),
            name="workplace",
        )

    @property
    def declines_invitations(self) -> bool:
        """Focus time and out of office: they have a time, and no guests."""
        return self.kind in DECLINING

    @property
    def is_workplace(self) -> bool:
        """It says where one works, to everybody, and takes no time."""
        return self.kind == "workingLocation"

    def fill(self, draft: Draft) -> Draft:
        """The draft with what this kind of event has of its own."""
        event = self._event
        if self.declines_invitations:
            declines = Declines(self._chosen("declines"), self._text("decline_message"))
            if declines != ((event.declines if event else None) or Declines()):
                draft = replace(draft, declines=declines)
        elif self.is_workplace:
            kind = self._chosen("workplace")
            place = Workplace(kind, "" if kind == "homeOffice" else self._text("workplace_label"))
            if place != (event.workplace if event else None):
                draft = replace(draft, workplace=place)
            if event is None:
                draft = replace(draft, transparency="transparent", visibility="public")
        else:
            return draft
        if event is None or draft.declines is not UNSET or draft.workplace is not UNSET:
            return replace(draft, event_type=cast(EventType, self.kind))
        return draft

    def on_input_changed(self, event: Input.Changed) -> None:
        """Forgives."""
        typed_line(event)

    def on_choice_changed(self, message: Choice.Changed) -> None:
        """Some kinds have rows of their own."""
        if row := row_of(message.choice):
            row.accept()
        if message.choice.id == "event_type":
            self.kind = message.choice.value
            self.post_message(self.Changed(choices.kind_titles().get(self.kind, "")))
        elif message.choice.id == "workplace":
            self.post_message(self.Changed(choices.workplace_titles()[message.choice.value]))
        self.show()

    def show(self) -> None:
        """The rows of this kind."""
        for name in ("declines", "decline_message"):
            self._row(name).display = self.declines_invitations
        self._row("workplace").display = self.is_workplace
        self.query_one("#workplace_label").display = self._chosen("workplace") != "homeOffice"

    def _chosen(self, name: str) -> Any:
        """As many types as there are choices."""
        return self.query_one(f"#{name}", Choice).value

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}", TextLine).value.strip()

    def _row(self, name: str) -> FieldRow:
        return self.query_one(f"#row-{name}", FieldRow)
