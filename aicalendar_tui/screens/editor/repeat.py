"""The part of the form that says how an event repeats: a choice, and a builder that unfolds below it."""

from datetime import date, datetime, timedelta
from typing import Literal

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.containers import VerticalGroup
from textual.content import Content
from textual.widgets import Input, Static

from aicalendar_tui.i18n import _, ngettext
from aicalendar_tui.screens.dates import short_day, short_month
from aicalendar_tui.screens.editor.fields import Choice, TextLine, WeekdayLine
from aicalendar_tui.screens.editor.row import FieldRow, typed_line
from aicalendar_tui.screens.editor.rule import (
    LONGEST_INTERVAL,
    MOST_TIMES,
    WORKDAYS,
    Frequency,
    Place,
    Rule,
    first_day,
    next_days,
    place_of,
    read_rule,
    say_series,
    write_rule,
)
from aicalendar_tui.screens.phrases import DAY_CODES, name_day, say_day_of_year, say_days, say_month_days
from aicalendar_tui.screens.sheet import MUTED
from aicalendar_tui.screens.words import read_day, split_words

Repeat = Literal["no", "DAILY", "workdays", "WEEKLY", "MONTHLY", "YEARLY", "custom"]
Ending = Literal["never", "until", "count"]
USUAL_LENGTH = timedelta(weeks=12)
USUAL_COUNT = 10


class RepeatFields(VerticalGroup):
    """Holds the rule of an event that begins at `start`; `recurrence` are the lines that it has so far.

    An instance's rule is that of its series: unless it is touched it stays as it is, wherever the instance goes.
    """

    def __init__(
        self,
        recurrence: tuple[str, ...],
        start: date | datetime,
        zone: str,
        *,
        today: date,
        rule_day: date,
        instance: bool,
    ) -> None:
        """`rule_day` is the day that the rule gave it, which the user may have moved it away from since."""
        super().__init__()
        self._original = recurrence
        self._start, self._zone, self._today = start, zone, today
        self._instance = instance
        self._rule_day = rule_day
        self._initial = read_rule(recurrence, rule_day, zone)
        self._choice = self._initial_choice = _choice_of(recurrence, self._initial)

    # -- composing

    def compose(self) -> ComposeResult:
        if self._instance and not self._original:
            yield FieldRow(
                _("repeats"),
                Choice([("custom", _("one of a series"))], "custom", name="recurrence", fixed=True),
                name="recurrence",
            )
            return
        rule = self._initial or Rule(frequency="WEEKLY")
        interval = TextLine(str(rule.interval), name="interval")
        interval.max_length = 3
        ending: Ending = "until" if rule.until else "count" if rule.count else "never"
        bound = name_day(rule.until) if rule.until else str(rule.count or "")
        yield FieldRow(_("repeats"), Choice(self._choices(), self._choice, name="recurrence"), name="recurrence")
        yield FieldRow(_("every"), interval, Static(id="unit", markup=False), name="interval", classes="-below")
        yield FieldRow(
            _("on days"), WeekdayLine(rule.days(self._rule_day), name="weekdays"), name="weekdays", classes="-below"
        )
        yield FieldRow(
            _("on days"), Choice(self._places(rule), rule.place, name="place"), name="place", classes="-below"
        )
        yield FieldRow(
            _("ends"),
            Choice(_endings(), ending, name="ending"),
            TextLine(bound, name="bound"),
            name="bound",
            classes="-below",
        )
        yield FieldRow("", name="rule", classes="-below")

    def _choices(self) -> list[tuple[Repeat, str]]:
        choices: list[tuple[Repeat, str]] = [
            ("no", _("no")),
            ("DAILY", _("every day")),
            ("workdays", _("every weekday")),
            ("WEEKLY", _("every week")),
            ("MONTHLY", _("every month")),
            ("YEARLY", _("every year")),
        ]
        if self._initial_choice == "custom":
            choices.append(("custom", _("in its own way")))
        return choices

    def _places(self, rule: Rule) -> list[tuple[Place, str]]:
        day = self._day
        code, nth = DAY_CODES[day.weekday()], (day.day - 1) // 7 + 1
        monthly = rule.frequency == "MONTHLY"

        def name(place: Place) -> str:
            if place == "end":
                return say_month_days(["-1"])
            if place == "day":
                return say_month_days([str(day.day)]) if monthly else say_day_of_year(day.month, str(day.day), [])
            codes = [f"-1{code}" if place == "last" or nth > 4 else f"{nth}{code}"]
            return say_days(codes, "MONTHLY") if monthly else say_day_of_year(day.month, "", codes)

        return [(place, name(place)) for place in place_of(rule, day)]

    @property
    def _day(self) -> date:
        return self._start.date() if isinstance(self._start, datetime) else self._start

    @property
    def _builds(self) -> bool:
        return self._choice not in ("no", "custom")

    # -- what is chosen

    def set_start(self, start: date | datetime, zone: str) -> None:
        """The event begins elsewhere now: whatever the rule leaves to its start goes along."""
        before = self._day
        self._start, self._zone = start, zone
        if not self.query("#interval"):
            return
        line = self.query_one(WeekdayLine)
        if line.days == {before.weekday()} and not self._instance:
            line.choose(frozenset({self._day.weekday()}))
        self.show()

    def first_day(self) -> date:
        """Where the series begins: a weekly one on the first of its days."""
        rule = self._read()
        return first_day(rule, self._day) if isinstance(rule, Rule) and self.changed else self._day

    @property
    def changed(self) -> bool:
        """Whether the rule is another one than it was."""
        return self.recurrence() != self._original

    def recurrence(self) -> tuple[str, ...]:
        """The lines as they shall be; those that were there where they still say the same."""
        if self._choice == "custom" or not self.query("#interval"):
            return self._original
        rule = self._read()
        if rule is None:
            return () if self._choice == "no" else self._original
        if rule == self._initial and self._anchor == self._rule_day:
            return self._original
        if self._instance:
            rule = replace(rule, weekdays=rule.days(self._anchor))
        return write_rule(rule, self._start, self._original)

    @property
    def _anchor(self) -> date:
        """The day that the rule may leave to the start: an instance has gone from it without its series."""
        return self._rule_day if self._instance else self._day

    def check(self) -> bool:
        """Whether all of it can be read; what can't is refused where it stands."""
        rows = list(self.query(FieldRow))
        for row in rows:
            if row.field_name in ("interval", "bound"):
                row.accept()
        if self._builds and self._read() is None:
            self._refuse()
        return not any(row.error for row in rows)

    def _read(self) -> Rule | None:
        """None for no rule, and for one that can't be read."""
        if not self._builds or not self.query("#interval"):
            return None
        interval = _number(self.query_one("#interval", TextLine).value, LONGEST_INTERVAL)
        ending: Ending = self.query_one("#ending", Choice).value
        bound = self.query_one("#bound", TextLine).value
        until = self._read_until(bound) if ending == "until" else None
        count = _number(bound, MOST_TIMES) if ending == "count" else None
        if interval is None or (ending == "until" and until is None) or (ending == "count" and count is None):
            return None
        frequency: Frequency = "WEEKLY" if self._choice == "workdays" else self._choice  # type: ignore[assignment]
        days = self.query_one(WeekdayLine).days if frequency == "WEEKLY" else frozenset()
        return Rule(
            frequency=frequency,
            interval=interval,
            weekdays=frozenset() if days == {self._anchor.weekday()} else days,
            place=self.query_one("#place", Choice).value if frequency in ("MONTHLY", "YEARLY") else "day",
            until=until,
            count=count,
            week_start=self._initial.week_start if self._initial else "",
        )

    def _read_until(self, text: str) -> date | None:
        day = read_day(split_words(text), max(self._today, self._day))
        return day if day and day >= self._day else None

    def _refuse(self) -> None:
        if _number(self.query_one("#interval", TextLine).value, LONGEST_INTERVAL) is None:
            self._row("interval").refuse(_("a number from 1 on"))
            return
        line = self.query_one("#bound", TextLine)
        until = self.query_one("#ending", Choice).value == "until"
        message = _("no day after the start; try 24 dec") if until else _("a number from 1 on")
        self._row("bound").refuse(message, line)

    # -- living

    def on_choice_changed(self, message: Choice.Changed) -> None:
        """Another way to repeat, or to end."""
        if message.choice.id == "recurrence":
            self._choice = message.choice.value
            line = self.query_one(WeekdayLine)
            if self._choice == "workdays":
                line.choose(WORKDAYS)
            elif self._choice == "WEEKLY" and line.days == WORKDAYS:
                line.choose(frozenset({self._day.weekday()}))
        elif message.choice.id == "ending":
            usual = {"until": name_day(self._day + USUAL_LENGTH), "count": str(USUAL_COUNT)}
            bound = self.query_one("#bound", TextLine)
            bound.value = usual.get(message.choice.value, "")
            bound.cursor_position = len(bound.value)
        self._row("bound").accept()
        self.show()

    def on_weekday_line_changed(self) -> None:
        """Five working days are called so."""
        self.show()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Follows the typing."""
        if typed_line(event) is not None:
            self.show()

    def show(self) -> None:
        """Unfolds what is needed, and says the rule."""
        if not self.query("#interval"):
            return
        frequency = "WEEKLY" if self._choice == "workdays" else self._choice
        ending = self.query_one("#ending", Choice).value
        shown = {
            "interval": self._builds,
            "weekdays": frequency == "WEEKLY",
            "place": frequency in ("MONTHLY", "YEARLY"),
            "bound": self._builds,
            "rule": self._choice != "no",
        }
        for name, display in shown.items():
            self._row(name).display = display
        self.query_one("#bound").display = ending != "never"
        place = self.query_one("#place", Choice)
        if shown["place"]:
            places = self._places(
                Rule(frequency="MONTHLY" if frequency == "MONTHLY" else "YEARLY", place=place.value)
            )
            chosen = place.value
            place.set_options(places)
            place.choose(chosen)
        count = _number(self.query_one("#interval", TextLine).value, LONGEST_INTERVAL) or 1
        self.query_one("#unit", Static).update(_unit(frequency, count))
        self._show_words()

    def _show_words(self) -> None:
        """The rule, and the days on which it falls next."""
        lines = self.recurrence()
        if not lines or (self._builds and self._read() is None):
            self._row("rule").say("")
            return
        start = self._start + (self.first_day() - self._day)
        days = next_days(lines, start, self._zone)
        words = say_series(lines, self._day, self._zone) or _("on chosen days")
        years = [self._today.year, *(day.year for day in days)]
        dates = " · ".join(_short_date(day, year) for day, year in zip(days, years, strict=False))
        self._row("rule").say(Content.assemble(words, "\n", (dates or _("never"), MUTED)))

    def _row(self, name: str) -> FieldRow:
        return self.query_one(f"#row-{name}", FieldRow)


def _choice_of(recurrence: tuple[str, ...], rule: Rule | None) -> Repeat:
    if not recurrence:
        return "no"
    if rule is None:
        return "custom"
    return "workdays" if rule.weekdays == WORKDAYS and rule.interval == 1 else rule.frequency


def _number(text: str, most: int) -> int | None:
    text = text.strip()
    number = int(text) if text.isdecimal() and len(text) < 5 else 0
    return number if 1 <= number <= most else None


def _endings() -> list[tuple[Ending, str]]:
    return [("never", _("never")), ("until", _("on a day")), ("count", _("after so many times"))]


def _unit(frequency: str, count: int) -> str:
    units = {
        "DAILY": ngettext("day", "days", count),
        "WEEKLY": ngettext("week", "weeks", count),
        "MONTHLY": ngettext("month", "months", count),
        "YEARLY": ngettext("year", "years", count),
    }
    return units.get(frequency, "")


def _short_date(day: date, year: int) -> str:
    """The year only where it is another one than was said before."""
    text = f"{short_day(day.weekday())} {day.day} {short_month(day.month)}"
    return text if day.year == year else f"{text} {day.year}"
