"""How work is addressed: URLs, settings and the fake."""

import pytest
from kombu.utils.url import url_to_parts

from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.queue import (
    TASK_NAMES,
    CeleryTaskQueue,
    MemoryTaskQueue,
    broker_url,
    create_celery,
    embedded_worker_arguments,
)


@pytest.mark.parametrize(
    ("redis_url", "kombu_url"),
    [
        ("unix:///run/user/1000/aic/valkey.sock", "redis+socket:///run/user/1000/aic/valkey.sock?virtual_host=0"),
        ("unix:///a.sock?db=3", "redis+socket:///a.sock?virtual_host=3"),
        ("unix:///with%20space/ю.sock", "redis+socket:///with%20space/%D1%8E.sock?virtual_host=0"),
        ("unix://:secret@/a.sock", "redis+socket://:secret@/a.sock?virtual_host=0"),
        ("redis://:secret@cache.example.com:6380/2", "redis://:secret@cache.example.com:6380/2"),
        ("rediss://cache.example.com", "rediss://cache.example.com"),
    ],
)
def test_redis_url_becomes_what_kombu_calls_it(redis_url: str, kombu_url: str) -> None:
    """redis-py says unix://, kombu redis+socket://."""
    assert kombu_url == broker_url(redis_url)


def test_path_of_socket_survives_kombus_parser() -> None:
    """Spaces and other letters included."""
    inner = broker_url("unix:///with%20space/ю.sock").removeprefix("redis+")
    assert "with space/ю.sock" == url_to_parts(inner).path


def test_work_of_a_killed_worker_is_done_again() -> None:
    """The settings that promise it, by the names that Celery and kombu read."""
    conf = create_celery("redis://localhost", embedded=True).conf
    assert (True, True, 1) == (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.worker_prefetch_multiplier)
    options = conf.broker_transport_options
    assert {"visibility_timeout": 180, "unacked_restore_interval": 5, "unacked_restore_throttle": 1}.items() <= (
        options.items()
    )
    from kombu.transport.redis import Channel

    assert set(options) <= set(Channel.from_transport_options)


@pytest.mark.parametrize("embedded", [True, False])
def test_only_a_team_server_has_remote_control(embedded: bool) -> None:
    """One person's worker has nobody to talk to."""
    conf = create_celery("redis://localhost", embedded=embedded).conf
    assert (not embedded, not embedded) == (conf.worker_enable_remote_control, conf.worker_send_task_events)
    assert (["json"], "json", None) == (list(conf.accept_content), conf.task_serializer, conf.result_backend)


def test_embedded_worker_keeps_to_itself() -> None:
    """Threads; no gossip, no mingle, no heartbeat; no -B, whose process would outlive the worker."""
    arguments = embedded_worker_arguments()
    assert {"--pool=threads", "--without-gossip", "--without-mingle", "--without-heartbeat"} <= set(arguments)
    assert not {"-B", "--beat"} & set(arguments)


@pytest.mark.parametrize("countdown", [-1, 151, float("inf"), float("nan")])
def test_countdown_stays_within_the_visibility_timeout(countdown: float) -> None:
    """A longer one would be delivered twice."""
    queue = CeleryTaskQueue(lambda: create_celery("redis://localhost", embedded=True))
    with pytest.raises(ValueError, match="countdown_seconds"):
        queue.send(TASK_NAMES[0], task_id="t", arguments={}, countdown_seconds=countdown)


def test_memory_queue_keeps_what_was_sent_or_is_away() -> None:
    """Like the real one to those who send."""
    queue = MemoryTaskQueue()
    queue.send("calendar.pull", task_id="t-1", arguments={"user_id": "u"}, countdown_seconds=2)
    queue.away = True
    with pytest.raises(Transient):
        queue.send("calendar.push", task_id="t-2", arguments={})
    (task,) = queue.sent
    assert ("calendar.pull", "t-1", {"user_id": "u"}, 2) == (
        task.name,
        task.task_id,
        task.arguments,
        task.countdown_seconds,
    )
