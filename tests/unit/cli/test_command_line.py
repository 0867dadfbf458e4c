"""The command line itself: options, help, errors, exit codes, completion, the token, the doctor."""

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from aicalendar_tui.backend.domain.calendar import Calendar
from aicalendar_tui.backend.domain.channel import Channel
from aicalendar_tui.backend.domain.task import Task
from aicalendar_tui.cli import main
from aicalendar_tui.cli.parser import build_parser, command_words
from aicalendar_tui.cli.programs import find_ics_problems
from aicalendar_tui.cli.report import CommandError, report_error
from aicalendar_tui.cli.screen import count_left_out, find_theme
from aicalendar_tui.settings import load_settings
from aicalendar_tui.settings.api_token import read_api_token
from aicalendar_tui.settings.local_zone import find_local_zone
from aicalendar_tui.settings.values import SettingsError
from tests.unit.cli.desk import NOW, USER, FakeServices, run


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Nothing of the person who runs the tests is read or written."""
    monkeypatch.setenv("AICALENDAR_HOME", str(tmp_path))
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")


class TestParsing:
    """What can be typed."""

    @pytest.mark.parametrize("command", command_words(build_parser()))
    def test_every_command_has_help(self, command: str, capsys: pytest.CaptureFixture[str]):
        """With exit code 0."""
        assert 0 == main([command, "--help"])
        assert f"usage: aicalendar {command}" in capsys.readouterr().out

    def test_hidden_commands_are_nowhere_to_be_seen(self, capsys: pytest.CaptureFixture[str]):
        """Not in the help, not in a guess, not in completion."""
        main(["--help"])
        main(["_recever"])
        main(["--print-completion", "bash"])
        captured = capsys.readouterr()
        assert "_receiver" not in captured.out + captured.err

    @pytest.mark.parametrize("arguments", [["--demo", "next"], ["next", "--demo"]])
    def test_common_options_stand_on_either_side(self, arguments: list[str]):
        """Of the command."""
        assert build_parser().parse_args(arguments).demo

    def test_a_commands_own_default_stays_its_own(self):
        """`demo` means the demo; nothing else does unless asked."""
        assert build_parser().parse_args(["demo"]).demo
        assert not hasattr(build_parser().parse_args(["agenda"]), "demo")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["agend"], "did you mean agenda?"),
            (["xyz"], "known: demo, serve"),
            (["demo", "--port", "99999"], "'99999' is not a number from 0 to 65535"),
            (["tasks", "--limit", "0"], "not a number from 1"),
            (["add", "--title", "x"], "--start"),
            (["watch", "maybe"], "'maybe' is unknown"),
            (["agenda", "--jsn"], "--jsn"),
        ],
    )
    def test_wrong_usage_is_one_line_and_exit_code_2(
        self, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
    ):
        """With a way on."""
        assert 2 == main(arguments)
        err = capsys.readouterr().err
        assert message in err
        assert 1 == len(err.splitlines())

    @pytest.mark.parametrize("shell", ["bash", "zsh"])
    def test_completion_is_a_script_that_the_shell_accepts(self, shell: str, capsys: pytest.CaptureFixture[str]):
        """As far as the shell is here to say so."""
        assert 0 == main(["--print-completion", shell])
        script = capsys.readouterr().out
        assert "agenda" in script
        if program := shutil.which(shell):
            subprocess.run([program, "-n"], input=script, text=True, check=True)


class TestErrors:
    """One line, and the right exit code."""

    def test_a_wrong_setting_is_one_line(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
        """Exit code 2; help works all the same."""
        monkeypatch.setenv("API_PORT", "many")
        assert 2 == main(["token"])
        err = capsys.readouterr().err
        assert err.startswith("aicalendar: API_PORT is 'many' (environment variable API_PORT); it must be ")
        assert 1 == len(err.splitlines())
        assert 0 == main(["--help"])

    def test_a_name_in_the_file_that_is_no_setting_is_noted(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
        """Beside the answer, which stays alone."""
        (tmp_path / ".env").write_text("AICALENDAR_THEMES=dark\n")
        assert 0 == main(["token"])
        captured = capsys.readouterr()
        assert 1 == len(captured.out.splitlines())
        assert "line 1: AICALENDAR_THEMES is no setting; did you mean AICALENDAR_THEME?" in captured.err

    def test_a_wrong_now_names_the_command_line(self, capsys: pytest.CaptureFixture[str]):
        """Not a variable that nobody set."""
        assert 2 == main(["--now", "noon", "token"])
        assert "'noon' (the command line)" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (CommandError("no\nway"), 1),
            (KeyboardInterrupt(), 130),
            (OSError(28, "No space left"), 1),
            (RuntimeError(), 1),
        ],
    )
    def test_any_error_is_one_line(self, error: BaseException, code: int, capsys: pytest.CaptureFixture[str]):
        """A traceback is for --debug."""
        assert code == report_error(error, debug=False)
        err = capsys.readouterr().err
        assert len(err.splitlines()) == (0 if code == 130 else 1)
        assert "Traceback" not in err

    def test_debug_shows_the_traceback(self, capsys: pytest.CaptureFixture[str]):
        """And the line."""
        try:
            raise RuntimeError("inside")
        except RuntimeError as error:
            report_error(error, debug=True)
        err = capsys.readouterr().err
        assert "Traceback" in err
        assert "aicalendar: RuntimeError: inside" in err

    def test_a_reader_that_leaves_early_is_no_error(self, tmp_path: Path):
        """`aicalendar --help | head -1`."""
        command = f"{sys.executable} -m aicalendar_tui --help"
        result = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {command} | (exec 0<&-)"],
            capture_output=True,
            text=True,
            env={**os.environ, "AICALENDAR_HOME": str(tmp_path)},
            check=False,
        )
        assert (0, "") == (result.returncode, result.stderr)

    @pytest.mark.parametrize("command", [[], ["demo"]])
    def test_the_screen_needs_a_terminal(self, command: list[str], capsys: pytest.CaptureFixture[str]):
        """And a pipe is told what there is for it."""
        assert 1 == main(command)
        assert "aicalendar agenda" in capsys.readouterr().err

    def test_a_missing_ics_file_is_told_before_anything_starts(self, capsys: pytest.CaptureFixture[str]):
        """By its name."""
        assert 1 == main(["demo", "--ics", "/nowhere.ics"])
        assert "can't read /nowhere.ics: No such file or directory" in capsys.readouterr().err

    @pytest.mark.parametrize(
        "content", [b"", b"<html>\r\n<body>Sign in</body>", bytes(range(256)), b"X:BEGIN:VCALENDAR\r\n"]
    )
    def test_a_file_that_is_no_calendar_is_told_before_anything_starts(
        self, content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ):
        """By its name, in one line."""
        path = tmp_path / "page.ics"
        path.write_bytes(content)
        assert 1 == main(["demo", "--ics", str(path)])
        (line,) = capsys.readouterr().err.splitlines()
        assert f"{path} is no calendar" in line

    @pytest.mark.parametrize("theme", ["dark", "aicalendar-light", "nord"])
    def test_a_theme_goes_by_its_name(self, theme: str):
        """Our own two by a short one, too."""
        assert find_theme(load_settings(environ={"AICALENDAR_THEME": theme})).endswith(theme)

    @pytest.mark.parametrize(
        ("theme", "hint"), [("drak", "did you mean dark?"), ("gruvbocks", "did you mean gruvbox?"), ("#!", "nord")]
    )
    def test_an_unknown_theme_is_told_with_what_is_right(self, theme: str, hint: str):
        """The nearest one, or all."""
        with pytest.raises(SettingsError) as caught:
            find_theme(load_settings(environ={"AICALENDAR_THEME": theme}))
        assert f"AICALENDAR_THEME is {theme!r} (environment variable AICALENDAR_THEME)" in str(caught.value)
        assert hint in str(caught.value)


class TestSimulator:
    """The simulated Google on its own."""

    def test_a_taken_port_is_told_with_the_way_out(self, capsys: pytest.CaptureFixture[str]):
        """Before anything else is loaded."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            assert 1 == main(["simulator", "--port", str(port)])
        assert f"port {port} can't be used: Address already in use" in capsys.readouterr().err

    def test_what_is_broken_in_a_file_is_told_with_its_line(self, tmp_path: Path):
        """The good events are kept."""
        path = tmp_path / "calendar.ics"
        lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "SUMMARY:no start", "END:VEVENT", "END:VCALENDAR")
        path.write_text("".join(f"{line}\r\n" for line in lines))
        problems = find_ics_problems([path])
        assert [f"{path}:3: event left out: DTSTART is missing"] == list(map(str, problems))
        assert ["1 event left out of calendar.ics; see the line after quitting"] == count_left_out(problems)


class TestToken:
    """The local API's token."""

    def test_it_is_made_once_and_private(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
        """Alone on its line."""
        main(["token"])
        main(["token"])
        first, second = capsys.readouterr().out.splitlines()
        assert first == second
        assert len(first) >= 32
        assert 0o600 == stat.S_IMODE((tmp_path / "api-token").stat().st_mode)

    def test_those_who_ask_at_once_get_the_same(self, tmp_path: Path):
        """A receiver and a command may start together."""
        with ThreadPoolExecutor(16) as pool:
            tokens = set(pool.map(lambda _: str(read_api_token(tmp_path / "token")), range(64)))
        assert 1 == len(tokens)
        assert ["token"] == [path.name for path in tmp_path.iterdir()]

    def test_one_that_others_can_read_is_refused(self, tmp_path: Path):
        """With how to mend it."""
        read_api_token(tmp_path / "token")
        (tmp_path / "token").chmod(0o644)
        with pytest.raises(SettingsError, match="chmod 600"):
            read_api_token(tmp_path / "token")

    def test_the_address_of_the_running_api_is_printed(self, tmp_path: Path):
        """For curl; without services there is none."""
        answer = run("token", "--address", home=tmp_path)
        assert (1, "") == (answer.code, answer.out)
        assert "aicalendar serve" in answer.err
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "api.json").write_text('{"local": "http://127.0.0.1:8000"}')
        assert "http://127.0.0.1:8000\n" == run("token", "--address", home=tmp_path).out


class TestDoctor:
    """What is wrong, and how to mend it."""

    def test_a_healthy_home_is_exit_code_0(self, tmp_path: Path):
        """Services that don't run are no illness."""
        answer = run("doctor", "--json", home=tmp_path / "home")
        document = json.loads(answer.out)
        assert (0, True, 1) == (answer.code, document["ok"], document["schema"])
        components = {found["component"]: found for found in document["components"]}
        assert "off" == components["services"]["state"]
        assert "polling" == components["calendar Work"]["detail"]
        assert components["database"]["latency_ms"] is not None

    def test_a_readable_token_is_a_problem_with_a_remedy(self, tmp_path: Path):
        """Exit code 1."""
        (tmp_path / "api-token").write_text("x")
        (tmp_path / "api-token").chmod(0o644)
        answer = run("doctor", home=tmp_path)
        assert 1 == answer.code
        assert f"chmod 600 {tmp_path}/api-token" in answer.out

    def test_a_component_that_cannot_be_looked_at_is_a_finding(self, tmp_path: Path):
        """The rest is still told."""

        class Broken(FakeServices):
            def accounts(self):
                raise OSError("disk on fire")

        answer = run("doctor", services=Broken(), home=tmp_path)
        assert 1 == answer.code
        assert "disk on fire" in answer.out
        assert "tunnel" in answer.out

    def test_an_absent_redis_is_told_without_its_password(self, tmp_path: Path):
        """The line for redis-cli, too."""
        environ = {"REDIS_URL": "redis://:hunter2@127.0.0.1:1/0"}
        answer = run("doctor", home=tmp_path, environ=environ)
        assert 1 == answer.code
        assert "redis-cli -u redis://127.0.0.1:1/0" in answer.out
        assert "hunter2" not in answer.out
        assert "correct REDIS_URL" in answer.out

    def test_a_wrong_setting_needs_no_second_remedy(self, tmp_path: Path):
        """It says itself what is right."""

        class Unset(FakeServices):
            def accounts(self):
                raise SettingsError("set X to Y")

        answer = run("doctor", services=Unset(), home=tmp_path)
        assert (1, True, False) == (answer.code, "    set X to Y\n" in answer.out, "--debug" in answer.out)

    def test_a_home_that_is_a_file_is_one_problem(self, tmp_path: Path):
        """What needs the folder is not looked at, and says so."""
        (tmp_path / "home").write_text("")
        answer = run("doctor", home=tmp_path / "nowhere", environ={"AICALENDAR_HOME": str(tmp_path / "home")})
        assert (1, "") == (answer.code, answer.err)
        assert "it is a file, not a folder" in answer.out
        assert "it has no folder yet" in answer.out
        assert "accounts" not in answer.out

    def test_what_waits_for_a_decision_is_a_warning(self, tmp_path: Path):
        """It works, but somebody has to choose."""
        answer = run("doctor", services=FakeServices(conflicts=2), home=tmp_path / "home")
        assert 0 == answer.code
        assert "2 edits need a decision" in answer.out

    def test_requests_refused_for_quota_are_counted(self, tmp_path: Path):
        """Those of a day ago are history."""
        now = int(datetime.fromisoformat(f"{NOW}Z").timestamp())
        tasks = {
            name: Task(task_id=name, user_id=USER, name="calendar.pull", state="failed", error=error, finished_at=at)
            for name, error, at in (
                ("new", "Rate Limit Exceeded", now),
                ("old", "Quota exceeded", now - 90_000),
                ("other", "not found", now),
            )
        }
        answer = run("doctor", services=FakeServices(tasks=tasks), home=tmp_path / "home")
        assert "Google refused 1 request for its quota within a day" in answer.out
        assert "1 task failed: not found" in answer.out

    def test_last_sync_and_end_of_the_channel_are_told(self, tmp_path: Path):
        """And the last notification."""
        now = int(datetime.fromisoformat(f"{NOW}Z").timestamp())
        channel = Channel(
            channel_id="c",
            user_id=USER,
            calendar_id="work-id",
            token_hash="",
            state="active",
            expiration_ms=(now + 2 * 86_400 + 60) * 1000,
            last_message_at=now - 125,
        )
        work = Calendar(user_id=USER, calendar_id="work-id", summary="Work", live="live", synced_at=now - 3_700)
        fake = FakeServices(calendars=[work], channels=[channel])
        out = run("doctor", services=fake, home=tmp_path / "home").out
        assert "live · synced 1 h ago · channel ends in 2 d · last notification 2 min ago" in out

    @pytest.mark.parametrize(
        ("skew", "state", "words"),
        [(0, "ok", "right within"), (-60, "warning", "ahead"), (86_400, "problem", "behind")],
    )
    def test_a_clock_that_is_wrong_is_told_by_how_much(self, tmp_path: Path, skew: int, state: str, words: str):
        """Google's own time is in the Date of any answer."""

        class Clock(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                self.send_response_only(404)
                self.send_header("Date", formatdate(time.time() + skew, usegmt=True))
                self.end_headers()

        with HTTPServer(("127.0.0.1", 0), Clock) as server:
            thread = threading.Thread(target=server.handle_request)
            thread.start()
            environ = {"GOOGLE_API_ENDPOINT": f"http://127.0.0.1:{server.server_port}"}
            answer = run("doctor", "--json", home=tmp_path / "home", environ=environ)
            thread.join()
        clock = {found["component"]: found for found in json.loads(answer.out)["components"]}["clock"]
        assert state == clock["state"]
        assert words in clock["detail"] + clock["problem"]


class TestLocalZone:
    """This machine's zone, by name."""

    def test_tz_wins_over_the_file(self, tmp_path: Path):
        """As for every other program."""
        link = tmp_path / "localtime"
        link.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
        assert "Europe/Prague" == find_local_zone(environ={"TZ": ":Europe/Prague"}, localtime=link)
        assert "Asia/Tokyo" == find_local_zone(environ={}, localtime=link)
        assert "Asia/Tokyo" == find_local_zone(environ={"TZ": "CET-1CEST"}, localtime=link)
