"""The Russian catalogue: complete, up to date with the code, and fit for what reads it back."""

import ast
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from aicalendar_tui import i18n
from aicalendar_tui.cli.ranges import read_range
from aicalendar_tui.screens import dates
from aicalendar_tui.screens.editor.typed_time import parse_length, parse_start
from aicalendar_tui.screens.goto.typed_date import parse_date
from aicalendar_tui.screens.phrases import name_day, name_day_in_full, say_rule
from aicalendar_tui.screens.words import read_day, split_words

PACKAGE = Path(i18n.__file__).parent
CATALOGUE = PACKAGE / "locale/ru/LC_MESSAGES/aicalendar.po"
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2)}
"""As in the Makefile's `messages`."""
PLACEHOLDER = re.compile(r"\{[^{}]*\}")
KEY = re.compile(r"\b(?:Ctrl-[A-Z]|Tab|Esc|Enter|hjkl)\b|(?<=· )\w\b")
COMMAND = re.compile(r"aicalendar (?!(?:a|at|needs|or)\b)[a-z]+|\b[A-Z]+_[A-Z_]+\b|--[a-z]+")


def read_catalogue() -> Catalog:
    """The .po file as it is in the tree, not what was compiled from it some time ago."""
    with CATALOGUE.open("rb") as file:
        return read_po(file)


MESSAGES: list[Message] = [message for message in read_catalogue() if message.id]


def name_of(message: Message) -> str:
    """The msgid, for the names of the tests."""
    return message.id if isinstance(message.id, str) else message.id[0]


def forms_of(message: Message) -> tuple[str, ...]:
    """The translations: one, or one for each plural form."""
    return (message.string or "",) if isinstance(message.string, str) else tuple(message.string or ())


@pytest.fixture
def russian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Speaks Russian out of the .po file itself."""
    target = tmp_path / "ru/LC_MESSAGES/aicalendar.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, read_catalogue())
    monkeypatch.setattr(i18n, "_FOLDER", tmp_path)
    monkeypatch.setattr(i18n, "_chosen", "ru")
    i18n._catalogue.cache_clear()
    yield
    i18n._catalogue.cache_clear()


def test_the_catalogue_has_the_messages_of_the_code_and_no_others() -> None:
    """`make messages` brings in what is new."""
    found = extract_from_dir(PACKAGE, method_map=[("**.py", "python")], keywords=KEYWORDS)
    assert {messages for _file, _line, messages, _comments, _context in found} == {
        message.id if isinstance(message.id, str) else tuple(message.id) for message in MESSAGES
    }


def test_no_message_hides_inside_an_f_string() -> None:
    """Babel on Python 3.11 does not look there."""
    hidden = [
        f"{path.name}:{call.lineno}"
        for path in PACKAGE.rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS
        if any(isinstance(argument, ast.Constant) for argument in call.args)
    ]
    assert [] == hidden


@pytest.mark.parametrize("message", MESSAGES, ids=name_of)
def test_a_message_is_translated_with_what_it_has_in_it(message: Message) -> None:
    """No guess of a tool, the same placeholders, keys and names of commands, and no stray space at the ends."""
    english = message.id if isinstance(message.id, str) else message.id[1]
    assert not message.fuzzy
    assert (3 if message.pluralizable else 1) == len(forms_of(message))
    for form in forms_of(message):
        assert form
        assert sorted(PLACEHOLDER.findall(english)) == sorted(PLACEHOLDER.findall(form))
        assert sorted(KEY.findall(english)) == sorted(KEY.findall(form))
        assert sorted(COMMAND.findall(english)) == sorted(COMMAND.findall(form))
        assert (english[0].isspace(), english[-1].isspace()) == (form[0].isspace(), form[-1].isspace())


@pytest.mark.usefixtures("russian")
@pytest.mark.parametrize("month", range(1, 13))
def test_a_short_month_begins_its_full_name(month: int) -> None:
    """Fields read back what they show, by the beginnings of words."""
    full = (dates.month_name(month).casefold(), dates.month_after_day(month))
    assert any(name.startswith(dates.short_month(month)) for name in full)


@pytest.mark.usefixtures("russian")
@pytest.mark.parametrize("days", range(0, 366, 13))
def test_a_day_is_read_back_as_it_is_written(days: int) -> None:
    """In short and in full."""
    today = date(2026, 11, 23)
    day = today + timedelta(days=days)
    assert [day, day] == [read_day(split_words(text), today) for text in (name_day(day), name_day_in_full(day))]


@pytest.mark.usefixtures("russian")
@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=DAILY", "каждый день"),
        ("FREQ=DAILY;INTERVAL=21", "каждый 21 день"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "каждые 2 недели по вторникам и четвергам"),
        ("FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=5", "каждую неделю по понедельникам, средам и пятницам, 5 раз"),
        ("FREQ=MONTHLY;BYDAY=2TU", "каждый месяц во 2-й вторник"),
        ("FREQ=MONTHLY;BYDAY=1WE", "каждый месяц в 1-ю среду"),
        ("FREQ=MONTHLY;BYDAY=3SU", "каждый месяц в 3-е воскресенье"),
        ("FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20261224", "каждый месяц в последнюю пятницу, до чт 24 дек 2026"),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=15", "каждые 3 месяца 15-го числа"),
        ("FREQ=YEARLY;INTERVAL=5", "каждые 5 лет"),
    ],
)
def test_a_rule_reads_as_russian_does(rule: str, expected: str) -> None:
    """Days in the dative, ordinals by the gender of the day, intervals by their number."""
    assert expected == say_rule(rule)


@pytest.mark.usefixtures("russian")
def test_dates_read_as_russian_does() -> None:
    """The month in the genitive after a day, and a comma after the weekday."""
    assert "23–29 ноября 2026" == dates.day_range(date(2026, 11, 23), date(2026, 11, 30))
    assert "30 ноября – 6 декабря 2026" == dates.day_range(date(2026, 11, 30), date(2026, 12, 7))
    assert "Понедельник, 23 ноября" == dates.full_day(date(2026, 11, 23))
    assert "пн 23 ноя 2026" == name_day(date(2026, 11, 23))


@pytest.mark.usefixtures("russian")
def test_the_days_that_are_proposed_are_understood() -> None:
    """The examples of the fields and of the commands' errors, in Russian words."""
    today = date(2026, 11, 23)
    proposed = i18n._("25 nov, friday, in 3 weeks, +10, week 50").split(", ")
    assert [] == [text for text in proposed if parse_date(text, today=today) is None]
    ranges = i18n._("such as: today, tomorrow, next week, 14 days, december, 24 dec, 2026-12-24..2026-12-31")
    for text in ranges.partition(": ")[2].split(", "):
        assert read_range(text, today=today, zone="Europe/Moscow", first_day_of_week=0)
    for text in ("завтра 15:00", "вт 15:00", "24 дек"):
        assert parse_start(text, today=today)
    assert timedelta(minutes=45) == parse_length("+45м")


@pytest.mark.usefixtures("russian")
def test_what_is_no_message_stays_as_it_is() -> None:
    """Problems come from the database, some in words of Google's; nothing at all is not the catalogue's header."""
    assert ("", "Rate Limit Exceeded") == (i18n._(""), i18n._("Rate Limit Exceeded"))
    assert "Тем временем событие удалено в Google" == i18n._("It was deleted at Google meanwhile")
