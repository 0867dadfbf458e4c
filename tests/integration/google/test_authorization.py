"""Signing requests: tokens are renewed when they must be, kept, never sent elsewhere and never written to a log."""

import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from aicalendar_tui.backend.credentials import FileCredentials, StaticCredentials
from aicalendar_tui.backend.domain.errors import CalendarError, NotAuthorized, Transient, Unreachable
from aicalendar_tui.backend.google.endpoint import GOOGLE, Endpoint
from aicalendar_tui.backend.google.remotes import GoogleRemotes
from tests.integration.google.scripted_server import Heard, ScriptedServer, answer, google_error

PAGE = {"items": [], "nextSyncToken": "token"}
SIGNED_IN = {
    "token": "SECRET-old-access",
    "refresh_token": "SECRET-refresh",
    "client_id": "client",
    "client_secret": "SECRET-client",
    "token_uri": "http://127.0.0.1:9/elsewhere",
    "expiry": "2036-01-01T00:00:00Z",
    "account": "me@example.com",
}
EXPIRED = {**SIGNED_IN, "expiry": "2020-01-01T00:00:00Z"}
RENEWED = answer(200, {"access_token": "SECRET-new-access", "expires_in": 3599, "token_type": "Bearer"})


class Account:
    """One signed-in user of the scripted server."""

    def __init__(self, server: ScriptedServer, information: dict[str, Any]) -> None:
        self.credentials = StaticCredentials(information)
        self.endpoint = Endpoint(server.base)
        self.remotes = GoogleRemotes(self.credentials, self.endpoint, timeout_seconds=5)

    def list_events(self) -> object:
        """Any request."""
        return self.remotes("me").list_events("me@example.com").next_sync_token

    @property
    def stored(self) -> dict[str, Any]:
        """What the next start would find."""
        return self.credentials.load("me", self.endpoint.base) or {}


@pytest.fixture
def expired(server: ScriptedServer) -> Iterator[Account]:
    """An account whose access token is too old."""
    account = Account(server, EXPIRED)
    yield account
    account.remotes.close()


@pytest.fixture
def signed_in(server: ScriptedServer) -> Iterator[Account]:
    """An account whose access token looks good."""
    account = Account(server, SIGNED_IN)
    yield account
    account.remotes.close()


def test_an_expired_token_is_renewed_at_the_endpoint_and_kept(server: ScriptedServer, expired: Account) -> None:
    """The stored `token_uri` is not followed; the next start needs no renewal."""
    server.will(RENEWED, answer(200, PAGE))

    assert "token" == expired.list_events()

    renewal, request = server.heard
    assert ("POST", "/token", ["SECRET-refresh"]) == (
        renewal.method, renewal.path, parse_qs(renewal.body.decode())["refresh_token"],
    )  # fmt: skip
    assert "Bearer SECRET-new-access" == request.headers["authorization"]
    assert ("SECRET-new-access", "SECRET-refresh", "me@example.com") == tuple(
        expired.stored[name] for name in ("token", "refresh_token", "account")
    )
    assert expired.stored["expiry"] > EXPIRED["expiry"]


def test_protocol_34_a_401_is_followed_by_one_renewal_and_one_replay(
    server: ScriptedServer, signed_in: Account
) -> None:
    """A token may be revoked before it expires."""
    server.will(google_error(401, "authError"), RENEWED, answer(200, PAGE))

    assert "token" == signed_in.list_events()
    assert ["GET", "POST", "GET"] == [request.method for request in server.heard]


def test_a_401_in_spite_of_a_new_token_means_signing_in_again(server: ScriptedServer, signed_in: Account) -> None:
    """Nothing goes round in circles."""
    server.will(google_error(401, "authError"), RENEWED, google_error(401, "authError"))

    with pytest.raises(NotAuthorized):
        signed_in.list_events()

    assert 3 == len(server.heard)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (answer(400, {"error": "invalid_grant", "error_description": "revoked"}), NotAuthorized),
        (answer(401, {"error": "invalid_client"}), NotAuthorized),
        (answer(400, {"error": "temporarily_unavailable"}), Transient),
        (answer(500, {"error": "server_error"}), Transient),
        (answer(503, b"<html>"), Transient),
        (answer(429, {"error": "rate_limit"}), Transient),
        (answer(200, b"<html>hotel</html>"), Transient),
        (answer(400, b"<html>hotel</html>"), Transient),
        (answer(200, {"unexpected": True}), Transient),
        (answer(200, {"access_token": "x"}, cut_bytes=3), Transient),
    ],
    ids=lambda value: "" if isinstance(value, type) else value.split(b"\r\n")[0].decode() + value[-20:].decode(),
)
def test_a_renewal_that_fails_says_what_to_do(
    server: ScriptedServer, expired: Account, reply: bytes, expected: type[CalendarError]
) -> None:
    """Only a clear no ends the sign-in."""
    server.will(reply)

    with pytest.raises(expected) as raised:
        expired.list_events()

    assert expected is type(raised.value)
    assert 1 == len(server.heard)


def test_a_renewal_without_an_answer_is_unreachable(server: ScriptedServer, expired: Account) -> None:
    """Offline must never sign anybody out."""
    server.will(None, None, None)

    with pytest.raises(Unreachable):
        expired.list_events()


def test_signing_in_again_is_noticed_at_the_next_call(server: ScriptedServer, expired: Account) -> None:
    """No restart is needed."""
    server.will(answer(400, {"error": "invalid_grant"}), answer(200, PAGE))
    with pytest.raises(NotAuthorized):
        expired.list_events()

    expired.credentials.save("me", expired.endpoint.base, SIGNED_IN)

    assert "token" == expired.list_events()


def test_an_account_without_credentials_is_not_authorized(server: ScriptedServer) -> None:
    """Nothing is asked of anyone."""
    remotes = GoogleRemotes(StaticCredentials(), Endpoint(server.base))

    with pytest.raises(NotAuthorized):
        remotes("me")


class UnwritableCredentials(StaticCredentials):
    """A full disk."""

    def save(self, user_id: str, endpoint: str, information: dict[str, Any]) -> None:
        """Never works."""
        raise OSError(28, "No space left on device")


def test_a_token_that_cannot_be_stored_is_used_all_the_same(
    server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Only the next start has to renew it again."""
    remotes = GoogleRemotes(UnwritableCredentials(EXPIRED), Endpoint(server.base), timeout_seconds=5)
    server.will(RENEWED, answer(200, PAGE))

    assert "token" == remotes("me").list_events("me@example.com").next_sync_token

    assert "No space left on device" in caplog.text
    remotes.close()


def test_credentials_that_cannot_be_read_mean_signing_in_again(tmp_path: Path) -> None:
    """Such as a folder in place of the file."""
    credentials = FileCredentials(tmp_path)
    endpoint = Endpoint("http://127.0.0.1:9")
    credentials.save("me", endpoint.base, SIGNED_IN)
    (file,) = tmp_path.glob("*.json")
    file.unlink()
    file.mkdir()

    with pytest.raises(NotAuthorized):
        GoogleRemotes(credentials, endpoint)("me")


def test_signing_out_is_not_undone_by_a_renewal(server: ScriptedServer, expired: Account) -> None:
    """What was deleted meanwhile stays deleted."""

    def sign_out(_: Heard) -> bytes:
        expired.credentials.delete("me", expired.endpoint.base)
        return RENEWED

    server.will(sign_out, answer(200, PAGE))

    expired.list_events()

    assert {} == expired.stored


def test_threads_share_the_token_and_not_the_connection(server: ScriptedServer, expired: Account) -> None:
    """Four workers that start together renew it once; when they end, their connections are closed."""
    start, results, clients = Barrier(4), [], set()

    def work() -> None:
        client = expired.remotes("me")
        clients.add(id(client))
        start.wait(5)
        results.append(client.list_events("me@example.com").next_sync_token)

    def reply(request: Heard) -> bytes:
        return RENEWED if request.path == "/token" else answer(200, PAGE)

    server.will(*[reply] * 8)
    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert ["token"] * 4 == results
    assert 4 == len(clients)
    assert 1 == sum(request.path == "/token" for request in server.heard)


def test_one_thread_gets_one_client_an_account(server: ScriptedServer, signed_in: Account) -> None:
    """Connections are kept open and used again."""
    assert signed_in.remotes("me") is signed_in.remotes("me")
    assert signed_in.remotes("me") is not signed_in.remotes("you")


def test_no_secret_reaches_a_log_or_an_error(
    server: ScriptedServer, expired: Account, caplog: pytest.LogCaptureFixture
) -> None:
    """Even from a server that sends back what it got, with everything logged, and with the causes."""
    caplog.set_level(logging.DEBUG)
    echo = {"error": "invalid_grant", "error_description": "no such token: SECRET-refresh"}
    server.will(RENEWED, google_error(500, "backendError"), google_error(401, "authError"), answer(400, echo))
    texts = []
    for _ in range(2):
        with pytest.raises(CalendarError) as raised:
            expired.list_events()
        error: BaseException | None = raised.value
        while error is not None:
            texts += [str(error), repr(error)]
            error = error.__cause__ or error.__context__

    assert not [text for text in [*texts, caplog.text] if "SECRET" in text]


def test_protocol_33_addresses_of_google_itself_and_of_any_other_endpoint() -> None:
    """Its sign-in has host names of its own."""
    google, other = Endpoint(GOOGLE), Endpoint("http://localhost:9000/")

    assert (
        "https://www.googleapis.com/calendar/v3/",
        "https://oauth2.googleapis.com/token",
        "https://accounts.google.com/o/oauth2/v2/auth",
    ) == (google.api_url, google.token_url, google.authorization_url)
    assert (
        "http://localhost:9000/calendar/v3/",
        "http://localhost:9000/token",
        "http://localhost:9000/o/oauth2/auth",
    ) == (other.api_url, other.token_url, other.authorization_url)
    assert (False, True) == (google.is_loopback, other.is_loopback)
