"""The part of the form that says when: start and end, whole days, and the zones that they are meant in."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from textual.app import ComposeResult
from textual.containers import VerticalGroup
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from aicalendar_tui.i18n import _
from aicalendar_tui.screens.dates import time_of
from aicalendar_tui.screens.editor import choices
from aicalendar_tui.screens.editor.fields import Choice, TextLine, TimeLine
from aicalendar_tui.screens.editor.row import FieldRow, typed_line
from aicalendar_tui.screens.editor.times import (
    Times,
    city_of,
    step_end,
    step_start,
    with_all_day,
    with_end,
    with_end_zone,
    with_start,
    with_zone,
)
from aicalendar_tui.screens.editor.zones import ZoneSuggester, is_zone
from aicalendar_tui.screens.gateway import Gateway
from aicalendar_tui.screens.phrases import say_length


class WhenFields(VerticalGroup):
    """Holds the times: `times` is what was understood so far."""

    class Moved(Message):
        """The times are others now."""

    def __init__(self, times: Times, gateway: Gateway, *, hour24: bool) -> None:
        super().__init__()
        self.times = times
        self._gateway = gateway
        self._hour24 = hour24

    def compose(self) -> ComposeResult:
        times, hour24 = self.times, self._hour24
        start, end = times.start_text(hour24=hour24), times.end_text(hour24=hour24)
        yield FieldRow(_("start"), TimeLine(start, name="start"), name="start", classes="-noted")
        yield FieldRow(_("end"), TimeLine(end, name="end"), name="end", classes="-noted")
        yield FieldRow(_("all day"), Choice(choices.no_yes(), times.all_day, name="all_day"), name="all_day")
        suggester = ZoneSuggester()
        end_zone = times.end_zone if times.end_zone != times.zone else ""
        yield FieldRow(
            _("zone"),
            TextLine(times.zone, name="zone", suggester=suggester),
            Static("–", classes="between", markup=False),
            TextLine(end_zone, name="end_zone", suggester=suggester, placeholder=_("ends in the same")),
            name="zone",
        )

    def check(self) -> None:
        """Takes what was typed as meant; what is no time or no zone is refused where it stands."""
        for line in self.query(TimeLine):
            self._take_typed(line)
        if self.times.all_day:
            return
        for name in ("zone", "end_zone"):
            zone = self._line(name).value.strip()
            if not is_zone(zone) and (zone or name == "zone"):
                self._row("zone").refuse(_("no such zone; for example Europe/Prague"), self._line(name))
                return

    def begin_later(self, days: int) -> None:
        """The whole event, so many days on."""
        self.times = step_start(self.times, days, days=True)

    def allow_all_day(self, allowed: bool) -> None:
        """Some kinds of event always have a time."""
        self._row("all_day").display = allowed
        if not allowed and self.times.all_day:
            self.query_one("#all_day", Choice).choose(False)
            self._set_times(with_all_day(self.times, False))

    # -- living

    def on_input_changed(self, event: Input.Changed) -> None:
        """Follows the typing."""
        line = typed_line(event)
        if isinstance(line, TimeLine):
            self._preview(line)
        elif line is not None:
            self._take_zones()

    def on_time_line_left(self, message: TimeLine.Left) -> None:
        """Takes what was typed as meant, and writes it out."""
        self._take_typed(message.line)

    def on_time_line_stepped(self, message: TimeLine.Stepped) -> None:
        """Moves the event, or its end."""
        if self._take_typed(message.line):
            step = step_start if message.line.id == "start" else step_end
            self._set_times(step(self.times, message.steps, days=message.days))

    def on_choice_changed(self, message: Choice.Changed) -> None:
        """Whole days or hours."""
        for line in self.query(TimeLine):
            self._take_typed(line)
        self._set_times(with_all_day(self.times, bool(message.choice.value)))

    def _read_times(self, line: TimeLine) -> Times | None:
        """What the form's times would be with what is in `line`."""
        today = self._gateway.now().date()
        read = with_start if line.id == "start" else with_end
        return read(self.times, line.value, today=today)

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
        text = self.times.start_text if line.id == "start" else self.times.end_text
        return text(hour24=self._hour24)

    def _explain_time(self) -> str:
        return _("no such day") if self.times.all_day else _("not a time; try tue 15:00")

    def _set_times(self, times: Times) -> None:
        self.times = times
        self.show()

    def show(self) -> None:
        """Both lines written out, what they mean together, and what depends on them."""
        self._write_line("start", self.times.start_text(hour24=self._hour24))
        self._write_line("end", self.times.end_text(hour24=self._hour24))
        self._row("zone").display = not self.times.all_day
        self.post_message(self.Moved())
        for name in ("start", "end"):
            self._row(name).accept()
        self._show_meaning(self.times)

    def _write_line(self, name: str, text: str) -> None:
        line = self._line(name)
        if line.value != text:
            with self.prevent(Input.Changed):
                line.value = text
            line.cursor_position = len(text)

    def _preview(self, line: TimeLine) -> None:
        times = self._read_times(line)
        if line.id == "start":
            self._write_line("end", (times or self.times).end_text(hour24=self._hour24))
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
            times = with_zone(self.times, zone)
            self._set_times(with_end_zone(times, end_zone or zone))
        here = self._gateway.zone
        if is_zone(zone) and zone != here:
            moment = self.times.first_instant.astimezone(ZoneInfo(here))
            time = time_of(moment, hour24=self._hour24)
            self._row("zone").say(_("{time} in {place}").format(time=time, place=city_of(here)))
        else:
            self._row("zone").say("")

    def _row(self, name: str) -> FieldRow:
        return self.query_one(f"#row-{name}", FieldRow)

    def _line(self, name: str) -> TextLine:
        return self.query_one(f"#{name}", TextLine)
