"""Errors as RFC 9457 problem details, each domain error under one status."""

from http import HTTPStatus
from typing import Final

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from msgspec import Struct
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aicalendar_tui.backend.domain.errors import (
    CalendarError,
    Conflict,
    InvalidEdit,
    NotAuthorized,
    NotFound,
    Rejected,
    Transient,
)

MEDIA_TYPE: Final = "application/problem+json"


class Problem(Struct, frozen=True, kw_only=True):
    """RFC 9457. `code` is the machine's word for it; `type` names the same as a URI."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""


class Refused(Exception):
    """A request that is answered with a problem."""

    def __init__(self, status: int, code: str, detail: str = "", *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail or code)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers

    def answer(self) -> Response:
        """The problem as a response."""
        return problem(self.status, self.code, self.detail, headers=self.headers)


def problem(status: int, code: str, detail: str = "", *, headers: dict[str, str] | None = None) -> Response:
    """A problem details response."""
    body = Problem(
        type=f"urn:aicalendar:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        code=code,
        detail=detail,
    )
    return Response(msgspec.json.encode(body), status, headers, MEDIA_TYPE)


def answer_for(error: CalendarError) -> Response:
    """What an error of the domain means to an HTTP client."""
    match error:
        case Transient():
            wait = str(round(error.retry_after_seconds or 1))
            return problem(503, "away", str(error) or "try again in a moment", headers={"Retry-After": wait})
        case NotFound():
            return problem(404, "unknown", str(error))
        case InvalidEdit():
            return problem(422, "invalid", f"{error.field}: {error}")
        case NotAuthorized():
            return problem(409, "signed-out", str(error) or "sign in again: aicalendar login")
        case Conflict():
            return problem(409, "conflict", str(error))
        case Rejected():
            return problem(409, error.reason, str(error))
        case _:
            return problem(500, "failed", str(error))


def install_handlers(app: Starlette | FastAPI) -> None:
    """Makes every error of the app a problem."""
    for kind in (CalendarError, Refused, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, _handle)


async def _handle(request: Request, error: Exception) -> Response:
    match error:
        case CalendarError():
            return answer_for(error)
        case Refused():
            return error.answer()
        case RequestValidationError():
            details = "; ".join(f"{'.'.join(map(str, item['loc'][1:]))}: {item['msg']}" for item in error.errors())
            return problem(422, "invalid", details)
        case HTTPException():
            code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
            headers = dict(error.headers) if error.headers else None
            return problem(error.status_code, code, headers=headers)
        case _:
            return problem(500, "failed", "see the receiver's log")
