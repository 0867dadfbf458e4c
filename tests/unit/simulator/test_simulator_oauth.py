"""Tokens: codes with PKCE, refresh, revocation, quota."""

from datetime import timedelta

import pytest

from aicalendar_tui.simulator.clock import ManualClock
from aicalendar_tui.simulator.oauth import OAuthError
from aicalendar_tui.simulator.world import World
from tests.unit.simulator.simulated_client import Client, reason_of

SCOPE = "https://www.googleapis.com/auth/calendar"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B


def get_code(world: World) -> str:
    """A code for Ana, given to client `app`."""
    return world.oauth.issue_code(
        user="ana@example.com",
        client_id="app",
        scope=SCOPE,
        redirect_uri="http://127.0.0.1:1/",
        challenge=CHALLENGE,
        method="S256",
    )


def code_form(code: str, **more: str) -> dict[str, str]:
    """The form that redeems a code."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": "http://127.0.0.1:1/",
        "client_id": "app",
        "client_secret": "s",
        "code_verifier": VERIFIER,
    } | more


def error_of(world: World, form: dict[str, str], basic: tuple[str, str] | None = None) -> tuple[int, str]:
    """The error that a token request meets."""
    with pytest.raises(OAuthError) as caught:
        world.oauth.exchange(form, basic)
    return caught.value.code, caught.value.error


def test_a_code_is_redeemed_once_and_refreshed_often(world: World) -> None:
    """The access token opens Ana's account."""
    code = get_code(world)
    answer = world.oauth.exchange(code_form(code), None)
    assert ("Bearer", SCOPE, 3599) == (answer["token_type"], answer["scope"], answer["expires_in"])
    assert "ana@example.com" == Client(world, answer["access_token"]).get("calendars/primary")["id"]
    assert (400, "invalid_grant") == error_of(world, code_form(code))
    refresh = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]}
    again = world.oauth.exchange(refresh, ("app", "s"))
    assert "refresh_token" not in again
    assert answer["access_token"] != again["access_token"]
    assert (400, "invalid_grant") == error_of(world, refresh, ("other", "s"))


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"code_verifier": "wrong"}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "http://127.0.0.1:2/"}, "redirect_uri_mismatch"),
        ({"client_id": "other"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_redemption_is_refused(world: World, more: dict[str, str], error: str) -> None:
    """RFC 6749 and 7636."""
    assert (400, error) == error_of(world, code_form(get_code(world), **more))


def test_a_code_is_good_for_ten_minutes(world: World, clock: ManualClock) -> None:
    """Then it is invalid."""
    code = get_code(world)
    clock.advance(timedelta(minutes=10))
    assert (400, "invalid_grant") == error_of(world, code_form(code))


def test_registered_clients_need_their_secret(world: World) -> None:
    """While none is registered any client will do."""
    world.oauth.clients["app"] = "right"
    assert (401, "invalid_client") == error_of(world, code_form(get_code(world)))
    assert (401, "invalid_client") == error_of(world, code_form(get_code(world)), ("nobody", "right"))
    assert world.oauth.exchange(code_form(get_code(world)), ("app", "right"))["access_token"]


def test_access_tokens_expire_and_lasting_ones_dont(world: World, clock: ManualClock, ana: Client) -> None:
    """401 authError tells the client to refresh."""
    token = world.oauth.exchange(code_form(get_code(world)), None)["access_token"]
    clock.advance(timedelta(hours=2))
    assert (401, "authError") == reason_of(Client(world, token).send("GET", "colors"))
    assert (401, "authError") == reason_of(Client(world, "").send("GET", "colors"))
    assert 200 == ana.send("GET", "colors").status


def test_a_revoked_grant_refuses_everything(world: World) -> None:
    """Refresh tokens answer invalid_grant, access tokens 401."""
    answer = world.oauth.exchange(code_form(get_code(world)), None)
    world.oauth.revoke(answer["refresh_token"])
    refresh = {"grant_type": "refresh_token", "refresh_token": answer["refresh_token"], "client_id": "app"}
    assert (400, "invalid_grant") == error_of(world, refresh)
    assert 401 == Client(world, answer["access_token"]).send("GET", "colors").status


def test_protocol_32_quota_counts_by_user_and_minute(
    world: World, clock: ManualClock, ana: Client, boris: Client
) -> None:
    """The third of two requests is refused, until the minute is over."""
    world.switches.requests_per_minute = 2
    statuses = [ana.send("GET", "colors").status for _ in range(3)]
    assert ([200, 200, 403], 200) == (statuses, boris.send("GET", "colors").status)
    world.switches.rate_limit_code = 429
    assert (429, "rateLimitExceeded") == reason_of(ana.send("GET", "colors"))
    clock.advance(timedelta(minutes=1))
    assert 200 == ana.send("GET", "colors").status
