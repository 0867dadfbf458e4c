"""Descriptions with their Markdown shown."""

from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.screens.details.markdown import has_markdown, render_markdown


def test_marks_become_styles() -> None:
    """Headings, emphasis, code, lists, quotes; where a link leads is told."""
    shown = render_markdown(
        "# Plan\n\nBring **all** *flows* `x`\n\n- one\n  - two\n\n3. three\n\n> said\n\n[doc](https://e.com)"
    )
    assert [
        "Plan",
        "",
        "Bring all flows x",
        "• one",
        "  • two",
        "3. three",
        "",
        "▏ said",
        "",
        "doc (https://e.com)",
    ] == shown.plain.split("\n")
    styles = {shown.plain[span.start : span.end]: str(span.style) for span in shown.spans}
    assert ("bold", "bold", "italic") == (styles["Plan"], styles["all"], styles["flows"])


def test_plain_text_stays_as_it_is() -> None:
    """Line breaks too, and what looks like markup or HTML."""
    text = "Bring [red]flows[/red] & <b>more</b>\n1_000 a * b\nhttps://e.com/a_b_c"
    assert (text, False) == (render_markdown(text).plain, has_markdown(text))


@given(st.text(alphabet=st.sampled_from("*_`#->[]()! \n1.ab~<"), max_size=80))
def test_nothing_typed_breaks_it(text: str) -> None:
    """Half a mark is text."""
    render_markdown(text)
