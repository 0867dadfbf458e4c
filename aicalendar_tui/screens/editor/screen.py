"""The form: a new event, or another look for one that exists. It hands back a draft and saves nothing itself.

What belongs together is a part of its own (`WhenFields`, `RepeatFields`, `GuestFields`, `KindFields`) that reads and
refuses its own fields; here stands what is simple, and what makes one draft of all of it.
"""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar, cast

from msgspec import UNSET, Struct
from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.types import CSSPathType
from textual.widgets import Input, TextArea

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.change import Notify
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import InvalidEdit
from aicalendar_tui.backend.domain.event import new_event_id
from aicalendar_tui.backend.domain.times import parse_original_key, zone_of
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.details.markdown import has_markdown, render_markdown
from aicalendar_tui.screens.details.plain_text import plain_text
from aicalendar_tui.screens.editor import choices
from aicalendar_tui.screens.editor.choices import Call, Transparency, Visibility
from aicalendar_tui.screens.editor.fields import Choice, TextLine, WeekdayLine, editable
from aicalendar_tui.screens.editor.guests import GuestFields
from aicalendar_tui.screens.editor.kind import KindFields
from aicalendar_tui.screens.editor.reminding import (
    NotAReminder,
    read_reminders,
    reminders_of,
    say_reminders,
    write_reminders,
)
from aicalendar_tui.screens.editor.repeat import RepeatFields
from aicalendar_tui.screens.editor.row import FieldRow, row_of, typed_line
from aicalendar_tui.screens.editor.times import times_of
from aicalendar_tui.screens.editor.when import WhenFields
from aicalendar_tui.screens.editor.zones import is_zone
from aicalendar_tui.screens.gateway import Details, Gateway
from aicalendar_tui.screens.sheet import Sheet
from aicalendar_tui.screens.text import clean

LONGEST_PREVIEW = 6_000
"""Letters of a description whose Markdown is shown in the form."""


class EditorResult(Struct, frozen=True):
    """What the user saved: only fields of the draft that are new or changed are set."""

    calendar: Calendar
    draft: Draft
    notify: Notify = "none"
    """Whether the guests are told by mail: the user was asked."""


class EditorScreen(Sheet[EditorResult | None]):
    """Dismisses with an `EditorResult`, or None when nothing was changed or the changes were dropped."""

    CSS_PATH: ClassVar[CSSPathType | None] = [Sheet.SHEET_CSS, "screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        # Saving and closing wait for their turn behind the letters that a field has yet to take; Tab jumps the queue,
        # since letters go to whichever field has the focus when they arrive, however fast they are typed or pasted.
        Binding("ctrl+s", "save", "save"),
        Binding("escape", "close", "close"),
        Binding("tab", "app.focus_next", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", show=False, priority=True),
        Binding("enter", "save_after_asking", show=False, priority=True),
        Binding("ctrl+d", "drop_after_asking", show=False, priority=True),
    ]

    def __init__(
        self,
        gateway: Gateway,
        *,
        calendars: list[Calendar],
        details: Details | None,
        start: date | datetime,
        end: date | datetime,
        calendar: Calendar | None,
        hour24: bool = True,
    ) -> None:
        """`details` of the event to change, or None for a new one in `calendar` (None: the first writable)."""
        super().__init__()
        self._gateway = gateway
        self._details = details
        self._event = event = details.event if details else None
        zone = (event.zone if event and is_zone(event.zone) else None) or gateway.zone
        end_zone = event.end_zone if event and is_zone(event.end_zone) else None
        self._original_times = times_of(start, end, zone, end_zone)
        self._calendars = [each for each in calendars if each.writable]
        if details and not details.calendar.writable:
            self._calendars = [details.calendar]
        self._original_calendar = _find(calendar, self._calendars) or self._main_calendar()
        self._when = WhenFields(self._original_times, gateway, hour24=hour24)
        self._repeat = self._make_repeat()
        self._guests = GuestFields(event, gateway.people)
        self._kind = KindFields(event)
        self._asked_about: tuple[object, ...] | None = None
        """What the form held when Esc asked; None while no question is open."""
        self._initial: tuple[object, ...] = ()
        self._own_title = ""
        """The title that the kind of event gave itself."""

    # -- composing ---------------------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """What matters most comes first: at 80×24 the rest is a few Tabs away."""
        event = self._event
        yield FieldRow(_("title"), TextLine(event.summary if event else "", name="summary"), name="summary")
        yield self._when
        yield self._repeat
        yield self._guests
        call = event.call_name if event else ""
        yield FieldRow(
            _("video call"), Choice(choices.calls(call), "keep" if call else "none", name="call"), name="call"
        )
        yield FieldRow(_("place"), TextLine(event.location if event else "", name="location"), name="location")
        yield FieldRow(_("calendar"), self._calendar_choice(), name="calendar")
        yield self._kind
        yield from self._compose_rest()

    def _compose_rest(self) -> ComposeResult:
        event = self._event
        area = TextArea(
            editable(event.description, lines=True) if event else "",
            id="description",
            compact=True,
            tab_behavior="focus",
            soft_wrap=True,
            highlight_cursor_line=False,
        )
        yield FieldRow(_("description"), area, name="description", classes="-gap")
        yield FieldRow("", name="preview", classes="-below")
        reminders = TextLine(
            write_reminders(reminders_of(event)) if event else "",
            name="reminders",
            placeholder=_("as the calendar; try 10 min, 1 day by mail"),
        )
        yield FieldRow(_("reminders"), reminders, name="reminders", classes="-gap")
        transparency = Choice(choices.transparencies(), self._transparency, name="transparency")
        yield FieldRow(_("shown as"), transparency, name="transparency")
        visibility = Choice(choices.visibilities(), self._visibility, name="visibility")
        yield FieldRow(_("visible to"), visibility, name="visibility")
        color = Choice(choices.colors(self._color_id, self.app), self._color_id, name="color_id")
        yield FieldRow(_("colour"), color, name="color_id")

    def _make_repeat(self) -> RepeatFields:
        event, times = self._event, self._original_times
        rule_day = times.start.date()
        if event is not None and event.original_start is not None:
            moment = parse_original_key(event.original_start)
            rule_day = moment.astimezone(zone_of(times.zone)).date() if isinstance(moment, datetime) else moment
        recurrence = event.recurrence if event else ()
        return RepeatFields(
            recurrence or (self._details.recurrence if self._details else ()),
            times.moments()[0],
            times.zone,
            today=self._gateway.now().date(),
            rule_day=rule_day,
            instance=self._is_instance,
        )

    def _calendar_choice(self) -> Choice[Calendar | None]:
        options: list[tuple[Calendar | None, Content | str]] = [
            (each, choices.name_calendar(each, self.app)) for each in self._calendars
        ]
        if not options:
            options = [(None, _("there is no calendar that you can write to"))]
        return Choice(options, self._original_calendar, name="calendar", fixed=len(options) < 2)

    # -- what there was ----------------------------------------------------------------------------------------

    def _main_calendar(self) -> Calendar | None:
        return next((each for each in self._calendars if each.primary), next(iter(self._calendars), None))

    @property
    def _is_instance(self) -> bool:
        return self._event is not None and self._event.recurring_event_id is not None

    @property
    def _transparency(self) -> Transparency:
        return "transparent" if self._event and self._event.transparency == "transparent" else "opaque"

    @property
    def _visibility(self) -> Visibility:
        visibility = self._event.visibility if self._event else "default"
        if visibility == "confidential":
            return "private"
        return cast(Visibility, visibility) if visibility in ("public", "private") else "default"

    @property
    def _color_id(self) -> str | None:
        return self._event.color_id if self._event else None

    # -- living ------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """The title comes first."""
        self.show_title(_("Edit event") if self._event else _("New event"), _("Ctrl-S saves"))
        self._when.show()
        self._repeat.show()
        self._show_kind()
        self._guests.show()
        self._show_reminders()
        self._show_preview()
        self._show_hints()
        self._initial = self._snapshot()
        title = self._line("summary")
        title.focus()
        title.cursor_position = len(title.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Follows the typing."""
        self._stop_asking()
        line = typed_line(event)
        if line is not None and line.id == "reminders":
            self._show_reminders()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Goes on after the question."""
        cleaned = editable(event.text_area.text, lines=True)
        if cleaned != event.text_area.text:
            event.text_area.text = cleaned
        self._stop_asking()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """A description is shown as it is meant, once it is left."""
        if event.widget.id == "description":
            self._show_preview()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter saves from the title, and goes on to the next field from elsewhere."""
        if event.input.id == "summary":
            self.action_save()
        else:
            self.focus_next()

    def on_when_fields_moved(self) -> None:
        """What the rule leaves to the start goes along with it."""
        self._tell_repeat()
        self._stop_asking()

    def on_weekday_line_changed(self) -> None:
        """There is something to lose."""
        self._stop_asking()

    def on_choice_changed(self, message: Choice.Changed) -> None:
        """There is something to lose, and nothing wrong any more."""
        self._stop_asking()
        if row := row_of(message.choice):
            row.accept()
        if message.choice.id == "calendar":
            moved = self._is_instance and self._chosen("calendar") != self._original_calendar
            self._row("calendar").say(_("moves the whole series") if moved else "")

    def on_kind_fields_changed(self, message: KindFields.Changed) -> None:
        """The other kinds live in the main calendar, and name themselves until the user does."""
        main = self._main_calendar()
        if self._kind.kind != "default" and main is not None and main.primary:
            self.query_one("#calendar", Choice).choose(main)
        title = self._line("summary")
        if title.value.strip() in ("", self._own_title):
            title.value = message.title
        self._own_title = message.title
        self._show_kind()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter means "save" anywhere, but only after Esc has asked; so does Ctrl-D mean "drop"."""
        return self._asked_about is not None if action.endswith("_after_asking") else True

    def action_save_after_asking(self) -> None:
        """An answer to the question."""
        self.action_save()

    def action_drop_after_asking(self) -> None:
        """The other answer."""
        self.dismiss(None)

    def action_close(self) -> None:
        """Asks first when something would be lost; Esc alone loses nothing, however often it is pressed."""
        now = self._snapshot()
        if now == self._initial:
            self.dismiss(None)
            return
        self._asked_about = None if self._asked_about is not None else now
        self._show_hints()

    def action_save(self) -> None:
        """Hands the draft over, or shows what is wrong and goes there."""
        self._asked_about = None
        self._show_hints()
        self._check()
        calendar: Calendar | None = self._chosen("calendar")
        if calendar is not None and not self._errors:
            try:
                draft = self._draft(calendar)
                draft.validate()
            except InvalidEdit as error:
                self._row(error.field if self.query(f"#row-{error.field}") else "summary").refuse(_(str(error)))
            else:
                self._leave(calendar, draft)
                return
        self._errors[0].focus_wrong()

    def _leave(self, calendar: Calendar, draft: Draft) -> None:
        """Unless there are guests who may want to be told."""
        if self._event is not None and draft == Draft() and calendar == self._original_calendar:
            self.dismiss(None)
        elif self._event is not None and _is_private(draft):
            self.dismiss(EditorResult(calendar, draft))
        elif (notify := self._guests.ask()) is not None:
            self.dismiss(EditorResult(calendar, draft, notify))

    # -- what is wrong -----------------------------------------------------------------------------------------

    @property
    def _errors(self) -> list[FieldRow]:
        return [row for row in self.query(FieldRow) if row.error]

    def _check(self) -> None:
        """Everything that can be said before there is a draft."""
        for row in self.query(FieldRow):
            row.accept()
        self._when.check()
        self._tell_repeat()
        self._repeat.check()
        self._guests.check()
        if self._event is None and not self._line("summary").value.strip():
            self._row("summary").refuse(_("it needs a title"))
        try:
            read_reminders(self._line("reminders").value)
        except NotAReminder as error:
            self._row("reminders").refuse(_("not a time before: {text}").format(text=clean(str(error))))
        calendar: Calendar | None = self._chosen("calendar")
        if calendar is None or not calendar.writable:
            self._row("calendar").refuse(_("this calendar can't be written to"))
        elif self._kind.kind != "default" and self._event is None and not calendar.primary:
            self._row("event_type").refuse(_("only in your main calendar"))

    # -- the draft ---------------------------------------------------------------------------------------------

    def _draft(self, calendar: Calendar) -> Draft:
        """Of an event that exists only what differs from it; of a new one all that was filled in."""
        event = self._event
        summary, location = self._line("summary").value.strip(), self._line("location").value.strip()
        description = self.query_one("#description", TextArea).text
        transparency, visibility, color_id = map(self._chosen, ("transparency", "visibility", "color_id"))
        before = editable(event.description, lines=True) if event else ""
        draft = Draft(
            summary=summary if event is None or summary != editable(event.summary).strip() else UNSET,
            location=location if location != (editable(event.location).strip() if event else "") else UNSET,
            description=description if description != before else UNSET,
            transparency=transparency if transparency != self._transparency else UNSET,
            visibility=visibility if visibility != self._visibility else UNSET,
            color_id=color_id if color_id != self._color_id else UNSET,
            guests=self._guests.guests(calendar) if self._kind.kind == "default" else UNSET,
        )
        draft = self._with_call(self._with_reminders(self._with_times(draft)))
        return self._kind.fill(draft)

    def _with_times(self, draft: Draft) -> Draft:
        """A series begins on the first of its days, not on the day that the cursor happened to be on."""
        if self._repeat.changed:
            draft = replace(draft, recurrence=self._repeat.recurrence())
            ahead = self._repeat.first_day() - self._when.times.start.date()
            if ahead > timedelta(0):
                self._when.begin_later(ahead.days)
        times = self._when.times
        if self._event is not None and times.same_as(self._original_times):
            return draft
        start, end = times.moments()
        if times.all_day:
            return replace(draft, start=start, end=end)
        end_zone = times.end_zone if times.end_zone != times.zone else None
        return replace(draft, start=start, end=end, zone=times.zone, end_zone=end_zone)

    def _with_call(self, draft: Draft) -> Draft:
        call: Call = self._chosen("call")
        if self._kind.kind != "default":
            return draft
        if call == "meet":
            return replace(draft, call_request_id=new_event_id())
        if call == "none" and self._event is not None and self._event.call_name:
            return replace(draft, call_request_id=None)
        return draft

    def _with_reminders(self, draft: Draft) -> Draft:
        reminders = read_reminders(self._line("reminders").value)
        before = reminders_of(self._event) if self._event else None
        same = reminders == before or (reminders and before and sorted(reminders) == sorted(before))
        return draft if same else replace(draft, reminders=reminders)

    def _snapshot(self) -> tuple[object, ...]:
        """Everything that could be lost."""
        values = [line.value for line in self.query(TextLine)]
        chosen = [choice.value for choice in self.query(Choice)]
        days = [line.days for line in self.query(WeekdayLine)]
        return (*values, *chosen, *days, self.query_one("#description", TextArea).text)

    # -- answers -----------------------------------------------------------------------------------------------

    def _tell_repeat(self) -> None:
        times = self._when.times
        self._repeat.set_start(times.moments()[0], times.zone)

    def _show_reminders(self) -> None:
        text = self._line("reminders").value
        try:
            self._row("reminders").say(say_reminders(read_reminders(text)) if text.strip() else "")
        except NotAReminder:
            self._row("reminders").say("…")

    def _show_preview(self) -> None:
        """The description's Markdown, where it has some."""
        written = self.query_one("#description", TextArea).text[:LONGEST_PREVIEW]
        text = plain_text(written, marks=True)
        row = self._row("preview")
        row.display = has_markdown(text) or text.split() != written.split()
        row.say(render_markdown(text) if row.display else "")

    def _show_kind(self) -> None:
        """The fields that this kind of event has."""
        kind = self._kind
        kind.show()
        self._when.allow_all_day(not kind.declines_invitations)
        self._guests.display = self._row("call").display = not kind.declines_invitations and not kind.is_workplace
        for name in ("location", "transparency", "visibility"):
            self._row(name).display = not kind.is_workplace

    def _row(self, name: str) -> FieldRow:
        return self.query_one(f"#row-{name}", FieldRow)

    def _line(self, name: str) -> TextLine:
        return self.query_one(f"#{name}", TextLine)

    def _chosen(self, name: str) -> Any:
        """As many types as there are choices."""
        return self.query_one(f"#{name}", Choice).value

    def _stop_asking(self) -> None:
        """Once there is more to lose than was asked about."""
        if self._asked_about is not None and self._asked_about != self._snapshot():
            self._asked_about = None
            self._show_hints()

    def _show_hints(self) -> None:
        if self._asked_about is not None:
            self.show_hints(
                ("Enter", _("saves")),
                ("Ctrl-D", _("drops them")),
                ("Esc", _("goes on")),
                remark=_("There are unsaved changes."),
            )
        else:
            self.show_hints(("Enter", _("save")), ("Tab", _("next")), ("↑ ↓", _("step a time")), ("Esc", _("close")))


def _is_private(draft: Draft) -> bool:
    """Whether it changes nothing that guests see."""
    seen = replace(draft, color_id=UNSET, reminders=UNSET, transparency=UNSET, visibility=UNSET)
    return seen == Draft()


def _find(calendar: Calendar | None, calendars: list[Calendar]) -> Calendar | None:
    """The same calendar as it is known now: its colour or its live state may have changed since it was read."""
    if calendar is None:
        return None
    place = (calendar.user_id, calendar.calendar_id)
    return next((each for each in calendars if (each.user_id, each.calendar_id) == place), None)
