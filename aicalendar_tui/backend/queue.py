"""The Celery app and the names of its tasks: how work gets to the workers, and nothing about the work.

Importing this module is cheap; Celery itself is imported by `create_celery`, on the first task that is sent.
The ledger of tasks is in the database, so no result backend is needed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, get_args
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from msgspec import Struct

from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.ports import TaskName
from aicalendar_tui.i18n import N_

AWAY = N_("the task queue is away")

if TYPE_CHECKING:
    from celery import Celery
    from kombu.connection import Connection

PULL: Final = "calendar.pull"
PULL_LIST: Final = "calendar.pull_list"
PUSH: Final = "calendar.push"
WATCH: Final = "calendar.watch"
UNWATCH: Final = "calendar.unwatch"
BACKSTOP: Final = "calendar.backstop"
TASK_NAMES: Final[tuple[TaskName, ...]] = get_args(TaskName)

QUEUE_NAME: Final = "calendar"
VISIBILITY_TIMEOUT_SECONDS: Final = 180
"""How long a task may be with a worker before the broker gives it to another one (kombu)."""

LONGEST_COUNTDOWN_SECONDS: Final = VISIBILITY_TIMEOUT_SECONDS - 30
"""A task that waits in a worker for longer than the visibility timeout would be done twice."""


def create_celery(redis_url: str, *, embedded: bool) -> Celery:
    """The app for workers and senders alike; it opens no connection.

    `redis_url` is redis-py's (`unix:///path.sock`, `redis://`, `rediss://`). `embedded` is for the one worker
    of one person: no remote control, no events. On a server both stay, for `celery inspect` and flower.
    """
    from celery import Celery

    app = Celery("aicalendar", broker=broker_url(redis_url), set_as_current=False)
    app.conf.update(
        # A task is done when it has ended, not when it was fetched: a killed worker's work is done again.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        broker_transport_options={
            "visibility_timeout": VISIBILITY_TIMEOUT_SECONDS,
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            "unacked_mutex_expire": 10,  # a worker killed while it restores must not stop the others for 5 minutes
            "socket_connect_timeout": 5,
            "socket_timeout": 10,  # longer than kombu's blocking reads of one second
        },
        broker_connection_retry=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        # The ledger is in the database.
        task_ignore_result=True,
        result_backend=None,
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        enable_utc=True,
        timezone="UTC",
        task_default_queue=QUEUE_NAME,
        task_create_missing_queues=False,
        task_publish_retry=False,
        worker_enable_remote_control=not embedded,
        worker_send_task_events=not embedded,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        beat_max_loop_interval=60,
    )
    return app


def embedded_worker_arguments(*, threads: int = 4) -> list[str]:
    """The worker's command line on a person's machine: threads, and no talk with other workers."""
    return [
        "worker",
        "--pool=threads",
        f"--concurrency={threads}",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ]


def broker_url(redis_url: str) -> str:
    """kombu's name for the server that redis-py calls `redis_url`: `redis+socket://` in place of `unix://`."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    options = dict(parse_qsl(parts.query))
    database = options.pop("db", "0")
    login, at, _ = parts.netloc.rpartition("@")
    query = urlencode({"virtual_host": database, **options})
    return f"redis+socket://{login}{at}{quote(unquote(parts.path))}?{query}"


class CeleryTaskQueue:
    """`ports.TaskQueue`: publishes without retries, and says within a second when the broker is away.

    After a failure it fails at once for `pause_seconds`, so that a burst of notifications isn't held up by
    one timeout each. Safe to share between threads.
    """

    def __init__(
        self,
        create: Callable[[], Celery],
        *,
        timeout_seconds: float = 0.4,
        pause_seconds: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._create = create
        self._timeout_seconds = timeout_seconds
        self._pause_seconds = pause_seconds
        self._monotonic = monotonic
        self._lock = Lock()
        self._opened: tuple[Celery, Connection] | None = None
        self._retry_at = 0.0

    def send(self, name: TaskName, *, task_id: str, arguments: dict[str, Any], countdown_seconds: float = 0) -> None:
        """Raises: `Transient` when the broker can't be reached; ValueError for a countdown that is too long."""
        if not 0 <= countdown_seconds <= LONGEST_COUNTDOWN_SECONDS:
            raise ValueError(f"countdown_seconds is {countdown_seconds}, not in 0–{LONGEST_COUNTDOWN_SECONDS}")
        if self._monotonic() < self._retry_at:
            raise Transient(AWAY)
        from kombu.exceptions import LimitExceeded, OperationalError
        from kombu.pools import producers

        app, connection = self._open()
        try:
            with producers[connection].acquire(block=True, timeout=self._timeout_seconds) as producer:
                app.send_task(
                    name,
                    task_id=task_id,
                    kwargs=arguments,
                    countdown=countdown_seconds or None,
                    producer=producer,
                    retry=False,
                    ignore_result=True,
                )
        except (OperationalError, LimitExceeded, *connection.connection_errors, *connection.channel_errors) as error:
            self._retry_at = self._monotonic() + self._pause_seconds
            raise Transient(AWAY) from error

    def waiting(self) -> int:
        """How many messages no worker has fetched yet. Raises: `Transient` when the broker can't be reached."""
        _, connection = self._open()
        try:
            # Its own connection: the sending one is shared between threads. Asking kombu's public way
            # (a passive declaration) takes an empty queue for a missing one.
            with connection.clone() as own, own.channel() as channel:
                return channel._size(QUEUE_NAME)
        except (*connection.connection_errors, *connection.channel_errors, OSError) as error:
            raise Transient(AWAY) from error

    def _open(self) -> tuple[Celery, Connection]:
        with self._lock:
            if self._opened is None:
                app = self._create()
                options = {
                    **app.conf.broker_transport_options,
                    "socket_connect_timeout": self._timeout_seconds,
                    "socket_timeout": self._timeout_seconds,
                    "max_retries": 0,  # kombu would try to connect for six seconds
                    "connect_retries_timeout": self._timeout_seconds,
                }
                self._opened = app, app.connection_for_write(transport_options=options)
            return self._opened


class SentTask(Struct, frozen=True, kw_only=True):
    """What a `MemoryTaskQueue` was given."""

    name: TaskName
    task_id: str
    arguments: dict[str, Any]
    countdown_seconds: float = 0


class MemoryTaskQueue:
    """`ports.TaskQueue` for tests: keeps what was sent, or is away."""

    def __init__(self) -> None:
        self.sent: list[SentTask] = []
        self.away = False

    def send(self, name: TaskName, *, task_id: str, arguments: dict[str, Any], countdown_seconds: float = 0) -> None:
        """Appends to `sent`. Raises: `Transient` while `away` is set."""
        if self.away:
            raise Transient(AWAY)
        self.sent.append(
            SentTask(name=name, task_id=task_id, arguments=arguments, countdown_seconds=countdown_seconds)
        )

    def waiting(self) -> int:
        """What is in `sent`; a test that takes something out is the worker. Raises: `Transient` while `away`."""
        if self.away:
            raise Transient(AWAY)
        return len(self.sent)
