"""What Google, its client library and the network can answer, mapped once to the errors of the domain.

The table is read from the top; its first line that fits an answer counts. Sources: Google's guide "Handle API
errors", and the push notification and synchronisation guides for the reasons that only they name.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Literal

from google.auth import exceptions as auth_errors
from googleapiclient.errors import HttpError
from httplib2 import HttpLib2Error, ServerNotFoundError
from msgspec import DecodeError, Struct, json

from aicalendar_tui.backend.domain.errors import (
    AddressRefused,
    CalendarError,
    ChannelIdNotUnique,
    Conflict,
    Duplicate,
    NotAuthorized,
    NotFound,
    NotWatchable,
    Rejected,
    SyncTokenExpired,
    Transient,
    Unreachable,
)

Operation = Literal["list", "get", "instances", "insert", "patch", "delete", "move", "watch", "stop"]


class Answer(Struct, frozen=True, kw_only=True):
    """An answer that is not a success. `reason` is '' when the body is not one of Google's error bodies."""

    code: int
    operation: Operation
    reason: str = ""
    message: str = ""
    retry_after_seconds: float | None = None

    @property
    def text(self) -> str:
        """One line for logs and people: no addresses, no headers."""
        return f"{self.code} {self.reason or 'without a reason'}: {self.message}".rstrip(": ")


class Line(Struct, frozen=True, kw_only=True):
    """One line of the table: None fits anything; `reasons` of `('',)` fits an answer without a reason."""

    make: Callable[[Answer], CalendarError]
    codes: range | tuple[int, ...] | None = None
    reasons: tuple[str, ...] | None = None
    operations: tuple[Operation, ...] | None = None

    def fits(self, answer: Answer) -> bool:
        """Whether the line is about that answer."""
        return (
            (self.codes is None or answer.code in self.codes)
            and (self.reasons is None or answer.reason in self.reasons)
            and (self.operations is None or answer.operation in self.operations)
        )


def _transient(answer: Answer) -> Transient:
    return Transient(answer.text, retry_after_seconds=answer.retry_after_seconds, code=answer.code)


def _plain(error: type[CalendarError]) -> Callable[[Answer], CalendarError]:
    return lambda answer: error(answer.text)


def _rejected(error: type[Rejected]) -> Callable[[Answer], CalendarError]:
    return lambda answer: error(answer.text, code=answer.code, reason=answer.reason or "unknown")


TABLE: tuple[Line, ...] = (
    # Seen with 400, 401 and 403: the reason decides.
    Line(reasons=("push.webhookUrlUnauthorized",), make=_rejected(AddressRefused)),
    Line(reasons=("pushNotSupportedForRequestedResource",), make=_rejected(NotWatchable)),
    Line(reasons=("channelIdNotUnique",), make=_rejected(ChannelIdNotUnique)),
    # 410 says different things: a list whose token is too old, or an event that is gone.
    Line(codes=(410,), operations=("list",), reasons=("deleted",), make=_rejected(NotFound)),
    Line(codes=(410,), operations=("list",), make=_plain(SyncTokenExpired)),
    Line(codes=(410,), make=_rejected(NotFound)),
    Line(codes=(412,), make=_plain(Conflict)),
    Line(codes=(401,), make=_plain(NotAuthorized)),
    Line(codes=(403,), reasons=("rateLimitExceeded", "userRateLimitExceeded"), make=_transient),
    # The grant lacks a scope that the program needs: signing in again is the only way out.
    Line(codes=(403,), reasons=("insufficientPermissions",), make=_plain(NotAuthorized)),
    Line(codes=(408, 429), make=_transient),
    Line(codes=range(500, 600), make=_transient),
    Line(codes=(400, 413, 414), make=_rejected(Rejected)),
    # No error of Google's in the body: a proxy or a captive portal spoke. Nothing may be given up because of it.
    Line(reasons=("",), make=_transient),
    Line(codes=(404,), make=_rejected(NotFound)),
    Line(codes=(409,), operations=("insert",), reasons=("duplicate",), make=_rejected(Duplicate)),
    # Another writer at the same moment.
    Line(codes=(409,), make=_transient),
    Line(codes=range(400, 500), make=_rejected(Rejected)),
    Line(make=_transient),
)


def error_of(answer: Answer) -> CalendarError:
    """The domain's error for that answer: there is one for each."""
    return next(line for line in TABLE if line.fits(answer)).make(answer)


@contextmanager
def translated(operation: Operation) -> Iterator[None]:
    """Raises what goes wrong inside as an error of the domain, with the library's as its cause."""
    try:
        yield
    except HttpError as error:
        raise error_of(_read_answer(error, operation)) from error
    except auth_errors.RefreshError as error:
        raise _error_of_refresh(error) from error
    except auth_errors.TransportError as error:
        raise _error_of_transport(error) from error
    except auth_errors.GoogleAuthError as error:
        raise NotAuthorized(f"unusable credentials ({type(error).__name__})") from error
    except (ServerNotFoundError, OSError) as error:
        raise Unreachable(_describe(error)) from error
    except (HttpLib2Error, HTTPException, DecodeError, RecursionError) as error:
        raise Transient(f"unreadable answer: {_describe(error)}") from error


class _Detail(Struct):
    reason: str = ""


class _Error(Struct):
    message: str = ""
    status: str = ""
    errors: list[_Detail] = []


class _Body(Struct):
    error: _Error


def _read_answer(error: HttpError, operation: Operation) -> Answer:
    code = int(error.resp.status)
    retry_after_seconds = _read_retry_after(error.resp)
    try:
        body = json.decode(error.content, type=_Body).error
    except (DecodeError, RecursionError):
        return Answer(code=code, operation=operation, retry_after_seconds=retry_after_seconds)
    return Answer(
        code=code,
        operation=operation,
        reason=next((detail.reason for detail in body.errors if detail.reason), body.status or "unknown"),
        message=body.message,
        retry_after_seconds=retry_after_seconds,
    )


def _read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, or a date that is compared with the server's own Date: clocks differ."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        span = parsedate_to_datetime(value) - parsedate_to_datetime(headers.get("date", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, span.total_seconds())


def _error_of_refresh(error: auth_errors.RefreshError) -> CalendarError:
    """An OAuth error code, or nothing to renew with, means signing in again; an answer of another kind does not.

    The body of the answer is kept out of the text and out of the cause: a broken server might send back what it got.
    """
    details = error.args[1] if len(error.args) > 1 else None
    code = details.get("error") if isinstance(details, Mapping) else None
    error.args = (code if isinstance(code, str) else "the access token could not be renewed",)
    kind = Transient if details is not None and code is None else NotAuthorized
    return kind(f"sign-in: {error.args[0]}")


def _error_of_transport(error: auth_errors.TransportError) -> CalendarError:
    inner = error.args[0] if error.args else error
    if isinstance(inner, (ServerNotFoundError, OSError)):
        return Unreachable(_describe(inner))
    return Transient(f"sign-in: {_describe(inner) if isinstance(inner, Exception) else inner}")


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".rstrip(": ")
