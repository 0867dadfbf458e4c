"""What beat asks for by itself: only the backstop, which derives the rest from the database."""

from celery import Celery

BACKSTOP_SECONDS = 10


def schedule(app: Celery) -> None:
    """Messages that were not fetched within their period are void: a worker that was away has one to do, not many."""
    app.conf.beat_schedule = {
        "backstop": {
            "task": "calendar.backstop",
            "schedule": float(BACKSTOP_SECONDS),
            "options": {"expires": float(BACKSTOP_SECONDS)},
        }
    }
