"""A month as whole weeks: bars across days, single events under them, "+3 more" where there is no room."""

from datetime import date

from textual import events
from textual.reactive import reactive

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.calendar.dragging import DraggedGrid, Place
from aicalendar_tui.screens.calendar.entry_look import draw_bar, is_past, look_of, title_of
from aicalendar_tui.screens.calendar.pointing import MonthTurned, PlacePointed
from aicalendar_tui.screens.calendar.scene import Piece, Scene, Sections, Slot, divide, local_days
from aicalendar_tui.screens.canvas import Canvas, style_of
from aicalendar_tui.screens.dates import clock_time, short_day, short_month, two_letters
from aicalendar_tui.screens.layout import Bar, Week, arrange_week, share_rows, share_width
from aicalendar_tui.screens.text import cut
from aicalendar_tui.screens.theme import VISIBLE, Palette, mix, readable, visible_color

GUTTER = 4
"""Cells of the week numbers, with one of air before them."""
LONGEST_DAY, USUAL_DAY = 9, 5
"""Cells that a day's number takes, with the air around it: where it names its month, and elsewhere."""
ROOM_FOR_TIMES = 13
"""A day this wide shows when its events start; a narrower one keeps the room for their titles."""

_WeekPlan = tuple[tuple[tuple[Entry, Bar], ...], tuple[tuple[Piece, ...], ...], Week]


class MonthGrid(DraggedGrid):
    """Weeks go down; the cursor is a day."""

    scene: reactive[Scene | None] = reactive(None, init=False, repaint=False)

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.set_reactive(MonthGrid.scene, scene)
        self._plans: tuple[_WeekPlan, ...] = ()
        self._heights: list[int] = []
        self._planned_for: object = None
        self._planned_scene: Scene | None = None

    def watch_scene(self) -> None:
        """Repaint the lines that differ."""
        self.repaint()

    def _plan(self, scene: Scene) -> tuple[_WeekPlan, ...]:
        token = (id(scene.agenda), id(scene.ghost), scene.days, self.size)
        if self._planned_for != token:
            sections = divide(scene.entries, scene.days)
            weeks = range(len(scene.days) // 7)
            needs = [1 + _rows_needed(sections, week) for week in weeks]
            self._heights = share_rows(self.size.height - 1, needs)
            self._plans = tuple(_plan_week(sections, week, self._heights[week] - 1) for week in weeks)
            self._planned_for, self._planned_scene = token, scene
        return self._plans

    @property
    def _gutter(self) -> int:
        return GUTTER if self.scene is None or self.scene.preferences.week_numbers else 0

    def _columns(self) -> list[tuple[int, int]]:
        columns, left = [], self._gutter
        for width in share_width(self.size.width - left - 1, [1] * 7):
            columns.append((left, left + width))
            left += width
        return columns

    def paint(self, canvas: Canvas) -> None:
        """Heads, week numbers, then week by week."""
        scene, palette = self.scene, self.palette
        if scene is None or scene.view != "month" or canvas.width < self._gutter + 21 or canvas.height < 4:
            return
        columns = self._columns()
        line = style_of(palette.line, palette.ground)
        for left, _right in columns:
            for y in range(canvas.height):
                canvas.write(left, y, "│", line)
        days = list(scene.days)
        for (left, right), day in zip(columns, days[:7], strict=True):
            name = short_day(day.weekday()) if right - left > 5 else two_letters(day.weekday())
            canvas.write(left + 2, 0, name, style_of(palette.dim, palette.ground))
        top = 1
        for number, plan in enumerate(self._plan(scene)):
            height = self._heights[number]
            week = days[number * 7 : number * 7 + 7]
            label = f"{week[min(3, len(week) - 1)].isocalendar().week:2d}"
            if scene.preferences.week_numbers:
                canvas.write(1, top, label, style_of(palette.faint, palette.ground))
            for (left, right), day in zip(columns, week, strict=True):
                self._draw_day(canvas, (left, right), top, height, day, scene, palette)
            self._draw_week(canvas, columns, (top, height - 1), week, plan, scene, palette)
            top += height

    def _ground(self, day: date, scene: Scene, palette: Palette) -> str:
        ground = palette.today if day == scene.now.date() else palette.ground
        anchor = (scene.anchor or scene.cursor).day
        low, high = min(anchor, scene.cursor.day), max(anchor, scene.cursor.day)
        if low <= day <= high:
            return mix(ground, palette.accent, 0.24 if scene.anchor else 0.13)
        return ground

    def _draw_day(
        self,
        canvas: Canvas,
        place: tuple[int, int],
        top: int,
        height: int,
        day: date,
        scene: Scene,
        palette: Palette,
    ) -> None:
        left, right = place
        ground = self._ground(day, scene, palette)
        if ground != palette.ground:
            canvas.fill(left + 1, top, right - left - 1, height, style_of(palette.text, ground))
        label = str(day.day)
        if day.day == 1 and right - left > len(short_month(day.month)) + 4:
            label = f"{day.day} {short_month(day.month)}"
        if day == scene.now.date():
            canvas.write(left + 1, top, f" {label} ", style_of(palette.ground, palette.accent, True))
            return
        month = scene.cursor.day
        inside = (day.year, day.month) == (month.year, month.month)
        if day == month:
            canvas.write(left + 2, top, label, style_of(palette.accent, ground, True))
        elif not inside:
            canvas.write(left + 2, top, label, style_of(palette.faint, ground))
        elif day.weekday() >= 5:
            canvas.write(left + 2, top, label, style_of(palette.dim, ground, True))
        else:
            canvas.write(left + 2, top, label, style_of(palette.text, ground, True))

    def _draw_week(
        self,
        canvas: Canvas,
        columns: list[tuple[int, int]],
        rows: tuple[int, int],
        week: list[date],
        plan: _WeekPlan,
        scene: Scene,
        palette: Palette,
    ) -> None:
        (top, below), (bars, days, arranged) = rows, plan
        for (entry, bar), lane in zip(bars, arranged.lanes, strict=True):
            if lane is None:
                continue
            left, right = columns[bar.first][0] + 1, columns[bar.last - 1][1]
            first, last = local_days(entry, scene.zone)
            look = look_of(entry, scene, palette, ground=palette.ground, strong=True)
            draw_bar(
                canvas,
                left,
                top + 1 + lane,
                right - left,
                entry,
                look,
                before=first < week[0],
                after=last > week[-1] and (last - week[-1]).days > 1,
            )
        for number, day in enumerate(week):
            left, right = columns[number]
            ground = self._ground(day, scene, palette)
            for piece, row in zip(days[number], arranged.rows[number], strict=True):
                if row is not None:
                    self._draw_single(canvas, left + 1, top + 1 + row, right - left - 1, piece, scene, ground)
            if more := arranged.more[number]:
                taken = LONGEST_DAY if day.day == 1 else USUAL_DAY
                self._draw_more(canvas, (left, right, taken), (top, below), more, ground, palette)

    def _draw_more(
        self,
        canvas: Canvas,
        place: tuple[int, int, int],
        rows: tuple[int, int],
        more: int,
        ground: str,
        palette: Palette,
    ) -> None:
        (left, right, taken), (top, below) = place, rows
        style = style_of(palette.accent, ground)
        if below < 1:
            text = f"+{more}"
            if left + taken + len(text) <= right:
                canvas.write(right - len(text), top, text, style)
            return
        text = _("+{number} more").format(number=more)
        if len(text) > right - left - 2:
            text = f"+{more}"
        canvas.write(left + 2, top + below, text, style)

    def _draw_single(
        self, canvas: Canvas, x: int, y: int, width: int, piece: Piece, scene: Scene, ground: str
    ) -> None:
        entry, palette = piece.entry, self.palette
        if entry.key == scene.selected or entry.key in scene.flash.keys:
            look = look_of(entry, scene, palette, ground=ground)
            bar, time, title, strike = look.bar, look.detail, look.title, False
            canvas.fill(x, y, width, 1, look.body)
        else:
            past = is_past(entry, scene)
            strike = entry.response == "declined"
            color = visible_color(scene.color_of(entry), palette)
            ink = palette.dim if past or strike else palette.text
            bar = style_of(mix(ground, color, 0.55) if past else palette.faint if strike else color, ground)
            time = style_of(readable(palette.faint if past else palette.dim, ground, VISIBLE), ground)
            title = style_of(readable(ink, ground), ground, False, strike)
        glyph = "┊" if entry.response == "needsAction" else "▎"
        canvas.write(x, y, glyph, bar)
        end = x + width
        mark = "!" if entry.problem else "↑" if entry.waiting else ""
        if mark:
            end -= 1
            canvas.write(end, y, mark, style_of(palette.waiting, title.bgcolor.name if title.bgcolor else ground))
        x += 1
        if width >= ROOM_FOR_TIMES:
            label = clock_time(piece.start, hour24=scene.hour24)
            x = canvas.write(x, y, label if scene.hour24 else label.replace(" ", "")[:-1], time) + 1
        canvas.write(x, y, cut(title_of(entry), end - x), title)

    # pointing

    def place_at(self, x: int, y: int) -> Place | None:
        """The day there, with the event on that line."""
        scene = self.scene
        if scene is None or y < 1:
            return None
        plans = self._plan(scene)
        number, row = 0, y - 1
        while number < len(plans) and row >= self._heights[number]:
            row -= self._heights[number]
            number += 1
        column = next((n for n, (left, right) in enumerate(self._columns()) if left <= x < right), None)
        if number >= len(plans) or column is None:
            return None
        slot = Slot(list(scene.days)[number * 7 + column], scene.cursor.minute)
        bars, days, arranged = plans[number]
        row -= 1
        for (entry, bar), lane in zip(bars, arranged.lanes, strict=True):
            if lane == row and bar.first <= column < bar.last:
                return slot, entry.key
        for piece, place in zip(days[column], arranged.rows[column], strict=True):
            if place == row:
                return slot, piece.entry.key
        return slot, None

    def _is_more(self, x: int, y: int) -> bool:
        """Whether "+3 more" is there."""
        scene, row = self.scene, y - 1
        if scene is None:
            return False
        column = next((n for n, (left, right) in enumerate(self._columns()) if left <= x < right), None)
        for (_bars, _days, arranged), height in zip(self._plan(scene), self._heights, strict=True):
            if row < height:
                return column is not None and bool(arranged.more[column]) and row == max(0, height - 1)
            row -= height
        return False

    def on_click(self, event: events.Click) -> None:
        """One click points, two on an empty place create."""
        place = None if self.was_drag() else self.place_at(event.x, event.y)
        if place is not None:
            slot, key = place
            more = key is None and self._is_more(event.x, event.y)
            again = event.chain == 2
            self.post_message(PlacePointed(slot, key, create=again and key is None and not more, open=more or again))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel turns the months."""
        event.stop()
        self.post_message(MonthTurned(1))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel turns the months."""
        event.stop()
        self.post_message(MonthTurned(-1))


def _plan_week(sections: Sections, week: int, rows: int) -> _WeekPlan:
    first = week * 7
    bars = tuple(
        (entry, Bar(max(bar.first, first) - first, min(bar.last, first + 7) - first))
        for entry, bar in sections.bars
        if bar.first < first + 7 and bar.last > first
    )
    days = sections.days[first : first + 7]
    plan = arrange_week([bar for _entry, bar in bars], [len(pieces) for pieces in days], rows=rows)
    return bars, days, plan


def _rows_needed(sections: Sections, week: int) -> int:
    """The rows in which the fullest day of the week would show everything."""
    return max(
        len(sections.days[day]) + sum(bar.first <= day < bar.last for _entry, bar in sections.bars)
        for day in range(week * 7, week * 7 + 7)
    )
