"""What can be set here, between which values, and what a value means for the look. Pure."""

from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from aicalendar_tui.i18n import N_, _
from aicalendar_tui.screens.dates import day_name
from aicalendar_tui.screens.preferences import Preferences, Week


class SettingsStore(Protocol):
    """Where settings are kept, by their keys in config.toml; values are texts as people write them."""

    @property
    def keeps(self) -> bool:
        """Whether a change is there at the next start, too."""
        ...

    @property
    def place(self) -> str:
        """Where, to be shown."""
        ...

    def text(self, key: str) -> str:
        """The value; '' for what is left to the locale or the machine."""
        ...

    def default(self, key: str) -> str: ...

    def locked_by(self, key: str) -> str:
        """What wins over the file, or ''."""
        ...

    def choose(self, key: str, text: str) -> None:
        """From now on; '' is the default. Raises InvalidEdit with what is right."""
        ...

    def keep(self, key: str) -> None:
        """Blocks: writes what was chosen. Raises CalendarError."""
        ...


class Choice(Struct, frozen=True, kw_only=True):
    """One setting. `label` is a msgid; without `values` it is typed."""

    key: str
    label: str
    values: tuple[str, ...] = ()
    example: str = ""


RIGHTS = (N_("two times of a day such as 09:00-18:00"), N_("an IANA time zone such as America/New_York"))
"""What the values that are typed must be, in the words of the settings' own table, which knows no translations."""


def all_choices(themes: tuple[str, ...]) -> tuple[Choice, ...]:
    """In the order of the screen; `themes` are the names of the colour schemes."""
    return (
        Choice(key="language", label=N_("Language"), values=("", "en", "ru")),
        Choice(key="theme", label=N_("Colours"), values=themes),
        Choice(key="clock_hours", label=N_("Clock"), values=("24", "12")),
        Choice(key="first_day_of_week", label=N_("Weeks begin on"), values=("monday", "saturday", "sunday")),
        Choice(key="week", label=N_("The week view"), values=("7", "5", "today")),
        Choice(key="several_days", label=N_("The view of several days"), values=tuple(str(n) for n in range(1, 10))),
        Choice(key="row_minutes", label=N_("Minutes in a row of the grid"), values=("15", "30", "60")),
        Choice(key="work_hours", label=N_("Working hours"), example="09:00-18:00"),
        Choice(key="week_numbers", label=N_("Week numbers"), values=("on", "off")),
        Choice(key="second_zone", label=N_("Second time zone"), example="America/New_York"),
        Choice(key="preset", label=N_("Keys"), values=("hybrid", "google")),
    )


def say_value(key: str, text: str) -> str:
    """The value in words."""
    days = {"monday": 0, "saturday": 5, "sunday": 6}
    match key, text:
        case "language", _code:
            return {"": _("as the system's"), "en": "English", "ru": "Русский"}.get(text, text)
        case "clock_hours", "12":
            return _("12 hours, 3:00 pm")
        case "clock_hours", _hours:
            return _("24 hours, 15:00")
        case "first_day_of_week", _day:
            return day_name(days[text]) if text in days else text
        case "week", _kind:
            return {"7": _("whole weeks"), "5": _("Monday to Friday"), "today": _("seven days from today")}.get(
                text, text
            )
        case "week_numbers", _switch:
            return _("shown") if text == "on" else _("hidden")
        case "second_zone", "":
            return _("none")
        case "preset", _name:
            return {"hybrid": _("vi's and Google's"), "google": _("as Google Calendar in the browser")}.get(
                text, text
            )
        case "theme", _name:
            return {"dark": _("dark"), "light": _("light")}.get(text, text)
    return text


def change_preferences(preferences: Preferences, key: str, text: str) -> Preferences:
    """The look with that setting; the same for a setting that is none of the look. `text` is a valid value."""
    weeks: dict[str, Week] = {"7": "seven", "5": "five", "today": "ahead"}
    match key:
        case "clock_hours":
            return replace(preferences, hour24=text == "24")
        case "first_day_of_week":
            return replace(preferences, first_day_of_week={"monday": 0, "saturday": 5, "sunday": 6}[text])
        case "week":
            return replace(preferences, week=weeks[text])
        case "several_days":
            return replace(preferences, several_days=int(text))
        case "row_minutes":
            return replace(preferences, minutes_per_row=int(text))
        case "work_hours":
            first, last = (
                int(hour) * 60 + int(minute)
                for hour, _colon, minute in (part.partition(":") for part in text.split("-"))
            )
            return replace(preferences, work=(first, last))
        case "week_numbers":
            return replace(preferences, week_numbers=text == "on")
        case "second_zone":
            return replace(preferences, second_zone=text)
    return preferences
