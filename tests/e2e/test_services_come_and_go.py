"""Whatever is killed: the calendar stays, comes back by itself, and nothing is left behind at the end."""

import os
import signal
from pathlib import Path

import pytest

from tests.e2e.conftest import Home, eventually
from tests.e2e.google import Google
from tests.e2e.terminal import Terminal
from tests.e2e.test_main_flows import MONDAY_NOON, SATURDAY_AT_TWO

SERVICE_MARKS = {"valkey": "valkey-server", "receiver": "_receiver", "worker": "_worker"}


def open_demo(home: Home, *, columns: int = 140, rows: int = 45) -> Terminal:
    """A demo that is live already."""
    screen = home.open("demo", "--port", "0", "--now", MONDAY_NOON, columns=columns, rows=rows)
    screen.wait_for("● live")
    return screen


def pid_of(home: Home, mark: str) -> int:
    """The process of the home whose command line has that in it."""
    return next(pid for pid, command in home.processes().items() if mark in command)


@pytest.mark.parametrize("service", SERVICE_MARKS)
def test_a_killed_service_is_restarted_and_changes_arrive_again(home: Home, service: str) -> None:
    """The supervisor brings it back, and what happened meanwhile is fetched."""
    screen = open_demo(home)
    phone = home.phone()

    os.kill(pid_of(home, SERVICE_MARKS[service]), signal.SIGKILL)
    phone.insert("Zebra", SATURDAY_AT_TWO)

    screen.wait_for("Zebra")


def test_two_screens_share_the_services_and_the_first_may_quit(home: Home) -> None:
    """The second goes on live; with it the last process ends."""
    first = open_demo(home)
    second = open_demo(home)
    worker = pid_of(home, "_worker")

    first.press("q")
    first.wait_for_exit()
    home.phone().insert("Zebra", SATURDAY_AT_TWO)
    second.wait_for("Zebra")
    assert worker == pid_of(home, "_worker")

    second.press("q")
    second.wait_for_exit()
    eventually(lambda: not home.processes(), "nothing is left", seconds=5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
def test_a_signal_to_the_last_screen_leaves_nothing(home: Home, number: signal.Signals) -> None:
    """The lease ends with the process, however it ends."""
    screen = open_demo(home)

    screen.kill(number)

    screen.wait_for_exit()
    eventually(lambda: not home.processes(), "nothing is left", seconds=5)


def test_a_closed_terminal_ends_the_screen_also_under_nohup(home: Home) -> None:
    """An ignored hangup is inherited; without its own terminal the screen would live on, reading nothing for ever."""
    screen = home.open("demo", "--port", "0", "--now", MONDAY_NOON, hangup=signal.SIG_IGN)
    screen.wait_for("● live")

    screen.hang_up()

    screen.wait_for_exit()
    eventually(lambda: not home.processes(), "nothing is left", seconds=5)


def test_a_killed_supervisor_is_replaced_while_a_screen_lives(home: Home) -> None:
    """The old services end with it; new ones take over, and the screen is live again."""
    screen = open_demo(home)
    old_worker = pid_of(home, "_worker")

    os.kill(home.supervisor(), signal.SIGKILL)

    eventually(lambda: old_worker not in home.processes(), "the old worker is gone", seconds=5)
    eventually(lambda: any("_worker" in command for command in home.processes().values()), "a new worker runs")
    home.phone().insert("Zebra", SATURDAY_AT_TWO)
    screen.wait_for("Zebra", seconds=30)


def test_an_edit_made_offline_waits_and_goes_out_later(home: Home, tmp_path: Path) -> None:
    """With Google away it is shown, said to wait, and sent once Google is back."""
    google = Google(tmp_path / "google.json", now=f"{MONDAY_NOON}+01:00")
    home.env["GOOGLE_API_ENDPOINT"] = f"http://127.0.0.1:{google.port}"
    try:
        screen = open_demo(home)
        google.stop()

        screen.press("o")
        screen.wait_for("New event")
        screen.press("Okapi\r")
        screen.wait_for("[▌▖]Okapi")
        screen.wait_for("1 edit waiting")
        screen.wait_for("offline", seconds=30)

        google.start()
        screen.wait_until_gone("waiting", seconds=60)
        assert google.phone.find("Okapi") is not None
        screen.wait_until_gone("offline", seconds=60)
    finally:
        google.stop()
