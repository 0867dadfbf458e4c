"""The full-text index: what is shown can be found, and nothing else."""

from datetime import UTC, date, datetime

import pytest

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.search import Document, Query, join_words, parse_query
from aicalendar_tui.backend.domain.times import DAY_SECONDS
from aicalendar_tui.backend.store.transactions import TransactionalStore

NOW = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp())


def entry(event_id: str, days: float, original_start: str | None = None) -> Entry:
    """An hour long, `days` from now."""
    start = NOW + int(days * DAY_SECONDS)
    return Entry(
        user_id="ana",
        calendar_id="home",
        event_id=event_id,
        start=start,
        end=start + 3600,
        original_start=original_start,
    )


def document(text: str, sender: str = "", original_start: str = "") -> Document:
    """Of these words."""
    return Document(original_start=original_start, words=join_words(text, sender), sender=join_words(sender))


@pytest.fixture
def filled(store: TransactionalStore) -> TransactionalStore:
    """A past lunch, a coming one, a weekly series with an instance of another name, and something in `work`."""
    with store.write() as unit:
        series = [entry("sync", days, f"2026-{n}") for n, days in enumerate((-7, 0.5, 7, 14))]
        entries = {"past": [entry("past", -3)], "soon": [entry("soon", 2)], "sync": series}
        documents = {
            "past": [document("Lunch with Zoë at Kavárna", "Boris Novák boris@example.com")],
            "soon": [document("Обед с Ёлкой, lunch", "ana@example.com")],
            "sync": [document("Weekly sync 会議室"), document("Weekly party", original_start="2026-1")],
        }
        unit.replace_documents("ana", "home", documents)
        unit.replace_entries("ana", "home", entries)
        unit.replace_documents("ana", "work", {"plan": [document("Lunch plan")]})
        unit.replace_entries("ana", "work", {"plan": [entry("plan", 1)]})
    return store


def find(store: TransactionalStore, text: str, calendars: tuple[str, ...] = ("home", "work")) -> list[str]:
    """What the text finds, as ids."""
    query = parse_query(text, date.fromisoformat)
    if query.is_empty:  # the service's rule
        return []
    with store.read() as unit:
        found = unit.search("ana", query, calendars, zone="Europe/Prague", now=NOW, limit=50)
    return [hit.event_id for hit in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lunch", ["plan", "soon", "past"]),
        ("LUN", ["plan", "soon", "past"]),
        ("lunch zoe", ["past"]),
        ("kavarna", ["past"]),
        ('"with zo', ["past"]),
        ('"zoe with"', []),
        ("елкои", ["soon"]),
        ("Ёлк", ["soon"]),
        ("会議", ["sync"]),
        ("議室", ["sync"]),
        ("unch", []),
        ("boris@example", ["past"]),
        ("lunch from:boris", ["past"]),
        ("from:ana", ["soon"]),
        ("lunch after:2026-11-25", ["soon"]),
        ("lunch before:2026-11-24", ["past"]),
        ("lunch after:2026-11-24 before:2026-11-25", ["plan"]),
        ("after:2026-11-26", ["sync"]),
        ("weekly", ["sync"]),
        ("%_-", []),
        ("lunch OR NOT *)(\x00'--", []),
    ],
)
def test_words_find_what_they_begin(filled: TransactionalStore, text: str, expected: list[str]) -> None:
    """Whatever their case and accents; what is to come first, the nearest before the others."""
    assert expected == find(filled, text)


def test_an_instance_with_words_of_its_own_answers_for_itself(filled: TransactionalStore) -> None:
    """The series stands for all the others, by the one that is nearest."""
    with filled.read() as unit:
        party, sync = (
            unit.search("ana", Query(words=(word,)), ["home"], zone="UTC", now=NOW, limit=9)
            for word in (" party", " sync")
        )
    assert ["2026-1"] == [hit.original_start for hit in party]
    assert ["2026-2"] == [hit.original_start for hit in sync]


def test_only_the_calendars_asked_for_are_searched(filled: TransactionalStore) -> None:
    """None of them finds nothing."""
    assert ["plan"] == find(filled, "lunch", ("work",))
    assert [] == find(filled, "lunch", ())


def test_new_words_take_the_place_of_the_old_ones(filled: TransactionalStore) -> None:
    """And those of an event that is gone go with it."""
    with filled.write() as unit:
        unit.replace_documents("ana", "home", {"past": [document("Dinner")], "soon": []})
    assert ["plan"] == find(filled, "lunch")
    assert ["past"] == find(filled, "dinner")


def test_words_of_a_deleted_calendar_are_swept(filled: TransactionalStore) -> None:
    """From the full-text table too."""
    with filled.write() as unit:
        unit.delete_calendar("ana", "home")
        while unit.sweep_generations():
            pass
        assert [("plan",)] == unit._sql("SELECT family_id FROM document")
    assert ["plan"] == find(filled, "lunch")


def test_without_full_text_the_same_is_found(filled: TransactionalStore) -> None:
    """A SQLite that was built without it reads every document."""
    with filled.read() as unit:
        unit._full_text = False
    assert ["plan", "soon", "past"] == find(filled, "lunch")
    assert (["past"], ["sync"], []) == (find(filled, '"with zo'), find(filled, "議室"), find(filled, "unch"))
