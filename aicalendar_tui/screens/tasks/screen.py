"""The task panel: every background task in plain words, kept up to date while it is open."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.types import CSSPathType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.backend.domain.news import TasksChanged
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.i18n import _
from aicalendar_tui.screens.commands import bound_keys, command_of
from aicalendar_tui.screens.gateway import Gateway
from aicalendar_tui.screens.messages import NewsArrived
from aicalendar_tui.screens.sheet import FAINT, MUTED, Sheet
from aicalendar_tui.screens.tasks.facts import task_facts
from aicalendar_tui.screens.tasks.wording import (
    MARKS,
    STYLES,
    count_open,
    name_task,
    order_tasks,
    say_state,
    share_done,
)
from aicalendar_tui.screens.text import cut, fit, width_of
from aicalendar_tui.screens.wording import error_text

BAR_CELLS = 10
"""Length of the progress line of a running task."""


class TaskList(OptionList):
    """The tasks, one line each; `j` and `k` move as the arrows do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.close", show=False),
        Binding("pagedown,space", "screen.scroll_facts(1)", show=False),
        Binding("pageup", "screen.scroll_facts(-1)", show=False),
        Binding("j,о", "cursor_down", show=False),
        Binding("k,л", "cursor_up", show=False),
        Binding("g,п", "first", show=False),
        Binding("G,П", "last", show=False),
    ]


class TasksScreen(Sheet[None]):
    """Reads the ledger again on news of tasks; ages and countdowns go on by themselves."""

    CSS_PATH: ClassVar[CSSPathType | None] = [Sheet.SHEET_CSS, "screen.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(",".join(("escape", "enter", "q", "й", *bound_keys(command_of("tasks")))), "close", "close"),
        Binding("r,к", "retry", "retry"),
    ]

    class TasksRead(Message):
        """The ledger as it is now, or why it could not be read."""

        def __init__(self, tasks: list[Task], problem: str = "") -> None:
            super().__init__()
            self.tasks = tasks
            self.problem = problem

    def __init__(self, gateway: Gateway) -> None:
        super().__init__()
        self._gateway = gateway
        self._tasks: list[Task] | None = None
        self._problem = ""

    def compose_body(self) -> ComposeResult:
        yield TaskList(id="list", compact=True, markup=False)
        yield Static(id="nothing", markup=False)
        yield Static(id="facts", markup=False)

    def on_mount(self) -> None:
        """Reads for the first time, and starts the clock that ages are told by."""
        self.show_title(_("Tasks in the background"))
        self._show_hints()
        self.show_text("#nothing", _("Reading…"))
        self.set_interval(1, self.show_passing_time)
        self._read()

    def on_resize(self, event: events.Resize) -> None:
        """Fits the lines to the new width."""
        super().on_resize(event)
        self.query_one(TaskList).styles.max_height = max(4, event.size.height // 2 - 4)
        self.call_after_refresh(self._show)

    def on_news_arrived(self, message: NewsArrived) -> None:
        """Reads again what may have changed."""
        if message.news is None or isinstance(message.news, TasksChanged):
            self._read()

    def on_tasks_screen_tasks_read(self, message: TasksRead) -> None:
        """Shows what was read; after a failure what was there before, and why it may be old."""
        self._problem = message.problem
        if not message.problem or self._tasks is None:
            self._tasks = order_tasks(message.tasks)
        self._show()
        self._show_hints()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Tells all about the task that was moved to."""
        event.stop()
        self.body.scroll_home(animate=False)
        self._show_facts()
        self._show_hints()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click: it has moved the cursor already."""
        event.stop()

    def show_passing_time(self) -> None:
        """Ages and countdowns at the present moment; called each second, it repaints only what reads differently."""
        self._show()

    def action_close(self) -> None:
        """Back to the calendar."""
        self.dismiss(None)

    def action_retry(self) -> None:
        """Has the selected task done again, if it failed."""
        task = self.selected
        if task is not None and task.state == "failed":
            self.run_worker(self._retry_task(task.task_id), group="retry", exclusive=True)

    def action_scroll_facts(self, pages: int) -> None:
        """To what does not fit, such as the end of a long error."""
        self.body.scroll_relative(y=pages * max(1, self.body.size.height - 2), animate=False)

    @property
    def selected(self) -> Task | None:
        """The task under the cursor."""
        position = self.query_one(TaskList).highlighted
        return self._tasks[position] if self._tasks and position is not None and position < len(self._tasks) else None

    def _read(self) -> None:
        self.run_worker(self._read_tasks, group="read", exclusive=True)

    async def _read_tasks(self) -> None:
        try:
            self.post_message(self.TasksRead(await self._gateway.tasks()))
        except CalendarError as error:
            self.post_message(self.TasksRead([], problem=error_text(error)))

    async def _retry_task(self, task_id: str) -> None:
        try:
            await self._gateway.retry_task(task_id)
            self.post_message(self.TasksRead(await self._gateway.tasks()))
        except CalendarError as error:
            self.post_message(self.TasksRead([], problem=error_text(error)))

    def _show(self) -> None:
        if self._tasks is None:
            return
        listing = self.query_one(TaskList)
        now, width = int(self._gateway.now().timestamp()), listing.scrollable_content_region.width
        lines = [self._line(task, now, width) for task in self._tasks]
        ids = [task.task_id for task in self._tasks]
        if ids == [option.id for option in listing.options]:
            for position, line in enumerate(lines):
                if listing.get_option_at_index(position).prompt != line:
                    listing.replace_option_prompt_at_index(position, line)
        else:
            self._rebuild(listing, ids, lines)
        listing.display = bool(ids)
        self.query_one("#nothing").display = not ids
        self.show_text("#nothing", _("Nothing has been done yet, and nothing is waiting."))
        self.show_text("#aside", count_open(self._tasks) if ids else "")
        self._show_facts()

    def _rebuild(self, listing: TaskList, ids: list[str], lines: list[Content]) -> None:
        """New options with the cursor still on the same task; where that is gone, at the same place."""
        before = listing.highlighted_option
        position = listing.highlighted or 0
        listing.set_options(Option(line, id=task_id) for task_id, line in zip(ids, lines, strict=True))
        if before is not None and before.id in ids:
            position = ids.index(before.id)
        listing.highlighted = min(position, len(ids) - 1) if ids else None

    def _line(self, task: Task, now: int, width: int) -> Content:
        """`▸ Fetching changes of Travel      ━━━━━━────  124 of 200`, exactly `width` cells."""
        state, style = say_state(task, now), STYLES[task.state]
        share = share_done(task) if task.state == "running" else None
        tail: list[tuple[str, str]] = [(state, style if task.state in ("retrying", "running") else MUTED)]
        if task.state == "failed":
            tail = [(_("failed"), style), ("  ", ""), *tail]
        if share is not None and width >= 60:
            filled = round(share * BAR_CELLS)
            tail = [("━" * filled, "$accent"), ("─" * (BAR_CELLS - filled) + "  ", FAINT), *tail]
        room = max(0, width - 2 - 2 - sum(width_of(text) for text, _style in tail))
        name_style = "" if task.is_open or task.state == "failed" else MUTED
        return Content.assemble(
            (MARKS[task.state] + " ", style), (fit(name_task(task), room), name_style), "  ", *tail
        )

    def _show_facts(self) -> None:
        task = self.selected
        self.query_one("#facts").display = task is not None
        if task is not None:
            now = self._gateway.now()
            width = self.query_one("#facts").scrollable_content_region.width
            self.show_text("#facts", task_facts(task, int(now.timestamp()), zone=now.tzinfo, width=width))

    def _show_hints(self) -> None:
        hints = [("j k", _("select"))]
        task = self.selected if self.is_mounted else None
        if task is not None and task.state == "failed":
            hints.append(("r", _("try again")))
        remark = _("Could not be read: {reason}").format(reason=cut(self._problem, 60)) if self._problem else ""
        self.show_hints(*hints, ("Esc", _("close")), remark=remark)
