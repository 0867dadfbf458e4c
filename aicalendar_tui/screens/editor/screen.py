"""The form: a new event, or another look for one that exists. It hands back a draft and saves nothing itself."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, cast
from zoneinfo import ZoneInfo

from msgspec import UNSET, Struct
from msgspec.structs import replace
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.types import CSSPathType
from textual.widgets import Input, Static, TextArea

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.change import Notify
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import InvalidEdit
from aicalendar_tui.backend.domain.event import Attendee, new_event_id
from aicalendar_tui.backend.domain.guests import Person
from aicalendar_tui.backend.domain.kinds import DECLINING, Declines, EventType, Workplace
from aicalendar_tui.backend.domain.times import parse_original_key, zone_of
from aicalendar_tui.i18n import _, ngettext
from aicalendar_tui.screens.dates import time_of
from aicalendar_tui.screens.details.markdown import has_markdown, render_markdown
from aicalendar_tui.screens.details.plain_text import plain_text
from aicalendar_tui.screens.editor import choices
from aicalendar_tui.screens.editor.choices import Call, Transparency, Visibility
from aicalendar_tui.screens.editor.fields import Choice, GuestsLine, TextLine, TimeLine, WeekdayLine, editable
from aicalendar_tui.screens.editor.people import (
    NotAnAddress,
    matching_people,
    read_guests,
    with_person,
    write_guests,
)
from aicalendar_tui.screens.editor.reminding import (
    NotAReminder,
    read_reminders,
    reminders_of,
    say_reminders,
    write_reminders,
)
from aicalendar_tui.screens.editor.repeat import RepeatFields
from aicalendar_tui.screens.editor.row import FieldRow, row_of
from aicalendar_tui.screens.editor.times import (
    Times,
    city_of,
    step_end,
    step_start,
    times_of,
    with_all_day,
    with_end,
    with_end_zone,
    with_start,
    with_zone,
)
from aicalendar_tui.screens.editor.zones import ZoneSuggester, is_zone
from aicalendar_tui.screens.gateway import Details, Gateway
from aicalendar_tui.screens.phrases import say_length
from aicalendar_tui.screens.sheet import MUTED, Sheet
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

    class PeopleRead(Message):
        """Who can be completed in the line of guests."""

        def __init__(self, people: Sequence[Person]) -> None:
            super().__init__()
            self.people = people

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
        self._hour24 = hour24
        self._details = details
        self._event = event = details.event if details else None
        zone = (event.zone if event and is_zone(event.zone) else None) or gateway.zone
        end_zone = event.end_zone if event and is_zone(event.end_zone) else None
        self._times = self._original_times = times_of(start, end, zone, end_zone)
        self._calendars = [each for each in calendars if each.writable]
        if details and not details.calendar.writable:
            self._calendars = [details.calendar]
        self._calendar = _find(calendar, self._calendars) or self._main_calendar()
        self._original_calendar = self._calendar
        self._kind: str = event.event_type if event else "default"
        self._asked_about: tuple[object, ...] | None = None
        """What the form held when Esc asked; None while no question is open."""
        self._initial: tuple[object, ...] = ()
        self._people: Sequence[Person] | None = None
        self._offered: list[Person] = []
        self._pointed = 0
        """Which of the people offered Enter takes."""
        self._kind_title = ""
        """The title that the kind of event gave itself."""

    # -- composing ---------------------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        """What matters most comes first: at 80×24 the rest is a few Tabs away."""
        event, times, hour24 = self._event, self._times, self._hour24
        yield FieldRow(_("title"), TextLine(event.summary if event else "", name="summary"), name="summary")
        yield FieldRow(
            _("start"), TimeLine(times.start_text(hour24=hour24), name="start"), name="start", classes="-noted"
        )
        yield FieldRow(_("end"), TimeLine(times.end_text(hour24=hour24), name="end"), name="end", classes="-noted")
        yield FieldRow(_("all day"), Choice(choices.no_yes(), times.all_day, name="all_day"), name="all_day")
        suggester = ZoneSuggester()
        yield FieldRow(
            _("zone"),
            TextLine(times.zone, name="zone", suggester=suggester),
            Static("–", classes="between", markup=False),
            TextLine(
                times.end_zone if times.end_zone != times.zone else "",
                name="end_zone",
                suggester=suggester,
                placeholder=_("ends in the same"),
            ),
            name="zone",
        )
        yield self._repeat_fields()
        yield from self._compose_people()
        yield from self._compose_kind()
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
        reminders = write_reminders(reminders_of(event)) if event else ""
        yield FieldRow(
            _("reminders"),
            TextLine(reminders, name="reminders", placeholder=_("as the calendar; try 10 min, 1 day by mail")),
            name="reminders",
            classes="-gap",
        )
        yield FieldRow(
            _("shown as"),
            Choice(choices.transparencies(), self._transparency, name="transparency"),
            name="transparency",
        )
        yield FieldRow(
            _("visible to"), Choice(choices.visibilities(), self._visibility, name="visibility"), name="visibility"
        )
        colors = choices.colors(self._color_id, self.app)
        yield FieldRow(_("colour"), Choice(colors, self._color_id, name="color_id"), name="color_id")

    def _compose_people(self) -> ComposeResult:
        """Whom it is with, and where."""
        may_invite = self._may_invite
        yield FieldRow(
            _("guests"),
            GuestsLine(write_guests(self._listed_guests), name="guests", disabled=not may_invite),
            name="guests",
            classes="-gap",
        )
        yield FieldRow("", name="people", classes="-below")
        yield FieldRow(_("tell them"), Choice(choices.notifications(), "ask", name="notify"), name="notify")
        name = self._event.call_name if self._event else ""
        yield FieldRow(
            _("video call"), Choice(choices.calls(name), "keep" if name else "none", name="call"), name="call"
        )
        yield FieldRow(
            _("place"), TextLine(self._event.location if self._event else "", name="location"), name="location"
        )
        yield FieldRow(_("calendar"), self._calendar_choice(), name="calendar")

    def _compose_kind(self) -> ComposeResult:
        """What sort of event it is; it can't become another one later."""
        event = self._event
        declines = (event.declines if event else None) or Declines()
        workplace = (event.workplace if event else None) or Workplace()
        kinds = choices.kinds(self._kind)
        yield FieldRow(
            _("kind"), Choice(kinds, self._kind, name="event_type", fixed=event is not None), name="event_type"
        )
        yield FieldRow(
            _("declines"), Choice(choices.decline_modes(), declines.mode, name="declines"), name="declines"
        )
        yield FieldRow(_("and says"), TextLine(declines.message, name="decline_message"), name="decline_message")
        yield FieldRow(
            _("works"),
            Choice(choices.workplaces(), workplace.kind, name="workplace"),
            TextLine(workplace.label, name="workplace_label", placeholder=_("its name")),
            name="workplace",
        )

    def _repeat_fields(self) -> RepeatFields:
        event, start = self._event, self._times.moments()[0]
        rule_day = self._times.start.date()
        if event is not None and event.original_start is not None:
            moment = parse_original_key(event.original_start)
            rule_day = moment.astimezone(zone_of(self._times.zone)).date() if isinstance(moment, datetime) else moment
        return RepeatFields(
            self._recurrence,
            start,
            self._times.zone,
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
        return Choice(options, self._calendar, name="calendar", fixed=len(options) < 2)

    # -- what there was ----------------------------------------------------------------------------------------

    def _main_calendar(self) -> Calendar | None:
        return next((each for each in self._calendars if each.primary), next(iter(self._calendars), None))

    @property
    def _is_instance(self) -> bool:
        return self._event is not None and self._event.recurring_event_id is not None

    @property
    def _recurrence(self) -> tuple[str, ...]:
        if self._event is None:
            return ()
        return self._event.recurrence or (self._details.recurrence if self._details else ())

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

    @property
    def _attendees(self) -> tuple[Attendee, ...]:
        return self._event.attendees if self._event else ()

    @property
    def _listed_guests(self) -> list[Attendee]:
        """Those in the line: the user knows of themselves, and rooms are places."""
        return [guest for guest in self._attendees if not guest.is_self and not guest.resource]

    @property
    def _may_invite(self) -> bool:
        event = self._event
        return event is None or event.organizer_is_self or event.guests_can_modify or not event.organizer

    # -- living ------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """The title comes first."""
        self.show_title(_("Edit event") if self._event else _("New event"), _("Ctrl-S saves"))
        self._show_times()
        self._show_kind()
        self._show_guests()
        self._show_preview()
        self._show_hints()
        self._initial = self._snapshot()
        title = self._line("summary")
        title.focus()
        title.cursor_position = len(title.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Follows the typing."""
        self._stop_asking()
        line, row = event.input, row_of(event.input)
        if not isinstance(line, TextLine) or row is None or row.repeats_refused(line):
            return
        row.accept()
        if isinstance(line, TimeLine):
            self._preview(line)
        elif line.id in ("zone", "end_zone"):
            self._take_zones()
        elif line.id == "guests":
            self._show_guests()
        elif line.id == "reminders":
            self._show_reminders()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Goes on after the question."""
        cleaned = editable(event.text_area.text, lines=True)
        if cleaned != event.text_area.text:
            event.text_area.text = cleaned
        self._stop_asking()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """What was typed is shown as it is meant, once the field is left."""
        if event.widget.id == "description":
            self._show_preview()
        elif event.widget.id == "guests":
            self._offer([])

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """People are read when somebody may be invited, and only then."""
        if event.widget.id == "guests" and self._people is None:
            self._people = ()
            self.run_worker(self._read_people(), group="people", exclusive=True)

    async def _read_people(self) -> None:
        self.post_message(self.PeopleRead(await self._gateway.people()))

    def on_editor_screen_people_read(self, message: PeopleRead) -> None:
        """Offers them at once, if somebody is being typed."""
        self._people = message.people
        self._show_guests()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter saves from the title, takes who is offered, and goes on to the next field from elsewhere."""
        if event.input.id == "summary":
            self.action_save()
        elif event.input.id == "guests" and self._offered:
            line = self._line("guests")
            line.value = with_person(line.value, self._offered[self._pointed])
            line.cursor_position = len(line.value)
        else:
            self.focus_next()

    def on_guests_line_pointed(self, message: GuestsLine.Pointed) -> None:
        """Up and down among those offered."""
        if self._offered:
            self._pointed = (self._pointed + message.steps) % len(self._offered)
            self._show_offer()

    def on_time_line_left(self, message: TimeLine.Left) -> None:
        """Takes what was typed as meant, and writes it out."""
        self._take_typed(message.line)

    def on_time_line_stepped(self, message: TimeLine.Stepped) -> None:
        """Moves the event, or its end."""
        if self._take_typed(message.line):
            step = step_start if message.line.id == "start" else step_end
            self._set_times(step(self._times, message.steps, days=message.days))
        self._stop_asking()

    def on_weekday_line_changed(self) -> None:
        """Something to lose."""
        self._stop_asking()

    def on_choice_changed(self, message: Choice.Changed) -> None:
        """Some choices ask for other fields, or leave no room for some."""
        self._stop_asking()
        if row := row_of(message.choice):
            row.accept()
        match message.choice.id:
            case "calendar":
                self._show_move()
            case "event_type":
                self._change_kind(message.choice.value)
            case "workplace":
                self._name_workplace()
                self._show_kind()
            case "all_day":
                for line in self.query(TimeLine):
                    self._take_typed(line)
                self._set_times(with_all_day(self._times, bool(message.choice.value)))

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
        for row in self.query(FieldRow):
            row.accept()
        self._check()
        calendar: Calendar | None = self._chosen("calendar")
        if calendar is None or not calendar.writable:
            self._row("calendar").refuse(_("this calendar can't be written to"))
        elif not self._errors:
            try:
                draft = self._draft(calendar)
                draft.validate()
            except InvalidEdit as error:
                self._refuse(error.field, _(str(error)))
            else:
                self._finish(calendar, draft)
                return
        self._errors[0].focus_wrong()

    def _finish(self, calendar: Calendar, draft: Draft) -> None:
        """Leaves, unless there are guests who may want to be told."""
        unchanged = self._event is not None and draft == Draft() and calendar == self._original_calendar
        if unchanged:
            self.dismiss(None)
            return
        notify = self._chosen("notify") if self._row("notify").display else "none"
        if notify == "ask":
            self._row("notify").refuse(_("by mail? y or n, then Ctrl-S"))
            self._row("notify").focus_wrong()
            return
        self.dismiss(EditorResult(calendar, draft, notify))

    # -- what is wrong -----------------------------------------------------------------------------------------

    @property
    def _errors(self) -> list[FieldRow]:
        return [row for row in self.query(FieldRow) if row.error]

    def _check(self) -> None:
        """Everything that can be said before there is a draft."""
        for line in self.query(TimeLine):
            self._take_typed(line)
        if self._event is None and not self._line("summary").value.strip():
            self._row("summary").refuse(_("it needs a title"))
        if not self._times.all_day:
            for name in ("zone", "end_zone"):
                zone = self._line(name).value.strip()
                if not is_zone(zone) and (zone or name == "zone"):
                    self._row("zone").refuse(_("no such zone; for example Europe/Prague"), self._line(name))
                    break
        self.query_one(RepeatFields).check()
        try:
            self._typed_guests()
        except NotAnAddress as error:
            self._row("guests").refuse(_("not an address: {text}").format(text=clean(str(error))))
        try:
            read_reminders(self._line("reminders").value)
        except NotAReminder as error:
            self._row("reminders").refuse(_("not a time before: {text}").format(text=clean(str(error))))
        if self._kind != "default" and self._event is None and not getattr(self._chosen("calendar"), "primary", True):
            self._row("event_type").refuse(_("only in your main calendar"))

    def _refuse(self, field: str, message: str) -> None:
        rows = {"workplace_label": "workplace", "event_type": "event_type"}
        name = rows.get(field, field)
        row = self._row(name if self.query(f"#row-{name}") else "summary")
        row.refuse(message)

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
        )
        draft = self._with_times(draft)
        draft = self._with_people(draft, calendar)
        draft = self._with_reminders(draft)
        return self._with_kind(draft)

    def _with_times(self, draft: Draft) -> Draft:
        repeat = self.query_one(RepeatFields)
        if repeat.changed:
            draft = replace(draft, recurrence=repeat.recurrence())
            ahead = repeat.first_day() - self._times.start.date()
            if ahead > timedelta(0):
                self._times = step_start(self._times, ahead.days, days=True)
        times = self._times
        if self._event is not None and times.same_as(self._original_times):
            return draft
        start, end = times.moments()
        if times.all_day:
            return replace(draft, start=start, end=end)
        end_zone = times.end_zone if times.end_zone != times.zone else None
        return replace(draft, start=start, end=end, zone=times.zone, end_zone=end_zone)

    def _with_people(self, draft: Draft, calendar: Calendar) -> Draft:
        call: Call = self._chosen("call") if self._row("call").display else "none" if not self._event else "keep"
        if call == "meet":
            draft = replace(draft, call_request_id=new_event_id())
        elif call == "none" and self._event and self._event.call_name:
            draft = replace(draft, call_request_id=None)
        if not self._may_invite or not self._row("guests").display:
            return draft
        typed = self._typed_guests()
        if _places(typed) == _places(self._listed_guests):
            return draft
        others = [guest for guest in self._attendees if guest.is_self or guest.resource]
        if typed and not others and calendar.primary and "@" in calendar.calendar_id:
            others = [Attendee(calendar.calendar_id, response="accepted")]
        return replace(draft, guests=(*others, *typed))

    def _with_reminders(self, draft: Draft) -> Draft:
        reminders = read_reminders(self._line("reminders").value)
        before = reminders_of(self._event) if self._event else None
        same = reminders == before or (reminders and before and sorted(reminders) == sorted(before))
        return draft if same else replace(draft, reminders=reminders)

    def _with_kind(self, draft: Draft) -> Draft:
        event, kind = self._event, self._kind
        if kind in DECLINING:
            declines = Declines(self._chosen("declines"), self._line("decline_message").value.strip())
            if declines != ((event.declines if event else None) or Declines()):
                draft = replace(draft, declines=declines)
        elif kind == "workingLocation":
            place = self._workplace()
            if place != (event.workplace if event else None):
                draft = replace(draft, workplace=place)
            if event is None:
                draft = replace(draft, transparency="transparent", visibility="public")
        if kind in (*DECLINING, "workingLocation") and (
            event is None or draft.declines is not UNSET or draft.workplace is not UNSET
        ):
            return replace(draft, event_type=cast(EventType, kind))
        return draft

    def _workplace(self) -> Workplace:
        kind = self._chosen("workplace")
        return Workplace(kind, "" if kind == "homeOffice" else self._line("workplace_label").value.strip())

    def _typed_guests(self) -> list[Attendee]:
        return read_guests(self._line("guests").value)

    def _snapshot(self) -> tuple[object, ...]:
        """Everything that could be lost."""
        values = [line.value for line in self.query(TextLine)]
        chosen = [choice.value for choice in self.query(Choice)]
        days = [line.days for line in self.query(WeekdayLine)]
        return (*values, *chosen, *days, self.query_one("#description", TextArea).text)

    # -- the times ---------------------------------------------------------------------------------------------

    def _read_times(self, line: TimeLine) -> Times | None:
        """What the form's times would be with what is in `line`."""
        today = self._gateway.now().date()
        read = with_start if line.id == "start" else with_end
        return read(self._times, line.value, today=today)

    def _take_typed(self, line: TimeLine) -> bool:
        """Whether the line holds a time; it is shown in full then, and the other line follows."""
        if line.value == self._text_of(line):
            return True
        times = self._read_times(line)
        if times is None:
            self._row(line.id or "").refuse(self._explain_time())
            return False
        self._set_times(times)
        return True

    def _text_of(self, line: TimeLine) -> str:
        text = self._times.start_text if line.id == "start" else self._times.end_text
        return text(hour24=self._hour24)

    def _explain_time(self) -> str:
        return _("no such day") if self._times.all_day else _("not a time; try tue 15:00")

    def _set_times(self, times: Times) -> None:
        self._times = times
        self._show_times()

    def _show_times(self) -> None:
        """Both lines written out, what they mean together, and what depends on them."""
        self._write_line("start", self._times.start_text(hour24=self._hour24))
        self._write_line("end", self._times.end_text(hour24=self._hour24))
        self._row("zone").display = not self._times.all_day
        self.query_one(RepeatFields).set_start(self._times.moments()[0], self._times.zone)
        for name in ("start", "end"):
            self._row(name).accept()
        self._show_meaning(self._times)

    def _write_line(self, name: str, text: str) -> None:
        line = self._line(name)
        if line.value != text:
            with self.prevent(Input.Changed):
                line.value = text
            line.cursor_position = len(text)

    def _preview(self, line: TimeLine) -> None:
        times = self._read_times(line)
        if line.id == "start":
            self._write_line("end", (times or self._times).end_text(hour24=self._hour24))
        if times is not None:
            self._show_meaning(times)
        elif line.value.strip():
            self._row(line.id or "").say("…")

    def _show_meaning(self, times: Times) -> None:
        """What was understood, in words: the whole beside the start, how long it is beside the end."""
        if times.length <= timedelta(0) and times.length < timedelta(days=times.all_day):
            self._row("end").say(Content.styled(_("before the start"), "$text-warning"))
            return
        self._row("start").say(times.meaning(hour24=self._hour24))
        self._row("end").say(say_length(times.length))

    def _take_zones(self) -> None:
        """The clocks that the times are read on, and what it is here then."""
        zone, end_zone = self._line("zone").value.strip(), self._line("end_zone").value.strip()
        if is_zone(zone) and (not end_zone or is_zone(end_zone)):
            times = with_zone(self._times, zone)
            self._set_times(with_end_zone(times, end_zone or zone))
        here = self._gateway.zone
        if is_zone(zone) and zone != here:
            moment = self._times.first_instant.astimezone(ZoneInfo(here))
            time = time_of(moment, hour24=self._hour24)
            self._row("zone").say(_("{time} in {place}").format(time=time, place=city_of(here)))
        else:
            self._row("zone").say("")

    # -- people, kinds and the rest ----------------------------------------------------------------------------

    def _show_guests(self) -> None:
        """How many they are, whether they can be told, and whom the typing may mean."""
        line = self._line("guests")
        try:
            count = len(self._typed_guests())
        except NotAnAddress:
            count = -1
        if not self._may_invite and self._event is not None:
            name = clean(self._event.organizer)
            self._row("guests").say(_("{name} invites").format(name=name))
        elif count > 0:
            self._row("guests").say(ngettext("{number} guest", "{number} guests", count).format(number=count))
        elif count == 0:
            self._row("guests").say("")
        self._row("notify").display = self._may_invite and bool(line.value.strip() or self._listed_guests)
        if not self._row("guests").display:
            self._row("notify").display = False
        self._offer(matching_people(line.value, self._people or ()) if line.has_focus else [])

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

    def _show_reminders(self) -> None:
        text = self._line("reminders").value
        try:
            reminders = read_reminders(text)
        except NotAReminder:
            self._row("reminders").say("…")
        else:
            self._row("reminders").say(say_reminders(reminders) if text.strip() else "")

    def _show_move(self) -> None:
        moved = self._is_instance and self._chosen("calendar") != self._original_calendar
        self._row("calendar").say(_("moves the whole series") if moved else "")

    def _show_preview(self) -> None:
        """The description's Markdown, where it has some."""
        written = self.query_one("#description", TextArea).text[:LONGEST_PREVIEW]
        text = plain_text(written, marks=True)
        row = self._row("preview")
        row.display = has_markdown(text) or text.split() != written.split()
        row.say(render_markdown(text) if row.display else "")

    def _change_kind(self, kind: str) -> None:
        """The kinds with rules of their own live in the main calendar, and have a time."""
        self._kind = kind
        main = self._main_calendar()
        if kind != "default" and main is not None and main.primary:
            self.query_one("#calendar", Choice).choose(main)
        if kind in DECLINING and self._times.all_day:
            self.query_one("#all_day", Choice).choose(False)
            self._set_times(with_all_day(self._times, False))
        self._suggest_title(choices.kind_titles().get(kind, ""))
        self._show_kind()
        self._show_guests()

    def _suggest_title(self, suggestion: str) -> None:
        title = self._line("summary")
        if title.value.strip() in ("", self._kind_title):
            title.value = suggestion
        self._kind_title = suggestion

    def _name_workplace(self) -> None:
        self._suggest_title(choices.workplace_titles()[self._chosen("workplace")])

    def _show_kind(self) -> None:
        """The rows that this kind of event has."""
        own, place = self._kind in DECLINING, self._kind == "workingLocation"
        hidden = {
            "guests": own or place,
            "call": own or place,
            "all_day": own,
            "location": place,
            "transparency": place,
            "visibility": place,
            "declines": not own,
            "decline_message": not own,
            "workplace": not place,
        }
        for name, hide in hidden.items():
            self._row(name).display = not hide
        self._line("workplace_label").display = self._chosen("workplace") != "homeOffice"

    # -- answers -----------------------------------------------------------------------------------------------

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


def _find(calendar: Calendar | None, calendars: list[Calendar]) -> Calendar | None:
    """The same calendar as it is known now: its colour or its live state may have changed since it was read."""
    if calendar is None:
        return None
    place = (calendar.user_id, calendar.calendar_id)
    return next((each for each in calendars if (each.user_id, each.calendar_id) == place), None)


def _places(guests: Sequence[Attendee]) -> list[tuple[str, bool]]:
    return [(guest.email.lower(), guest.optional) for guest in guests]
