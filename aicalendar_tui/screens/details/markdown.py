"""Descriptions with their Markdown shown: headings, emphasis, lists, quotes and links as styled text. Pure.

Foreign text: it is cleaned before it comes here, and nothing in it is Textual's markup or HTML.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from textual.content import Content

from aicalendar_tui.screens.sheet import MUTED

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_STYLES = {"strong_open": "bold", "em_open": "italic", "s_open": "strike", "link_open": "underline"}
_CLOSING = {"strong_close": "bold", "em_close": "italic", "s_close": "strike", "link_close": "underline"}
RULE_WIDTH = 24
DEEPEST = 8
"""Lists in lists that are indented further and further."""


def render_markdown(text: str) -> Content:
    """The text as it is meant; line breaks stay where they are."""
    blocks = list(_render_blocks(_parser().parse(text)))
    return Content("\n").join(blocks) if blocks else Content("")


def has_markdown(text: str) -> bool:
    """Whether it would look any different without its marks."""
    shown = render_markdown(text)
    return bool(shown.spans) or shown.plain.split() != text.split()


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # imported when a description is shown: a start needs none

    return MarkdownIt("commonmark", {"html": False}).enable("strikethrough")


def _render_blocks(tokens: "Sequence[Token]") -> Iterator[Content]:
    """One for each line or paragraph, with a blank one between what belongs apart."""
    lists: list[int | None] = []
    bullet = ""
    quoted = 0
    heading = False
    begun = False
    for token in tokens:
        match token.type:
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_open":
                lists.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                bullet = "• "
                if lists[-1] is not None:
                    bullet = f"{lists[-1]}. "
                    lists[-1] += 1
            case "blockquote_open":
                quoted += 1
            case "blockquote_close":
                quoted -= 1
            case "heading_open":
                heading = True
            case "heading_close":
                heading = False
            case "inline" | "fence" | "code_block" | "hr":
                if begun and not lists and token.level == quoted + (token.type == "inline"):
                    yield Content("")
                begun = True
                indent = "  " * (min(len(lists), DEEPEST) - 1) if lists else ""
                lead = "▏ " * min(quoted, DEEPEST) + indent + (bullet or ("  " if lists else ""))
                bullet = ""
                yield _with_lead(_render_leaf(token, heading=heading), lead)
            case _:
                pass


def _render_leaf(token: "Token", *, heading: bool) -> Content:
    if token.type == "hr":
        return Content.styled("─" * RULE_WIDTH, MUTED)
    if token.type != "inline":
        return Content.styled(token.content.rstrip("\n"), MUTED)
    return Content.assemble(*_render_inline(token.children or (), "bold" if heading else ""))


def _render_inline(tokens: "Sequence[Token]", base: str) -> Iterator[tuple[str, str]]:
    styles = [base] if base else []
    links: list[tuple[str, str]] = []
    shown = ""
    for token in tokens:
        if token.type in _STYLES:
            styles.append(_STYLES[token.type])
            if token.type == "link_open":
                links.append((str(token.attrs.get("href", "")), shown))
        elif token.type in _CLOSING:
            styles.remove(_CLOSING[token.type])
            if token.type == "link_close" and links:
                address, before = links.pop()
                if address and address not in (text := shown.removeprefix(before)) and text not in address:
                    yield f" ({address})", MUTED
        elif token.type in ("softbreak", "hardbreak"):
            shown += "\n"
            yield "\n", ""
        elif token.type == "code_inline":
            shown += token.content
            yield token.content, "$text-accent"
        else:
            shown += token.content
            yield token.content, " ".join(styles)


def _with_lead(text: Content, lead: str) -> Content:
    if not lead:
        return text
    first, *rest = text.split("\n", allow_blank=True)
    hanging = "".join("▏" if character == "▏" else " " for character in lead)
    lines = [Content.styled(lead, MUTED) + first, *(Content.styled(hanging, MUTED) + line for line in rest)]
    return Content("\n").join(lines)
