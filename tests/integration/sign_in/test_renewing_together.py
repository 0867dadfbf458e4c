"""A server that gives a new refresh token with each renewal: no thread and no process loses it."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from aicalendar_tui.backend.credentials import FileCredentials, KeyringCredentials, StaticCredentials
from aicalendar_tui.backend.domain.errors import Transient
from aicalendar_tui.backend.ports import Credentials
from tests.integration.credentials.test_credentials_contract import MemoryKeyring
from tests.integration.sign_in.conftest import Desk

ANA = "ana@example.com"
PROGRAM = Path(__file__).with_name("renewing_program.py")
PROCESSES, ROUNDS = 4, 5


@pytest.fixture
def rotating(desk: Desk) -> Desk:
    """Ana, signed in where refresh tokens serve once."""
    desk.log_in("ana")
    desk.simulator.world.switches.rotate_refresh_tokens = True
    return desk


def test_processes_that_renew_together_all_go_on(rotating: Desk, tmp_path: Path) -> None:
    """Each round all access tokens end at once; a lost refresh token would end the sign-in."""
    command = [sys.executable, str(PROGRAM), str(tmp_path / "credentials"), rotating.endpoint.base, ANA]
    programs = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)
    ]
    try:
        said = [_read(program) for program in programs]
        assert ["ready"] * PROCESSES == said
        for _ in range(ROUNDS):
            rotating.simulator.world.oauth.expire_access_tokens()
            for program in programs:
                assert program.stdin
                program.stdin.write("go\n")
                program.stdin.flush()
            assert ["ok"] * PROCESSES == [_read(program) for program in programs]
    finally:
        for program in programs:
            program.communicate(timeout=10)
    assert 1 == len(rotating.simulator.world.oauth.grants)
    assert [rotating.stored(ANA)["refresh_token"]] == list(rotating.simulator.world.oauth.grants)


def _read(program: "subprocess.Popen[str]") -> str:
    assert program.stdout
    return program.stdout.readline().strip()


def test_threads_that_renew_together_all_go_on(rotating: Desk) -> None:
    """As the worker's do."""
    with ThreadPoolExecutor(4) as pool:
        for _ in range(ROUNDS):
            rotating.simulator.world.oauth.expire_access_tokens()
            found = list(pool.map(lambda _: len(rotating.remotes(ANA).list_calendars().items), range(8)))
            assert 1 == len(set(found))
        list(pool.map(lambda _: rotating.remotes.close(), range(8)))
    assert [rotating.stored(ANA)["refresh_token"]] == list(rotating.simulator.world.oauth.grants)


@pytest.mark.parametrize("kind", ["file", "keyring", "static"])
def test_a_held_account_keeps_others_out(tmp_path: Path, kind: str) -> None:
    """Of that account only."""
    files = FileCredentials(tmp_path, hold_seconds=0.1)
    credentials: Credentials = {
        "file": files, "keyring": KeyringCredentials(files, MemoryKeyring), "static": StaticCredentials(),
    }[kind]  # fmt: skip
    with credentials.hold(ANA, "http://one"), ThreadPoolExecutor(1) as pool:
        if kind == "static":
            return

        def hold(endpoint: str) -> None:
            with credentials.hold(ANA, endpoint):
                pass

        pool.submit(hold, "http://other").result(5)
        with pytest.raises(Transient, match="does not finish"):
            pool.submit(hold, "http://one").result(5)
    with credentials.hold(ANA, "http://one"):
        pass


def test_a_folder_that_can_not_be_written_locks_nobody_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What can't be stored need not be guarded."""
    blocked = tmp_path / "file"
    blocked.write_text("")

    with FileCredentials(blocked).hold(ANA, "http://one"):
        assert "can't be locked" in caplog.text
