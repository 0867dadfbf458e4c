"""An account's access to Google: one set of tokens for all threads, renewed by whoever needs it first."""

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Lock
from typing import Any

from google.auth.exceptions import TransportError
from google.auth.transport import Request, Response
from google.oauth2.credentials import Credentials
from msgspec import DecodeError, json

from aicalendar_tui.backend.google.endpoint import Endpoint

Information = dict[str, Any]
"""google-auth's authorized-user information: `token`, `refresh_token`, `client_id`, `client_secret`, `expiry` …"""

PASSING_CODES = (408, 429, *range(500, 600))
PASSING_ERRORS = ("temporarily_unavailable", "server_error", "internal_failure")


class Grant(Credentials):
    """Credentials that are renewed once for all threads, with one request, and reported then.

    `token_uri` follows the endpoint whatever was stored: a refresh token goes to nobody else.
    """

    def __init__(
        self, information: Mapping[str, Any], endpoint: Endpoint, *, on_renewed: Callable[["Grant"], None]
    ) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] -- the library has no types here
            token=information.get("token"),
            refresh_token=information.get("refresh_token"),
            client_id=information.get("client_id"),
            client_secret=information.get("client_secret"),
            token_uri=endpoint.token_url,
            expiry=_parse_expiry(information.get("expiry")),
        )
        self._on_renewed = on_renewed
        self._renewing = Lock()

    @property
    def renewable(self) -> bool:
        """Whether there is anything to renew the access token with."""
        return self.refresh_token is not None

    def refresh(self, request: Request) -> None:
        """Renews the access token unless another thread just did."""
        before = self.token
        with self._renewing:
            if self.token == before or not self.valid:
                super().refresh(_SingleTry(request))
                self._on_renewed(self)

    def update(self, information: Mapping[str, Any]) -> Information:
        """The stored information with the present tokens in it."""
        expiry = f"{self.expiry.isoformat(timespec='seconds')}Z" if self.expiry else None
        return {**information, "token": self.token, "refresh_token": self.refresh_token, "expiry": expiry}


class _SingleTry(Request):
    """Passes a request on and raises TransportError for an answer that is passing or is no JSON object.

    Without it google-auth sleeps and tries again by itself, and trips over a captive portal's page.
    """

    def __init__(self, request: Request) -> None:
        self._request = request

    def __call__(self, *args: Any, **kwargs: Any) -> Response:
        response = self._request(*args, **kwargs)
        try:
            body = json.decode(response.data)
        except DecodeError:
            body = None
        if not isinstance(body, dict) or response.status in PASSING_CODES or body.get("error") in PASSING_ERRORS:
            raise TransportError(f"the sign-in server answered {response.status}")
        return response


def _parse_expiry(text: object) -> datetime | None:
    """google-auth's naive UTC; an unreadable time counts as none, and a 401 then renews the token."""
    if not isinstance(text, str):
        return None
    try:
        return datetime.fromisoformat(text.rstrip("Z")).replace(tzinfo=None)
    except ValueError:
        return None
