"""Google's sign-in for installed programs (RFC 8252): consent in a browser, an answer, tokens for it.

PKCE and state in every request; nothing is sent to an address that a file or an answer names.
"""

import logging
import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import requests
from google_auth_oauthlib.flow import Flow
from oauthlib.oauth2 import OAuth2Error

from aicalendar_tui.backend.domain.client_file import Client
from aicalendar_tui.backend.domain.errors import SignInFailed, Transient, Unreachable
from aicalendar_tui.backend.google.authorization import PASSING_CODES, PASSING_ERRORS
from aicalendar_tui.backend.google.endpoint import Endpoint
from aicalendar_tui.backend.ports import ConsentRequest
from aicalendar_tui.i18n import N_

TIMEOUT_SECONDS = 20.0
LONGEST_ANSWER = 8_192
STATE_BYTES = 32

REFUSED = N_("access was refused; nothing was changed. Sign in again and choose “Continue” to allow it")
WRONG_STATE = N_("this answer belongs to another sign-in: take the address of the page that this one led to")
NO_ANSWER = N_("this is neither the address that the browser ended at nor the code in it")
EXPIRED = N_("the code is used up or too old: sign in once more")
WRONG_CLIENT = N_(
    "Google does not know this client (any more): download the client file of an existing “Desktop app” client"
)
NO_REFRESH_TOKEN = N_(
    "Google gave no lasting access: remove aicalendar at myaccount.google.com/connections, try again"
)
MISSING_SCOPE = N_("not all of the access was allowed: sign in again and tick every box on Google's page")
API_DISABLED = N_(
    "the Google Calendar API is not enabled in your Google Cloud project: enable it, then sign in again"
)
PLAIN_HTTP = N_("GOOGLE_API_ENDPOINT must begin with https:// to sign in there: a token would travel readably")


TALKATIVE = ("requests_oauthlib", "oauthlib")
"""These write codes, secrets and tokens into their debug logs."""


class GoogleSignIn:
    """Fits `ports.Authorizer`."""

    def __init__(self, endpoint: Endpoint, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._endpoint = endpoint
        self._timeout_seconds = timeout_seconds
        for name in TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)

    @property
    def endpoint(self) -> str:
        """See `ports.Authorizer`."""
        return self._endpoint.base

    def ask(
        self, client: Client, *, redirect_uri: str, scopes: Sequence[str], login_hint: str = ""
    ) -> ConsentRequest:
        """See `ports.Authorizer`. Raises SignInFailed for an endpoint that would need a token sent readably."""
        if not (self._endpoint.base.startswith("https://") or self._endpoint.is_loopback):
            raise SignInFailed(PLAIN_HTTP, kind="unreadable")
        flow = self._flow(client, scopes=scopes, redirect_uri=redirect_uri, verifier=None)
        more = {"login_hint": login_hint} if login_hint else {}
        with flow.oauth2session, _oauthlib_allows(plain_http=self._endpoint.is_loopback):
            url, state = flow.authorization_url(
                state=secrets.token_urlsafe(STATE_BYTES),
                access_type="offline",
                # Without it Google gives a refresh token for the first consent only.
                prompt="consent",
                include_granted_scopes="true",
                **more,
            )
        return ConsentRequest(
            client=client,
            url=url,
            state=state,
            verifier=str(flow.code_verifier),
            redirect_uri=redirect_uri,
            scopes=tuple(scopes),
        )

    def read_answer(self, request: ConsentRequest, answer: str) -> str:
        """See `ports.Authorizer`. A code alone can't show its state; PKCE keeps a foreign one from being redeemed."""
        text = answer.strip().strip("\"'<>").strip()
        if not text or len(text) > LONGEST_ANSWER:
            raise SignInFailed(NO_ANSWER, kind="unreadable")
        if "?" not in text and "=" not in text:
            if re.fullmatch(r"[\w./~%+-]{8,2048}", text, re.ASCII):
                return unquote(text)
            raise SignInFailed(NO_ANSWER, kind="unreadable")
        # A long address is wrapped by terminals; no whitespace belongs to it.
        query = "".join(text.split())
        if "?" in query:
            try:
                query = urlsplit(query).query
            except ValueError as error:
                raise SignInFailed(NO_ANSWER, kind="unreadable") from error
        values = parse_qs(query)
        if "code" not in values and "error" not in values:
            raise SignInFailed(NO_ANSWER, kind="unreadable")
        state = values.get("state", [""])[-1]
        if not secrets.compare_digest(state.encode(), request.state.encode()):
            raise SignInFailed(WRONG_STATE, kind="wrong state")
        if "error" in values:
            raise _failure(values["error"][-1])
        return values["code"][-1]

    def redeem(self, request: ConsentRequest, code: str) -> dict[str, Any]:
        """See `ports.Authorizer`."""
        client = request.client
        flow = self._flow(client, scopes=request.scopes, redirect_uri=request.redirect_uri, verifier=request.verifier)
        with flow.oauth2session as session, _translated(), _oauthlib_allows(plain_http=self._endpoint.is_loopback):
            session.trust_env = not self._endpoint.is_loopback
            session.max_redirects = 0  # the code and the client's secret go to this address, or nowhere
            session.register_compliance_hook("access_token_response", _refuse_passing)
            flow.fetch_token(code=code, timeout=self._timeout_seconds)
            token = session.token
        granted = token.get("scope") or request.scopes
        scopes = granted.split() if isinstance(granted, str) else list(granted)
        if not token.get("refresh_token"):
            raise SignInFailed(NO_REFRESH_TOKEN, kind="incomplete")
        information = {
            "token": token["access_token"],
            "refresh_token": token["refresh_token"],
            "expiry": f"{flow.credentials.expiry.isoformat(timespec='seconds')}Z"
            if flow.credentials.expiry
            else None,
            "client_id": client.client_id,
            "client_secret": client.client_secret,
            "scopes": scopes,
        }
        if not set(request.scopes) <= set(scopes):
            raise SignInFailed(MISSING_SCOPE, kind="incomplete")
        return information

    def find_address(self, information: Mapping[str, Any]) -> str:
        """See `ports.Authorizer`. Raises SignInFailed when the API is not enabled for the client's project."""
        with self._session() as session, _translated():
            answer = session.get(
                self._endpoint.api_url + "users/me/calendarList/primary",
                headers={"Authorization": f"Bearer {information['token']}"},
                timeout=self._timeout_seconds,
                allow_redirects=False,
            )
            if answer.status_code == 403 and any(
                word in answer.text for word in ("accessNotConfigured", "SERVICE_DISABLED")
            ):
                raise SignInFailed(API_DISABLED, kind="incomplete")
            if answer.status_code == 403 and "insufficient" in answer.text.lower():
                raise SignInFailed(MISSING_SCOPE, kind="incomplete")
            if answer.status_code != 200:
                raise Transient(f"sign-in: the calendar list answered {answer.status_code}")
            primary = answer.json()
        address = primary.get("id") if isinstance(primary, dict) else None
        if not isinstance(address, str) or not address:
            raise Transient("sign-in: the calendar list is unreadable")
        return address

    def revoke(self, information: Mapping[str, Any]) -> None:
        """See `ports.Authorizer`."""
        token = information.get("refresh_token") or information.get("token")
        if not token:
            return
        with self._session() as session, _translated():
            answer = session.post(
                self._endpoint.revocation_url,
                data={"token": token},
                timeout=self._timeout_seconds,
                allow_redirects=False,
            )
        # 400 is `invalid_token`: it has ended already, which is what was wanted.
        if answer.status_code not in (200, 400):
            raise Transient(f"sign-out: the server answered {answer.status_code}")

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = not self._endpoint.is_loopback
        return session

    def _flow(self, client: Client, *, scopes: Sequence[str], redirect_uri: str, verifier: str | None) -> Flow:
        # Built from our own addresses: those in a client file could lead anywhere.
        config = {
            "installed": {
                "client_id": client.client_id,
                "client_secret": client.client_secret,
                "auth_uri": self._endpoint.authorization_url,
                "token_uri": self._endpoint.token_url,
            }
        }
        return Flow.from_client_config(
            config,
            scopes=list(scopes),
            redirect_uri=redirect_uri,
            code_verifier=verifier,
            autogenerate_code_verifier=verifier is None,
        )


def _failure(code: object) -> SignInFailed:
    """The failure for an OAuth error code (RFC 6749 §4.1.2.1 and §5.2); no text of the answer's is repeated."""
    match code:
        case "access_denied":
            return SignInFailed(REFUSED, kind="refused")
        case "invalid_grant":
            return SignInFailed(EXPIRED, kind="expired")
        case "invalid_client" | "unauthorized_client" | "deleted_client" | "org_internal":
            return SignInFailed(WRONG_CLIENT, kind="wrong client")
    word = code if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,40}", code) else "unknown"
    return SignInFailed(f"the sign-in server refused: {word}", kind="unreadable")


@contextmanager
def _translated() -> Iterator[None]:
    """Raises what goes wrong inside as an error of the domain; what was sent or received is kept out of its text."""
    try:
        yield
    except OAuth2Error as error:
        if error.error in (*PASSING_ERRORS, "missing_token"):
            raise Transient(f"sign-in: {error.error}") from None
        raise _failure(error.error) from None
    except (requests.ConnectionError, requests.Timeout) as error:
        raise Unreachable(f"sign-in: {type(error).__name__}") from None
    except (requests.RequestException, ValueError, KeyError) as error:
        raise Transient(f"sign-in: unreadable answer ({type(error).__name__})") from None


def _refuse_passing(answer: requests.Response) -> requests.Response:
    """oauthlib takes what is no JSON for a form, and trips over what is no object; a captive portal sends either."""
    if answer.status_code in PASSING_CODES or not isinstance(answer.json(), dict):
        raise Transient(f"sign-in: the server answered {answer.status_code}")
    return answer


_environment = Lock()


@contextmanager
def _oauthlib_allows(*, plain_http: bool) -> Iterator[None]:
    """oauthlib is told by the environment alone to take more scopes than were asked for, or HTTP on this machine."""
    wanted = {"OAUTHLIB_RELAX_TOKEN_SCOPE": "1"} | ({"OAUTHLIB_INSECURE_TRANSPORT": "1"} if plain_http else {})
    with _environment:
        before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
