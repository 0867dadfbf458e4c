"""The local API: for the screens, the commands, curl, and a team's own tools. See `/docs` when it runs."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec
from fastapi import FastAPI, Query, Request
from starlette.responses import Response

from aicalendar_tui import __version__
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.backend.receiver.answers import (
    Accepted,
    Counts,
    Requested,
    Retried,
    Status,
    Subscribed,
    Tasks,
    TunnelStatus,
    Unsubscribed,
    describe_channels,
    link_to_task,
)
from aicalendar_tui.backend.receiver.description import answers, describe
from aicalendar_tui.backend.receiver.gate import Gate
from aicalendar_tui.backend.receiver.problems import Refused, install_handlers
from aicalendar_tui.backend.receiver.webhook import CHANNEL_ID_LENGTH, HEADER_LENGTH, TOKEN_LENGTH, Webhook
from aicalendar_tui.backend.receiver.webhook import PATH as WEBHOOK_PATH

if TYPE_CHECKING:
    from aicalendar_tui.backend.services import Services

DESCRIPTION: Final = """\
Subscribe to live updates, ask for a sync, follow the tasks. `me` stands for the default account in any `user_id`.
Every error is an RFC 9457 problem.
"""

TokenReader = Callable[[], str]

NO_USER: Final = {404: "There is no such user or calendar"}
AWAY: Final = {503: "The task queue is away: try again in a moment"}
INVALID: Final = {422: "A parameter can't be read"}


def create_app(services: "Services | None" = None, *, read_token: TokenReader | None = None) -> FastAPI:
    """The API on `services`, open to who knows the token that `read_token` gives (None: to all on this machine).

    Without services it builds all itself from the settings: `uvicorn --factory …receiver.local:create_app`.
    """
    if services is None:
        services, read_token = _build()
    app = FastAPI(
        title="aicalendar",
        version=__version__,
        description=DESCRIPTION,
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
    )
    _add_webhook(app, services)
    _add_subscriptions(app, services)
    _add_tasks(app, services)
    install_handlers(app)
    describe(
        app,
        (Accepted, Requested, Retried, Status, Subscribed, Task, Tasks, Unsubscribed),
        needs_token=read_token is not None,
    )
    app.add_middleware(Gate, read_token=read_token)
    return app


def token_reader() -> TokenReader | None:
    """What the settings say: the file that `aicalendar token` prints, or None with LOCAL_API_AUTH=off."""
    from aicalendar_tui.settings import load_settings
    from aicalendar_tui.settings.api_token import read_api_token

    settings = load_settings()
    if not settings.local_api_auth:
        return None
    path = settings.folders.api_token
    return lambda: read_api_token(path)


def _build() -> "tuple[Services, TokenReader | None]":
    from aicalendar_tui.bootstrap import build_services

    return build_services(started_by_hand=True), token_reader()


def _add_webhook(app: FastAPI, services: "Services") -> None:
    webhook = Webhook(services.accept)

    @app.post(
        WEBHOOK_PATH,
        status_code=202,
        tags=["webhook"],
        response_model=None,
        openapi_extra={"parameters": [_header(name) for name in _GOOGLE_HEADERS]},
        responses=answers(
            {202: (Accepted, "Taken: a sync is on its way"), 204: (None, "The channel was stopped; nothing to do")},
            {
                400: "Not a notification: a header is missing or too long",
                404: "Unknown channel or wrong token",
                413: "A notification has no body",
                429: "Too many wrong tokens",
                503: "Not taken: send it again",
            },
        ),
    )
    async def receive_notification(request: Request) -> Response:
        """Google's notification that a calendar has changed; all of it is in the headers."""
        return await webhook(request)


def _add_subscriptions(app: FastAPI, services: "Services") -> None:
    @app.post(
        "/webhook/setup/{user_id}",
        status_code=202,
        tags=["live updates"],
        response_model=None,
        responses=answers({202: (Subscribed, "Asked for; the tasks do it")}, {**NO_USER, **INVALID, **AWAY}),
    )
    def subscribe(user_id: str, calendar_id: str | None = None) -> Response:
        """Live updates for one calendar, or for all that are shown."""
        user_id = services.resolve_user(user_id)
        task_ids = services.set_live(user_id, calendar_id, True)
        calendars = [
            calendar
            for calendar in services.read_calendars(user_id).calendars
            if (calendar.calendar_id == calendar_id if calendar_id is not None else calendar.live_wanted)
        ]
        links = [link_to_task(task_id) for task_id in task_ids]
        return _answer(Subscribed(user_id=user_id, task_ids=task_ids, tasks=links, calendars=calendars), 202)

    @app.delete(
        "/webhook/unsubscribe/{channel_id}",
        status_code=202,
        tags=["live updates"],
        response_model=None,
        responses=answers(
            {202: (Unsubscribed, "The task stops it at Google")}, {404: "There is no such channel", **AWAY}
        ),
    )
    def unsubscribe(channel_id: str) -> Response:
        """Ends one channel; its calendar is polled from then on."""
        task_id = services.unsubscribe(channel_id)
        if task_id is None:
            raise Refused(404, "unknown", "there is no such channel")
        url = link_to_task(task_id).status_url
        return _answer(Unsubscribed(channel_id=channel_id, task_id=task_id, status_url=url), 202)

    @app.get(
        "/webhook/status/{user_id}",
        tags=["live updates"],
        response_model=None,
        responses=answers({200: (Status, "Channels with expiry and last message; the tunnel")}, NO_USER),
    )
    def read_status(user_id: str) -> Response:
        """Whether and how live updates reach us."""
        user_id = services.resolve_user(user_id)
        summary = services.read_status(user_id)
        return _answer(
            Status(
                user_id=user_id,
                tunnel=TunnelStatus(address=services.tunnel.address(), problem=services.tunnel.problem),
                channels=describe_channels(services.read_channels(user_id)),
                calendars=list(services.read_calendars(user_id).calendars),
                counts=Counts(
                    waiting=summary.waiting,
                    conflicts=summary.conflicts,
                    rejected=summary.rejected,
                    open_tasks=summary.open_tasks,
                ),
            )
        )


def _add_tasks(app: FastAPI, services: "Services") -> None:
    @app.get(
        "/webhook/task-status/{task_id}",
        tags=["tasks"],
        response_model=None,
        responses=answers({200: (Task, "State, progress, result, error")}, {404: "No task has this id"}),
    )
    def read_task(task_id: str) -> Response:
        """One task. An id that was never given out is unknown, not pending."""
        task = services.read_task(task_id)
        if task is None:
            raise Refused(404, "unknown", "no task has this id")
        return _answer(task)

    @app.post(
        "/sync/{user_id}",
        status_code=202,
        tags=["tasks"],
        response_model=None,
        responses=answers({202: (Requested, "Asked for; the tasks do it")}, {**NO_USER, **INVALID, **AWAY}),
    )
    def sync(
        user_id: str,
        calendar_id: str | None = None,
        full: bool = False,
        scope: Literal["both", "pull", "push"] = "both",
    ) -> Response:
        """Fetches what changed at Google (`full`: everything) and sends the edits that wait."""
        user_id = services.resolve_user(user_id)
        task_ids = services.request_sync(user_id, calendar_id=calendar_id, full=full, scope=scope)
        links = [link_to_task(task_id) for task_id in task_ids]
        return _answer(Requested(user_id=user_id, task_ids=task_ids, tasks=links), 202)

    @app.get(
        "/tasks/{user_id}",
        tags=["tasks"],
        response_model=None,
        responses=answers({200: (Tasks, "Open ones first, then the newest")}, {**NO_USER, **INVALID}),
    )
    def read_tasks(user_id: str, limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> Response:
        """What the workers do and did."""
        user_id = services.resolve_user(user_id)
        return _answer(Tasks(user_id=user_id, tasks=services.read_tasks(user_id, limit)))

    @app.post(
        "/tasks/{task_id}/retry",
        status_code=202,
        tags=["tasks"],
        response_model=None,
        responses=answers(
            {202: (Retried, "A new task does it")},
            {404: "No task has this id", 409: "The task isn't one that failed", **AWAY},
        ),
    )
    def retry_task(task_id: str) -> Response:
        """Does a failed task's work again."""
        new_id = services.retry_task(task_id)
        if new_id is not None:
            return _answer(Retried(task_id=new_id, status_url=link_to_task(new_id).status_url), 202)
        if services.read_task(task_id) is None:
            raise Refused(404, "unknown", "no task has this id")
        raise Refused(409, "not-failed", "only a task that failed can be done again")

    @app.get(
        "/health",
        tags=["health"],
        response_model=None,
        responses=answers({200: (None, "The receiver and its database answer")}, {503: "The database doesn't"}),
    )
    def read_health() -> Response:
        """Whether it works, and what is away."""
        return _answer(services.health())


def _answer(body: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def _header(name: str) -> dict[str, Any]:
    length = _REQUIRED_HEADERS.get(name)
    bounds = {"pattern": "^[!-~]+$", "maxLength": length} if length else {}
    return {"name": name, "in": "header", "required": length is not None, "schema": {"type": "string", **bounds}}


_REQUIRED_HEADERS: Final = {
    "X-Goog-Channel-ID": CHANNEL_ID_LENGTH,
    "X-Goog-Channel-Token": TOKEN_LENGTH,
    "X-Goog-Resource-State": HEADER_LENGTH,
}
_GOOGLE_HEADERS: Final = (
    *_REQUIRED_HEADERS,
    "X-Goog-Resource-ID",
    "X-Goog-Message-Number",
    "X-Goog-Channel-Expiration",
)
