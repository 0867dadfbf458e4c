"""The local API: who may use it, and what it answers."""

from typing import Any

import pytest

from aicalendar_tui.backend.domain.errors import CalendarError, NotAuthorized, Rejected, Transient
from aicalendar_tui.backend.receiver import local
from tests.unit.receiver.app_client import AppClient
from tests.unit.receiver.fake_services import USER, FakeServices, google_headers

BASE = "http://127.0.0.1:8000"
BEARER = {"Authorization": "Bearer secret"}


@pytest.fixture
def services() -> FakeServices:
    """An account with two calendars."""
    return FakeServices()


@pytest.fixture
def stranger(services: FakeServices) -> AppClient:
    """Someone without the token."""
    app = local.create_app(services, read_token=lambda: "secret")  # type: ignore[arg-type] # a fake
    return AppClient(app, base_url=BASE)


@pytest.fixture
def client(stranger: AppClient) -> AppClient:
    """Someone with it."""
    stranger.headers.update(BEARER)
    return stranger


@pytest.fixture
def unlocked(services: FakeServices) -> AppClient:
    """LOCAL_API_AUTH=off."""
    app = local.create_app(services, read_token=None)  # type: ignore[arg-type] # a fake
    return AppClient(app, base_url=BASE)


ROUTES = [
    ("POST", "/webhook/setup/me"),
    ("DELETE", "/webhook/unsubscribe/live-1"),
    ("GET", "/webhook/status/me"),
    ("GET", "/webhook/task-status/t-done"),
    ("POST", "/sync/me"),
    ("GET", "/tasks/me"),
    ("POST", "/tasks/t-failed/retry"),
    ("GET", "/health"),
]


@pytest.mark.parametrize(("method", "path"), [*ROUTES, ("GET", "/no-such-page")])
@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic secret"}])
def test_stranger_is_told_how_to_get_in(
    stranger: AppClient, services: FakeServices, method: str, path: str, header: dict[str, str]
) -> None:
    """401 with the very line to type; nothing was done."""
    response = stranger.request(method, path, headers=header)
    assert 401 == response.status_code
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert f'curl -H "Authorization: Bearer $(aicalendar token)" {BASE}{path}' in response.json()["detail"]
    assert [] == services.asked


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_whoever_has_the_token_is_let_in(client: AppClient, method: str, path: str) -> None:
    """Each route, with JSON."""
    response = client.request(method, path)
    assert (True, "application/json") == (response.is_success, response.headers["content-type"])


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_bare_curl_works_when_auth_is_off(unlocked: AppClient, method: str, path: str) -> None:
    """The specification's own lines."""
    assert unlocked.request(method, path).is_success


def test_token_is_read_anew_for_each_request(services: FakeServices) -> None:
    """Its file may be removed and made again while the receiver runs."""
    tokens = iter(["old", "new"])
    app = local.create_app(services, read_token=lambda: next(tokens))  # type: ignore[arg-type] # a fake
    client = AppClient(app, base_url=BASE, headers={"Authorization": "Bearer new"})
    assert [401, 200] == [client.get("/health").status_code for _ in range(2)]


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
def test_description_needs_no_token(stranger: AppClient, path: str) -> None:
    """It holds no secret."""
    assert 200 == stranger.get(path).status_code


def test_webhook_needs_no_token_but_its_own(stranger: AppClient, services: FakeServices) -> None:
    """The same route as on the public socket."""
    path = "/webhook/google-calendar"
    statuses = [
        stranger.post(path, headers=google_headers(**changes)).status_code
        for changes in ({}, {"channel_id": "dead-1"}, {"channel_token": "guess"}, {"channel_token": None})
    ]
    assert ([202, 204, 404, 400], 1) == (statuses, len(services.accepted))


@pytest.mark.parametrize(
    "host", ["evil.example.com", "127.0.0.1.evil.example.com", "localhost.evil.example.com", "192.0.2.1", "", "[::2]"]
)
@pytest.mark.parametrize("path", ["/health", "/docs", "/webhook/status/me"])
def test_foreign_host_is_refused(client: AppClient, host: str, path: str) -> None:
    """A page whose name was made to point at 127.0.0.1 (DNS rebinding)."""
    assert 421 == client.get(path, headers={"Host": host}).status_code


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:1", "[::1]:8000", "[::1]"])
def test_own_host_is_accepted_at_any_port(client: AppClient, host: str) -> None:
    """A taken port falls to a free one."""
    assert 200 == client.get("/health", headers={"Host": host}).status_code


@pytest.mark.parametrize("origin", ["https://evil.example.com", "null", "http://127.0.0.1:9999", ""])
def test_web_page_is_refused_even_with_the_token(client: AppClient, services: FakeServices, origin: str) -> None:
    """Nothing is done for a foreign origin."""
    assert 403 == client.post("/webhook/setup/me", headers={"Origin": origin}).status_code
    assert [] == services.asked


def test_own_page_may_ask_when_it_has_the_token(client: AppClient) -> None:
    """The forms of /docs."""
    assert 202 == client.post("/sync/me", headers={"Origin": BASE}).status_code


@pytest.mark.parametrize("headers", [{"Origin": BASE}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}])
def test_without_auth_no_web_page_may_ask(
    unlocked: AppClient, services: FakeServices, headers: dict[str, str]
) -> None:
    """Then the browser's own word is all there is to go by."""
    assert 403 == unlocked.post("/sync/me", headers=headers).status_code
    assert [] == services.asked


def test_subscribing_names_tasks_and_calendars(client: AppClient, services: FakeServices) -> None:
    """202: the tasks do it."""
    response = client.post("/webhook/setup/me")
    body = response.json()
    assert (202, USER, ["t-watch"], ["work"]) == (
        response.status_code,
        body["user_id"],
        body["task_ids"],
        [calendar["calendar_id"] for calendar in body["calendars"]],
    )
    assert [{"task_id": "t-watch", "status_url": "/webhook/task-status/t-watch"}] == body["tasks"]
    assert [("set_live", USER, None, True)] == services.asked


def test_subscribing_one_calendar(client: AppClient, services: FakeServices) -> None:
    """By its id."""
    body = client.post("/webhook/setup/me", params={"calendar_id": "home"}).json()
    assert ["home"] == [calendar["calendar_id"] for calendar in body["calendars"]]
    assert [("set_live", USER, "home", True)] == services.asked


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/webhook/setup/nobody"),
        ("POST", "/webhook/setup/me?calendar_id=none"),
        ("DELETE", "/webhook/unsubscribe/none"),
        ("GET", "/webhook/status/nobody"),
        ("GET", "/webhook/task-status/none"),
        ("POST", "/sync/nobody"),
        ("POST", "/sync/me?calendar_id=none"),
        ("GET", "/tasks/nobody"),
        ("POST", "/tasks/none/retry"),
    ],
)
def test_what_is_not_there_is_unknown(client: AppClient, method: str, path: str) -> None:
    """404, never "pending"."""
    response = client.request(method, path)
    assert (404, "unknown", "application/problem+json") == (
        response.status_code,
        response.json()["code"],
        response.headers["content-type"],
    )


def test_unsubscribing_names_its_task(client: AppClient) -> None:
    """It is stopped at Google by a worker."""
    response = client.delete("/webhook/unsubscribe/live-1")
    assert (202, "t-unwatch") == (response.status_code, response.json()["task_id"])


def test_status_tells_all_but_secrets(client: AppClient, services: FakeServices) -> None:
    """Channels, expiry, last message, tunnel; no token, not even hashed."""
    response = client.get(f"/webhook/status/{USER}")
    body = response.json()
    assert "https://calendar.example.com" == body["tunnel"]["address"]
    assert [("live-1", "active"), ("dead-1", "dead")] == [(c["channel_id"], c["state"]) for c in body["channels"]]
    assert {"waiting": 2, "conflicts": 1, "rejected": 0, "open_tasks": 3} == body["counts"]
    assert services.channels[0].token_hash not in response.text


def test_sync_passes_its_options_on(client: AppClient, services: FakeServices) -> None:
    """Which calendar, how much, which way."""
    response = client.post("/sync/me?calendar_id=work&full=true&scope=push")
    assert (202, ["t-pull", "t-push"]) == (response.status_code, response.json()["task_ids"])
    assert [("request_sync", USER, "work", True, "push")] == services.asked


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("POST", "/sync/me?scope=sideways", "scope"),
        ("POST", "/sync/me?full=perhaps", "full"),
        ("GET", "/tasks/me?limit=0", "limit"),
        ("GET", "/tasks/me?limit=x", "limit"),
    ],
)
def test_parameter_that_cannot_be_read_is_named(client: AppClient, method: str, path: str, name: str) -> None:
    """422 as a problem."""
    response = client.request(method, path)
    assert (422, "application/problem+json") == (response.status_code, response.headers["content-type"])
    assert name in response.json()["detail"]


def test_tasks_are_listed_up_to_the_limit(client: AppClient) -> None:
    """In the ledger's order."""
    body = client.get("/tasks/me", params={"limit": 1}).json()
    assert ["t-done"] == [task["task_id"] for task in body["tasks"]]


def test_task_shows_state_and_error(client: AppClient) -> None:
    """What the panel shows."""
    body = client.get("/webhook/task-status/t-failed").json()
    assert ("failed", "403", 0) == (body["state"], body["error"], body["retries"])


def test_only_a_failed_task_is_done_again(client: AppClient) -> None:
    """409 for one that isn't."""
    done, failed = (client.post(f"/tasks/{task_id}/retry") for task_id in ("t-done", "t-failed"))
    assert (409, 202, "t-again") == (done.status_code, failed.status_code, failed.json()["task_id"])


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        (Transient("queue away"), 503),
        (Transient(retry_after_seconds=7), 503),
        (NotAuthorized(), 409),
        (Rejected("no", code=403, reason="forbidden"), 409),
        (CalendarError("odd"), 500),
    ],
)
def test_each_error_of_the_domain_is_a_problem(
    client: AppClient, services: FakeServices, failure: CalendarError, status: int
) -> None:
    """With its status."""
    services.failure = failure
    response = client.post("/sync/me")
    assert (status, status) == (response.status_code, response.json()["status"])


def test_defect_is_a_problem_that_tells_nothing(client: AppClient, services: FakeServices) -> None:
    """No traceback in the answer."""
    services.failure = ZeroDivisionError("secret detail")  # type: ignore[assignment] # anything may be raised
    response = client.get("/health")
    assert (500, "application/problem+json") == (response.status_code, response.headers["content-type"])
    assert "secret" not in response.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/", 404), ("PUT", "/sync/me", 405)])
def test_wrong_address_is_a_problem_too(client: AppClient, method: str, path: str, status: int) -> None:
    """Not FastAPI's own form."""
    response = client.request(method, path)
    assert (status, "application/problem+json") == (response.status_code, response.headers["content-type"])


def test_openapi_describes_every_answer(client: AppClient) -> None:
    """Each status of each route has a schema or no body; each reference leads somewhere."""
    schema: dict[str, Any] = client.get("/openapi.json").json()
    operations = {
        (method.upper(), path): operation
        for path, item in schema["paths"].items()
        for method, operation in item.items()
    }
    assert 9 == len(operations)
    for (_, path), operation in operations.items():
        answers = operation["responses"]
        assert {"403", "421", "500"} <= set(answers)
        assert ("401" in answers) == (path != "/webhook/google-calendar") == ("security" in operation)
        for status, answer in answers.items():
            if status.startswith(("4", "5")):
                assert {"$ref": "#/components/schemas/Problem"} == answer["content"]["application/problem+json"][
                    "schema"
                ]
    assert referred(schema) <= {f"#/components/schemas/{name}" for name in schema["components"]["schemas"]}


def referred(node: Any) -> set[str]:
    """All `$ref`s in a schema."""
    if isinstance(node, dict):
        found = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return found.union(*(referred(value) for value in node.values()))
    return set[str]().union(*(referred(value) for value in node)) if isinstance(node, list) else set()
