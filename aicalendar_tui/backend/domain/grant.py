"""What a user allowed us to do, and how little we ask for."""

from collections.abc import Mapping
from typing import Any, Literal

Information = dict[str, Any]
"""google-auth's authorized-user information: `token`, `refresh_token`, `client_id`, `client_secret`, `expiry`, …"""

_SCOPE = "https://www.googleapis.com/auth/"
Purpose = Literal["calendar", "free times"]
SCOPES: Mapping[Purpose, tuple[str, ...]] = {
    # Reading and changing events, and knowing which calendars there are; not their settings, nor who may see them.
    "calendar": (f"{_SCOPE}calendar.events", f"{_SCOPE}calendar.calendarlist.readonly"),
    "free times": (f"{_SCOPE}calendar.freebusy",),
}
"""What is asked for with each purpose; one that is not needed is not asked for (incremental authorization)."""


def is_signed_in(information: Mapping[str, Any] | None) -> bool:
    """Whether there is anything in it that opens the account."""
    return bool(information and (information.get("token") or information.get("refresh_token")))


def allows(information: Mapping[str, Any] | None, purpose: Purpose) -> bool:
    """Whether the user allowed it; a grant that does not say what it is for (the demo's) is for everything."""
    if information is None or not is_signed_in(information):
        return False
    granted = information.get("scopes")
    return granted is None or f"{_SCOPE}calendar" in granted or set(SCOPES[purpose]) <= set(granted)
