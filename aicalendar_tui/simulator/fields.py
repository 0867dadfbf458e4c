"""Partial responses: the `fields` parameter, e.g. `items(id,start/dateTime),nextPageToken`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec

from aicalendar_tui.simulator.errors import invalid

Mask = dict[str, Any]
"""Field name → mask of what is below it; an empty mask keeps all of it, `*` stands for any name."""

_TOKEN = re.compile(r"[A-Za-z0-9_\-.:$*]+|[(),/]")
_DEEPEST = 20


def _bad() -> Exception:
    return invalid("Invalid field selection", parameter="fields")


@lru_cache(maxsize=256)
def parse_fields(text: str) -> Mask:
    """The mask that a `fields` parameter describes.

    Raises:
        ApiError: 400, it is malformed.
    """
    tokens = _TOKEN.findall(text)
    if "".join(tokens) != re.sub(r"\s", "", text) or not tokens:
        raise _bad()
    mask, rest = _parse_list(tokens, 0, 0)
    if rest != len(tokens):
        raise _bad()
    return mask


def _parse_list(tokens: list[str], at: int, depth: int) -> tuple[Mask, int]:
    if depth > _DEEPEST:
        raise _bad()
    mask: Mask = {}
    while True:
        at = _parse_path(tokens, at, depth, mask)
        if at < len(tokens) and tokens[at] == ",":
            at += 1
            continue
        return mask, at


def _parse_path(tokens: list[str], at: int, depth: int, mask: Mask) -> int:
    if at >= len(tokens) or tokens[at] in "(),/":
        raise _bad()
    below = mask.setdefault(tokens[at], {})
    at += 1
    if at < len(tokens) and tokens[at] == "/":
        if depth >= _DEEPEST:
            raise _bad()
        return _parse_path(tokens, at + 1, depth + 1, below)
    if at < len(tokens) and tokens[at] == "(":
        inner, at = _parse_list(tokens, at + 1, depth + 1)
        if at >= len(tokens) or tokens[at] != ")":
            raise _bad()
        below.update(inner)
        return at + 1
    return at


def apply_mask(value: Any, mask: Mask) -> Any:
    """What the mask keeps of a JSON value; lists are masked item by item."""
    if not mask:
        return value
    if isinstance(value, msgspec.Raw):
        value = msgspec.json.decode(value)
    if isinstance(value, list):
        return [apply_mask(one, mask) for one in value]
    if not isinstance(value, dict):
        return value
    any_name = mask.get("*")
    kept: dict[str, Any] = {}
    for name, one in value.items():
        if name in mask:
            kept[name] = apply_mask(one, mask[name])
        elif any_name is not None:
            kept[name] = apply_mask(one, any_name)
    return kept
