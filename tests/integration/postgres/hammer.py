"""One of several processes that write the same database: `python hammer.py URL TRANSACTIONS NUMBER`."""

import sys

from aicalendar_tui.backend.domain.change import Change, Step
from aicalendar_tui.backend.store.postgres import PostgresStore


def main(url: str, transactions: int, number: int) -> None:
    """Each transaction counts, marks dirty and pushes a row; it fails loudly."""
    store = PostgresStore(url)
    for turn in range(transactions):
        step = Step(verb="insert", calendar_id="home", event_id=f"e{number}x{turn}")
        with store.write(durable=turn % 10 == 0) as unit:
            unit.mark_dirty("ana", "home")
            resource = {"id": f"e{number}x{turn}", "etag": "1", "status": "confirmed"}
            unit.put_events("ana", "home", [resource], pushed=True)
            unit.add_change(Change(user_id="ana", steps=(step,)))
            unit.bump_revision("ana")
        with store.read() as unit:
            assert unit.mirror("ana", "home", step.event_id) is not None
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
