"""A year at a glance: how full each day is, in five steps of one hue."""

from datetime import date, timedelta
from itertools import product

from msgspec import Struct
from textual import events
from textual.reactive import reactive

from aicalendar_tui.i18n import _
from aicalendar_tui.screens.calendar.pointing import PlacePointed, YearTurned
from aicalendar_tui.screens.calendar.scene import Scene, Slot
from aicalendar_tui.screens.canvas import Canvas, style_of
from aicalendar_tui.screens.dates import full_day, month_name, two_letters, week_start
from aicalendar_tui.screens.layout import heat_step
from aicalendar_tui.screens.painted import Painted
from aicalendar_tui.screens.text import cut, width_of
from aicalendar_tui.screens.theme import HEAT_SHARES, Palette, heat_colors

MONTH_ROWS = 8
"""A month as a block: its name, the days' names, six weeks."""
BLOCK_CELLS = (5, 4, 3)
"""How wide the days of a block may be, air included; the widest that fits is taken."""
GAP = 3
LABEL_CELLS = 6
WEEKDAYS = 37
"""Columns of a month in one row that begins under its weekday: six days before the 1st, then 31."""
FOOT_ROWS = 2


class Plan(Struct, frozen=True):
    """Where the days are: `rows` of them for months one below the other, else blocks `across` × `down`."""

    across: int
    cell: int
    top: int
    row_height: int

    @property
    def linear(self) -> bool:
        """Whether a month is a row."""
        return self.across == 0


def plan_for(width: int, height: int) -> Plan:
    """Blocks of months where they fit, else a row for each month."""
    for cell, across in product(BLOCK_CELLS, (4, 6, 3)):
        down = 12 // across
        if across * (7 * cell + GAP) - GAP + 2 <= width and down * MONTH_ROWS + FOOT_ROWS <= height:
            spare = height - FOOT_ROWS - down * MONTH_ROWS
            air = min(4, max(0, spare - 1) // max(1, down - 1))
            return Plan(across, cell, min(1, spare), MONTH_ROWS + air)
    cell = 2 if width >= LABEL_CELLS + 2 * WEEKDAYS else 1
    return Plan(0, cell, 1, 1)


class YearGrid(Painted):
    """The cursor is a day; opening it shows that day."""

    scene: reactive[Scene | None] = reactive(None, init=False, repaint=False)

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.set_reactive(YearGrid.scene, scene)

    def watch_scene(self) -> None:
        """Repaint the lines that differ."""
        self.repaint()

    @property
    def linear(self) -> bool:
        """Whether a row is a month, so that going down means the next one."""
        size = self.size or self.app.size  # keys may be faster than the first layout
        return plan_for(size.width, size.height).linear

    def paint(self, canvas: Canvas) -> None:
        """The months, and below them what the day under the cursor holds and what the colours mean."""
        scene, palette = self.scene, self.palette
        if scene is None or scene.view != "year" or canvas.width < LABEL_CELLS + WEEKDAYS or canvas.height < 14:
            return
        plan = plan_for(canvas.width, canvas.height)
        year = scene.days.first.year
        for month in range(1, 13):
            self._draw_names(canvas, plan, year, month, scene, palette)
            day = date(year, month, 1)
            while day.month == month:
                self._draw_day(canvas, plan, day, scene, palette)
                day += timedelta(days=1)
        self._draw_foot(canvas, scene, palette)

    def _origin(self, plan: Plan, month: int, canvas_width: int) -> tuple[int, int]:
        """Where a month begins."""
        if plan.linear:
            return 1, plan.top + month - 1
        column, row = (month - 1) % plan.across, (month - 1) // plan.across
        month_cells = 7 * plan.cell
        gap = min(9, (canvas_width - 2 - plan.across * month_cells) // max(1, plan.across - 1))
        return 2 + column * (month_cells + gap), plan.top + row * plan.row_height

    def _place(self, plan: Plan, day: date, scene: Scene, canvas_width: int) -> tuple[int, int]:
        """The cell of a day."""
        x, y = self._origin(plan, day.month, canvas_width)
        first = day.replace(day=1)
        number = (first - week_start(first, scene.first_day_of_week)).days + day.day - 1
        if plan.linear:
            return LABEL_CELLS + number * plan.cell, y
        return x + number % 7 * plan.cell, y + 2 + number // 7

    def _draw_names(self, canvas: Canvas, plan: Plan, year: int, month: int, scene: Scene, palette: Palette) -> None:
        x, y = self._origin(plan, month, canvas.width)
        here = (year, month) == (scene.now.year, scene.now.month)
        color = palette.accent if here else palette.text
        dim = style_of(palette.dim, palette.ground)
        if not plan.linear:
            canvas.write(x, y, cut(month_name(month), 7 * plan.cell), style_of(color, palette.ground, True))
            for column in range(7):
                weekday = (scene.first_day_of_week + column) % 7
                canvas.write(x + column * plan.cell, y + 1, two_letters(weekday).rjust(plan.cell - 1), dim)
            return
        canvas.write(x, y, month_name(month)[:3], style_of(color, palette.ground, here))
        if month == 1:
            for column in range(WEEKDAYS):
                name = two_letters((scene.first_day_of_week + column) % 7)
                canvas.write(LABEL_CELLS + column * plan.cell, y - 1, cut(name, 1).rjust(plan.cell), dim)

    def _draw_day(self, canvas: Canvas, plan: Plan, day: date, scene: Scene, palette: Palette) -> None:
        x, y = self._place(plan, day, scene, canvas.width)
        step = heat_step(scene.busy_minutes(day))
        ground, ink = heat_colors(palette)[step]
        here, today = day == scene.cursor.day, day == scene.now.date()
        if here:
            ground, ink = palette.text, palette.ground
        elif today:
            ink = palette.now
        if plan.linear and not (here or today or day.weekday() == scene.first_day_of_week):
            label = ("" if step else "·").rjust(plan.cell)  # numbers side by side would run together
        elif not plan.linear:
            label = str(day.day).rjust(plan.cell - 1)
        else:
            label = f"{day.day:2d}" if plan.cell > 1 else "●" if here or today else "·"
        canvas.write(x, y, label, style_of(ink, ground, here or today, underline=today and not here))

    def _draw_foot(self, canvas: Canvas, scene: Scene, palette: Palette) -> None:
        y = canvas.height - 1
        day = scene.cursor.day
        minutes = scene.busy_minutes(day)
        x = canvas.write(2, y, full_day(day), style_of(palette.text, palette.ground, True)) + 2
        hours = busy_words(minutes) if scene.busy is not None and day in scene.busy.days else "…"
        dim = style_of(palette.dim, palette.ground)
        x = canvas.write(x, y, hours, dim)
        more, less = _("busy"), _("free")
        start = canvas.width - 2 - width_of(more) - 1 - len(HEAT_SHARES) * 2 - 1 - width_of(less)
        if start <= x + 2:
            return
        x = canvas.write(start, y, less, dim) + 1
        for ground, _ink in heat_colors(palette)[1:]:
            canvas.fill(x, y, 2, 1, style_of(palette.text, ground))
            x += 2
        canvas.write(x + 1, y, more, dim)

    # pointing

    def _day_at(self, x: int, y: int) -> date | None:
        scene = self.scene
        if scene is None:
            return None
        plan = plan_for(self.size.width, self.size.height)
        for day in scene.days:
            left, top = self._place(plan, day, scene, self.size.width)
            if top == y and left <= x < left + plan.cell:
                return day
        return None

    def on_click(self, event: events.Click) -> None:
        """One click points, two open the day."""
        day = self._day_at(event.x, event.y)
        if day is not None and self.scene is not None:
            slot = Slot(day, self.scene.cursor.minute)
            self.post_message(PlacePointed(slot, None, open=event.chain == 2))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel turns the years."""
        event.stop()
        self.post_message(YearTurned(1))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel turns the years."""
        event.stop()
        self.post_message(YearTurned(-1))


def busy_words(minutes: int) -> str:
    """`5 h 30 min busy`, or that nothing is there."""
    if not minutes:
        return _("nothing planned")
    hours, rest = divmod(minutes, 60)
    parts = [_("{number} h").format(number=hours)] if hours else []
    parts += [_("{number} min").format(number=rest)] if rest else []
    return _("{time} busy").format(time=" ".join(parts))
