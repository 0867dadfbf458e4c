"""The day at a glance: mini month, calendars with their live state, what is next, tasks."""

from datetime import date, timedelta
from typing import ClassVar

from msgspec import Struct
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from aicalendar_tui.backend.domain.agenda import Entry
from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.calendar.entry_look import title_of
from aicalendar_tui.screens.calendar.pointing import MonthTurned
from aicalendar_tui.screens.calendar.scene import Scene
from aicalendar_tui.screens.canvas import Canvas, style_of
from aicalendar_tui.screens.dates import in_minutes, month_name, time_of, two_letters, week_start
from aicalendar_tui.screens.painted import Painted
from aicalendar_tui.screens.text import clean, cut, width_of
from aicalendar_tui.screens.theme import Palette, mix, visible_color
from aicalendar_tui.screens.wording import task_name

LEFT = 2
WIDTH = 22
"""Cells of text; the widget is a little wider."""


class CalendarPointed(Message):
    """The cursor of the sidebar is on this calendar; `toggle` says that it was clicked on its box."""

    def __init__(self, calendar: Calendar, *, toggle: bool = False) -> None:
        super().__init__()
        self.calendar = calendar
        self.toggle = toggle


class DayPointed(Message):
    """A day of the mini month was clicked."""

    def __init__(self, day: date) -> None:
        super().__init__()
        self.day = day


class SidebarLeft(Message):
    """The user is done with the list of calendars."""


class _Places(Struct):
    """Which line shows what, from the last drawing; for the mouse."""

    first_day: date | None = None
    calendars_top: int = 0
    calendars: tuple[Calendar, ...] = ()


class Sidebar(Painted, can_focus=True):
    """Focused, it is a list of calendars to go up and down; unfocused, only to look at."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down,о", "point(1)", show=False),
        Binding("k,up,л", "point(-1)", show=False),
        Binding("space,enter", "toggle_pointed", show=False),
        Binding("escape,tab,shift+tab,h,l,left,right", "leave", show=False),
    ]

    on_panel = True
    scene: reactive[Scene | None] = reactive(None, init=False, repaint=False)

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self.set_reactive(Sidebar.scene, scene)
        self._places = _Places()

    def watch_scene(self) -> None:
        """Everything here may depend on anything in the scene; unchanged lines are not sent."""
        self.repaint()

    def on_focus(self) -> None:
        """The pointed calendar shows stronger."""
        self.repaint()

    def on_blur(self) -> None:
        """And weaker again."""
        self.repaint()

    def action_point(self, step: int) -> None:
        """To the next calendar, or the one before."""
        scene = self.scene
        if scene is None or not scene.calendars:
            return
        index = _index_of(scene.calendars, scene.current)
        index = (index + step) % len(scene.calendars) if index is not None else 0
        self.post_message(CalendarPointed(scene.calendars[index]))

    def action_toggle_pointed(self) -> None:
        """Show or hide the pointed calendar."""
        if self.scene is not None and self.scene.current is not None:
            self.post_message(CalendarPointed(self.scene.current, toggle=True))

    def action_leave(self) -> None:
        """Back to the view."""
        self.post_message(SidebarLeft())

    # drawing

    def paint(self, canvas: Canvas) -> None:
        """Four parts from top to bottom; the list of calendars shrinks when there is little room."""
        scene, palette = self.scene, self.palette
        if scene is None:
            return
        roomy = canvas.height >= 34
        y = self._draw_month(canvas, 1 if canvas.height > 22 else 0, scene, palette)
        gap = 2 if roomy else 1
        upcoming = _upcoming(scene)
        tasks = _distinct(scene.tasks)[: 4 if roomy else 2]
        rest = (len(upcoming[:4]) or 1) + 1 + gap + 3 + (len(tasks) * 2 + 1 + gap if tasks else 0)
        room = canvas.height - y - 2
        limit = max(3, room - gap - rest)
        if self.has_focus and limit < len(scene.calendars):
            limit, rest, tasks = max(3, room - 1), 0, ()  # who goes through the list sees as much of it as possible
        y = self._draw_calendars(canvas, y + 1, limit, scene, palette) + gap
        if y + 2 < canvas.height:
            y = self._draw_today(canvas, y, upcoming, scene, palette) + gap
        if tasks:
            self._draw_tasks(canvas, y, tasks, scene, palette)

    def _draw_month(self, canvas: Canvas, y: int, scene: Scene, palette: Palette) -> int:
        day, today = scene.cursor.day, scene.now.date()
        dim = style_of(palette.dim, palette.panel)
        x = canvas.write(LEFT, y, month_name(day.month), style_of(palette.text, palette.panel, True))
        canvas.write(x + 1, y, str(day.year), style_of(palette.text, palette.panel, True))
        canvas.write(LEFT + WIDTH - 4, y, "‹ ›", dim)
        first = week_start(day.replace(day=1), scene.first_day_of_week)
        self._places.first_day = first
        for column in range(7):
            canvas.write(LEFT + column * 3, y + 1, two_letters((first + timedelta(days=column)).weekday()), dim)
        shown = scene.days if scene.view in ("day", "days", "week") else None
        for week in range(6):
            for column in range(7):
                date_ = first + timedelta(days=week * 7 + column)
                ground = palette.today if shown is not None and date_ in shown else palette.panel
                bold = False
                color = palette.text if date_.month == day.month else palette.faint
                if date_ == today:
                    color, ground, bold = palette.ground, palette.accent, True
                elif date_ == day:
                    color, bold = palette.accent, True
                x = LEFT + column * 3
                if shown is not None and date_ in shown and column < 6 and date_ + timedelta(days=1) in shown:
                    canvas.fill(x, y + 2 + week, 3, 1, style_of(palette.text, palette.today))
                canvas.write(x, y + 2 + week, f"{date_.day:2d}", style_of(color, ground, bold))
        return y + 8

    def _draw_head(self, canvas: Canvas, y: int, title: str, key: str, palette: Palette) -> None:
        canvas.write(LEFT, y, title, style_of(palette.dim, palette.panel, True))
        canvas.write(LEFT + WIDTH - width_of(key), y, key, style_of(palette.faint, palette.panel))

    def _draw_calendars(self, canvas: Canvas, y: int, limit: int, scene: Scene, palette: Palette) -> int:
        self._draw_head(canvas, y, _("CALENDARS"), _("W live"), palette)
        calendars = scene.calendars
        pointed = _index_of(calendars, scene.current) or 0
        start = 0 if len(calendars) <= limit else min(max(0, pointed - limit // 2), len(calendars) - limit)
        shown = calendars[start : start + limit]
        self._places.calendars_top, self._places.calendars = y + 1, shown
        for number, calendar in enumerate(shown):
            row = y + 1 + number
            here = scene.current is not None and _same(calendar, scene.current)
            ground = palette.panel
            if here:
                ground = mix(palette.panel, palette.accent, 0.28) if self.has_focus else palette.line
                canvas.fill(LEFT - 1, row, WIDTH + 2, 1, style_of(palette.text, ground))
            box = "■" if calendar.shown else "□"
            canvas.write(LEFT, row, box, style_of(visible_color(calendar.color, palette), ground))
            name = clean(calendar.summary) or clean(calendar.calendar_id)
            color = palette.text if calendar.shown else palette.dim
            canvas.write(LEFT + 2, row, cut(name, WIDTH - 5), style_of(color, ground))
            sign, sign_color = _live_sign(calendar, palette)
            canvas.write(LEFT + WIDTH - 2, row, sign, style_of(sign_color, ground))
        if not calendars:
            canvas.write(LEFT, y + 1, cut(_("none yet"), WIDTH), style_of(palette.faint, palette.panel))
            return y + 2
        if len(shown) < len(calendars):
            text = f"{start + 1}–{start + len(shown)} / {len(calendars)}"
            canvas.write(LEFT, y + 1 + len(shown), text, style_of(palette.faint, palette.panel))
            return y + 2 + len(shown)
        return y + 1 + len(shown)

    def _draw_today(self, canvas: Canvas, y: int, upcoming: list[Entry], scene: Scene, palette: Palette) -> int:
        self._draw_head(canvas, y, _("TODAY"), "", palette)
        dim = style_of(palette.dim, palette.panel)
        if not upcoming:
            canvas.write(LEFT, y + 1, cut(_("nothing more today"), WIDTH), dim)
            return y + 2
        row = y + 1
        for entry in upcoming[:4]:
            color = visible_color(scene.color_of(entry), palette)
            canvas.write(LEFT, row, "▎", style_of(color, palette.panel))
            label = time_of(entry.start_in(scene.zone), hour24=scene.hour24)
            x = canvas.write(LEFT + 2, row, label, dim) + 1
            ink = palette.text if entry.response != "needsAction" else palette.dim
            canvas.write(x, row, cut(title_of(entry), LEFT + WIDTH - x), style_of(ink, palette.panel))
            row += 1
        now = int(scene.now.timestamp())
        following = next((entry for entry in upcoming if entry.start > now), None)
        running = upcoming[0] if upcoming[0].start <= now else None
        if following is not None:
            minutes = -(-(following.start - now) // 60)
            text = _("next {when}").format(when=in_minutes(minutes))
            x = canvas.write(LEFT, row + 1, cut(text, WIDTH), dim)
            soon = running if running is not None and running.join_url else following
        elif running is not None:
            minutes = -(-(running.end - now) // 60)
            text = _("ends {when}").format(when=in_minutes(minutes))
            x = canvas.write(LEFT, row + 1, cut(text, WIDTH), dim)
            soon = running
        else:
            return row
        if soon.join_url and x + 8 <= canvas.width:
            x = canvas.write(x + 1, row + 1, "J", style_of(palette.accent, palette.panel, True))
            canvas.write(x + 1, row + 1, _("join"), style_of(palette.accent, palette.panel))
        return row + 2

    def _draw_tasks(self, canvas: Canvas, y: int, tasks: tuple[Task, ...], scene: Scene, palette: Palette) -> None:
        self._draw_head(canvas, y, _("TASKS"), "T", palette)
        row = y + 1
        now = int(scene.now.timestamp())
        for task in tasks:
            sign, color, tail = _task_state(task, now, palette)
            canvas.write(LEFT, row, sign, style_of(color, palette.panel, True))
            ink = palette.text if task.state == "running" else palette.dim
            room = WIDTH - 2 - (width_of(tail) + 1 if tail else 0)
            canvas.write(LEFT + 2, row, cut(task_name(task), room), style_of(ink, palette.panel))
            canvas.write(LEFT + WIDTH - width_of(tail), row, tail, style_of(palette.dim, palette.panel))
            row += 1
            if task.state == "running" and task.total:
                length = WIDTH - 3
                filled = min(length, round(length * task.done / task.total))
                x = canvas.write(LEFT + 2, row, "━" * filled, style_of(palette.accent, palette.panel))
                canvas.write(x, row, "━" * (length - filled), style_of(palette.line, palette.panel))
                row += 1

    # pointing

    def on_click(self, event: events.Click) -> None:
        """A day of the mini month, its arrows, or a calendar."""
        top = 1 if self.size.height > 22 else 0
        places = self._places
        if event.y == top and event.x >= LEFT + WIDTH - 5:
            self.post_message(MonthTurned(-1 if event.x < LEFT + WIDTH - 3 else 1))
            return
        week, column = event.y - top - 2, (event.x - LEFT) // 3
        if places.first_day is not None and 0 <= week < 6 and 0 <= column < 7:
            self.post_message(DayPointed(places.first_day + timedelta(days=week * 7 + column)))
            return
        number = event.y - places.calendars_top
        if 0 <= number < len(places.calendars):
            self.post_message(CalendarPointed(places.calendars[number], toggle=event.x <= LEFT + 1))


def _upcoming(scene: Scene) -> list[Entry]:
    """Today's timed entries that are not over and not declined, in order."""
    now = scene.now.timestamp()
    return [entry for entry in scene.today if not entry.all_day and entry.end > now and entry.response != "declined"]


def _distinct(tasks: tuple[Task, ...]) -> tuple[Task, ...]:
    """Of several that say the same only the first: the open one, else the newest."""
    named: dict[str, Task] = {}
    for task in tasks:
        named.setdefault(task_name(task), task)
    return tuple(named.values())


def _index_of(calendars: tuple[Calendar, ...], current: Calendar | None) -> int | None:
    if current is None:
        return None
    return next((n for n, calendar in enumerate(calendars) if _same(calendar, current)), None)


def _same(one: Calendar, other: Calendar) -> bool:
    return (one.user_id, one.calendar_id) == (other.user_id, other.calendar_id)


def _live_sign(calendar: Calendar, palette: Palette) -> tuple[str, str]:
    match calendar.live:
        case "live":
            return "●", palette.live
        case "starting":
            return "◌", palette.live
        case "degraded":
            return "!", palette.waiting
        case _:
            return "○", palette.dim


def _task_state(task: Task, now: int, palette: Palette) -> tuple[str, str, str]:
    """The sign of a task, its colour, and what stands at the end of its line."""
    match task.state:
        case "running":
            return "▸", palette.accent, f"{100 * task.done // task.total}%" if task.total else ""
        case "retrying":
            tail = _("{number} s").format(number=max(0, task.retry_at - now)) if task.retry_at else ""
            return "↻", palette.waiting, tail
        case "done":
            return "✓", palette.live, ""
        case "failed":
            return "✕", palette.now, ""
        case _:
            return "◌", palette.dim, ""
