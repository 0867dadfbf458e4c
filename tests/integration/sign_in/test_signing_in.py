"""Signing in, out and in again: what is asked for, what is kept, and what each kind of trouble says."""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from aicalendar_tui.backend.domain.draft import Draft
from aicalendar_tui.backend.domain.errors import NotAuthorized, NotFound, SignInFailed, Transient, Unreachable
from aicalendar_tui.backend.domain.grant import SCOPES
from aicalendar_tui.backend.google.endpoint import Endpoint
from aicalendar_tui.backend.google.sign_in import GoogleSignIn
from aicalendar_tui.backend.services.trouble import SIGNED_OUT
from aicalendar_tui.simulator.server import RunningSimulator, build_world, run_in_thread
from tests.integration.google.scripted_server import ScriptedServer, answer
from tests.integration.sign_in.conftest import DESKTOP, NOW, REDIRECT, Desk, answer_of

ANA, BORIS = "ana@example.com", "boris@example.com"


@pytest.fixture
def elsewhere() -> Iterator[RunningSimulator]:
    """Another Google, with the same people in it."""
    world, _ = build_world(demo=True, now=NOW, zone="Europe/Prague")
    with run_in_thread(world) as running:
        yield running


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """A sign-in server that answers what it is told to."""
    scripted = ScriptedServer()
    yield scripted
    scripted.stop()


def test_the_request_has_pkce_state_and_the_least_scopes(desk: Desk) -> None:
    """And a different secret each time."""
    one, other = desk.begin(user_id=ANA), desk.begin()

    query = {name: values[0] for name, values in parse_qs(urlsplit(one.url).query).items()}

    assert ("code", "S256", "offline", ANA, REDIRECT) == tuple(
        query[name]
        for name in ("response_type", "code_challenge_method", "access_type", "login_hint", "redirect_uri")
    )
    assert " ".join(SCOPES["calendar"]) == query["scope"]
    assert one.verifier not in one.url
    assert one.state == query["state"]
    assert 4 == len({one.state, other.state, one.verifier, other.verifier})
    assert one.verifier not in repr(one)


def test_signing_in_opens_the_account_that_was_chosen(desk: Desk) -> None:
    """With tokens that work, an account in the list, and the first sync asked for."""
    signed_in = desk.log_in("boris")

    assert (BORIS, True) == (signed_in.user_id, signed_in.is_new)
    assert ["calendar.pull_list"] == [task.name for task in desk.queue.sent]
    (account,) = desk.accounts.list()
    assert (BORIS, "signed in", True, 0) == (account.user_id, account.state, account.is_default, account.waiting)
    assert BORIS in [item["id"] for item in desk.remotes(BORIS).list_calendars().items]


def test_nothing_of_the_tokens_is_in_the_database(desk: Desk, tmp_path: Path) -> None:
    """Nor are they in what is handed around."""
    signed_in = desk.log_in("ana")
    tokens = [str(desk.stored(ANA)[name]) for name in ("token", "refresh_token")]

    held = b"".join(path.read_bytes() for path in tmp_path.glob("calendar.db*"))

    assert not [token for token in tokens if token.encode() in held or token in repr(signed_in)]
    assert not [token for token in tokens if token in str(desk.queue.sent)]


def test_no_log_has_a_token_a_code_or_a_verifier(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """Not even with everything logged that the libraries have to say."""
    caplog.set_level(logging.DEBUG)
    request = desk.begin(DESKTOP)
    address = answer_of(request.url, "ana")
    desk.sign_in.finish(request, address)
    first = desk.stored(ANA)
    desk.simulator.world.oauth.expire_access_tokens()
    desk.remotes(ANA).list_calendars()
    second = desk.stored(ANA)
    desk.accounts.sign_out(ANA)

    code = parse_qs(urlsplit(address).query)["code"][0]
    secrets = [code, request.verifier, DESKTOP.client_secret, first["token"], first["refresh_token"], second["token"]]

    assert caplog.text
    assert first["token"] != second["token"]
    assert [] == [secret for secret in secrets if str(secret) in caplog.text]


@pytest.mark.parametrize("shape", ["{address}", "  <{address}> \n", "{query}", "{code}", "{quoted}", "{wrapped}"])
def test_the_answer_is_taken_however_it_was_copied(desk: Desk, shape: str) -> None:
    """The address, its query, the code in it; with what mail programs and terminals put around it."""
    request = desk.begin()
    address = answer_of(request.url, "ana")
    query = urlsplit(address).query
    code = parse_qs(query)["code"][0]
    quoted = query.split("code=")[1].split("&")[0]
    text = shape.format(
        address=address, query=query, code=code, quoted=quoted, wrapped=f"{address[:60]}\n{address[60:]}"
    )

    assert ANA == desk.sign_in.finish(request, text).user_id


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        ("", "unreadable"),
        ("yes", "unreadable"),
        ("what is this?", "unreadable"),
        ("http://[", "unreadable"),
        ("http://127.0.0.1:9/?nothing=here", "unreadable"),
        ("x" * 10_000, "unreadable"),
        ("http://127.0.0.1:9/?code=4/0Aabcdefgh", "wrong state"),
        ("http://127.0.0.1:9/?code=4/0Aabcdefgh&state=foreign", "wrong state"),
        ("4/0Aabcdefgh-this-is-no-code-of-ours", "expired"),
    ],
)
def test_an_answer_that_is_none_of_ours_changes_nothing(desk: Desk, shape: str, kind: str) -> None:
    """One clear reason each."""
    with pytest.raises(SignInFailed) as raised:
        desk.sign_in.finish(desk.begin(), shape)

    assert kind == raised.value.kind
    assert [] == desk.accounts.list()


def test_a_code_of_another_sign_in_is_not_redeemed(desk: Desk) -> None:
    """PKCE: whoever slips in a code of their own does not know our verifier."""
    foreign = parse_qs(urlsplit(answer_of(desk.begin().url, "boris")).query)["code"][0]

    with pytest.raises(SignInFailed, match="used up or too old"):
        desk.sign_in.finish(desk.begin(), foreign)


def test_a_code_works_once(desk: Desk) -> None:
    """A second use is told as what it is."""
    request = desk.begin()
    address = answer_of(request.url, "ana")
    desk.sign_in.finish(request, address)

    with pytest.raises(SignInFailed) as raised:
        desk.sign_in.finish(request, address)

    assert "expired" == raised.value.kind


def test_refusing_is_told_as_refusing(desk: Desk) -> None:
    """Nobody was chosen on the page."""
    request = desk.begin()

    with pytest.raises(SignInFailed) as raised:
        desk.sign_in.finish(request, answer_of(request.url, ""))

    assert "refused" == raised.value.kind


def test_boxes_that_were_not_ticked_are_asked_for(desk: Desk) -> None:
    """Google shows one a scope; without the list of calendars nothing works."""
    request = desk.begin()
    with pytest.raises(SignInFailed, match="tick every box"):
        desk.sign_in.finish(request, answer_of(request.url, "ana", allow=SCOPES["calendar"][0]))

    assert [] == desk.accounts.list()


def test_more_is_asked_for_when_it_is_needed_and_kept(desk: Desk) -> None:
    """What was allowed before stays allowed, though only the new is asked for."""
    desk.log_in("ana")
    assert not desk.accounts.allows(ANA, "free times")

    desk.log_in("ana", purposes=("free times",))

    assert desk.accounts.allows(ANA, "free times")
    assert desk.accounts.allows(ANA, "calendar")


def test_the_client_is_remembered_for_the_next_sign_in(desk: Desk) -> None:
    """Signing in again needs no file."""
    assert "aicalendar" == getattr(desk.sign_in.known_client(), "client_id", None)
    desk.simulator.world.oauth.clients[DESKTOP.client_id] = DESKTOP.client_secret

    desk.log_in("ana", DESKTOP)

    assert DESKTOP == desk.sign_in.known_client()
    assert ANA == desk.log_in("ana", DESKTOP).user_id


def test_a_client_that_google_does_not_know_is_told(desk: Desk) -> None:
    """Deleted in the console, or its secret replaced."""
    desk.simulator.world.oauth.clients[DESKTOP.client_id] = "another secret"
    request = desk.begin(DESKTOP)

    with pytest.raises(SignInFailed) as raised:
        desk.sign_in.finish(request, answer_of(request.url, "ana"))

    assert "wrong client" == raised.value.kind
    assert "SECRET" not in str(raised.value)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (None, Unreachable),
        (answer(503, b"<html>SECRET-code</html>"), Transient),
        (answer(200, b"<html>hotel</html>"), Transient),
        (answer(200, b"[]"), Transient),
        (answer(200, {"access_token": "x"}, cut_bytes=3), Transient),
        (answer(200, {"access_token": "x", "token_type": "Bearer"}), SignInFailed),
        (answer(400, {"error": "invalid_grant"}), SignInFailed),
        (answer(400, {"error": "<b>SECRET-code</b>"}), SignInFailed),
        (answer(429, {"error": "slow_down"}), Transient),
    ],
    ids=["none", "503", "hotel", "list", "cut", "no refresh token", "expired", "markup", "429"],
)
def test_a_server_that_answers_otherwise_is_no_crash(
    server: ScriptedServer, reply: bytes | None, expected: type[Exception]
) -> None:
    """What it said is not repeated."""
    sign_in = GoogleSignIn(Endpoint(server.base), timeout_seconds=5)
    request = sign_in.ask(DESKTOP, redirect_uri=REDIRECT, scopes=SCOPES["calendar"])
    server.will(*([reply] * 3))

    with pytest.raises(expected) as raised:
        sign_in.redeem(request, "SECRET-code")

    assert "SECRET" not in f"{raised.value!r}{raised.value.__cause__!r}"


def test_a_redirection_of_the_token_endpoint_is_not_followed(server: ScriptedServer) -> None:
    """The code and the client's secret go to the endpoint or nowhere."""
    sign_in = GoogleSignIn(Endpoint(server.base), timeout_seconds=5)
    request = sign_in.ask(DESKTOP, redirect_uri=REDIRECT, scopes=SCOPES["calendar"])
    server.will(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")

    with pytest.raises(Transient):
        sign_in.redeem(request, "code")

    assert ["/token"] == [heard.path for heard in server.heard]


def test_nobody_signs_in_where_a_token_would_travel_readably() -> None:
    """HTTP is for this machine."""
    sign_in = GoogleSignIn(Endpoint("http://calendar.example.org"))

    with pytest.raises(SignInFailed, match="https"):
        sign_in.ask(DESKTOP, redirect_uri=REDIRECT, scopes=SCOPES["calendar"])


def test_a_token_is_never_sent_to_another_endpoint(tmp_path: Path, desk: Desk, elsewhere: RunningSimulator) -> None:
    """Pointed elsewhere, the account has no credentials; the other Google hears nothing."""
    desk.log_in("ana")
    moved = Desk(tmp_path, elsewhere)
    with closing(moved), pytest.raises(NotAuthorized):
        moved.remotes(ANA)

    assert "elsewhere" == moved.accounts.find(ANA).state
    assert [] == list(elsewhere.world.requests)


def test_an_account_in_use_is_not_taken_over_by_another_endpoint(
    tmp_path: Path, desk: Desk, elsewhere: RunningSimulator
) -> None:
    """Its edits would go to the wrong calendar; once it is forgotten it may."""
    desk.log_in("ana")
    moved = Desk(tmp_path, elsewhere)
    with closing(moved):
        with pytest.raises(SignInFailed, match="logout --forget"):
            moved.log_in("ana")
        moved.accounts.sign_out(ANA, forget=True)

        assert moved.log_in("ana").is_new
    assert {} == desk.simulator.world.oauth.grants, "withdrawn where it was given"


def test_several_accounts_live_side_by_side(desk: Desk) -> None:
    """The first address is the default until one is chosen; each has its own tokens."""
    desk.log_in("boris")
    desk.log_in("ana")
    assert [ANA, BORIS] == [account.user_id for account in desk.accounts.list()]

    desk.accounts.set_default(BORIS)

    assert [(BORIS, True), (ANA, False)] == [(one.user_id, one.is_default) for one in desk.accounts.list()]
    assert BORIS == desk.accounts.find().user_id
    assert desk.stored(ANA)["refresh_token"] != desk.stored(BORIS)["refresh_token"]
    with pytest.raises(NotFound):
        desk.accounts.set_default("nobody@example.com")


def write_edit(desk: Desk) -> None:
    """One that waits."""
    start = datetime(2026, 11, 28, 14, tzinfo=UTC)
    desk.edit.create(ANA, ANA, Draft(summary="Zebra", start=start, end=start.replace(hour=15)))


def pull_list(desk: Desk) -> None:
    """The calendars of Ana, as a worker would store them."""
    with desk.store.write() as unit:
        for position, item in enumerate(desk.remotes(ANA).list_calendars().items):
            unit.put_calendar(ANA, item["id"], item, position)


def test_a_grant_that_ended_keeps_the_edits_and_asks_nobody_again(desk: Desk) -> None:
    """`invalid_grant` is final: the account is signed out until somebody signs in; then what waited is asked for."""
    desk.log_in("ana")
    pull_list(desk)
    write_edit(desk)
    desk.simulator.world.oauth.revoke_user(ANA)
    with pytest.raises(NotAuthorized):
        desk.remotes(ANA).list_calendars()

    account = desk.accounts.find(ANA)
    assert ("signed out", 1) == (account.state, account.waiting)
    asked = len(desk.simulator.world.requests)
    with pytest.raises(NotAuthorized):
        desk.remotes(ANA).list_calendars()
    assert asked == len(desk.simulator.world.requests)

    desk.queue.sent.clear()
    again = desk.log_in("ana")

    assert (False, 1) == (again.is_new, desk.accounts.find(ANA).waiting)
    assert "calendar.push" in [task.name for task in desk.queue.sent]
    assert desk.remotes(ANA).list_calendars().items


def test_signing_in_again_clears_the_problem_at_once(desk: Desk) -> None:
    """The screen must not say "signed out" until the next sync."""
    desk.log_in("ana")
    pull_list(desk)
    desk.accounts.sign_out(ANA)
    with desk.store.read() as unit:
        assert {SIGNED_OUT} == {calendar.problem for calendar in unit.calendars(ANA)}

    desk.log_in("ana")

    with desk.store.read() as unit:
        assert {""} == {calendar.problem for calendar in unit.calendars(ANA)}


def test_signing_out_withdraws_the_grant_and_keeps_what_can_be_read(desk: Desk) -> None:
    """The tokens go here and there; calendars and edits stay."""
    desk.log_in("ana")
    pull_list(desk)
    write_edit(desk)

    done = desk.accounts.sign_out(ANA)

    assert done.withdrawn
    assert ({}, {}) == (desk.simulator.world.oauth.grants, desk.stored(ANA))
    account = desk.accounts.find(ANA)
    assert ("signed out", 1) == (account.state, account.waiting)
    assert account.calendars > 0
    with pytest.raises(NotAuthorized):
        desk.remotes(ANA)


def test_forgetting_leaves_nothing_of_the_account(desk: Desk, tmp_path: Path) -> None:
    """The other account is untouched."""
    desk.log_in("boris")
    desk.log_in("ana")
    pull_list(desk)
    write_edit(desk)
    desk.accounts.set_default(ANA)

    desk.accounts.sign_out(ANA, forget=True)

    assert [BORIS] == [account.user_id for account in desk.accounts.list()]
    assert [ANA] == desk.forgotten
    with desk.store.write() as unit:
        while unit.sweep_generations():
            pass
        left = [unit.calendars(ANA), unit.changes(ANA), unit.tasks(ANA), unit.undo_entries(ANA, undone=False)]
    assert [[], [], [], []] == left
    assert BORIS in [item["id"] for item in desk.remotes(BORIS).list_calendars().items]


def test_signing_out_offline_still_removes_the_tokens(tmp_path: Path, desk: Desk) -> None:
    """And says that Google does not know."""
    desk.log_in("ana")
    tokens = desk.stored(ANA)
    with run_in_thread(build_world(demo=True, now=NOW, zone="UTC")[0]) as gone:
        away = Desk(tmp_path, gone)
    with closing(away):
        with away.store.write() as unit:
            unit.put_account(ANA, email=ANA, endpoint=gone.base_url, now=0)
        away.credentials.save(ANA, gone.base_url, tokens)

        assert not away.accounts.sign_out(ANA).withdrawn
        assert {} == away.stored(ANA)


@pytest.mark.parametrize("act", [lambda desk: desk.accounts.sign_out("x@y"), lambda desk: desk.accounts.find("x@y")])
def test_who_is_not_here_can_not_be_signed_out(desk: Desk, act: Callable[[Desk], object]) -> None:
    """Told as such."""
    with pytest.raises(NotFound):
        act(desk)
