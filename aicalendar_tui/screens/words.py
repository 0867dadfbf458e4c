"""The words in which people name days, in English and Russian at once, whatever language the screens speak.

Spellings are told by prefix (`thurs`, `сент`), so that a preview can follow the typing. Nothing here raises on odd
text: what is not understood is None. Days stay within 1900–2199, where every zone and every sum of them is defined.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from aicalendar_tui.screens.dates import add_months

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
LONGEST_TEXT = 200
"""Characters that are looked at; no date that people type is longer."""

_WEEKDAYS: tuple[tuple[str, ...], ...] = (
    ("monday", "понедельник", "понедельника", "понедельнику"),
    ("tuesday", "вторник", "вторника", "вторнику"),
    ("wednesday", "среда", "среду", "среды", "среде"),
    ("thursday", "четверг", "четверга", "четвергу"),
    ("friday", "пятница", "пятницу", "пятницы", "пятнице"),
    ("saturday", "суббота", "субботу", "субботы", "субботе"),
    ("sunday", "воскресенье", "воскресенья", "воскресенью"),
)
_SHORT_WEEKDAYS: tuple[tuple[str, ...], ...] = (
    ("mo", "пн"),
    ("tu", "вт"),
    ("we", "ср"),
    ("th", "чт"),
    ("fr", "пт"),
    ("sa", "сб"),
    ("su", "вс"),
)
_MONTHS: tuple[tuple[str, ...], ...] = (
    ("january", "январь", "января", "январе"),
    ("february", "февраль", "февраля", "феврале"),
    ("march", "март", "марта", "марте"),
    ("april", "апрель", "апреля", "апреле"),
    ("may", "май", "мая", "мае"),
    ("june", "июнь", "июня", "июне"),
    ("july", "июль", "июля", "июле"),
    ("august", "август", "августа", "августе"),
    ("september", "сентябрь", "сентября", "сентябре"),
    ("october", "октябрь", "октября", "октябре"),
    ("november", "ноябрь", "ноября", "ноябре"),
    ("december", "декабрь", "декабря", "декабре"),
)
_NEAR_DAYS = {
    "today": 0,
    "tod": 0,
    "tomorrow": 1,
    "tom": 1,
    "tmrw": 1,
    "yesterday": -1,
    "сегодня": 0,
    "завтра": 1,
    "послезавтра": 2,
    "вчера": -1,
    "позавчера": -2,
}
_UNITS = {
    "day": ("d", "day", "days", "д", "дн", "день", "дня", "дней"),
    "week": ("w", "wk", "week", "weeks", "н", "нед", "неделя", "неделю", "недели", "неделе", "недель"),
    "month": ("m", "mo", "month", "months", "м", "мес", "месяц", "месяца", "месяце", "месяцев"),
    "year": ("y", "yr", "year", "years", "г", "год", "года", "году", "лет"),
}
_UNIT_OF = {word: unit for unit, spellings in _UNITS.items() for word in spellings}
_NUMBERS = {
    **dict.fromkeys(("a", "an", "one", "один", "одну"), 1),
    **dict.fromkeys(("two", "два", "две", "пару", "couple"), 2),
    **dict.fromkeys(("three", "три"), 3),
    **dict.fromkeys(("four", "четыре"), 4),
    **dict.fromkeys(("five", "пять"), 5),
    **dict.fromkeys(("six", "шесть"), 6),
    **dict.fromkeys(("seven", "семь"), 7),
    **dict.fromkeys(("eight", "восемь"), 8),
    **dict.fromkeys(("nine", "девять"), 9),
    **dict.fromkeys(("ten", "десять"), 10),
}
_NEXT = frozenset({"next", "следующий", "следующая", "следующую", "следующее", "следующей", "следующем", "след"})
_LAST = frozenset({"last", "previous", "прошлый", "прошлая", "прошлую", "прошлое", "прошлой", "прошлом"})
_THIS = frozenset({"this", "этот", "эта", "эту", "это", "этой", "ближайший", "ближайшая", "ближайшую", "ближайшее"})
_FILLERS = frozenset({"on", "the", "of", "by", "in", "в", "во", "на", "к"})
_BEFORE_A_YEAR = frozenset({"год", "года", "г"})
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-") | {"ё": "е", "\u00a0": " ", "\u202f": " "})

_COMMA = re.compile(r",(?!\d)")  # "1,5" keeps its own
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})(?:\.(\d{4}|\d{2})?)?", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?", re.ASCII)
_NUMBER = re.compile(r"\d{1,4}", re.ASCII)
_DAY_NUMBER = re.compile(r"(\d{1,2})(?:st|nd|rd|th|-?(?:го|е|ое|ого))?\.?", re.ASCII)
_SIGNED = re.compile(r"([+-])(\d{1,5})([a-zа-я]*)", re.ASCII)


def split_words(text: str) -> list[str]:
    """The words of `text` in lower case, with one kind of dash and without commas."""
    return _COMMA.sub(" ", text[:LONGEST_TEXT].lower().translate(_DASHES)).split()


def weekday_of(word: str) -> int | None:
    """0 for Monday … 6 for Sunday, from any beginning of its name (two letters at least)."""
    word = word.rstrip(".")
    for number, (short, long) in enumerate(zip(_SHORT_WEEKDAYS, _WEEKDAYS, strict=True)):
        if word in short or (len(word) >= 3 and any(name.startswith(word) for name in long)):
            return number
    return None


def month_of(word: str) -> int | None:
    """1 … 12, from any beginning of its name of three letters and more."""
    word = word.rstrip(".")
    if len(word) < 3:
        return None
    return next((n for n, names in enumerate(_MONTHS, 1) if any(name.startswith(word) for name in names)), None)


def number_of(word: str) -> int | None:
    """A count written with digits or as a small word."""
    return int(word) if _NUMBER.fullmatch(word) else _NUMBERS.get(word)


def read_day(words: Sequence[str], today: date) -> date | None:
    """The one day that `words` (of `split_words`) name, seen from `today`; None when they name none.

    A day without its year or month is the next one to come, today included; `next friday` is that of the next
    week, `this` and `last` likewise; `3/4` is the third of April, and `4/30` can only be the thirtieth.
    """
    words = [word for word in words if word not in _FILLERS]
    if not words or len(words) > 6:
        return None
    try:
        day = (
            _read_near_day(words, today)
            or _read_step(words, today)
            or _read_weekday(words, today)
            or _read_calendar_day(words, today)
        )
    except (OverflowError, ValueError):
        return None
    return day if day and EARLIEST <= day <= LATEST else None


def days_in_month(year: int, month: int) -> int:
    """28 … 31."""
    return monthrange(year, month)[1]


def start_of_unit(unit: str, today: date, *, ahead: int) -> date:
    """The first day of the `week`, `month` or `year` that lies `ahead` of today's (0: today's own)."""
    if unit == "week":
        return today - timedelta(days=today.weekday()) + timedelta(weeks=ahead)
    if unit == "month":
        return add_months(today.replace(day=1), ahead)
    if unit == "year":
        return date(today.year + ahead, 1, 1)
    return today + timedelta(days=ahead)


def unit_of(word: str) -> str | None:
    """`day`, `week`, `month` or `year`."""
    return _UNIT_OF.get(word.rstrip("."))


def ahead_of(word: str) -> int | None:
    """1 for `next`, 0 for `this`, -1 for `last`."""
    return 1 if word in _NEXT else 0 if word in _THIS else -1 if word in _LAST else None


def _read_near_day(words: Sequence[str], today: date) -> date | None:
    if list(words) == ["day", "after", "tomorrow"]:
        return today + timedelta(days=2)
    if len(words) == 1 and words[0] in _NEAR_DAYS:
        return today + timedelta(days=_NEAR_DAYS[words[0]])
    return None


def _read_step(words: Sequence[str], today: date) -> date | None:
    """`+10`, `-2w`, `3 weeks`, `2 weeks ago`, `через неделю`, `2 недели назад`."""
    if len(words) == 1 and (match := _SIGNED.fullmatch(words[0])):
        unit = unit_of(match[3]) if match[3] else "day"
        return _step(today, int(match[1] + match[2]), unit) if unit else None
    words, sign = list(words), 1
    if words[0] == "через":
        words = words[1:]
    elif words[-1] in ("ago", "назад"):
        words, sign = words[:-1], -1
    elif words[-2:] == ["from", "now"]:
        words = words[:-2]
    if len(words) == 1 and (unit := unit_of(words[0])) and len(words[0]) > 2:
        return _step(today, sign, unit)
    if words[-1:] in ([], ["неделя"]):  # "50 неделя" is a week's number; so many weeks would be "недель"
        return None
    if len(words) == 2 and (unit := unit_of(words[1])) and (count := number_of(words[0])) is not None:
        return _step(today, sign * count, unit)
    return None


def _step(today: date, count: int, unit: str) -> date:
    if unit == "month":
        return add_months(today, count)
    if unit == "year":
        return add_months(today, 12 * count)
    return today + timedelta(days=count) * (7 if unit == "week" else 1)


def _read_weekday(words: Sequence[str], today: date) -> date | None:
    if len(words) == 1 and (weekday := weekday_of(words[0])) is not None:
        return today + timedelta(days=(weekday - today.weekday()) % 7)
    if len(words) == 2 and (weekday := weekday_of(words[1])) is not None:
        ahead = ahead_of(words[0])
        if ahead is not None:
            return start_of_unit("week", today, ahead=ahead) + timedelta(days=weekday)
    return None


def _read_calendar_day(words: Sequence[str], today: date) -> date | None:
    """`25`, `25 nov`, `nov 25 2027`, `24.12.`, `2026-12-24`; a weekday may stand before it and says nothing new."""
    words = list(words)
    if len(words) > 1 and weekday_of(words[0]) is not None:
        words = words[1:]
    if len(words) > 2 and words[-1].rstrip(".") in _BEFORE_A_YEAR:
        words = words[:-1]
    if len(words) == 1:
        return _read_digits(words[0], today)
    year = None
    if len(words) == 3:
        if not re.fullmatch(r"\d{4}", words[2], re.ASCII):
            return None
        year = int(words[2])
    elif len(words) != 2:
        return None
    for day_word, month_word in ((words[0], words[1]), (words[1], words[0])):
        number, month = _DAY_NUMBER.fullmatch(day_word), month_of(month_word)
        if number and month:
            return _dated(int(number[1]), month, year, today)
    return None


def _read_digits(word: str, today: date) -> date | None:
    if match := _ISO.fullmatch(word):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _DOTTED.fullmatch(word):
        return _dated(int(match[1]), int(match[2]), _full_year(match[3]), today)
    if match := _SLASHED.fullmatch(word):
        day, month = int(match[1]), int(match[2])
        if month > 12:
            day, month = month, day
        return _dated(day, month, _full_year(match[3]), today)
    if match := _DAY_NUMBER.fullmatch(word):
        return _coming_day_of_month(int(match[1]), today)
    return None


def _full_year(digits: str | None) -> int | None:
    if not digits:
        return None
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _dated(day: int, month: int, year: int | None, today: date) -> date:
    """Raises ValueError for a day that its month doesn't have."""
    if year is not None:
        return date(year, month, day)
    for candidate in range(today.year, today.year + 9):
        if not 1 <= month <= 12 or not 1 <= day <= days_in_month(candidate, month):
            continue
        if (found := date(candidate, month, day)) >= today:
            return found
    raise ValueError(f"no day {day} in month {month}")


def _coming_day_of_month(day: int, today: date) -> date | None:
    if not 1 <= day <= 31:
        return None
    months = (add_months(today.replace(day=1), ahead) for ahead in range(12))
    days = (month.replace(day=day) for month in months if day <= days_in_month(month.year, month.month))
    return next((found for found in days if found >= today), None)
