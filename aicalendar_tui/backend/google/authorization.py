"""An account's access to Google: one set of tokens for all threads, renewed by whoever needs it first."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from threading import Lock
from typing import Any, Protocol

from google.auth.exceptions import RefreshError, TransportError
from google.auth.transport import Request, Response
from google.oauth2.credentials import Credentials
from msgspec import DecodeError, json

from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.domain.grant import Information, is_signed_in
from aicalendar_tui.backend.google.endpoint import Endpoint

PASSING_CODES = (408, 429, *range(500, 600))
PASSING_ERRORS = ("temporarily_unavailable", "server_error", "internal_failure")


class Vault(Protocol):
    """Where one account's information is; see `ports.Credentials`."""

    def hold(self) -> AbstractContextManager[None]: ...
    def load(self) -> Information | None: ...
    def save(self, information: Information) -> None:
        """Never raises: a token that can't be stored is used all the same."""
        ...


class Grant(Credentials):
    """Credentials that are renewed once for all threads and processes, with one request, and stored then.

    `token_uri` follows the endpoint whatever was stored: a refresh token goes to nobody else.
    """

    def __init__(self, information: Mapping[str, Any], endpoint: Endpoint, vault: Vault) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] -- the library has no types here
            token=information.get("token"),
            refresh_token=information.get("refresh_token"),
            client_id=information.get("client_id"),
            client_secret=information.get("client_secret"),
            token_uri=endpoint.token_url,
            expiry=_parse_expiry(information.get("expiry")),
        )
        self._vault = vault
        self._renewing = Lock()

    @property
    def renewable(self) -> bool:
        """Whether there is anything to renew the access token with."""
        return self.refresh_token is not None

    def refresh(self, request: Request) -> None:
        """Renews the access token unless another thread or process just did.

        Only one at a time asks, and begins with what is stored by then: a server that gives a new refresh token with
        each renewal takes none twice. Raises RefreshError when the user signed out meanwhile.
        """
        before = self.token
        with self._renewing:
            if self.token != before and self.valid:
                return
            try:
                with self._vault.hold():
                    self._renew(request, before)
            except Transient as error:
                raise TransportError(str(error)) from error

    def _renew(self, request: Request, before: str | None) -> None:
        stored = self._vault.load()
        if stored is None or not is_signed_in(stored):
            raise RefreshError("signed out")
        self._adopt(stored)
        if self.token != before and self.valid:
            return
        begun_with = self.refresh_token
        try:
            super().refresh(_SingleTry(request))
        except RefreshError as error:
            if _error_code(error) == "invalid_grant" and self._is_stored(begun_with):
                # Final: nobody need ask with it again, and the account is known to be signed out.
                self._vault.save({**stored, "token": None, "refresh_token": None, "expiry": None})
            raise
        if self._is_stored(begun_with):
            self._vault.save(self.update(stored))

    def _is_stored(self, refresh_token: str | None) -> bool:
        """False when the user signed out, or in again, while the request was under way."""
        stored = self._vault.load()
        return is_signed_in(stored) and stored is not None and stored.get("refresh_token") == refresh_token

    def _adopt(self, information: Mapping[str, Any]) -> None:
        self.token = information.get("token")
        self.expiry = _parse_expiry(information.get("expiry"))
        # The library has no setters for these.
        self._refresh_token = information.get("refresh_token")
        self._client_id = information.get("client_id")
        self._client_secret = information.get("client_secret")

    def update(self, information: Mapping[str, Any]) -> Information:
        """The stored information with the present tokens in it."""
        expiry = f"{self.expiry.isoformat(timespec='seconds')}Z" if self.expiry else None
        return {**information, "token": self.token, "refresh_token": self.refresh_token, "expiry": expiry}


def _error_code(error: RefreshError) -> str | None:
    details = error.args[1] if len(error.args) > 1 else None
    code = details.get("error") if isinstance(details, Mapping) else None
    return code if isinstance(code, str) else None


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
