"""What can go wrong with a calendar, told apart by what one can do about it."""


class CalendarError(Exception):
    """The root: anything that the calendar's own rules or its remote side refused."""


class Transient(CalendarError):
    """May work later as it is: a dropped connection, 429, 5xx, a truncated answer.

    `retry_after_seconds` is the remote side's own wish (Retry-After), if it had one; `code` its HTTP status, 0 when
    there was no answer.
    """

    def __init__(self, message: str = "", *, retry_after_seconds: float | None = None, code: int = 0) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds
        self.code = code


class Unreachable(Transient):
    """No answer at all: we are offline, or the remote side is away."""


class Rejected(CalendarError):
    """The remote side understood and said no; the same request will not work later.

    `code` is the HTTP status, `reason` Google's machine-readable word (`forbidden`, `invalid`, …).
    """

    def __init__(self, message: str = "", *, code: int = 400, reason: str = "invalid") -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason


class NotFound(Rejected):
    """404, or 410 `deleted`: the event, calendar or channel is not there (any more)."""


class Duplicate(Rejected):
    """409 on insert: an event with this id exists already."""


class NotWatchable(Rejected):
    """`pushNotSupportedForRequestedResource`: this calendar can only be polled."""


class AddressRefused(Rejected):
    """`push.webhookUrlUnauthorized`: Google does not accept our address for notifications."""


class ChannelIdNotUnique(Rejected):
    """`channelIdNotUnique`: take a new UUID."""


class Conflict(CalendarError):
    """412: the event changed at Google since the etag that was sent."""


class SyncTokenExpired(CalendarError):
    """410 `fullSyncRequired`: only a full sync helps."""


class NotAuthorized(CalendarError):
    """The grant is gone (401, `invalid_grant`): the user has to sign in again; nothing is lost."""


class SignInFailed(CalendarError):
    """Signing in did not come about, and begins anew: refused, expired, or an answer that isn't ours.

    `kind` is one of `refused`, `incomplete`, `expired`, `wrong state`, `wrong client`, `unreadable`, `elsewhere`.
    """

    def __init__(self, message: str, *, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class WrongClientFile(CalendarError):
    """A file that is not the client file of a desktop program; `kind` says what it is instead."""

    def __init__(self, message: str, *, kind: str) -> None:
        super().__init__(message)
        self.kind = kind


class InvalidEdit(CalendarError):
    """An edit that can't be true, such as an end before its start; `field` names the part to mend."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class DatabaseUnusable(CalendarError):
    """The database can't be opened: no database, damaged, or of a newer version; nothing was changed in it."""
