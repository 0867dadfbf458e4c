"""Our two themes, and the mixing of calendar colours into them so that text stays readable.

Colours are `#rrggbb` texts. Contrast is WCAG's ratio; text on an event's body always has at least 4.5 : 1.
"""

from collections.abc import Mapping
from colorsys import hls_to_rgb, rgb_to_hls
from functools import lru_cache

from msgspec import Struct
from textual.app import App
from textual.theme import BUILTIN_THEMES as BUILTIN_THEMES  # for the command line, which may not import textual
from textual.theme import Theme

READABLE = 4.5
"""WCAG AA for text."""
VISIBLE = 3.0
"""WCAG for graphics: bars and dots."""

DARK, LIGHT = "aicalendar-dark", "aicalendar-light"

EVENT_COLORS = {
    "1": "#a4bdfc",
    "2": "#7ae7bf",
    "3": "#dbadff",
    "4": "#ff887c",
    "5": "#fbd75b",
    "6": "#ffb878",
    "7": "#46d6db",
    "8": "#e1e1e1",
    "9": "#5484ed",
    "10": "#51b749",
    "11": "#dc2127",
}
"""Google's colours of single events by `colorId` (the answer of colors.get, the same for everybody)."""


class Palette(Struct, frozen=True, kw_only=True):
    """What the calendar is drawn with: the tokens of the theme in use."""

    dark: bool
    ground: str
    panel: str
    line: str
    text: str
    dim: str
    faint: str
    accent: str
    today: str
    now: str
    live: str
    waiting: str


_DARK = Palette(
    dark=True,
    ground="#11131a",
    panel="#161922",
    line="#1f2430",
    text="#d5d9e3",
    dim="#6b7385",
    faint="#434a5a",
    accent="#8aadf4",
    today="#1a2033",
    now="#f0616d",
    live="#8bd5a0",
    waiting="#e5c07b",
)
_LIGHT = Palette(
    dark=False,
    ground="#fbfaf7",
    panel="#f2f0ea",
    line="#ebe8e0",
    text="#2b2f3a",
    dim="#85806f",
    faint="#b9b4a5",
    accent="#2f5fd0",
    today="#eef2fb",
    now="#d33a4a",
    live="#2c8a4b",
    waiting="#a86f00",
)


def _theme(name: str, palette: Palette) -> Theme:
    raised = mix(palette.panel, palette.text, 0.06)
    return Theme(
        name=name,
        dark=palette.dark,
        primary=palette.accent,
        secondary=palette.accent,
        accent=palette.accent,
        foreground=palette.text,
        background=palette.ground,
        surface=palette.panel,
        panel=raised,
        success=palette.live,
        warning=palette.waiting,
        error=palette.now,
        variables={
            "ground": palette.ground,
            "sidebar": palette.panel,
            "raised": raised,
            "line": palette.line,
            "ink": palette.text,
            "dim": palette.dim,
            "faint": palette.faint,
            "today": palette.today,
            "now": palette.now,
            "live": palette.live,
            "waiting": palette.waiting,
            "block-cursor-background": palette.accent,
            "block-cursor-foreground": palette.ground,
            "block-cursor-text-style": "none",
            "border": palette.accent,
            "border-blurred": palette.line,
            "footer-key-foreground": palette.accent,
            "input-selection-background": f"{palette.accent} 30%",
            "scrollbar": palette.line,
            "scrollbar-background": palette.ground,
            "scrollbar-background-hover": palette.ground,
            "scrollbar-background-active": palette.ground,
            "scrollbar-corner-color": palette.ground,
            "scrollbar-hover": palette.faint,
            "scrollbar-active": palette.dim,
        },
    )


def own_themes() -> tuple[Theme, Theme]:
    """The dark one and the light one, for `App.register_theme`."""
    return _theme(DARK, _DARK), _theme(LIGHT, _LIGHT)


def own_palettes() -> tuple[Palette, Palette]:
    """What they are made of: the dark one and the light one."""
    return _DARK, _LIGHT


def variable_defaults(variables: Mapping[str, str], *, dark: bool) -> dict[str, str]:
    """Our tokens for a theme that does not know them, made from those that every Textual theme has."""
    ground, text = variables["background"], variables["foreground"]
    return {
        "ground": ground,
        "sidebar": mix(ground, text, 0.04),
        "raised": mix(ground, text, 0.08),
        "line": mix(ground, text, 0.1),
        "ink": text,
        "dim": mix(ground, text, 0.52),
        "faint": mix(ground, text, 0.3),
        "today": mix(ground, variables["primary"], 0.1),
        "now": variables["error"],
        "live": readable(variables["success"], ground),
        "waiting": readable(variables["warning"], ground),
    }


_palettes: dict[str, Palette] = {}


def palette_of(app: App[object]) -> Palette:
    """The palette of the theme that `app` shows now."""
    name = app.theme
    if name == DARK:
        return _DARK
    if name == LIGHT:
        return _LIGHT
    if name not in _palettes:
        variables = app.theme_variables
        theme = app.current_theme
        _palettes[name] = Palette(
            dark=theme.dark,
            ground=_plain(variables["ground"]),
            panel=_plain(variables["sidebar"]),
            line=_plain(variables["line"]),
            text=_plain(variables["ink"]),
            dim=_plain(variables["dim"]),
            faint=_plain(variables["faint"]),
            accent=readable(_plain(variables["primary"]), _plain(variables["ground"])),
            today=_plain(variables["today"]),
            now=_plain(variables["now"]),
            live=_plain(variables["live"]),
            waiting=_plain(variables["waiting"]),
        )
    return _palettes[name]


def _plain(color: str) -> str:
    """Any colour that Textual can read as `#rrggbb`; what has no such value (ansi_default) becomes a grey."""
    try:
        _channels(color)
    except ValueError:
        from textual.color import Color

        return Color.parse(color).hex6.lower()
    return color.lower()


@lru_cache(maxsize=4096)
def _channels(color: str) -> tuple[int, int, int]:
    """Raises ValueError unless `color` is `#rrggbb`."""
    if len(color) != 7 or color[0] != "#":
        raise ValueError(f"not a colour: {color!r}")
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def is_color(color: str) -> bool:
    """Whether `color` is `#rrggbb`: colours come from the network."""
    try:
        _channels(color)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=8192)
def mix(ground: str, color: str, share: float) -> str:
    """`share` of `color` in `ground`: 0 is the ground, 1 the colour. Raises ValueError for other than `#rrggbb`."""
    pairs = zip(_channels(_six(ground)), _channels(_six(color)), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _six(color: str) -> str:
    return _plain(color) if len(color) != 7 or color[0] != "#" else color


@lru_cache(maxsize=64)
def shaded(ground: str, palette: Palette) -> str:
    """`ground` a little in the shade: hours outside of work."""
    return mix(ground, "#000000", 0.26 if palette.dark else 0.028)


HEAT_SHARES = (0.14, 0.28, 0.44, 0.62, 0.84)


@lru_cache(maxsize=64)
def heat_colors(palette: Palette) -> tuple[tuple[str, str], ...]:
    """(ground, text on it) for no heat and the five steps of it: one hue, stronger and stronger."""
    grounds = [mix(palette.ground, palette.accent, share) for share in HEAT_SHARES]
    return (
        (palette.ground, readable(palette.dim, palette.ground)),
        *((ground, readable(palette.text, ground)) for ground in grounds),
    )


@lru_cache(maxsize=8192)
def luminance(color: str) -> float:
    """WCAG's relative luminance, 0 (black) to 1 (white)."""

    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@lru_cache(maxsize=8192)
def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@lru_cache(maxsize=8192)
def readable(color: str, ground: str, ratio: float = READABLE) -> str:
    """`color`, moved towards black or white no further than it takes to reach `ratio` on `ground`.

    A ratio that not even black or white reach gives the better of the two (4.5 is always reachable).
    """
    color, ground = _six(color), _six(ground)
    if contrast(color, ground) >= ratio:
        return color
    lighter = contrast("#ffffff", ground) >= contrast("#000000", ground)
    goals = ("#ffffff", "#000000") if lighter else ("#000000", "#ffffff")
    low = luminance(color) >= luminance(ground)
    preferred = "#ffffff" if low else "#000000"
    for goal in (preferred, *goals):
        if contrast(goal, ground) >= ratio:
            for step in range(1, 21):
                moved = mix(color, goal, step / 20)
                if contrast(moved, ground) >= ratio:
                    return moved
    return goals[0]


class Look(Struct, frozen=True):
    """The colours of one event: its bar, its body, its title and its second line."""

    bar: str
    body: str
    title: str
    detail: str


@lru_cache(maxsize=4096)
def visible_color(color: str, palette: Palette) -> str:
    """A calendar's colour, as light or dark as it takes to be seen on the ground as a bar or a dot.

    On a light ground it is dark enough for white text: pastels from Google would be pale there.
    """
    color = color if is_color(color) else palette.accent
    if palette.dark:
        return _toned(color, palette.ground, VISIBLE, towards=1.0)
    return _toned(color, "#ffffff", READABLE, towards=0.0)


@lru_cache(maxsize=4096)
def _toned(color: str, ground: str, ratio: float, *, towards: float) -> str:
    """The same hue, with its lightness moved `towards` 0 or 1 until `ratio` is reached on `ground`."""
    if contrast(color, ground) >= ratio:
        return color
    hue, lightness, saturation = rgb_to_hls(*(channel / 255 for channel in _channels(color)))
    if saturation > 0.15 and towards == 0.0:
        saturation = max(saturation, 0.55)  # what was pale must not turn to mud when it gets darker
    for step in range(1, 41):
        moved = hls_to_rgb(hue, lightness + (towards - lightness) * step / 40, saturation)
        shade = "#" + "".join(f"{round(channel * 255):02x}" for channel in moved)
        if contrast(shade, ground) >= ratio:
            return shade
    return readable(color, ground, ratio)


@lru_cache(maxsize=4096)
def tinted(color: str, ground: str, palette: Palette, share: float) -> Look:
    """An event whose body is `share` of its colour in `ground`, with readable text."""
    bar = visible_color(color, palette)
    body = mix(ground, bar, share)
    title = readable(mix(palette.text, bar, 0.18 if palette.dark else 0.3), body)
    detail = readable(mix(title, body, 0.38), body)
    return Look(bar, body, title, detail)


@lru_cache(maxsize=4096)
def faded(color: str, ground: str, palette: Palette, share: float) -> Look:
    """An event that is over: a weak body, and text as dim as it may be."""
    bar = visible_color(color, palette)
    body = mix(ground, bar, share)
    title = readable(palette.dim, body)
    return Look(mix(ground, bar, 0.55), body, title, readable(palette.dim, body))


@lru_cache(maxsize=4096)
def filled(color: str, palette: Palette) -> Look:
    """The selected event: its full colour, and text in whichever of ground and white reads better on it."""
    body = visible_color(color, palette)
    preferred, other = ("#0b0d12", "#ffffff") if palette.dark else ("#ffffff", "#0b0d12")
    title = preferred if contrast(preferred, body) >= READABLE else readable(other, body)
    return Look(mix(body, title, 0.35), body, title, readable(mix(title, body, 0.25), body))


@lru_cache(maxsize=4096)
def outlined(color: str, ground: str, palette: Palette) -> Look:
    """An invitation without an answer: no body, text in its own colour."""
    bar = visible_color(color, palette)
    title = readable(mix(bar, palette.text, 0.25), ground)
    return Look(bar, ground, title, readable(mix(title, ground, 0.35), ground))


@lru_cache(maxsize=4096)
def withdrawn(ground: str, palette: Palette) -> Look:
    """A declined event: no colour at all."""
    text = readable(palette.dim, ground)
    return Look(palette.faint, ground, text, text)
