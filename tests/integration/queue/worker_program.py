"""A real Celery worker whose one task appends what it was given to a file. argv: Redis URL, file."""

import sys
from pathlib import Path

from celery import signals

from aicalendar_tui.backend.queue import PULL, create_celery, embedded_worker_arguments

URL, RECORD = sys.argv[1], Path(sys.argv[2])


def main() -> None:
    """Runs until SIGTERM."""
    app = create_celery(URL, embedded=True)

    def note(line: str) -> None:
        with RECORD.open("a") as file:
            file.write(f"{line}\n")

    @app.task(name=PULL, bind=True)
    def pull(task: object, **arguments: str) -> None:
        note(f"{task.request.id} {arguments['calendar_id']}")  # type: ignore[attr-defined] # Celery's Task is untyped

    @signals.worker_ready.connect(weak=False)
    def ready(**_: object) -> None:
        note("ready")

    app.worker_main([*embedded_worker_arguments(threads=2), "--loglevel=ERROR"])


if __name__ == "__main__":
    main()
