"""How an event is drawn in each of its states (the rules of the look)."""

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace
from rich.style import Style

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.calendar.scene import Scene
from aicalendar_tui.screens.canvas import Canvas, style_of
from aicalendar_tui.screens.dates import time_of
from aicalendar_tui.screens.text import clean, cut, width_of, wrap
from aicalendar_tui.screens.theme import Palette, faded, filled, outlined, readable, tinted, withdrawn

BAR, UNANSWERED, HATCHED, NOTCHED = "▌", "┊", "▒", "▖"

_CALLS = {"meet.google": "Meet", "zoom": "Zoom", "teams": "Teams", "webex": "Webex", "whereby": "Whereby"}


class EntryLook(Struct, frozen=True):
    """The styles to draw with. `mark` is drawn in the upper right corner."""

    glyph: str
    bar: Style
    body: Style
    title: Style
    detail: Style
    mark: str
    mark_style: Style


def is_past(entry: Entry, scene: Scene) -> bool:
    """Whether the entry is over; an all-day one is over when its last day is."""
    if entry.all_day:
        return entry.last_day <= scene.now.date()
    return entry.end <= scene.now.timestamp()


def look_of(
    entry: Entry, scene: Scene, palette: Palette, *, ground: str, strong: bool = False, shaded: bool = False
) -> EntryLook:
    """`ground` is what lies beneath; `strong` is for bars of whole days, `shaded` tells it from a neighbour."""
    color = scene.color_of(entry)
    selected = entry.key == scene.selected
    declined = entry.response == "declined"
    glyph = BAR
    bold = False
    if selected:
        colors, bold = filled(color, palette), True
    elif declined:
        colors = withdrawn(ground, palette)
    elif entry.response == "needsAction":
        colors, glyph = outlined(color, ground, palette), UNANSWERED
        if lit := _lit_share(0.0, entry, scene):  # an invitation that comes in is what one wants to notice
            colors = tinted(color, ground, palette, lit)
    elif is_past(entry, scene):
        colors = faded(color, ground, palette, 0.2 if shaded or strong else 0.12)
    else:
        if palette.dark:
            share = 0.42 if strong else 0.33 if shaded else 0.24
        else:
            share = 0.30 if strong else 0.29 if shaded else 0.20
        colors = tinted(color, ground, palette, _lit_share(share, entry, scene))
    if not selected and (entry.response == "tentative" or entry.status == "tentative"):
        glyph = HATCHED
    mark = "!" if entry.problem else "↑" if entry.waiting else ""
    mark_color = colors.title if selected else palette.waiting
    return EntryLook(
        glyph=glyph,
        bar=style_of(colors.bar, colors.body),
        body=style_of(colors.title, colors.body),
        title=style_of(colors.title, colors.body, bold, declined),
        detail=style_of(colors.detail, colors.body, False, declined),
        mark=mark,
        mark_style=style_of(readable(mark_color, colors.body), colors.body, True),
    )


def _lit_share(share: float, entry: Entry, scene: Scene) -> float:
    """The share of colour in a body that has `share` of it at rest: more while it flashes."""
    if entry.key in scene.flash.keys:
        share += (0.9 - share) * 0.6 * scene.flash.strength
    return round(share, 2)


def listed_look(entry: Entry, scene: Scene, palette: Palette) -> EntryLook:
    """The look in a list, where a selected line in its full colour would outshine everything else."""
    look = look_of(entry, scene, palette, ground=palette.ground)
    if entry.key != scene.selected:
        return look
    colors = tinted(scene.color_of(entry), palette.ground, palette, 0.34 if palette.dark else 0.30)
    declined = entry.response == "declined"
    return replace(
        look,
        bar=style_of(colors.bar, colors.body),
        body=style_of(colors.title, colors.body),
        title=style_of(colors.title, colors.body, True, declined),
        detail=style_of(colors.detail, colors.body, False, declined),
        mark_style=style_of(readable(palette.waiting, colors.body), colors.body, True),
    )


def title_of(entry: Entry) -> str:
    """The title, harmless, never empty."""
    return clean(entry.summary) or _("(no title)")


def place_of(entry: Entry) -> str:
    """Where it is: the location, else the kind of call, else ''."""
    if location := clean(entry.location):
        return location
    if not entry.join_url:
        return ""
    return "⌁ " + next((name for part, name in _CALLS.items() if part in entry.join_url), _("call"))


def text_lines(entry: Entry, scene: Scene, width: int, height: int) -> list[tuple[str, bool]]:
    """What is written in a body of `width` × `height` cells: (line, whether it is the title).

    The title gets room before the place, and the place before the times; the times only if they fit.
    """
    mark = 1 if entry.problem or entry.waiting else 0
    title = title_of(entry)
    if height == 1 or width < 2:
        return [(cut(title, max(1, width - mark)), True)]
    if width_of(title) <= width - mark:
        lines = [(title, True)]
    else:
        lines = [(line, True) for line in wrap(title, width - mark, min(height, 4))]
    room = height - len(lines)
    if room <= 0 or width < 3:
        return lines
    place, times = place_of(entry), _times(entry, scene, width)
    details = [times, place] if room > 1 else [place or times]
    lines += [(cut(line, width), False) for line in details if line]
    return lines


def _times(entry: Entry, scene: Scene, width: int) -> str:
    zone = scene.zone
    start = time_of(entry.start_in(zone), hour24=scene.hour24)
    whole = f"{start}–{time_of(entry.end_in(zone), hour24=scene.hour24)}"
    if len(whole) <= width:
        return whole
    return start if len(start) <= width else ""


def draw_block(
    canvas: Canvas,
    box: tuple[int, int, int, int],
    entry: Entry,
    scene: Scene,
    look: EntryLook,
    *,
    notched: bool = False,
    continued: bool = False,
    clip: Callable[[int], bool],
    offset: int = 0,
) -> None:
    """A timed event in `box` (x, y, width, height). Rows for which `clip(y)` is false are outside of the window.

    `offset` rows at the top are out of sight: the text starts below them. `notched` sets its bar apart from the
    event above it.
    """
    x, y, width, height = box
    lines = text_lines(entry, scene, width - 1, height - offset)
    for row in range(height):
        if not clip(y + row):
            continue
        canvas.fill(x, y + row, width, 1, look.body)
        glyph = NOTCHED if notched and row == 0 and look.glyph == BAR else look.glyph
        canvas.write(x, y + row, glyph, look.bar)
        if 0 <= row - offset < len(lines):
            line, is_title = lines[row - offset]
            canvas.write(x + 1, y + row, line, look.title if is_title else look.detail, width=width - 1)
    if look.mark and width >= 3 and clip(y + offset):
        canvas.write(x + width - 1, y + offset, look.mark, look.mark_style)


def draw_bar(
    canvas: Canvas, x: int, y: int, width: int, entry: Entry, look: EntryLook, *, before: bool, after: bool
) -> None:
    """A bar of whole days; `before` and `after` say that it goes on beyond what is shown."""
    canvas.fill(x, y, width, 1, look.body)
    canvas.write(x, y, "◂" if before else look.glyph, look.bar)
    tail = 2 if after else 0
    room = width - 1 - tail - (2 if look.mark else 0)
    canvas.write(x + 1, y, cut(title_of(entry), room), look.title, width=room)
    if look.mark:
        canvas.write(x + width - 1 - tail, y, look.mark, look.mark_style)
    if after and width >= 3:
        canvas.write(x + width - 1, y, "▸", look.bar)
