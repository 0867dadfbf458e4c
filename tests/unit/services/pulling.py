"""A pull as the worker does it, without Celery: the ledger's row, and putting off."""

from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.queue import SentTask
from tests.unit.services.household import HOME, USER, Household


def do_pull(house: Household, message: SentTask) -> bool:
    """One delivery of `calendar.pull`; False when it was put off. Raises what the pull raises, as a crash would."""
    task_id = message.task_id
    house.ledger.begin(Task(task_id=task_id, user_id=USER, name="calendar.pull", calendar_id=HOME))

    def put_off(delay_seconds: float, seen: int) -> None:
        house.ledger.put_off(task_id, USER, HOME, delay_seconds=delay_seconds, seen=seen)

    changes = house.pull(
        USER,
        HOME,
        full=message.arguments.get("full", False),
        put_off=put_off,
        seen=message.arguments.get("seen"),
    )
    if changes is None:
        return False
    house.ledger.finish(task_id, USER, str(changes))
    return True
