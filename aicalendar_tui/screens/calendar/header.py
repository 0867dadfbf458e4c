"""The lines above the view: what is shown, and the state of things, always."""

from textual.reactive import reactive

from aicalendar_tui.backend.domain.times import Days
from aicalendar_tui.i18n import _, ngettext
from aicalendar_tui.screens.calendar.scene import Scene
from aicalendar_tui.screens.canvas import Canvas, style_of
from aicalendar_tui.screens.dates import city_of, day_name, day_range, month_name, time_of
from aicalendar_tui.screens.gateway import Status
from aicalendar_tui.screens.painted import Painted
from aicalendar_tui.screens.text import clean, cut, width_of
from aicalendar_tui.screens.theme import Palette

MIDDLE_DAYS = 3
"""A week is named after its fourth day: the rule of ISO 8601, true for weeks that start on a Sunday too."""

ROOMY_CELLS = 110
"""From here on the line has room to say which key leads on."""


class Header(Painted):
    """One line, and a second one while there is a problem to tell."""

    scene: reactive[Scene | None] = reactive(None, init=False, repaint=False)
    margin_cells = 2

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.set_reactive(Header.scene, scene)
        self.styles.height = self._height_for(scene)

    @staticmethod
    def _height_for(scene: Scene) -> int:
        return 2 if problem_of(scene.status) else 1

    def watch_scene(self, before: Scene | None, scene: Scene | None) -> None:
        """Repaint; a problem that comes or goes changes the height."""
        if scene is not None and (before is None or self._height_for(before) != self._height_for(scene)):
            self.styles.height = self._height_for(scene)
        self.repaint()

    def paint(self, canvas: Canvas) -> None:
        """From both ends; the title gives way to the state when the line is short."""
        scene, palette = self.scene, self.palette
        if scene is None:
            return
        x = canvas.width - self.margin_cells
        for text, color, bold in reversed(state_parts(scene, palette, roomy=canvas.width >= ROOMY_CELLS)):
            x -= width_of(text)
            if x < 0:
                break
            canvas.write(x, 0, text, style_of(color, palette.ground, bold))
            x -= 2
        left = 1
        strong, quiet = period_names(scene)
        if left + width_of(strong) <= x:
            left = canvas.write(left, 0, strong, style_of(palette.text, palette.ground, True))
            if quiet and left + 2 + width_of(quiet) <= x:
                canvas.write(left + 2, 0, quiet, style_of(palette.dim, palette.ground))
        if problem := problem_of(scene.status):
            room = canvas.width - 4
            canvas.write(1, 1, cut("! " + problem, room), style_of(palette.waiting, palette.ground))


def problem_of(status: Status) -> str:
    """What the second line says, or ''."""
    if status.problem:
        return clean(_(status.problem))
    if status.signed_out:
        return _("Signed out of Google: changes wait until you sign in again (aicalendar login)")
    return ""


def state_parts(scene: Scene, palette: Palette, *, roomy: bool = False) -> list[tuple[str, str, bool]]:
    """What stands at the right end, in order: (text, colour, bold); where it is `roomy`, keys too."""
    status = scene.status
    parts: list[tuple[str, str, bool]] = []
    match status.connection:
        case "live":
            parts.append((_("● live"), palette.live, True))
        case "polling":
            parts.append(("○ " + _poll_interval(status.poll_seconds), palette.dim, False))
        case "offline":
            parts.append((_("✕ offline"), palette.now, True))
        case "starting":
            parts.append((_("◌ starting"), palette.dim, False))
    if status.waiting:
        text = ngettext("{number} edit waiting", "{number} edits waiting", status.waiting)
        parts.append((text.format(number=status.waiting), palette.waiting, False))
    if status.conflicts:
        text = ngettext("{number} conflict", "{number} conflicts", status.conflicts)
        parts.append(("! " + text.format(number=status.conflicts), palette.waiting, True))
    if status.rejected:
        parts.append((_("! {number} refused").format(number=status.rejected), palette.now, True))
    if roomy and (status.conflicts or status.rejected):
        parts.append((_("(! settles)"), palette.dim, False))
    if status.cache_away:
        parts.append((_("cache away"), palette.waiting, False))
    if scene.home_zone and scene.home_zone != scene.days.zone:
        parts.append((_("in {place} · Z").format(place=city_of(scene.days.zone)), palette.waiting, True))
    parts.append((time_of(scene.now, hour24=scene.hour24), palette.text, True))
    return parts


def _poll_interval(seconds: int) -> str:
    if seconds < 60:
        return ngettext("every {number} s", "every {number} s", seconds).format(number=seconds)
    minutes = round(seconds / 60)
    return ngettext("every {number} min", "every {number} min", minutes).format(number=minutes)


def week_number(days: Days) -> int:
    """ISO's number of the week that the days belong to."""
    from datetime import timedelta

    return (days.first + timedelta(days=min(MIDDLE_DAYS, len(days) - 1))).isocalendar().week


def period_names(scene: Scene) -> tuple[str, str]:
    """The period in two parts: what it is called, and which days that is."""
    days = scene.days
    match scene.view:
        case "day":
            return day_name(days.first.weekday()), day_range(days.first, days.last)
        case "month":
            return month_name(scene.cursor.day.month), str(scene.cursor.day.year)
        case "year":
            return str(scene.cursor.day.year), ""
        case "agenda":
            return _("Agenda"), f"{month_name(scene.cursor.day.month)} {scene.cursor.day.year}"
        case "days":
            count = ngettext("{number} day", "{number} days", len(days)).format(number=len(days))
            return count, day_range(days.first, days.last)
        case "week" if scene.preferences.week == "ahead":
            return _("Seven days"), day_range(days.first, days.last)
        case _:
            return _("Week {number}").format(number=week_number(days)), day_range(days.first, days.last)
