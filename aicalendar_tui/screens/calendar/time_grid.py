"""Days to scale: the day, N days and week views."""

from datetime import date

from msgspec import Struct
from textual import events
from textual.geometry import Size
from textual.reactive import reactive

from aicalendar_tui.backend.domain.times import zone_of
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.calendar.drafts import moment_of
from aicalendar_tui.screens.calendar.dragging import DraggedGrid, Place
from aicalendar_tui.screens.calendar.entry_look import UNANSWERED, draw_bar, draw_block, look_of
from aicalendar_tui.screens.calendar.pointing import PlacePointed
from aicalendar_tui.screens.calendar.scene import Scene, Sections, Slot, divide, local_days
from aicalendar_tui.screens.canvas import Canvas, style_of
from aicalendar_tui.screens.dates import clock_time, short_day, two_letters, zone_label
from aicalendar_tui.screens.layout import (
    DAY_MINUTES,
    NARROWEST_COLUMN,
    Block,
    Columns,
    arrange_columns,
    arrange_lanes,
    block_of,
    first_row_shown,
    share_width,
)
from aicalendar_tui.screens.preferences import is_working_day
from aicalendar_tui.screens.text import cut, width_of
from aicalendar_tui.screens.theme import Palette, mix, readable, shaded, visible_color

GUTTER, ROOMY_GUTTER = 6, 8
"""Cells of the hours, with one of air before them; in a roomy view "all day" fits there too."""
ROOMY_CELLS = 100
ZONE_CELLS = 6
"""What the hours of a second zone take beside ours."""


class Column(Struct, frozen=True):
    """Where a day is: its separator at `left`, its cells in `[left + 1, right)`."""

    day: date
    left: int
    right: int

    @property
    def width(self) -> int:
        """The cells for events."""
        return self.right - self.left - 1


class Arranged(Struct, frozen=True):
    """What depends on the entries and the size, but not on the cursor."""

    sections: Sections
    columns: tuple[Column, ...]
    blocks: tuple[tuple[Block, ...], ...]
    placed: tuple[Columns, ...]
    shaded: tuple[frozenset[int], ...]
    notched: tuple[frozenset[int], ...]
    lanes: tuple[int, ...]
    lane_rows: int


class TimeGrid(DraggedGrid):
    """The hours go down, the days go right; the widget scrolls by itself and keeps the cursor in view."""

    scene: reactive[Scene | None] = reactive(None, init=False, repaint=False)

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.set_reactive(TimeGrid.scene, scene)
        self._top: int | None = None
        self._sized: Size | None = None
        self._among_bars = False
        self._arranged: Arranged | None = None
        self._arranged_for: object = None

    def watch_scene(self, before: Scene | None, scene: Scene | None) -> None:
        """Follow the cursor, and repaint what differs."""
        if before is not None and scene is not None and self._top is not None:
            rows = before.preferences.minutes_per_row, scene.preferences.minutes_per_row
            if rows[0] != rows[1]:  # the cursor stays where it is on the screen
                self._top += scene.cursor.minute // rows[1] - before.cursor.minute // rows[0]
        if (
            before is None
            or scene is None
            or before.cursor != scene.cursor
            or before.preferences != scene.preferences
        ):
            self._show_cursor()
        self.repaint()

    def on_resize(self) -> None:
        """Another size may cut off the working hours: start over."""
        if self._sized not in (None, self.size):
            self._top = None
        self._sized = self.size

    # arrangement

    def _arrange(self, scene: Scene) -> Arranged:
        token = (id(scene.agenda), id(scene.ghost), scene.days, self.size, scene.preferences, scene.second_zone)
        if self._arranged is None or self._arranged_for != token:
            self._arranged = self._compute(scene)
            self._arranged_for = token
            self._kept = scene  # keeps the ids in the token alive
        return self._arranged

    def _compute(self, scene: Scene) -> Arranged:
        sections = divide(scene.entries, scene.days)
        columns = self._columns(scene)
        blocks, placed, shaded, notched = [], [], [], []
        for column, pieces in zip(columns, sections.days, strict=True):
            day_blocks = tuple(block_of(piece.start, piece.end, self.minutes_per_row) for piece in pieces)
            arranged = arrange_columns(day_blocks, limit=column.width // NARROWEST_COLUMN)
            colors = [scene.color_of(piece.entry) for piece in pieces]
            shades, notches = _told_apart(day_blocks, arranged, column.width, colors)
            blocks.append(day_blocks)
            placed.append(arranged)
            shaded.append(shades)
            notched.append(notches)
        lanes = arrange_lanes([bar for _, bar in sections.bars])
        limit = max(1, min(6, self.size.height // 7))
        lane_rows = min(limit, max(lanes, default=0) + 1)
        return Arranged(
            sections, columns, tuple(blocks), tuple(placed), tuple(shaded), tuple(notched), lanes, lane_rows
        )

    def _columns(self, scene: Scene) -> tuple[Column, ...]:
        days = list(scene.days)
        weights = [4 if len(days) > 5 and day.weekday() >= 5 else 5 for day in days]
        columns, left = [], self._gutter
        for day, width in zip(days, share_width(self.size.width - left - 1, weights), strict=True):
            columns.append(Column(day, left, left + width))
            left += width
        return tuple(columns)

    @property
    def minutes_per_row(self) -> int:
        """The zoom."""
        return self.scene.preferences.minutes_per_row if self.scene is not None else 30

    @property
    def _gutter(self) -> int:
        gutter = ROOMY_GUTTER if self.size.width >= ROOMY_CELLS else GUTTER
        return gutter + (ZONE_CELLS if self.scene is not None and self.scene.second_zone else 0)

    @property
    def _rows(self) -> int:
        return DAY_MINUTES // self.minutes_per_row

    def _first_line(self, arranged: Arranged) -> int:
        return 1 + arranged.lane_rows

    def _height(self, arranged: Arranged) -> int:
        return max(1, self.size.height - self._first_line(arranged))

    def _show_cursor(self) -> None:
        """Scroll no further than it takes to have the cursor in view."""
        scene = self.scene
        if scene is None or self._top is None or not self.size.height:
            return
        height = self._height(self._arrange(scene))
        row = scene.cursor.minute // self.minutes_per_row
        if row < self._top:
            self._top = row
        elif row >= self._top + height:
            self._top = row - height + 1
        self._top = max(0, min(self._top, self._rows - height))

    def _top_row(self, scene: Scene, arranged: Arranged) -> int:
        if self._top is None:
            start, end = (minute // self.minutes_per_row for minute in scene.preferences.work)
            self._top = first_row_shown(
                rows=self._rows,
                height=self._height(arranged),
                work=(start, end),
                focus=scene.cursor.minute // self.minutes_per_row,
            )
        return self._top

    # drawing

    def paint(self, canvas: Canvas) -> None:
        """The whole grid: grounds, separators, heads, bars, hours, events, the now line."""
        scene = self.scene
        if scene is None or canvas.width < self._gutter + 4 or canvas.height < 3:
            return
        palette = self.palette
        arranged = self._arrange(scene)
        top = self._top_row(scene, arranged)
        first = self._first_line(arranged)
        line = style_of(palette.line, palette.ground)
        for column in arranged.columns:
            if column.day == scene.now.date():
                canvas.fill(column.left + 1, 0, column.width, canvas.height, style_of(palette.text, palette.today))
            self._shade(canvas, scene, column, top, first, palette)
            for y in range(canvas.height):
                canvas.write(column.left, y, "│", line)
        self._draw_heads(canvas, scene, arranged, palette)
        self._draw_bars(canvas, scene, arranged, palette)
        self._draw_hours(canvas, scene, top, first, palette)
        self._draw_cursor(canvas, scene, arranged, top, first, palette)
        self._draw_imprint(canvas, scene, arranged, top, first, palette)
        for number in range(len(arranged.columns)):
            self._draw_day(canvas, scene, arranged, number, top, first, palette)
        self._draw_range(canvas, scene, arranged, top, first, palette)
        self._draw_now(canvas, scene, arranged, top, first, palette)

    def _shade(self, canvas: Canvas, scene: Scene, column: Column, top: int, first: int, palette: Palette) -> None:
        """The hours outside of work, and all of the weekend, lie a little in the shade."""
        ground = palette.today if column.day == scene.now.date() else palette.ground
        style = style_of(palette.text, shaded(ground, palette))
        if not is_working_day(column.day.weekday()):
            canvas.fill(column.left + 1, first, column.width, canvas.height - first, style)
            return
        start, end = (minute // self.minutes_per_row - top for minute in scene.preferences.work)
        canvas.fill(column.left + 1, first, column.width, max(0, start), style)
        if end < self._rows:
            below = first + max(0, end)
            canvas.fill(column.left + 1, below, column.width, canvas.height - below, style)

    def _draw_imprint(
        self, canvas: Canvas, scene: Scene, arranged: Arranged, top: int, first: int, palette: Palette
    ) -> None:
        """Where the event that is being moved comes from: a shade of its colour, under everything else."""
        origin = scene.entry_of(scene.ghost.key) if scene.ghost is not None else None
        if origin is None:
            return
        color = visible_color(scene.color_of(origin), palette)
        for column, pieces in zip(arranged.columns, divide([origin], scene.days).days, strict=True):
            ground = palette.today if column.day == scene.now.date() else palette.ground
            style = style_of(color, mix(ground, color, 0.1))
            for piece in pieces:
                block = block_of(piece.start, piece.end, self.minutes_per_row)
                for row in range(block.top, block.bottom):
                    if first <= (y := first + row - top) < canvas.height:
                        canvas.fill(column.left + 1, y, column.width, 1, style)
                        canvas.write(column.left + 1, y, UNANSWERED, style)

    def _draw_heads(self, canvas: Canvas, scene: Scene, arranged: Arranged, palette: Palette) -> None:
        today = scene.now.date()
        for column, placed in zip(arranged.columns, arranged.placed, strict=True):
            day = column.day
            ground = palette.today if day == today else palette.ground
            hidden = sum(group.count for group in placed.hidden)
            text = f"+{hidden}" if hidden else ""
            # What is not shown is counted, and the day's name is shortened for it; only its number is worth more.
            edge = column.right - len(text) - bool(text)
            x, name = _place_head(column.left, edge, day)
            if text and x + len(name) + 2 > edge:
                text, edge = "", column.right
                x, name = _place_head(column.left, edge, day)
            if text:
                canvas.write(column.right - 1 - len(text), 0, text, style_of(palette.accent, ground))
            if day == today:
                x = canvas.write(x, 0, name, style_of(palette.accent, ground, True))
                label = f" {day.day} " if x + 4 < edge else str(day.day)
                canvas.write(x, 0, label, style_of(palette.ground, palette.accent, True))
                continue
            here = day == scene.cursor.day
            weekend = day.weekday() >= 5
            name_color = palette.text if here else palette.dim
            number_color = palette.accent if here else palette.dim if weekend else palette.text
            x = canvas.write(x, 0, name, style_of(name_color, ground, here))
            canvas.write(x, 0, str(day.day), style_of(number_color, ground, True))

    def _draw_bars(self, canvas: Canvas, scene: Scene, arranged: Arranged, palette: Palette) -> None:
        if arranged.lanes:
            room = self._gutter - 1
            names = (_("all day"), _("beside bars: day").removeprefix("beside bars: "))
            name = next((name for name in names if width_of(name) <= room), cut(names[-1], room))
            canvas.write(1 + room - width_of(name), 1, name, style_of(palette.faint, palette.ground))
        rows, columns = arranged.lane_rows, arranged.columns
        crowded: dict[int, int] = {}
        for (_entry, bar), lane in zip(arranged.sections.bars, arranged.lanes, strict=True):
            if lane >= rows:
                for day in range(bar.first, bar.last):
                    crowded[day] = crowded.get(day, 0) + 1
        for (entry, bar), lane in zip(arranged.sections.bars, arranged.lanes, strict=True):
            if lane >= rows:
                continue
            if lane == rows - 1 and any(day in crowded for day in range(bar.first, bar.last)):
                for day in range(bar.first, bar.last):
                    crowded[day] = crowded.get(day, 0) + 1
                continue
            left, right = columns[bar.first].left + 1, columns[bar.last - 1].right
            look = look_of(entry, scene, palette, ground=palette.ground, strong=True)
            first, last = local_days(entry, scene.zone)
            draw_bar(
                canvas,
                left,
                1 + lane,
                right - left,
                entry,
                look,
                before=first < scene.days.first,
                after=last > scene.days.last,
            )
        for day, count in crowded.items():
            column = columns[day]
            ground = palette.today if column.day == scene.now.date() else palette.ground
            canvas.fill(column.left + 1, rows, column.width, 1, style_of(palette.text, ground))
            text = cut(_("+{number} more").format(number=count), column.width - 1)
            if len(text) < 4:
                text = f"+{count}"
            canvas.write(column.left + 2, rows, text, style_of(palette.accent, ground), width=column.width - 1)

    def _draw_hours(self, canvas: Canvas, scene: Scene, top: int, first: int, palette: Palette) -> None:
        start, end = scene.preferences.work
        second = zone_of(scene.second_zone) if scene.second_zone else None
        if second is not None:
            self._draw_zones(canvas, scene, palette)
        for y in range(first, canvas.height):
            minute = (top + y - first) * self.minutes_per_row
            if minute >= DAY_MINUTES:
                break
            if minute % 60:
                continue
            color = palette.dim if start <= minute <= end else palette.faint
            label = clock_time(minute, hour24=True) if scene.hour24 else _short_hour(minute)
            canvas.write(self._gutter - 5, y, label.rjust(5), style_of(color, palette.ground))
            if second is not None:
                there = moment_of(Slot(scene.cursor.day, minute), scene.days.zone).astimezone(second)
                minute = there.hour * 60 + there.minute
                label = clock_time(minute, hour24=True) if scene.hour24 else _short_hour(minute)
                color = palette.dim if start <= minute <= end else palette.faint
                canvas.write(self._gutter - 5 - ZONE_CELLS, y, label.rjust(5), style_of(color, palette.ground))

    def _draw_zones(self, canvas: Canvas, scene: Scene, palette: Palette) -> None:
        """Which hours are whose: the zones' names above them, ours stronger."""
        for name, x, color in (
            (scene.second_zone, self._gutter - 5 - ZONE_CELLS, palette.faint),
            (scene.days.zone, self._gutter - 5, palette.dim),
        ):
            canvas.write(x, 0, cut(zone_label(name, scene.now), 5).rjust(5), style_of(color, palette.ground))

    def _draw_cursor(
        self, canvas: Canvas, scene: Scene, arranged: Arranged, top: int, first: int, palette: Palette
    ) -> None:
        """The place under the cursor (or the selected range), and its time among the hours."""
        cursor, anchor = scene.cursor, scene.anchor or scene.cursor
        low, high = min(cursor, anchor), max(cursor, anchor)
        for column in arranged.columns:
            if not low.day <= column.day <= high.day:
                continue
            ground = palette.today if column.day == scene.now.date() else palette.ground
            share = 0.30 if scene.anchor else 0.20
            style = style_of(palette.accent, mix(ground, palette.accent, share))
            begin = low.minute if column.day == low.day else 0
            end = high.minute + self.minutes_per_row if column.day == high.day else DAY_MINUTES
            if scene.anchor is None and scene.selected is not None:
                continue
            for row in range(begin // self.minutes_per_row, -(-end // self.minutes_per_row)):
                y = first + row - top
                if first <= y < canvas.height:
                    canvas.fill(column.left + 1, y, column.width, 1, style)
            y = first + begin // self.minutes_per_row - top
            if first <= y < canvas.height:
                label = clock_time(begin, hour24=scene.hour24)
                if scene.anchor is not None:
                    label += f"–{clock_time(end, hour24=scene.hour24)}"
                color = readable(palette.accent, mix(ground, palette.accent, share))
                canvas.write(
                    column.left + 2,
                    y,
                    cut(label, column.width - 2),
                    style_of(color, mix(ground, palette.accent, share)),
                )
        y = first + cursor.minute // self.minutes_per_row - top
        if first <= y < canvas.height:
            label = clock_time(cursor.minute, hour24=True) if scene.hour24 else _short_hour(cursor.minute)
            canvas.write(self._gutter - 5, y, label.rjust(5), style_of(palette.accent, palette.ground))

    def _draw_day(
        self, canvas: Canvas, scene: Scene, arranged: Arranged, number: int, top: int, first: int, palette: Palette
    ) -> None:
        column, pieces = arranged.columns[number], arranged.sections.days[number]
        ground = palette.today if column.day == scene.now.date() else palette.ground
        x, width, bottom = column.left + 1, column.width, canvas.height

        def in_window(y: int) -> bool:
            return first <= y < bottom

        above = below = 0
        for index, (piece, block, placement) in enumerate(
            zip(pieces, arranged.blocks[number], arranged.placed[number].placements, strict=True)
        ):
            if placement is None:
                continue
            y = first + block.top - top
            height = block.bottom - block.top
            if y + height <= first:
                above += 1
                continue
            if y >= bottom:
                below += 1
                continue
            left, right = placement.cells(width)
            shaded = index in arranged.shaded[number]
            look = look_of(piece.entry, scene, palette, ground=ground, shaded=shaded)
            draw_block(
                canvas,
                (x + left, y, right - left, height),
                piece.entry,
                scene,
                look,
                notched=index in arranged.notched[number],
                clip=in_window,
                offset=max(0, first - y),
            )
        for y, text in ((first, f"↑ {above}" if above else ""), (bottom - 1, f"↓ {below}" if below else "")):
            left = x + width - 1 - len(text)
            if text and len(text) < width and canvas.is_empty(left, y, len(text)):
                for offset, character in enumerate(text):
                    canvas.draw_over(left + offset, y, 1, character, readable(palette.accent, ground))

    def _draw_range(
        self, canvas: Canvas, scene: Scene, arranged: Arranged, top: int, first: int, palette: Palette
    ) -> None:
        """A line beside the selected range, to be seen where events cover it."""
        if scene.anchor is None:
            return
        low, high = min(scene.cursor, scene.anchor), max(scene.cursor, scene.anchor)
        style = style_of(palette.accent, palette.ground, True)
        for column in arranged.columns:
            if not low.day <= column.day <= high.day:
                continue
            begin = low.minute // self.minutes_per_row if column.day == low.day else 0
            end = high.minute // self.minutes_per_row + 1 if column.day == high.day else self._rows
            for y in range(max(first, first + begin - top), min(canvas.height, first + end - top)):
                canvas.write(column.left, y, "┃", style)

    def _draw_now(
        self, canvas: Canvas, scene: Scene, arranged: Arranged, top: int, first: int, palette: Palette
    ) -> None:
        column = next((column for column in arranged.columns if column.day == scene.now.date()), None)
        if column is None:
            return
        minute = scene.now.hour * 60 + scene.now.minute
        y = first + minute // self.minutes_per_row - top
        if not first <= y < canvas.height:
            return
        label = clock_time(minute, hour24=scene.hour24).partition(" ")[0]
        canvas.write(self._gutter - 5, y, label.rjust(5), style_of(palette.now, palette.ground, True))
        canvas.write(column.left, y, "●", style_of(palette.now, palette.ground))
        canvas.draw_over(column.left + 1, y, column.width, "━", palette.now)

    # pointing

    def place_at(self, x: int, y: int) -> Place | None:
        """The slot there, with the event on it."""
        scene = self.scene
        if scene is None:
            return None
        arranged = self._arrange(scene)
        number = next((n for n, c in enumerate(arranged.columns) if c.left < x < c.right), None)
        if number is None:
            return None
        column, first = arranged.columns[number], self._first_line(arranged)
        if y < first:
            for (entry, bar), lane in zip(arranged.sections.bars, arranged.lanes, strict=True):
                if lane == y - 1 and bar.first <= number < bar.last:
                    return Slot(column.day, scene.cursor.minute), entry.key
            return Slot(column.day, scene.cursor.minute), None
        row = y - first + self._top_row(scene, arranged)
        if row >= self._rows:
            return None
        slot = Slot(column.day, row * self.minutes_per_row)
        cells = x - column.left - 1
        for piece, block, placement in zip(
            arranged.sections.days[number],
            arranged.blocks[number],
            arranged.placed[number].placements,
            strict=True,
        ):
            if placement is not None and block.top <= row < block.bottom:
                left, right = placement.cells(column.width)
                if left <= cells < right:
                    return slot, piece.entry.key
        return slot, None

    def is_end(self, x: int, y: int) -> bool:
        """The last of several rows of a timed event."""
        place, below = self.place_at(x, y), self.place_at(x, y + 1)
        above = self.place_at(x, y - 1)
        key = place[1] if place else None
        first = self._first_line(self._arrange(self.scene)) if self.scene is not None else 0
        return key is not None and y > first and above is not None and above[1] == key != (below and below[1])

    def slot_for(self, x: int, y: int) -> Slot | None:
        """Beyond the upper or lower edge the hours come along; a timed event does not get among the bars."""
        scene = self.scene
        if scene is None or self._pressed is None:
            return None
        first = self._first_line(self._arrange(scene))
        if self._among_bars:
            return super().slot_for(x, min(y, first - 1))
        if y < first or y >= self.size.height:
            self.scroll_rows(-1 if y < first else 1)
        return super().slot_for(x, min(max(y, first), self.size.height - 1))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Bars are dragged among bars, events among the hours."""
        super().on_mouse_down(event)
        self._among_bars = self.scene is not None and event.y < self._first_line(self._arrange(self.scene))

    def _is_head(self, x: int, y: int) -> bool:
        """Whether a day's name is there, or how many of its bars have no room: both lead to the day."""
        scene = self.scene
        if scene is None:
            return False
        arranged = self._arrange(scene)
        number = next((n for n, c in enumerate(arranged.columns) if c.left < x < c.right), None)
        if number is None or y == 0:
            return number is not None
        crowded = any(
            lane >= arranged.lane_rows and bar.first <= number < bar.last
            for (_entry, bar), lane in zip(arranged.sections.bars, arranged.lanes, strict=True)
        )
        return crowded and y == arranged.lane_rows

    def on_click(self, event: events.Click) -> None:
        """One click points, two on an empty place create, two on an event open it; a day's name opens the day."""
        if self.was_drag():
            return
        if self._is_head(event.x, event.y):
            place = self.place_at(event.x, event.y)
            if place is not None and self.scene is not None and self.scene.view != "day":
                self.post_message(PlacePointed(place[0], None, open=True))
            return
        place = self.place_at(event.x, event.y)
        if place is not None:
            slot, key = place
            again = event.chain == 2
            self.post_message(PlacePointed(slot, key, create=again and key is None, open=again and key is not None))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the hours."""
        event.stop()
        self.scroll_rows(2)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves the hours."""
        event.stop()
        self.scroll_rows(-2)

    def scroll_rows(self, rows: int) -> None:
        """Show later hours, or earlier ones for a negative number."""
        if self.scene is None or self._top is None:
            return
        height = self._height(self._arrange(self.scene))
        self._top = max(0, min(self._top + rows, self._rows - height))
        self.repaint()


def _short_hour(minute: int) -> str:
    hour = minute // 60
    if minute % 60:
        return f"{hour % 12 or 12}:{minute % 60:02d}"
    return f"{hour % 12 or 12} {'am' if hour < 12 else 'pm'}"


def _told_apart(
    blocks: tuple[Block, ...], arranged: Columns, width: int, colors: list[str]
) -> tuple[frozenset[int], frozenset[int]]:
    """Blocks that begin where another one above them ends: (those that need another shade, all of them)."""
    shaded: set[int] = set()
    notched: set[int] = set()
    by_bottom: dict[int, list[int]] = {}
    for index, block in enumerate(blocks):
        placement = arranged.placements[index]
        if placement is None:
            continue
        left, right = placement.cells(width)
        for above in by_bottom.get(block.top, ()):
            other = arranged.placements[above]
            if other is None:
                continue
            other_left, other_right = other.cells(width)
            if left < other_right and other_left < right:
                notched.add(index)
                if colors[index] == colors[above] and above not in shaded:
                    shaded.add(index)
        by_bottom.setdefault(block.bottom, []).append(index)
    return frozenset(shaded), frozenset(notched)


def _place_head(left: int, right: int, day: date) -> tuple[int, str]:
    """Where a column's head begins, and what stands before the day's number there: shorter where it is narrow."""
    room = right - left - 1
    for x, name in (
        (left + 2, short_day(day.weekday()) + " "),
        (left + 1, two_letters(day.weekday()) + " "),
        (left + 1, two_letters(day.weekday())),
    ):
        if x - left - 1 + len(name) + 2 <= room:
            return x, name
    return left + 1, ""
