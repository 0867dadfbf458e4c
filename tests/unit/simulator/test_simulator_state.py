"""The state file brings a world back, and a damaged one is told apart from an absent one."""

from pathlib import Path

import msgspec
import pytest

from aicalendar_tui.simulator.clock import ManualClock
from aicalendar_tui.simulator.errors import SimulatorError
from aicalendar_tui.simulator.state import encode_world, load_world, read_state_file, write_content
from aicalendar_tui.simulator.world import World
from tests.unit.simulator.simulated_client import Client


def test_a_restart_forgets_nothing(ana: Client, world: World, clock: ManualClock, tmp_path: Path) -> None:
    """Events, sync tokens, channels, grants and switches live on; only its owner may read the file."""
    path = tmp_path / "deep" / "state.json"
    ana.insert(summary="before", recurrence=["RRULE:FREQ=DAILY;COUNT=3"])
    token = ana.list_all()[1]
    ana.insert(summary="after")
    ana.read(
        ana.send(
            "POST",
            "calendars/primary/events/watch",
            {"id": "c", "type": "web_hook", "address": "http://127.0.0.1:9/"},
        )
    )
    world.switches.guests_may_edit = True
    write_content(encode_world(world), path)
    assert 0o600 == path.stat().st_mode & 0o777

    again = World(clock, seed=99)
    assert read_state_file(again, path) is True
    assert encode_world(world) == encode_world(again)
    client = Client(again, "ana")
    assert ["after"] == [one["summary"] for one in client.list_all(syncToken=token)[0]]
    client.insert()
    message = again.channels.take()
    assert message is not None
    assert "exists" == message.state


def test_an_absent_file_is_a_fresh_world(world: World, tmp_path: Path) -> None:
    """False, and nothing is written."""
    assert read_state_file(World(world.clock), tmp_path / "none.json") is False


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"format": 1}', b'{"format": 99}', b"\xff"])
def test_a_damaged_file_is_refused(world: World, tmp_path: Path, content: bytes) -> None:
    """Rather than overwritten."""
    path = tmp_path / "state.json"
    path.write_bytes(content)
    with pytest.raises(SimulatorError):
        read_state_file(World(world.clock), path)
    assert content == path.read_bytes()


def test_a_restarted_world_gives_no_name_twice(ana: Client, world: World, clock: ManualClock) -> None:
    """Chance goes on elsewhere: ids and tokens of before are not made again."""
    document = msgspec.json.decode(encode_world(world))
    before = ana.insert()["id"]
    again = World(clock, seed=1)
    load_world(again, document)
    assert before != Client(again, "ana").insert()["id"]
