"""Signing in with Google's own libraries against the simulated authorization server."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httplib2
import pytest
from google.auth.exceptions import RefreshError
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import Flow

from aicalendar_tui.simulator.server import RunningSimulator

SCOPE = "https://www.googleapis.com/auth/calendar"
REDIRECT = "http://127.0.0.1:4/"


def open_page(url: str) -> tuple[httplib2.Response, str]:
    """What a browser gets, redirections not followed."""
    connection = httplib2.Http()
    connection.follow_redirects = False
    try:
        response, content = connection.request(url)
    finally:
        connection.close()
    return response, content.decode()


def start_flow(simulator: RunningSimulator) -> Flow:
    """Google's flow for an installed app, pointed at the simulator."""
    flow = Flow.from_client_config(
        {
            "installed": {
                "client_id": "app",
                "client_secret": "s",
                "auth_uri": f"{simulator.base_url}/o/oauth2/auth",
                "token_uri": f"{simulator.base_url}/token",
            }
        },
        scopes=[SCOPE],
        autogenerate_code_verifier=True,
    )
    flow.redirect_uri = REDIRECT
    return flow


def sign_in(simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch, choice: str) -> Credentials:
    """Consent as the account whose link is chosen, and redeem the code."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    flow = start_flow(simulator)
    url, state = flow.authorization_url(access_type="offline")
    _, page = open_page(url)
    links = [unescape(one) for one in re.findall(r'href="([^"]+)"', page)]
    link = next(one for one in links if f"user={choice}" in one)
    response, _ = open_page(urljoin(url, link))
    assert response.status == 302
    flow.oauth2session._state = state
    flow.fetch_token(authorization_response=response["location"])
    flow.oauth2session.close()
    return flow.credentials  # type: ignore[return-value] - Google's stubs are wider than what it gives


def test_the_whole_sign_in_opens_the_chosen_account(
    simulator: RunningSimulator, make_service: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Consent page, code with PKCE, tokens, and a refresh when the access token expires."""
    credentials = sign_in(simulator, monkeypatch, "boris")
    service = make_service(credentials)
    assert "boris@example.com" == service.calendars().get(calendarId="primary").execute()["id"]
    first = credentials.token
    simulator.world.oauth.expire_access_tokens()
    service.calendars().get(calendarId="primary").execute()
    assert first != credentials.token


def test_a_revoked_grant_can_only_be_signed_in_again(
    simulator: RunningSimulator, make_service: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """invalid_grant is a RefreshError to the client."""
    credentials = sign_in(simulator, monkeypatch, "ana")
    simulator.world.oauth.revoke_user("ana@example.com", "app")
    with pytest.raises(RefreshError, match="invalid_grant"):
        make_service(credentials).colors().get().execute()


def test_refusing_brings_an_error_back_to_the_client(
    simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """access_denied, with the client's state."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    url, state = start_flow(simulator).authorization_url()
    _, page = open_page(url)
    cancel = next(unescape(one) for one in re.findall(r'href="([^"]+)"', page) if one.endswith("user="))
    response, _ = open_page(urljoin(url, cancel))
    assert {"error": ["access_denied"], "state": [state]} == parse_qs(urlsplit(response["location"]).query)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "client_id=a&response_type=code&scope=s&redirect_uri=http://evil.example/",
        "client_id=a&response_type=token&scope=s&redirect_uri=http://127.0.0.1/",
        "client_id=a&response_type=code&redirect_uri=http://127.0.0.1/",
        "client_id=a&response_type=code&scope=s&redirect_uri=javascript:alert(1)",
    ],
)
def test_what_can_not_be_granted_is_a_plain_400(simulator: RunningSimulator, query: str) -> None:
    """No link leads anywhere else."""
    response, page = open_page(f"{simulator.base_url}/o/oauth2/auth?{query}")
    assert (400, False) == (response.status, "href" in page)


def test_foreign_text_is_shown_as_text_on_the_consent_page(simulator: RunningSimulator) -> None:
    """A scope with markup stays text."""
    query = "client_id=a&response_type=code&redirect_uri=http://127.0.0.1/&scope=%3Cscript%3E"
    _, page = open_page(f"{simulator.base_url}/o/oauth2/auth?{query}")
    assert "<script>" not in page
