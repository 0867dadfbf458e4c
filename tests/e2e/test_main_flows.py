"""The main job: a change at Google is on the screen by itself, and an edit by key is at Google."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.e2e.conftest import Home, eventually

MONDAY_NOON = "2026-11-23T12:12"
SATURDAY_AT_TWO = datetime(2026, 11, 28, 14, tzinfo=ZoneInfo("Europe/Prague"))
SUNDAY_AT_FOUR = datetime(2026, 11, 29, 16, tzinfo=ZoneInfo("Europe/Prague"))


def test_a_change_at_google_is_on_the_screen_without_a_key(home: Home) -> None:
    """Inserted, moved, renamed and deleted on the phone; each is seen."""
    screen = home.open("demo", "--port", "0", "--now", MONDAY_NOON)
    screen.wait_for("Standup")
    screen.wait_for("● live")
    phone = home.phone()

    event_id = phone.insert("Zebra", SATURDAY_AT_TWO)
    screen.wait_for(r"14:00.*▌Zebra")

    phone.move(event_id, SUNDAY_AT_FOUR)
    screen.wait_for(r"16:00.*▌Zebra")
    screen.wait_until_gone(r"14:00.*▌Zebra")

    phone.rename(event_id, "Quagga")
    screen.wait_for("▌Quagga")

    phone.delete(event_id)
    screen.wait_until_gone("Quagga")


def test_an_edit_by_keys_is_at_google_and_undone_there_too(home: Home) -> None:
    """Created in the form, deleted with one key, brought back with another."""
    screen = home.open("demo", "--port", "0", "--now", MONDAY_NOON)
    screen.wait_for("● live")
    phone = home.phone()

    screen.press("o")
    screen.wait_for("New event")
    screen.press("Okapi\r")
    screen.wait_for("[▌▖]Okapi")
    eventually(lambda: phone.find("Okapi"), "the new event is at Google")
    screen.wait_until_gone("waiting")
    created = phone.find("Okapi")
    assert created is not None
    assert re.fullmatch("[0-9a-v]{26}", created["id"])

    screen.press("X")
    screen.wait_until_gone("[▌▖]Okapi")
    eventually(lambda: phone.find("Okapi") is None, "the event is deleted at Google")

    screen.press("u")
    screen.wait_for("[▌▖]Okapi")
    eventually(lambda: phone.find("Okapi"), "the event is back at Google")
    screen.wait_until_gone("waiting")


def test_quit_by_key_ends_every_process(home: Home) -> None:
    """Within five seconds."""
    screen = home.open("demo", "--port", "0", "--now", MONDAY_NOON)
    screen.wait_for("● live")
    assert len(home.processes()) >= 5

    screen.press("q")

    assert 0 == screen.wait_for_exit()
    eventually(lambda: not home.processes(), "nothing is left", seconds=5)
