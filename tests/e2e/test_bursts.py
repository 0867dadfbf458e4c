"""A flood of notifications for one calendar loses nothing, and costs little."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from aicalendar_tui.backend.domain.event import Resource
from tests.soak.machine import USER, Machine, eventually, machine

BURST = 1_000
SENDERS = 8


@pytest.fixture(scope="module")
def running() -> Iterator[Machine]:
    """One machine for the module, live and calm."""
    with tempfile.TemporaryDirectory(prefix="aic-", dir="/tmp") as folder, machine(Path(folder) / "h") as made:
        made.wait_live()
        yield made


def test_thousand_notifications_while_a_pull_is_under_way_cost_three_list_calls(running: Machine) -> None:
    """Google answers slowly, so that all arrive mid-sync; the last change is present at the end."""
    slow = {"kind": "delay", "method": "GET", "path": "ana.+/events$", "delay_seconds": 6}
    assert flood(running, slow) <= 3


def test_thousand_notifications_with_a_quick_google_cost_three_list_calls(running: Machine) -> None:
    """The same with pulls that take milliseconds: they are put off while the flood lasts."""
    assert flood(running, None) <= 3


def flood(running: Machine, fault: Resource | None) -> int:
    """A change, a thousand notifications, another change; returns how often the calendar was listed for all that."""
    google = running.google
    event_id = google.insert(USER, "First", datetime.now(UTC).replace(minute=0, second=0, microsecond=0))
    running.wait_calm()
    eventually(running.is_idle, "all tasks have ended")
    google.control("DELETE", "requests")
    if fault:
        google.control("POST", "faults", fault)
    channel = next(one for one in google.control("GET", "state")["channels"] if USER in one["resource"])
    google.patch(USER, event_id, summary="Second")
    statuses = send_burst(channel, BURST)
    google.patch(USER, event_id, summary="Last")
    eventually(lambda: running.summary_of(USER, event_id) == "Last" and running.is_idle(), "the last change is here")
    calls = google.list_calls(USER)
    running.wait_calm()
    if statuses != {202: BURST}:
        raise RuntimeError(f"notifications were refused: {statuses}")
    return calls


def send_burst(channel: Resource, count: int) -> dict[int, int]:
    """Genuine notifications over several connections at once; how often each status was answered."""

    def send(first: int) -> list[int]:
        address = urlsplit(channel["address"])
        connection = HTTPConnection(address.hostname or "", address.port, timeout=10)
        statuses = []
        for number in range(first, count, SENDERS):
            headers = {
                "X-Goog-Channel-ID": channel["id"],
                "X-Goog-Channel-Token": channel["token"],
                "X-Goog-Resource-ID": channel["resource_id"],
                "X-Goog-Resource-State": "exists",
                "X-Goog-Message-Number": str(number + 10),
                "Content-Length": "0",
            }
            connection.request("POST", address.path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()
        return statuses

    with ThreadPoolExecutor(SENDERS) as pool:
        found = [status for statuses in pool.map(send, range(SENDERS)) for status in statuses]
    return {status: found.count(status) for status in set(found)}
