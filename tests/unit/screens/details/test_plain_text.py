"""Descriptions: HTML from Google's web editor and text from everywhere else."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.screens.details.plain_text import plain_text


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("plain\ntext", "plain\ntext"),
        ("1 < 2 & 3 > 2", "1 < 2 & 3 > 2"),
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<ul><li>a</li><li>b &amp; c</li></ul>", "• a\n• b & c"),
        ('see <a href="https://example.com/x">the page</a>', "see the page (https://example.com/x)"),
        ('<a href="https://example.com/x">https://example.com/x</a>', "https://example.com/x"),
        ('<a href="mailto:a@example.com">a@example.com</a>', "a@example.com"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ("<html-blob><b>bold</b> <u>line</u></html-blob>", "bold line"),
        ("<div><style>p{color:red}</style>shown<script>x()</script></div>", "shown"),
        ("<p>never <b>closed", "never closed"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("  indented\n    more", "  indented\n    more"),
        ("[red]not markup[/red] \x1b[31mnor\x07 escape", "[red]not markup[/red] [31mnor escape"),
        ("right\u202eleft", "rightleft"),
        ("", ""),
    ],
)
def test_a_description_becomes_plain_lines(description: str, expected: str) -> None:
    """Tags become lines, bullets and addresses; nothing of it can reach the terminal as a command."""
    assert expected == plain_text(description)


def test_a_long_paragraph_is_kept_whole() -> None:
    """Longer than any line that is cleaned at once, with words that are longer still."""
    text = " ".join(["word" * 200, *["word"] * 500])
    assert text.replace(" ", "") == plain_text(text).replace(" ", "")


@given(st.text() | st.text(alphabet="<>/apbrhref=\"' &;li\n"))
def test_no_description_raises(description: str) -> None:
    """Broken HTML least of all; no control or direction character but the line break is left."""
    kinds = {unicodedata.category(character) for character in plain_text(description) if character != "\n"}
    assert not kinds & {"Cc", "Cf", "Cs"}
