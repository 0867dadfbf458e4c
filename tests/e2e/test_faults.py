"""Google at its worst, and our own processes killed: both sides end equal, with every edit there once."""

import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.event import EventKey, Resource
from aicalendar_tui.backend.services.index import reindex
from tests.soak.kills import QUICK_BLOWS, Story, play_round
from tests.soak.machine import USER, ZONE, Machine, eventually, machine

ANA = "ana.+/events"


@pytest.fixture(scope="module")
def started() -> Iterator[Machine]:
    """One machine for the module, live."""
    with tempfile.TemporaryDirectory(prefix="aic-", dir="/tmp") as folder, machine(Path(folder) / "h") as made:
        made.wait_live()
        yield made


@pytest.fixture
def running(started: Machine) -> Machine:
    """Calm, with Google at its best."""
    started.google.control("DELETE", "faults")
    started.google.control("POST", "notifications", {"drop": 0, "duplicate": 0, "reorder": 0, "delay": 0})
    started.wait_calm()
    started.google.control("DELETE", "requests")
    return started


def tea_time() -> datetime:
    """Today at three."""
    return datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0)


def create(running: Machine, summary: str) -> EventKey:
    """As a screen does it."""
    draft = Draft(summary=summary, start=tea_time(), end=tea_time() + timedelta(hours=1), zone=ZONE)
    key = running.services.create_event(USER, USER, draft)
    assert running.nudge()
    return key


def rename(running: Machine, key: EventKey, summary: str) -> None:
    """As a screen does it."""
    running.services.change_event(key, Draft(summary=summary))
    assert running.nudge()


def titled(running: Machine, summary: str) -> list[Resource]:
    """What is at Google under that title."""
    return [item for item in running.google.events(USER) if item.get("summary") == summary]


def statuses(running: Machine, method: str, path: str = "") -> list[int]:
    """What Google answered since the test began, to requests with that method and end of their path."""
    found = running.google.requests()
    return [one.status for one in found if one.method == method and one.path.endswith(path)]


@pytest.mark.parametrize("kind", ["after", "truncate", "drop_after"])
def test_answer_of_an_insert_that_is_lost_after_the_commit_doubles_nothing(running: Machine, kind: str) -> None:
    """PROTOCOL 27 and 28: our own id makes the second try the same event."""
    running.google.control("POST", "faults", {"kind": kind, "method": "POST", "path": ANA})
    create(running, f"Lost {kind}")
    running.wait_calm()
    assert 1 == len(titled(running, f"Lost {kind}"))


def test_truncated_list_is_never_advanced_on(running: Machine) -> None:
    """PROTOCOL 28: what was cut off comes whole with the next try."""
    running.google.control("POST", "faults", {"kind": "truncate", "method": "GET", "path": ANA, "times": 2})
    event_id = running.google.insert(USER, "Behind a cut", tea_time())
    eventually(lambda: running.summary_of(USER, event_id) == "Behind a cut", "the event is here")
    running.wait_calm()


def test_expired_sync_tokens_lead_to_a_full_sync_that_forgets_what_is_gone(running: Machine) -> None:
    """PROTOCOL 18, with an edit that waits meanwhile."""
    google = running.google
    gone = google.insert(USER, "Gone", tea_time())
    running.wait_calm()
    google.control("POST", "notifications", {"drop": 1})
    google.delete(USER, gone)
    google.control("POST", "expire", {"sync_tokens": True})
    key = create(running, "Over a 410")
    google.insert(USER, "New", tea_time())
    running.wait_calm()
    assert (None, "Over a 410") == (running.summary_of(USER, gone), running.summary_of(USER, key.event_id))
    assert 410 in statuses(running, "GET")


def test_stale_etag_is_compared_again_and_both_edits_stay(running: Machine) -> None:
    """PROTOCOL 26: 412, since the notification about Google's side never came."""
    google = running.google
    event_id = google.insert(USER, "Before", tea_time())
    running.wait_calm()
    google.control("POST", "notifications", {"drop": 1})
    google.patch(USER, event_id, location="Brno")
    rename(running, EventKey(USER, USER, event_id), "After")
    running.wait_calm()
    found = titled(running, "After")
    assert [(event_id, "Brno")] == [(one["id"], one["location"]) for one in found]
    assert 412 in statuses(running, "PATCH")


def test_edit_that_both_sides_made_is_a_conflict_that_is_shown(running: Machine) -> None:
    """S2: kept until it is settled; nothing of it is sent."""
    google = running.google
    event_id = google.insert(USER, "Before", tea_time())
    running.wait_calm()
    google.control("POST", "notifications", {"drop": 1})
    google.patch(USER, event_id, summary="Theirs")
    rename(running, EventKey(USER, USER, event_id), "Mine")
    eventually(lambda: running.services.read_status(USER).conflicts == 1, "the conflict is shown")
    assert (1, 0) == (len(titled(running, "Theirs")), len(titled(running, "Mine")))
    with running.services.store.write() as unit:
        unit.delete_change(unit.changes(USER)[0].change_id)
        reindex(unit, USER, USER, [event_id])
        unit.bump_revision(USER)


def test_rate_limit_is_waited_for_as_long_as_google_says(running: Machine) -> None:
    """PROTOCOL 31: Retry-After counts more than our own pace."""
    limit = {"kind": "before", "code": 429, "reason": "rateLimitExceeded", "retry_after_seconds": 2}
    running.google.control("POST", "faults", {**limit, "method": "POST", "path": ANA})
    began = datetime.now(UTC)
    create(running, "Patient")
    running.wait_calm()
    assert datetime.now(UTC) - began >= timedelta(seconds=2)
    assert [429, 200] == statuses(running, "POST", "/events")


@pytest.mark.parametrize("disturbance", [{"duplicate": 20}, {"reorder": 5}, {"delay": 20, "delay_seconds": 0.5}])
def test_disturbed_notifications_lose_nothing(running: Machine, disturbance: dict[str, float]) -> None:
    """PROTOCOL 3: twice, in reverse order, late."""
    google = running.google
    google.control("POST", "notifications", disturbance)
    event_ids = [google.insert(USER, f"Number {number}", tea_time()) for number in range(5)]
    for event_id in event_ids[:2]:
        google.patch(USER, event_id, summary="Changed")
    running.wait_calm()
    assert "Changed" == running.summary_of(USER, event_ids[0])


def test_notification_that_never_comes_is_made_up_for(running: Machine) -> None:
    """PROTOCOL 5: the next message, or a poll, brings what the lost one was about."""
    google = running.google
    google.control("POST", "notifications", {"drop": 3})
    lost = [google.insert(USER, f"Unannounced {number}", tea_time()) for number in range(3)]
    running.nudge(f"/sync/{USER}?scope=pull")
    running.wait_calm()
    assert ["Unannounced 0", "Unannounced 1", "Unannounced 2"] == [running.summary_of(USER, one) for one in lost]


def test_kills_amid_edits_on_both_sides_lose_and_double_nothing(running: Machine) -> None:
    """A few rounds of `make soak`, of its quick kinds."""
    story = Story(running, random.Random(7))
    for blow in QUICK_BLOWS:
        play_round(story, [blow])
    eventually(running.is_ready, "everything is up again")
