"""One of several processes that write the same database: `python hammer.py PATH TRANSACTIONS NUMBER`."""

import sys
from pathlib import Path

from aicalendar_tui.backend.domain.change import Change, Step
from aicalendar_tui.backend.store.store import PeeweeStore


def main(path: str, transactions: int, number: int) -> None:
    """Each transaction counts, marks dirty and pushes a row; it fails loudly."""
    store = PeeweeStore(Path(path))
    for turn in range(transactions):
        step = Step(verb="insert", calendar_id="home", event_id=f"e{number}x{turn}")
        with store.write(durable=turn % 10 == 0) as unit:
            # As the services do: who reads first is the one who fails at its first write without IMMEDIATE.
            assert unit.sync_state("ana", "home").dirty_seq > 0
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
