"""The task panel."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from textual.widgets import Static

from aicalendar_tui.backend.domain.errors import Unreachable
from aicalendar_tui.backend.domain.news import TasksChanged
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.screens.messages import NewsArrived
from aicalendar_tui.screens.tasks.screen import TaskList, TasksScreen
from aicalendar_tui.screens.tasks.wording import name_task, order_tasks, say_result, say_state
from tests.unit.screens.dialog_preview import DialogApp
from tests.unit.screens.fake_dialog_gateway import EPOCH, ME, NOW, TASKS, FakeDialogGateway

NEWS = TasksChanged(user_id=ME)


def lines(app: DialogApp) -> list[str]:
    """The tasks as they are listed, spaces folded."""
    return [" ".join(str(option.prompt).split()) for option in app.screen.query_one(TaskList).options]


def facts(app: DialogApp) -> str:
    """What is told of the selected one."""
    return str(app.screen.query_one("#facts", Static).content)


async def test_each_task_has_a_line_in_plain_words() -> None:
    """Mark, what it is, and where it stands."""
    app = DialogApp(TasksScreen(FakeDialogGateway()))
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        assert [
            "▸ Fetching changes of Travel ━━━━━━──── 124 of 200",
            "↻ Subscribing Design team to live updates trying again in 4 s",
            "✕ Fetching changes of Holidays failed 2 h ago",
            "· Sending 2 edits queued",
            "✓ Sending the edit of Design review 1 min ago",
            "✓ Looking for anything left to do 4 min ago",
        ] == lines(app)


async def test_the_selected_one_tells_everything() -> None:
    """A failed one with its whole error."""
    app = DialogApp(TasksScreen(FakeDialogGateway()))
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("j", "j")
        assert [
            part
            for part in (
                "nothing is lost meanwhile",
                "3 times",
                "pull-holidays",
                "ended 10:12:00",
                "took         1 min",
            )
            if part not in facts(app)
        ] == []


async def test_r_retries_a_failed_task_and_no_other() -> None:
    """The list shows it at once."""
    gateway = FakeDialogGateway()
    app = DialogApp(TasksScreen(gateway))
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("r", "j", "j", "r")
        await pilot.pause()
        assert ["pull-holidays"] == gateway.retried
        assert "· Fetching changes of Holidays queued" in " ".join(lines(app))


async def test_a_retry_that_fails_says_why() -> None:
    """And the list stays."""
    gateway = FakeDialogGateway()
    app = DialogApp(TasksScreen(gateway))
    async with app.run_test() as pilot:
        await pilot.pause()
        gateway.error = Unreachable("the services are away")
        await pilot.press("j", "j", "r")
        await pilot.pause()
        assert "the services are away" in str(app.screen.query_one("#hints", Static).content)
        assert len(TASKS) == len(lines(app))


async def test_news_keep_the_selection_on_its_task() -> None:
    """Wherever it has moved to, and at its place when it is gone."""
    gateway = FakeDialogGateway()
    app = DialogApp(TasksScreen(gateway))
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.press("j", "j")
        gateway.shown_tasks = [replace(TASKS[0], task_id="new"), *TASKS]
        app.screen.post_message(NewsArrived(NEWS))
        await pilot.pause()
        assert "pull-holidays" in facts(app)
        gateway.shown_tasks = [task for task in TASKS if task.task_id != "pull-holidays"]
        app.screen.post_message(NewsArrived(None))
        await pilot.pause()
        assert "push-1" in facts(app)


async def test_an_empty_ledger_says_so_and_fills_by_itself() -> None:
    """And empties again."""
    gateway = FakeDialogGateway(tasks=())
    app = DialogApp(TasksScreen(gateway))
    async with app.run_test() as pilot:
        await pilot.pause()
        nothing = app.screen.query_one("#nothing", Static)
        assert (True, "Nothing has been done yet, and nothing is waiting.") == (nothing.display, str(nothing.content))
        await pilot.press("r", "j", "k")
        gateway.shown_tasks = list(TASKS)
        app.screen.post_message(NewsArrived(NEWS))
        await pilot.pause()
        assert (False, len(TASKS)) == (nothing.display, len(lines(app)))
        gateway.shown_tasks = []
        app.screen.post_message(NewsArrived(NEWS))
        await pilot.pause()
        assert (True, []) == (nothing.display, lines(app))


async def test_ages_and_countdowns_go_on_without_news() -> None:
    """They are told from the gateway's clock; nothing is read again for them."""
    gateway = FakeDialogGateway()
    screen = TasksScreen(gateway)
    app = DialogApp(screen)
    async with app.run_test() as pilot:
        await pilot.pause()
        gateway.clock = lambda: NOW + timedelta(seconds=3)
        screen.show_passing_time()
        assert lines(app)[1].endswith("trying again in 1 s")
        assert gateway.reads == 1


async def test_t_closes_as_it_opened() -> None:
    """So do Esc, q and Enter."""
    for key in ("T", "Е", "escape", "q", "enter"):
        app = DialogApp(TasksScreen(FakeDialogGateway()))
        async with app.run_test() as pilot:
            await pilot.pause()
            await pilot.press(key)
            assert [None] == app.results


async def test_foreign_text_in_tasks_is_only_text() -> None:
    """Titles and errors come from elsewhere."""
    evil = "[red]x[/y]\x1b[2J\n\u202e" + "漢" * 3000
    task = replace(TASKS[4], subject=evil, error=evil, result=evil)
    app = DialogApp(TasksScreen(FakeDialogGateway(tasks=(task,))))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "[red]x[/y]" in facts(app)
        assert not {"\x1b", "\u202e"} & set(facts(app) + lines(app)[0])


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (Task(task_id="1", user_id=ME, name="calendar.pull"), "Fetching changes of a calendar"),
        (Task(task_id="1", user_id=ME, name="calendar.pull_list"), "Fetching the list of calendars"),
        (Task(task_id="1", user_id=ME, name="calendar.push", total=3, subject="x"), "Sending 3 edits"),
        (Task(task_id="1", user_id=ME, name="calendar.push"), "Sending edits"),
        (Task(task_id="1", user_id=ME, name="calendar.unwatch", subject="Home"), "Ending live updates of Home"),
        (Task(task_id="1", user_id=ME, name="calendar.other", subject="x"), "calendar.other x"),
    ],
)
def test_every_kind_of_task_has_words(task: Task, expected: str) -> None:
    """One that is not known stands for itself."""
    assert expected == name_task(task)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": "running", "started_at": EPOCH - 5}, "running for 5 s"),
        ({"state": "running", "done": 7}, "7"),
        ({"state": "running", "done": 7, "total": 9}, "7 of 9"),
        ({"state": "queued", "queued_at": EPOCH - 90}, "queued 1 min ago"),
        ({"state": "queued"}, "queued"),
        ({"state": "retrying", "retry_at": EPOCH - 1}, "trying again now"),
        ({"state": "done", "finished_at": EPOCH}, "just now"),
        ({"state": "done"}, "done"),
        ({"state": "failed", "finished_at": EPOCH - 200_000}, "2 d ago"),
    ],
)
def test_every_state_has_words(fields: dict[str, object], expected: str) -> None:
    """With the number that matters about it."""
    assert expected == say_state(replace(Task(task_id="1", user_id=ME, name="calendar.pull"), **fields), EPOCH)


def test_a_mended_failure_no_longer_stands_first() -> None:
    """A later success of the same task settles it; one of another calendar does not."""
    failed = replace(TASKS[4], task_id="failed", finished_at=EPOCH - 50)
    mended = replace(failed, task_id="mended", state="done", finished_at=EPOCH - 10)
    other = replace(mended, task_id="other", calendar_id="another")
    assert ["mended", "failed"] == [task.task_id for task in order_tasks([failed, mended])]
    assert ["failed", "other"] == [task.task_id for task in order_tasks([other, failed])]


@pytest.mark.parametrize(
    ("name", "result", "expected"),
    [
        ("calendar.pull", "0", "nothing was new"),
        ("calendar.pull", "1", "1 event changed"),
        ("calendar.push", "3", "3 edits sent"),
        ("calendar.push", "0", "nothing was left to send"),
        ("calendar.watch", "live", "live"),
        ("calendar.other", "7", "7"),
        ("calendar.pull", "", ""),
    ],
)
def test_a_result_is_told_in_words(name: str, result: str, expected: str) -> None:
    """The ledger keeps a bare count."""
    assert expected == say_result(Task(task_id="1", user_id=ME, name=name, result=result))
