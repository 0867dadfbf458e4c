"""Other people's text can't break a line."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from aicalendar_tui.screens.canvas import Canvas, style_of
from aicalendar_tui.screens.text import clean, cut, fit, width_of, wrap

texts = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="ab 会議é\u0301\u200b\u200d\u202e\ufe0f\x1b[31m👩👧🇨🇿\t\n", max_size=80),
)


@given(texts)
def test_cleaned_text_has_nothing_that_acts_on_the_terminal(text: str) -> None:
    """No control, format, surrogate or private character, and no line ends."""
    for character in clean(text):
        assert unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


@given(texts)
def test_our_width_is_the_width_that_is_drawn(text: str) -> None:
    """Rich, which measures for Textual, agrees."""
    assert cell_len(clean(text)) == width_of(clean(text))


@given(texts, st.integers(0, 40))
def test_cut_text_fits(text: str, width: int) -> None:
    """Never a cell too many."""
    assert width_of(cut(clean(text), width)) <= width


@given(texts, st.integers(0, 40))
def test_fitted_text_fills_exactly(text: str, width: int) -> None:
    """Neither too few nor too many."""
    assert width == width_of(fit(clean(text), width))


@given(texts, st.integers(2, 30), st.integers(1, 6))
def test_wrapped_lines_fit(text: str, width: int, lines: int) -> None:
    """In both directions."""
    wrapped = wrap(clean(text), width, lines)
    assert len(wrapped) <= lines
    assert all(width_of(line) <= width for line in wrapped)


@given(st.lists(st.text(alphabet="abcdef", min_size=1, max_size=14), min_size=1, max_size=6), st.integers(4, 11))
def test_narrow_lines_hold_words_from_their_beginning(words: list[str], width: int) -> None:
    """A word too long for a narrow line is cut; its rest does not stand below as if it were a word."""
    for line in wrap(" ".join(words), width, 9):
        for piece in line.split():
            assert any(word.startswith(piece.rstrip("…")) for word in words)


@given(st.lists(st.tuples(texts, st.integers(-5, 25), st.integers(-1, 5)), max_size=8))
def test_every_row_of_a_canvas_has_its_width(writes: list[tuple[str, int, int]]) -> None:
    """Wide characters that are half covered or cut off at the edge leave no gap and no overhang."""
    style = style_of("#ffffff", "#000000")
    canvas = Canvas(20, 4, style)
    for text, x, y in writes:
        canvas.write(x, y, clean(text), style)
    for strip in canvas.strips():
        assert sum(cell_len(segment.text) for segment in strip) == 20
