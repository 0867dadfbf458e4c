"""The form: a new event, or another look for one that exists. It hands back a draft and saves nothing itself."""

import asyncio
from datetime import date, datetime, timedelta
from typing import ClassVar, Literal, cast
from zoneinfo import ZoneInfo, available_timezones

from msgspec import UNSET, Struct
from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.suggester import Suggester
from textual.types import CSSPathType
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import InvalidEdit
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.dates import time_of
from aicalendar_tui.screens.editor.colors import COLOR_NAMES
from aicalendar_tui.screens.editor.fields import Choice, TextLine, TimeLine, editable
from aicalendar_tui.screens.editor.repeat import Repeat, recurrence_of, repeat_of, repeat_options
from aicalendar_tui.screens.editor.times import (
    Times,
    step_end,
    step_start,
    times_of,
    with_all_day,
    with_end,
    with_start,
    with_zone,
)
from aicalendar_tui.screens.gateway import Details, Gateway
from aicalendar_tui.screens.phrases import say_length
from aicalendar_tui.screens.sheet import MUTED, Sheet
from aicalendar_tui.screens.text import clean
from aicalendar_tui.screens.theme import EVENT_COLORS, palette_of, visible_color

Transparency = Literal["opaque", "transparent"]
Visibility = Literal["default", "public", "private"]


class EditorResult(Struct, frozen=True):
    """What the user saved: only fields of the draft that are new or changed are set."""

    calendar: Calendar
    draft: Draft


class ZoneSuggester(Suggester):
    """Completes IANA zones by their beginning or by a city's; the list is read in a thread, once."""

    def __init__(self) -> None:
        super().__init__(case_sensitive=False)
        self._zones: list[str] | None = None

    async def get_suggestion(self, value: str) -> str | None:
        """The first zone that begins so (Textual completes only at the end of the text)."""
        if self._zones is None:
            self._zones = sorted(await asyncio.to_thread(available_timezones))
        return next((zone for zone in self._zones if zone.casefold().startswith(value)), None)


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
        self._hour24 = hour24
        self._details = details
        self._event = details.event if details else None
        self._zone = (self._event.zone if self._event and _is_zone(self._event.zone) else None) or gateway.zone
        self._times = self._original_times = times_of(start, end, self._zone)
        self._calendars = [each for each in calendars if each.writable]
        if details and not details.calendar.writable:
            self._calendars = [details.calendar]
        self._calendar = _find(calendar, self._calendars) or self._preferred_calendar()
        self._original_calendar = self._calendar
        self._asked_about: tuple[object, ...] | None = None
        """What the form held when Esc asked; None while no question is open."""
        self._errors: dict[str, str] = {}
        self._refused: dict[str, str] = {}
        """The values that the errors are about."""
        self._initial: tuple[object, ...] = ()

    # -- composing ---------------------------------------------------------------------------------------------

    def compose_body(self) -> ComposeResult:
        event, times = self._event, self._times
        no_yes = [(False, _("no")), (True, _("yes"))]
        yield self._row(_("title"), TextLine(event.summary if event else "", name="summary"))
        yield self._row(_("all day"), Choice(no_yes, times.all_day, name="all_day"))
        yield self._row(_("start"), TimeLine(times.start_text(hour24=self._hour24), name="start"), note=True)
        yield self._row(_("end"), TimeLine(times.end_text(hour24=self._hour24), name="end"), note=True)
        yield self._row(_("zone"), TextLine(self._zone, name="zone", suggester=ZoneSuggester()), note=True)
        yield self._row(_("repeats"), self._repeat_choice())
        yield self._row(_("calendar"), self._calendar_choice(), gap=True)
        yield self._row(_("place"), TextLine(event.location if event else "", name="location"))
        yield self._row(_("shown as"), Choice(_transparencies(), self._transparency, name="transparency"))
        yield self._row(_("visible to"), Choice(_visibilities(), self._visibility, name="visibility"))
        yield self._row(_("colour"), Choice(self._color_options(), self._color_id, name="color_id"))
        area = TextArea(
            editable(event.description, lines=True) if event else "",
            id="description",
            compact=True,
            tab_behavior="focus",
            soft_wrap=True,
            highlight_cursor_line=False,
        )
        yield self._row(_("description"), area, gap=True)

    def _row(self, label: str, field: Widget, *, note: bool = False, gap: bool = False) -> Widget:
        """Label, field, and the place beside it where the form answers."""
        row = Horizontal(
            Static(label, classes="label", markup=False),
            field,
            Static(id=f"note-{field.id}", classes="note", markup=False),
            classes="row",
            id=f"row-{field.id}",
        )
        row.set_class(note, "-noted").set_class(gap, "-gap")
        return row

    def _repeat_choice(self) -> Choice[Repeat]:
        event = self._event
        if event and event.recurring_event_id and not event.recurrence:
            return Choice([("custom", _("one of a series"))], "custom", name="recurrence", fixed=True)
        return Choice(self._repeat_options(), repeat_of(self._recurrence, self._first_day), name="recurrence")

    def _calendar_choice(self) -> Choice[Calendar | None]:
        options: list[tuple[Calendar | None, Content | str]] = [
            (each, self._name_calendar(each)) for each in self._calendars
        ]
        if not options:
            options = [(None, _("there is no calendar that you can write to"))]
        return Choice(options, self._calendar, name="calendar", fixed=len(options) < 2)

    def _name_calendar(self, calendar: Calendar) -> Content:
        color = visible_color(calendar.color, palette_of(self.app))
        return Content.assemble(("■ ", color), clean(calendar.summary) or clean(calendar.calendar_id))

    def _color_options(self) -> list[tuple[str | None, Content | str]]:
        palette = palette_of(self.app)
        options: list[tuple[str | None, Content | str]] = [(None, _("the calendar's"))]
        for color_id, name in COLOR_NAMES.items():
            color = visible_color(EVENT_COLORS[color_id], palette)
            options.append((color_id, Content.assemble(("■ ", color), _(name))))
        if self._color_id not in [option for option, _label in options]:
            options.append((self._color_id, clean(self._color_id or "")))
        return options

    # -- what there was ----------------------------------------------------------------------------------------

    def _preferred_calendar(self) -> Calendar | None:
        return next((each for each in self._calendars if each.primary), next(iter(self._calendars), None))

    @property
    def _is_instance(self) -> bool:
        return self._event is not None and self._event.recurring_event_id is not None

    @property
    def _recurrence(self) -> tuple[str, ...]:
        return self._event.recurrence if self._event else ()

    @property
    def _first_day(self) -> date:
        return self._original_times.start.date()

    def _repeat_options(self) -> list[tuple[Repeat, str]]:
        return repeat_options(self._times.start.date(), self._recurrence, self._first_day)

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
        self._show_times()
        self._show_hints()
        self._initial = self._snapshot()
        title = self.query_one("#summary", TextLine)
        title.focus()
        title.cursor_position = len(title.value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Follows the typing."""
        self._stop_asking()
        field = event.input.id or ""
        if field in self._errors and self._refused.get(field) == event.input.value:
            return  # news of typing that the error has already answered
        self._clear_error(field)
        if isinstance(event.input, TimeLine):
            self._preview(event.input)
        elif event.input.id == "zone":
            self._take_zone()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Goes on after the question."""
        cleaned = editable(event.text_area.text, lines=True)
        if cleaned != event.text_area.text:
            event.text_area.text = cleaned
        self._stop_asking()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter saves from the title; from elsewhere it goes on to the next field."""
        if event.input.id == "summary":
            self.action_save()
        else:
            self.focus_next()

    def on_time_line_left(self, message: TimeLine.Left) -> None:
        """Takes what was typed as meant, and writes it out."""
        self._take_typed(message.line)

    def on_time_line_stepped(self, message: TimeLine.Stepped) -> None:
        """Moves the event, or its end."""
        if self._take_typed(message.line):
            step = step_start if message.line.id == "start" else step_end
            self._set_times(step(self._times, message.steps, days=message.days))
        self._stop_asking()

    def on_choice_changed(self, message: Choice.Changed) -> None:
        """Turns times into days and back when it was "all day"."""
        self._stop_asking()
        self._clear_error(message.choice.id or "")
        if message.choice.id == "calendar" and self._is_instance:
            moved = message.choice.value != self._original_calendar
            self._note("calendar", Content.styled(_("moves the whole series") if moved else "", MUTED))
        if message.choice.id == "all_day":
            for line in self.query(TimeLine):
                self._take_typed(line)
                self._clear_error(line.id or "")
            self._set_times(with_all_day(self._times, bool(message.choice.value)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter means "save" anywhere, but only after Esc has asked."""
        return self._asked_about is not None if action == "save_after_asking" else True

    def action_save_after_asking(self) -> None:
        """The answer to the question."""
        self.action_save()

    def action_close(self) -> None:
        """Asks first when something would be lost; a second Esc drops it."""
        now = self._snapshot()
        if self._asked_about is not None or now == self._initial:
            self.dismiss(None)
            return
        self._asked_about = now
        self._show_hints()

    def action_save(self) -> None:
        """Hands the draft over, or shows what is wrong and goes there."""
        self._asked_about = None
        self._show_hints()
        self._errors = {}
        for line in self.query(TimeLine):
            self._take_typed(line)
        if self._event is None and not self.query_one("#summary", TextLine).value.strip():
            self._errors["summary"] = _("it needs a title")
        if not self._times.all_day and not _is_zone(self.query_one("#zone", TextLine).value.strip()):
            self._errors["zone"] = _("no such zone; for example Europe/Prague")
        calendar: Calendar | None = self.query_one("#calendar", Choice).value
        if calendar is None or not calendar.writable:
            self._errors["calendar"] = _("this calendar can't be written to")
        if not self._errors and calendar is not None:
            try:
                draft = self._draft()
                draft.validate()
            except InvalidEdit as error:
                self._errors[error.field] = _(str(error))
            else:
                unchanged = self._event is not None and draft == Draft() and calendar == self._original_calendar
                self.dismiss(None if unchanged else EditorResult(calendar, draft))
                return
        self._show_errors()

    # -- the draft ---------------------------------------------------------------------------------------------

    def _draft(self) -> Draft:
        """Of an event that exists only what differs from it; of a new one all that was filled in."""
        event = self._event
        summary = self.query_one("#summary", TextLine).value.strip()
        location = self.query_one("#location", TextLine).value.strip()
        description = self.query_one("#description", TextArea).text
        transparency = self.query_one("#transparency", Choice).value
        visibility = self.query_one("#visibility", Choice).value
        color_id = self.query_one("#color_id", Choice).value
        draft = Draft(
            summary=summary if event is None or summary != editable(event.summary).strip() else UNSET,
            location=location if location != (editable(event.location).strip() if event else "") else UNSET,
            description=description if self._description_changed(description) else UNSET,
            transparency=transparency if transparency != self._transparency else UNSET,
            visibility=visibility if visibility != self._visibility else UNSET,
            color_id=color_id if color_id != self._color_id else UNSET,
        )
        times = self._times
        if event is None or not times.same_as(self._original_times):
            start, end = times.moments()
            draft = replace(draft, start=start, end=end, zone=None if times.all_day else times.zone)
        recurrence = self._chosen_recurrence()
        return draft if recurrence == self._recurrence else replace(draft, recurrence=recurrence)

    def _description_changed(self, description: str) -> bool:
        before = editable(self._event.description, lines=True) if self._event else ""
        return description != before

    def _chosen_recurrence(self) -> tuple[str, ...]:
        choice: Repeat = self.query_one("#recurrence", Choice).value
        return recurrence_of(choice, self._times.start.date(), self._recurrence, self._first_day)

    def _snapshot(self) -> tuple[object, ...]:
        """Everything that could be lost."""
        values = [line.value for line in self.query(TextLine)]
        choices = [choice.value for choice in self.query(Choice)]
        return (*values, *choices, self.query_one("#description", TextArea).text)

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
            self._set_error(line.id or "", self._explain_time())
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
        """Both lines written out, what they mean together, and the choices that depend on them."""
        self._write_line("start", self._times.start_text(hour24=self._hour24))
        self._write_line("end", self._times.end_text(hour24=self._hour24))
        self.query_one("#row-zone").display = not self._times.all_day
        repeat = self.query_one("#recurrence", Choice)
        if repeat.can_focus:
            repeat.set_options(self._repeat_options())
        for line in ("start", "end"):
            self._clear_error(line)
        self._show_meaning(self._times)

    def _write_line(self, name: str, text: str) -> None:
        line = self.query_one(f"#{name}", TimeLine)
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
            self._note(line.id or "", Content.styled("…", MUTED))

    def _show_meaning(self, times: Times) -> None:
        """What was understood, in words: the whole beside the start, how long it is beside the end."""
        if times.length <= timedelta(0) and times.length < timedelta(days=times.all_day):
            self._note("end", Content.styled(_("before the start"), "$text-warning"))
            return
        self._note("start", Content.styled(times.meaning(hour24=self._hour24), MUTED))
        self._note("end", Content.styled(say_length(times.length), MUTED))

    def _take_zone(self) -> None:
        """The clock that the times are read on, and what it is here then."""
        zone = self.query_one("#zone", TextLine).value.strip()
        note = ""
        if _is_zone(zone):
            self._set_times(with_zone(self._times, zone))
            if zone != self._gateway.zone:
                here = self._times.first_instant.astimezone(ZoneInfo(self._gateway.zone))
                note = _("{time} here").format(time=time_of(here, hour24=self._hour24))
        self._note("zone", Content.styled(note, MUTED))

    # -- answers -----------------------------------------------------------------------------------------------

    def _note(self, field: str, text: Content) -> None:
        self.show_text(f"#note-{field}", text)
        self.query_one(f"#note-{field}").display = bool(text.plain)

    def _set_error(self, field: str, message: str) -> None:
        self._errors[field] = message
        widget = self.query_one(f"#{field}")
        self._refused[field] = widget.value if isinstance(widget, TextLine) else ""
        self._note(field, Content.styled(message, "$text-error"))
        self.query_one(f"#row-{field}").add_class("-wrong")

    def _clear_error(self, field: str) -> None:
        if self._errors.pop(field, None) is not None:
            self._note(field, Content(""))
        self.query_one(f"#row-{field}").remove_class("-wrong")

    def _show_errors(self) -> None:
        """Each beside its field; the first one gets the focus."""
        for field, message in self._errors.items():
            self._set_error(field, message)
        first = next((row for row in self.query(".row") if (row.id or "").removeprefix("row-") in self._errors), None)
        if first is not None:
            field = self.query_one(f"#{(first.id or '').removeprefix('row-')}")
            field.focus()
            field.scroll_visible()

    def _stop_asking(self) -> None:
        """Once there is more to lose than was asked about."""
        if self._asked_about is not None and self._asked_about != self._snapshot():
            self._asked_about = None
            self._show_hints()

    def _show_hints(self) -> None:
        if self._asked_about is not None:
            self.show_hints(
                ("Enter", _("saves")), ("Esc", _("again drops them")), remark=_("There are unsaved changes.")
            )
        else:
            self.show_hints(("Enter", _("save")), ("Tab", _("next")), ("↑ ↓", _("step a time")), ("Esc", _("close")))


def _find(calendar: Calendar | None, calendars: list[Calendar]) -> Calendar | None:
    """The same calendar as it is known now: its colour or its live state may have changed since it was read."""
    if calendar is None:
        return None
    place = (calendar.user_id, calendar.calendar_id)
    return next((each for each in calendars if (each.user_id, each.calendar_id) == place), None)


def _is_zone(name: str | None) -> bool:
    if not name:
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _transparencies() -> list[tuple[Transparency, str]]:
    return [("opaque", _("busy")), ("transparent", _("free"))]


def _visibilities() -> list[tuple[Visibility, str]]:
    return [("default", _("as the calendar")), ("public", _("everyone")), ("private", _("only guests"))]
