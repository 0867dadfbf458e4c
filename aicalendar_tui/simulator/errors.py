"""Google's error answers: one exception, a small constructor for each reason."""

from __future__ import annotations

from typing import Any


class SimulatorError(Exception):
    """Anything the simulator reports to the person who runs it."""


class ApiError(Exception):
    """An answer other than success, in the shape in which Google's Calendar API gives it."""

    def __init__(
        self,
        code: int,
        reason: str,
        message: str,
        *,
        domain: str = "global",
        location_type: str | None = None,
        location: str | None = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(f"{code} {reason}: {message}")
        self.code = code
        self.reason = reason
        self.message = message
        self.domain = domain
        self.location_type = location_type
        self.location = location
        self.retry_after_seconds = retry_after_seconds

    def build_payload(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        detail = {"domain": self.domain, "reason": self.reason, "message": self.message}
        if self.location_type is not None and self.location is not None:
            detail |= {"locationType": self.location_type, "location": self.location}
        return {"error": {"errors": [detail], "code": self.code, "message": self.message}}


def invalid(message: str, *, parameter: str | None = None) -> ApiError:
    """400: a value that Google can't take."""
    return ApiError(
        400,
        "invalid",
        message,
        location_type="parameter" if parameter else None,
        location=parameter,
    )


def required(message: str, *, parameter: str | None = None) -> ApiError:
    """400: a value that is missing."""
    return ApiError(
        400,
        "required",
        message,
        location_type="parameter" if parameter else None,
        location=parameter,
    )


def time_range_empty(parameter: str | None = None) -> ApiError:
    """400: an end that is not after its start."""
    return ApiError(
        400,
        "timeRangeEmpty",
        "The specified time range is empty.",
        domain="calendar",
        location_type="parameter" if parameter else None,
        location=parameter,
    )


def parse_error() -> ApiError:
    """400: a body that is no JSON object."""
    return ApiError(400, "parseError", "Parse Error")


def auth_error() -> ApiError:
    """401: no access token, or one that is unknown, expired or revoked."""
    return ApiError(401, "authError", "Invalid Credentials", location_type="header", location="Authorization")


def scopes_missing() -> ApiError:
    """403: the user did not allow the client that."""
    return ApiError(403, "insufficientPermissions", "Request had insufficient authentication scopes.")


def access_needed(role: str) -> ApiError:
    """403: the calendar is visible, but the user may not do this to it."""
    return ApiError(
        403,
        "requiredAccessLevel",
        f"You need to have {role} access to this calendar.",
        domain="calendar",
    )


def forbidden(message: str = "Forbidden") -> ApiError:
    """403: not allowed to this user."""
    return ApiError(403, "forbidden", message)


def forbidden_for_non_organizer() -> ApiError:
    """403: a guest tries to change what only the organizer may."""
    return ApiError(
        403,
        "forbiddenForNonOrganizer",
        "Shared properties can only be changed by the organizer of the event.",
        domain="calendar",
    )


def not_found() -> ApiError:
    """404: there is no such thing, or the user may not know of it."""
    return ApiError(404, "notFound", "Not Found")


def duplicate() -> ApiError:
    """409: the id is taken, by a deleted event too."""
    return ApiError(409, "duplicate", "The requested identifier already exists.")


def conflict(message: str = "Conflict") -> ApiError:
    """409: the state of the thing does not allow this."""
    return ApiError(409, "conflict", message)


def deleted() -> ApiError:
    """410: the event is deleted already."""
    return ApiError(410, "deleted", "Resource has been deleted")


def full_sync_required() -> ApiError:
    """410: the sync token is too old."""
    return ApiError(
        410,
        "fullSyncRequired",
        "Sync token is no longer valid, a full sync is required.",
        domain="calendar",
        location_type="parameter",
        location="syncToken",
    )


def updated_min_too_long_ago() -> ApiError:
    """410: deletions are not remembered that far back."""
    return ApiError(
        410,
        "updatedMinTooLongAgo",
        "The requested minimum modification time lies too far in the past.",
        domain="calendar",
        location_type="parameter",
        location="updatedMin",
    )


def condition_not_met() -> ApiError:
    """412: If-Match names an etag that is no longer the present one."""
    return ApiError(412, "conditionNotMet", "Precondition Failed", location_type="header", location="If-Match")
