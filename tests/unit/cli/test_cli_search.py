"""`search`: what is found, for people and for machines."""

import json
from pathlib import Path

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.search import Query
from tests.unit.cli.desk import FakeServices, entry, run

HITS = [
    entry("Design review", "2026-11-24T14:00", "2026-11-24T15:30", location="Room 4"),
    entry("Design offsite", "2026-12-07", "2026-12-09", calendar_id="home-id"),
]


class SearchedServices(FakeServices):
    """Finds `HITS`, and remembers what it was asked for."""

    def search(self, user_id: str, query: Query, *, zone: str, limit: int = 100) -> list[Entry]:
        self.asked.append((query, limit))
        return self.entries[:limit]


def test_each_hit_has_a_line_with_its_day(tmp_path: Path) -> None:
    """In columns; the calendar's name stands in for its colour in a pipe."""
    answer = run("search", "design", services=SearchedServices(entries=HITS), home=tmp_path)
    expected = (
        "Tue 24 November 2026  · 14:00–15:30  Design review · Room 4 · Work\n"
        "Mon 7 December 2026   · all day      Design offsite · Home\n"
    )
    assert (0, expected, "") == (answer.code, answer.out, answer.err)


def test_words_keep_their_quotes_and_names(tmp_path: Path) -> None:
    """What the shell took off is put back: one argument is one phrase."""
    services = SearchedServices()
    run(
        "search",
        "design review",
        "cal:Design team",
        "after:tomorrow",
        "--limit",
        "5",
        services=services,
        home=tmp_path,
    )
    ((query, limit),) = services.asked
    assert ((" design review",), (" design team",), 5) == (query.words, query.calendars, limit)
    assert "2026-11-24" == str(query.after)


def test_json_has_what_agenda_has(tmp_path: Path) -> None:
    """A list of the same events."""
    answer = run("search", "design", "--json", services=SearchedServices(entries=HITS), home=tmp_path)
    document = json.loads(answer.out)
    assert ("design", ["Design review", "Design offsite"]) == (
        document["query"],
        [event["summary"] for event in document["events"]],
    )


def test_nothing_found_is_no_fault(tmp_path: Path) -> None:
    """It says so."""
    answer = run("search", "nobody", services=SearchedServices(), home=tmp_path)
    assert (0, "Nothing found.\n") == (answer.code, answer.out)


def test_what_can_not_be_understood_is_named(tmp_path: Path) -> None:
    """On one line, as a wrong command line."""
    answer = run("search", "before:someday", services=SearchedServices(), home=tmp_path)
    assert (2, True) == (answer.code, "before:someday" in answer.err)
    assert 2 == run("search", "--", "-!-", services=SearchedServices(), home=tmp_path).code
