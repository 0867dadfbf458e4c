"""The agenda: what comes, day by day, as a list without end in either direction."""

from datetime import date, timedelta

from msgspec import Struct
from textual import events
from textual.reactive import reactive

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.calendar.entry_look import BAR, is_past, listed_look, place_of, title_of
from aicalendar_tui.screens.calendar.pointing import EdgeReached, PlacePointed
from aicalendar_tui.screens.calendar.scene import Scene, Slot, is_bar, local_days
from aicalendar_tui.screens.canvas import Canvas, style_of
from aicalendar_tui.screens.dates import full_day, time_of, time_range
from aicalendar_tui.screens.painted import Painted
from aicalendar_tui.screens.text import clean, cut, width_of
from aicalendar_tui.screens.theme import Palette, readable, visible_color

NEAR_THE_END = 4
"""Rows from the last one at which more days are asked for."""


class Row(Struct, frozen=True):
    """A line of the list: a day's heading, an event on that day, or air (both None)."""

    day: date | None = None
    entry: Entry | None = None


class AgendaList(Painted):
    """Scrolls with the selected event; days without events are left out, but today is always there."""

    scene: reactive[Scene | None] = reactive(None, init=False, repaint=False)

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.set_reactive(AgendaList.scene, scene)
        self._rows: tuple[Row, ...] = ()
        self._rows_for: object = None
        self._rows_scene: Scene | None = None
        self._top: int | None = None
        self._asked: tuple[int, bool] | None = None

    def watch_scene(self, before: Scene | None, scene: Scene | None) -> None:
        """Keep what is at the top where it is when days are added before it; follow the selection."""
        if scene is None or scene.view != "agenda":
            return
        known = before is not None and before.view == "agenda"
        anchor = self._row_at_top() if known else None
        self._lay_out(scene)
        if not known:
            self._top = None
        elif anchor is not None and self._top is not None and anchor in self._rows:
            self._top = self._rows.index(anchor)
        if before is None or before.selected != scene.selected or before.cursor != scene.cursor:
            self._show_selected(scene)
        self.repaint()
        self._ask_for_more()

    def _row_at_top(self) -> Row | None:
        top = self._top
        return self._rows[top] if top is not None and 0 <= top < len(self._rows) else None

    def _lay_out(self, scene: Scene) -> tuple[Row, ...]:
        token = (id(scene.agenda), id(scene.ghost), scene.days, scene.now.date())
        if token != self._rows_for:
            self._rows = tuple(rows_of(scene))
            self._rows_for, self._rows_scene = token, scene
        return self._rows

    def _selected_row(self, scene: Scene) -> int | None:
        return next(
            (
                number
                for number, row in enumerate(self._rows)
                if row.entry is not None and row.entry.key == scene.selected
            ),
            None,
        )

    def _heading_row(self, day: date) -> int:
        return next(
            (n for n, row in enumerate(self._rows) if row.day is not None and row.entry is None and row.day >= day),
            max(0, len(self._rows) - 1),
        )

    def _show_selected(self, scene: Scene) -> None:
        row = self._selected_row(scene)
        height = self.size.height
        if row is None or self._top is None or not height:
            return
        if row < self._top + 1:
            self._top = max(0, row - 1)
        elif row >= self._top + height:
            self._top = row - height + 1

    def _ask_for_more(self) -> None:
        scene = self.scene
        if scene is None or self._top is None or not self.size.height:
            return
        forward = self._top + self.size.height + NEAR_THE_END >= len(self._rows)
        backward = self._top <= NEAR_THE_END
        answered = scene.agenda.days == scene.days
        if not answered or not (forward or backward):
            return
        asked = (len(self._rows), forward)  # days that brought nothing new are not asked for over and over
        if asked != self._asked:
            self._asked = asked
            self.post_message(EdgeReached(forward=forward))

    def paint(self, canvas: Canvas) -> None:
        """The rows in view; the day at the top is named even when its heading is out of sight."""
        scene, palette = self.scene, self.palette
        if scene is None or scene.view != "agenda":
            return
        rows = self._lay_out(scene)
        if self._top is None:
            selected = self._selected_row(scene)
            heading = self._heading_row(scene.cursor.day)
            self._top = heading
            if selected is not None and selected >= heading + canvas.height:
                self._top = selected - canvas.height + 1
        self._top = max(0, min(self._top, len(rows) - 1))
        if not any(row.entry for row in rows):
            canvas.write(
                2, 1, cut(_("Nothing in these weeks"), canvas.width - 3), style_of(palette.dim, palette.ground)
            )
        for y in range(canvas.height):
            number = self._top + y
            if number >= len(rows):
                break
            row = rows[number]
            if row.day is not None and row.entry is not None and y == 0:
                self._draw_heading(canvas, y, row.day, scene, palette)
            elif row.entry is not None and row.day is not None:
                self._draw_entry(canvas, y, row.day, row.entry, scene, palette)
            elif row.day is not None:
                self._draw_heading(canvas, y, row.day, scene, palette)

    def _draw_heading(self, canvas: Canvas, y: int, day: date, scene: Scene, palette: Palette) -> None:
        today = scene.now.date()
        name = full_day(day)
        if day == today:
            x = canvas.write(2, y, name, style_of(palette.accent, palette.ground, True))
            canvas.write(x + 2, y, _("today"), style_of(palette.accent, palette.ground))
        else:
            color = palette.text if day > today else palette.dim
            x = canvas.write(2, y, name, style_of(color, palette.ground, True))
            if day == today + timedelta(days=1):
                canvas.write(x + 2, y, _("tomorrow"), style_of(palette.dim, palette.ground))
            elif day.year != today.year:
                canvas.write(x + 1, y, str(day.year), style_of(palette.dim, palette.ground))

    def _draw_entry(self, canvas: Canvas, y: int, day: date, entry: Entry, scene: Scene, palette: Palette) -> None:
        selected = entry.key == scene.selected
        lit = selected or entry.key in scene.flash.keys
        past = is_past(entry, scene)
        look = listed_look(entry, scene, palette)
        ground = palette.ground
        if lit and look.body.bgcolor is not None:
            ground = look.body.bgcolor.name
            canvas.fill(2, y, canvas.width - 4, 1, look.body)
        declined = entry.response == "declined"
        ink = readable(palette.dim if past or declined else palette.text, palette.ground)
        dim = readable(palette.dim, palette.ground)
        title = look.title if lit else style_of(ink, palette.ground, False, declined)
        detail = look.detail if lit else style_of(dim, palette.ground)
        wide = canvas.width >= 60
        times = _times(entry, day, scene, wide=wide)
        canvas.write(4, y, times, detail)
        x = 4 + (14 if wide and scene.hour24 else 22 if wide else 9)
        color = visible_color(scene.color_of(entry), palette)
        bar = look.bar if lit else style_of(palette.faint if declined else color, palette.ground)
        canvas.write(x, y, look.glyph if look.glyph != BAR else "▌", bar)
        x += 2
        end = canvas.width - 3
        if look.mark:
            canvas.write(end - 1, y, look.mark, look.mark_style if lit else style_of(palette.waiting, ground, True))
            end -= 2
        name = title_of(entry)
        room = end - x
        canvas.write(x, y, cut(name, room), title)
        x += min(width_of(name), room) + 2
        calendar = next(
            (c for c in scene.calendars if (c.user_id, c.calendar_id) == (entry.user_id, entry.calendar_id)), None
        )
        label = clean(calendar.summary) if calendar else ""
        if wide and width_of(label) + x + 2 < end:
            canvas.write(end - width_of(label), y, label, detail)
            end -= width_of(label) + 2
        if place := place_of(entry):
            canvas.write(x, y, cut(place, end - x), detail)

    # pointing

    def on_click(self, event: events.Click) -> None:
        """A click selects the event, or the day."""
        scene = self.scene
        number = (self._top or 0) + event.y
        if scene is None or number >= len(self._rows):
            return
        row = self._rows[number]
        if row.day is not None:
            self.post_message(
                PlacePointed(
                    Slot(row.day, scene.cursor.minute),
                    row.entry.key if row.entry else None,
                    create=event.chain == 2 and row.entry is None,
                    open=event.chain == 2 and row.entry is not None,
                )
            )

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrolls the list."""
        event.stop()
        self._scroll(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrolls the list."""
        event.stop()
        self._scroll(-3)

    def _scroll(self, rows: int) -> None:
        last = max(0, len(self._rows) - self.size.height)
        self._top = max(0, min((self._top or 0) + rows, last))
        self.repaint()
        self._ask_for_more()


def rows_of(scene: Scene) -> list[Row]:
    """Headings and entries of all days in `scene.days`, with a line of air between days."""
    zone = scene.zone
    by_day: dict[date, list[Entry]] = {scene.now.date(): []} if scene.now.date() in scene.days else {}
    for entry in scene.entries:
        first, last = local_days(entry, zone)
        day = max(first, scene.days.first)
        while day < min(last, scene.days.last):
            by_day.setdefault(day, []).append(entry)
            day += timedelta(days=1)
    rows: list[Row] = []
    for day in sorted(by_day):
        if rows:
            rows.append(Row())
        rows.append(Row(day))
        entries = sorted(by_day[day], key=lambda entry: (not is_bar(entry), entry.start, entry.end))
        rows.extend(Row(day, entry) for entry in entries)
    return rows


def _times(entry: Entry, day: date, scene: Scene, *, wide: bool) -> str:
    first, last = local_days(entry, scene.zone)
    if entry.all_day:
        total = (last - first).days
        if total > 1:
            return _("day {number}/{total}").format(number=(day - first).days + 1, total=total)
        return _("all day")
    start, end = entry.start_in(scene.zone), entry.end_in(scene.zone)
    if start.date() != day:
        return "…–" + time_of(end, hour24=scene.hour24) if end.date() == day else _("all day")
    if not wide:
        return time_of(start, hour24=scene.hour24)
    return time_range(start, end, hour24=scene.hour24)
