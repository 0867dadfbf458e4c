"""The simulated Google over HTTP: API, sign-in and control, around the pure `World`."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from aicalendar_tui.simulator import consent, control
from aicalendar_tui.simulator.batch import answer_batch
from aicalendar_tui.simulator.errors import ApiError
from aicalendar_tui.simulator.faults import Fault
from aicalendar_tui.simulator.notifier import DeliveryPolicy, Notifier
from aicalendar_tui.simulator.oauth import OAuthError
from aicalendar_tui.simulator.query import Query
from aicalendar_tui.simulator.router import BASE, Answer, Request, build_error, handle
from aicalendar_tui.simulator.world import World

_JSON = "application/json; charset=UTF-8"
LARGEST_BODY = 8 * 1024 * 1024


def create_app(world: World, *, policy: DeliveryPolicy | None = None, with_control: bool = True) -> SimulatorApp:
    """The ASGI application for a world; its lifespan runs the notifier.

    Serves `/calendar/v3/…`, `/batch/calendar/v3`, `/token`, `/revoke`, `/o/oauth2/auth`, `/health` and, with
    control, `/_control/…`.
    """
    notifier = Notifier(world, policy)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(notifier.run())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    endpoints = _Endpoints(world)
    routes = [
        Route("/token", endpoints.token, methods=["POST"]),
        Route("/revoke", endpoints.revoke, methods=["POST"]),
        Route("/o/oauth2/auth", endpoints.ask_consent, methods=["GET"]),
        Route("/o/oauth2/v2/auth", endpoints.ask_consent, methods=["GET"]),
        Route("/o/oauth2/approve", endpoints.approve, methods=["GET"]),
        Route("/batch/calendar/v3", endpoints.batch, methods=["POST"]),
        Route("/health", endpoints.health, methods=["GET"]),
    ]
    if with_control:
        routes += control.build_routes(world, notifier)
    return SimulatorApp(Starlette(routes=routes, lifespan=lifespan), world, notifier)


class SimulatorApp:
    """The ASGI application: API requests are answered here, everything else goes to the routes.

    They are most of the traffic, and a fault that drops the connection needs the server's own `send`.
    """

    def __init__(self, routes: ASGIApp, world: World, notifier: Notifier) -> None:
        self.world = world
        self.notifier = notifier
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(BASE):
            await self._routes(scope, receive, send)
            return
        body = await _read_body(receive)
        if body is None:
            await _send_answer(send, Answer(status=413))
            return
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").partition("?")[0]
        request = Request(
            method=scope["method"],
            path=path,
            query=Query(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body=body,
        )
        fault = self.world.faults.take(request.method, path)
        if fault is not None and fault.kind == "drop":
            await _drop_connection(send)
            return
        if fault is not None and fault.kind == "before":
            answer = _build_fault(fault)
        else:
            answer = handle(self.world, request)
            self._edit_between_pages(request, answer)
            if self.world.switches.sync_before_watch_returns and path.endswith("/watch"):
                await self.notifier.wait_idle()
        self.world.requests.append((request.method, path, answer.status))
        if fault is not None:
            if fault.kind == "drop_after":
                await _drop_connection(send)
                return
            answer = await _disturb(fault, answer)
        await _send_answer(send, answer)

    def _edit_between_pages(self, request: Request, answer: Answer) -> None:
        if not self.world.faults.between_pages or not request.path.endswith("/events"):
            return
        if answer.status != 200 or b'"nextPageToken"' not in answer.body:
            return
        calendar_id = request.path.removeprefix(BASE).split("/")[1].replace("%40", "@")
        edit = self.world.faults.take_between_pages(calendar_id)
        if edit is not None:
            control.apply_edit(self.world, edit)


def _build_fault(fault: Fault) -> Answer:
    return build_error(
        ApiError(fault.code, fault.reason, fault.message, retry_after_seconds=fault.retry_after_seconds)
    )


async def _disturb(fault: Fault, answer: Answer) -> Answer:
    if fault.kind == "after":
        return _build_fault(fault)
    if fault.kind == "truncate":
        return Answer(status=answer.status, body=answer.body[: len(answer.body) // 2], headers=answer.headers)
    if fault.kind == "delay":
        await asyncio.sleep(fault.delay_seconds)
    return answer


async def _read_body(receive: Receive) -> bytes | None:
    chunks = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > LARGEST_BODY:
            return None
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


async def _send_answer(send: Send, answer: Answer) -> None:
    headers = {"cache-control": "private, max-age=0, must-revalidate, no-transform", **answer.headers}
    if answer.status not in (204, 304):
        headers |= {"content-type": _JSON, "content-length": str(len(answer.body))}
    await send(
        {
            "type": "http.response.start",
            "status": answer.status,
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": answer.body})


async def _drop_connection(send: Send) -> None:
    """Close the connection without an answer.

    ASGI has no word for that: uvicorn's `send` belongs to the object that holds the transport. Under any other
    server an answer that is shorter than promised has the same effect on the client.
    """
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()
        await asyncio.sleep(0)  # let the server see that the client is gone: it says nothing then
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
    await send({"type": "http.response.body", "body": b"{"})


class _Endpoints:
    """Sign-in, batch and health."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def health(self, request: HttpRequest) -> Response:
        """That the simulator is up, and how far its world is."""
        return _json({"status": "ok", "version": self._world.version})

    async def token(self, request: HttpRequest) -> Response:
        """The token endpoint (RFC 6749 §3.2)."""
        fault = self._world.faults.take("POST", "/token")
        if fault is not None:
            return _json({"error": "internal_failure", "error_description": fault.message}, fault.code)
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        try:
            answer = self._world.oauth.exchange(form, _read_basic(request.headers.get("authorization")))
        except OAuthError as error:
            return _json({"error": error.error, "error_description": error.description}, error.code)
        return _json(answer)

    async def revoke(self, request: HttpRequest) -> Response:
        """The revocation endpoint (RFC 7009)."""
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace")))
        token = form.get("token") or request.query_params.get("token", "")
        try:
            user, client_id = self._world.oauth.revoke(token)
        except OAuthError as error:
            return _json({"error": error.error, "error_description": error.description}, error.code)
        self._world.channels.remove_of_user(user, client_id)
        return _json({})

    async def ask_consent(self, request: HttpRequest) -> Response:
        """The consent page."""
        return consent.show_page(self._world, dict(request.query_params))

    async def approve(self, request: HttpRequest) -> Response:
        """What the consent page's links lead to: back to the client, with a code or an error."""
        return consent.send_back(self._world, dict(request.query_params))

    async def batch(self, request: HttpRequest) -> Response:
        """Several API requests in one multipart body."""
        body, content_type = answer_batch(
            self._world,
            await request.body(),
            request.headers.get("content-type", ""),
            request.headers.get("authorization"),
        )
        return Response(body, media_type=content_type)


def _read_basic(header: str | None) -> tuple[str, str] | None:
    scheme, _, value = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ("", "")
    return name, secret


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")
