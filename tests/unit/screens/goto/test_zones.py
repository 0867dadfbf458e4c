"""Places by their names, as people type them."""

import pytest

from aicalendar_tui.screens.goto.zones import find_zones


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("new york", "America/New_York"),
        ("Tok", "Asia/Tokyo"),
        ("europe/berlin", "Europe/Berlin"),
        ("лонд", "Europe/London"),
        ("san fran", "America/Los_Angeles"),
        ("bangalore", "Asia/Kolkata"),
        ("utc", "UTC"),
        ("  PRAGUE ", "Europe/Prague"),
    ],
)
def test_the_likeliest_place_comes_first(text: str, zone: str) -> None:
    """Its beginning is enough, and neighbours go by their own names."""
    assert zone == find_zones(text)[0]


@pytest.mark.parametrize("text", ["", "   ", "atlantis", "[red]", "\x1b[31m"])
def test_what_is_no_place_finds_nothing(text: str) -> None:
    """Nobody travels by mistake."""
    assert [] == find_zones(text)
