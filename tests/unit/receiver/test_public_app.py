"""The one route that the world can reach."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.receiver import public
from aicalendar_tui.backend.receiver.webhook import BACKLOG, PATH, Allowance
from tests.unit.receiver.fake_services import TOKEN, FakeServices, google_headers


@pytest.fixture
def services() -> FakeServices:
    """One live and one dead channel."""
    return FakeServices()


@pytest.fixture
async def client(services: FakeServices) -> AsyncIterator[httpx.AsyncClient]:
    """Talks to the app without a socket."""
    transport = httpx.ASGITransport(public.create_app(services.accept))
    async with httpx.AsyncClient(transport=transport, base_url="https://calendar.example.com") as client:
        yield client


async def test_notification_is_accepted_with_what_its_headers_say(
    client: httpx.AsyncClient, services: FakeServices
) -> None:
    """202, and the use case gets all of it."""
    response = await client.post(PATH, headers=google_headers())
    (notification,) = services.accepted
    assert (202, {"status": "accepted"}) == (response.status_code, response.json())
    assert ("live-1", TOKEN, "exists", "r-1", 7) == (
        notification.channel_id,
        notification.token,
        notification.resource_state,
        notification.resource_id,
        notification.message_number,
    )


@pytest.mark.parametrize("state", ["sync", "exists", "not_exists", "something_new"])
async def test_any_resource_state_is_accepted(client: httpx.AsyncClient, state: str) -> None:
    """PROTOCOL 1: it means "something changed", whatever it says."""
    response = await client.post(PATH, headers=google_headers(resource_state=state))
    assert 202 == response.status_code


@pytest.mark.parametrize("number", ["0", "-1", "x", "1" * 5000, "٣", ""])
async def test_odd_message_numbers_do_not_matter(client: httpx.AsyncClient, number: str) -> None:
    """PROTOCOL 3: nothing depends on them."""
    headers = [(k.encode(), v.encode()) for k, v in google_headers(message_number=number).items()]
    assert 202 == (await client.post(PATH, headers=headers)).status_code


async def test_stopped_channel_is_answered_kindly(client: httpx.AsyncClient, services: FakeServices) -> None:
    """PROTOCOL 10: messages come after the stop; 2xx, nothing done."""
    response = await client.post(PATH, headers=google_headers(channel_id="dead-1"))
    assert (204, b"", []) == (response.status_code, response.content, services.accepted)


@pytest.mark.parametrize("forged", [{"channel_id": "other"}, {"channel_token": "guessed"}, {"channel_token": "é"}])
async def test_forged_notification_changes_nothing_and_learns_nothing(
    client: httpx.AsyncClient, services: FakeServices, forged: dict[str, str]
) -> None:
    """S6: an unknown channel and a wrong token get the same answer."""
    headers = [(k.encode(), v.encode("latin-1")) for k, v in google_headers(**forged).items()]
    response = await client.post(PATH, headers=headers)
    assert (404, "unknown-channel", []) == (response.status_code, response.json()["code"], services.accepted)


@pytest.mark.parametrize("name", ["channel_id", "channel_token", "resource_state"])
async def test_missing_header_is_named(client: httpx.AsyncClient, name: str) -> None:
    """400 as a problem."""
    response = await client.post(PATH, headers=google_headers(**{name: None}))
    assert (400, "application/problem+json", "missing-header") == (
        response.status_code,
        response.headers["content-type"],
        response.json()["code"],
    )


async def test_header_that_is_too_long_is_refused(client: httpx.AsyncClient) -> None:
    """Before anything is looked up."""
    response = await client.post(PATH, headers=google_headers(channel_id="x" * 65))
    assert (400, "invalid-header") == (response.status_code, response.json()["code"])


@pytest.mark.parametrize(("size", "status"), [(0, 202), (1024, 202), (1025, 413), (1_000_000, 413)])
async def test_body_is_limited(client: httpx.AsyncClient, services: FakeServices, size: int, status: int) -> None:
    """One kibibyte, as the declared length says."""
    response = await client.post(PATH, headers=google_headers(), content=b"x" * size)
    assert (status, status == 202) == (response.status_code, bool(services.accepted))


async def test_body_of_unknown_length_is_limited_while_it_comes(client: httpx.AsyncClient) -> None:
    """It is not read to its end: there is none."""

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 200

    response = await client.post(PATH, headers=google_headers(), content=endless())
    assert 413 == response.status_code


async def test_queue_that_is_away_makes_google_send_again(client: httpx.AsyncClient, services: FakeServices) -> None:
    """PROTOCOL 4: can't enqueue, 503."""
    services.failure = Transient("away")
    response = await client.post(PATH, headers=google_headers())
    assert (503, "1") == (response.status_code, response.headers["retry-after"])


async def test_overload_makes_google_send_again(client: httpx.AsyncClient, services: FakeServices) -> None:
    """What is waiting is done later; nothing is lost or doubled."""
    services.go_on.clear()
    posts = [asyncio.create_task(client.post(PATH, headers=google_headers())) for _ in range(BACKLOG + 20)]
    refused, waiting = await asyncio.wait(posts, return_when=asyncio.FIRST_COMPLETED)
    services.go_on.set()
    statuses = [(await post).status_code for post in [*refused, *waiting]]
    assert (BACKLOG, 20) == (statuses.count(202), statuses.count(503))
    assert BACKLOG == len(services.accepted)


async def test_only_bad_tokens_are_rate_limited(client: httpx.AsyncClient) -> None:
    """Behind a tunnel all requests come from one address, and a 429 to Google loses a message."""
    forged = [await client.post(PATH, headers=google_headers(channel_token="guess")) for _ in range(40)]
    genuine = [await client.post(PATH, headers=google_headers()) for _ in range(40)]
    assert {404, 429} == {response.status_code for response in forged}
    assert {202} == {response.status_code for response in genuine}
    assert "close" == forged[-1].headers["connection"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", PATH, 405),
        ("PUT", PATH, 405),
        ("POST", PATH + "/", 404),
        ("GET", "/", 404),
        ("GET", "/docs", 404),
        ("GET", "/openapi.json", 404),
        ("GET", "/robots.txt", 404),
        ("POST", "/webhook/setup/me", 404),
        ("GET", "/health", 404),
        ("POST", "//webhook/google-calendar", 404),
    ],
)
async def test_protocol_6_nothing_else_is_there(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    """No docs, no API, no robots.txt that could keep Google's sender away (PROTOCOL 6)."""
    response = await client.request(method, "https://calendar.example.com" + path, headers=google_headers())
    assert (status, "application/problem+json") == (response.status_code, response.headers["content-type"])


def test_allowance_fills_again_with_time() -> None:
    """A burst, then so many a second, and never more than the burst."""
    seconds = [0.0]
    allowance = Allowance(2, burst=3, monotonic=lambda: seconds[0])
    first = [allowance.take() for _ in range(4)]
    seconds[0] += 1
    second = [allowance.take() for _ in range(3)]
    seconds[0] += 1000
    third = [allowance.take() for _ in range(4)]
    assert ([True] * 3 + [False], [True, True, False], [True] * 3 + [False]) == (first, second, third)
