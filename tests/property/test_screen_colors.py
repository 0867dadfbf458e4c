"""Text can be read on every calendar colour, in both themes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.screens.theme import (
    READABLE,
    VISIBLE,
    contrast,
    faded,
    filled,
    mix,
    outlined,
    own_palettes,
    readable,
    tinted,
    visible_color,
    withdrawn,
)

colors = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
palettes = st.sampled_from(own_palettes())


@given(colors, colors)
def test_any_colour_can_be_made_readable_on_any_ground(color: str, ground: str) -> None:
    """4.5 : 1 is always reached."""
    assert contrast(readable(color, ground), ground) >= READABLE


@given(colors, palettes, st.sampled_from([0.12, 0.2, 0.24, 0.3, 0.33, 0.42, 0.66]), st.booleans())
def test_text_on_every_body_is_readable(color: str, palette, share: float, today: bool) -> None:
    """Titles and second lines of all kinds of events."""
    ground = palette.today if today else palette.ground
    for look in (
        tinted(color, ground, palette, share),
        faded(color, ground, palette, share),
        filled(color, palette),
        outlined(color, ground, palette),
        withdrawn(ground, palette),
    ):
        assert contrast(look.title, look.body) >= READABLE
        assert contrast(look.detail, look.body) >= READABLE


@given(colors, palettes)
def test_bars_and_dots_can_be_seen(color: str, palette) -> None:
    """A calendar may have the colour of the ground."""
    assert contrast(visible_color(color, palette), palette.ground) >= VISIBLE


@given(colors, colors)
def test_mixing_goes_from_one_colour_to_the_other(ground: str, color: str) -> None:
    """The ends are exact."""
    assert (ground, color) == (mix(ground, color, 0.0), mix(ground, color, 1.0))


@pytest.mark.parametrize("palette", own_palettes())
@pytest.mark.parametrize("broken", ["", "red", "#12", "#gggggg", "rgb(1,2,3)"])
def test_a_colour_that_is_none_falls_back_to_the_accent(palette, broken: str) -> None:
    """Colours come from the network."""
    assert visible_color(palette.accent, palette) == visible_color(broken, palette)
