"""How the worker is put together and run: embedded under the supervisor, or by Celery's own command line."""

import logging
import warnings
from collections.abc import Callable
from functools import cache
from threading import Lock, Thread

from celery import Celery, signals
from celery.beat import EmbeddedService, Scheduler
from celery.exceptions import SecurityWarning

from aicalendar_tui.backend.domain.errors import CalendarError
from aicalendar_tui.backend.queue import create_celery, embedded_worker_arguments
from aicalendar_tui.backend.services import Services
from aicalendar_tui.bootstrap import address_is_passing, build_services, redis_url
from aicalendar_tui.settings import Settings, load_settings
from aicalendar_tui.worker.schedule import schedule
from aicalendar_tui.worker.tasks import Runner, register_tasks

logger = logging.getLogger(__name__)

LEAVE_SECONDS = 1.5
"""How long the worker's end waits for its channels to be stopped; the supervisor's grace is two seconds."""


class LazyServices:
    """Builds the services on first use, once, whichever thread asks."""

    def __init__(self, build: Callable[[], Services]) -> None:
        self._build = build
        self._lock = Lock()
        self._built: Services | None = None

    def __call__(self) -> Services:
        """The services."""
        with self._lock:
            if self._built is None:
                self._built = self._build()
            return self._built


def _leave(services: LazyServices) -> None:
    """Best effort: what is not stopped within the grace is swept by the next start."""
    try:
        services().watch.leave()
    except CalendarError as error:
        logger.info("channels are left to the next start: %s", error)


def create_app(settings: Settings, runner: Runner, *, started_by_hand: bool = False) -> Celery:
    """The app with its tasks and beat's schedule; it opens no connection."""
    url = redis_url(settings, started_by_hand=started_by_hand)
    app = create_celery(url, embedded=settings.external_redis_url is None and not started_by_hand)
    register_tasks(app, runner)
    schedule(app)
    return app


@cache
def started_by_hand() -> Celery:
    """The app for `celery -A aicalendar_tui.worker worker`, beat and flower; beat is a process of its own then."""
    settings = load_settings()
    services = LazyServices(lambda: build_services(settings, started_by_hand=True))
    return create_app(settings, Runner(services), started_by_hand=True)


def run_embedded(
    settings: Settings,
    *,
    on_ready: Callable[[], None],
    busy: Callable[[str], None],
    idle: Callable[[str], None],
) -> None:
    """Runs the one worker of one person until SIGTERM, with beat as a thread of it.

    A forked beat would outlive a killed worker. The backstop runs as soon as the worker is ready: what a former
    one left undone would otherwise wait for the broker's visibility timeout.
    """
    # As root (a container): the queue is JSON on a socket of the user's own, and only this warning is not shown.
    warnings.filterwarnings("ignore", "You're running the worker with superuser", SecurityWarning)
    services = LazyServices(lambda: build_services(settings))
    runner = Runner(services, busy=busy, idle=idle)
    app = create_app(settings, runner)
    beat = EmbeddedService(app, thread=True, scheduler_cls=Scheduler)

    @signals.setup_logging.connect(weak=False)
    def keep_logging(**_: object) -> None:
        """Celery sets up none of its own when somebody listens: our process has one already."""

    @signals.worker_ready.connect(weak=False)
    def start_work(**_: object) -> None:
        # Celery logs what a signal's handler raises and goes on: beat must start all the same.
        try:
            services().backstop(after_start=True)
        except CalendarError as error:
            logger.error("the first look fails: %s", error)
        beat.start()
        on_ready()

    @signals.worker_shutting_down.connect(weak=False)
    def release_tasks(**_: object) -> None:
        # In a thread: this runs within the signal's handler, in the middle of whatever was under way.
        Thread(target=runner.let_go, daemon=True).start()

    if address_is_passing(settings):
        leaving = Thread(target=lambda: _leave(services), daemon=True)

        @signals.worker_shutting_down.connect(weak=False)
        def begin_to_leave(**_: object) -> None:
            if leaving.ident is None:
                leaving.start()

        @signals.worker_shutdown.connect(weak=False)
        def finish_leaving(**_: object) -> None:
            if leaving.ident is not None:
                leaving.join(LEAVE_SECONDS)

    app.worker_main(["--quiet", *embedded_worker_arguments(), "--loglevel=WARNING"])
