"""The colours that Google's color ids stand for."""

from __future__ import annotations

_DARK_TEXT = "#1d1d1d"


def _table(backgrounds: str) -> dict[str, dict[str, str]]:
    return {
        str(number): {"background": background, "foreground": _DARK_TEXT}
        for number, background in enumerate(backgrounds.split(), start=1)
    }


CALENDAR_COLORS = _table(
    "#ac725e #d06b64 #f83a22 #fa573c #ff7537 #ffad46 #42d692 #16a765 #7bd148 #b3dc6c #fbe983 #fad165 "
    "#92e1c0 #9fe1e7 #9fc6e7 #4986e7 #9a9cff #b99aff #c2c2c2 #cabdbf #cca6ac #f691b2 #cd74e6 #a47ae2"
)
EVENT_COLORS = _table("#a4bdfc #7ae7bf #dbadff #ff887c #fbd75b #ffb878 #46d6db #e1e1e1 #5484ed #51b749 #dc2127")


def find_calendar_color(color_id: str | None, background: str | None) -> str:
    """The color id of a calendar: its own, else the nearest to its background, else Google's usual blue."""
    if color_id in CALENDAR_COLORS:
        return color_id
    if background is None:
        return "16"
    try:
        wanted = _split(background)
    except ValueError:
        return "16"
    return min(CALENDAR_COLORS, key=lambda one: _distance(_split(CALENDAR_COLORS[one]["background"]), wanted))


def _split(color: str) -> tuple[int, int, int]:
    digits = color.removeprefix("#")
    if len(digits) != 6:
        raise ValueError(color)
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def _distance(one: tuple[int, int, int], other: tuple[int, int, int]) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
