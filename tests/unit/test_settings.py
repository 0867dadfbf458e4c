"""Where settings come from, which one wins, and what is said when one is wrong."""

import contextlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui import i18n
from aicalendar_tui.settings import FIELDS, Secret, Settings, SettingsError, find_folders, load_settings
from aicalendar_tui.settings.sources import parse_dotenv


def load(home: Path, *, demo: bool = False, overrides=None, **environ: str) -> Settings:
    """Settings with `home` as AICALENDAR_HOME and nothing else in the environment but `environ`."""
    return load_settings(demo=demo, environ={"AICALENDAR_HOME": str(home), **environ}, overrides=overrides)


class TestSources:
    """The environment, `.env`, config.toml, the defaults."""

    def test_nothing_set_gives_the_documented_defaults(self, tmp_path: Path):
        """The values that DESIGN and the specification name."""
        settings = load(tmp_path)
        assert 360 == settings.cache_ttl_seconds
        assert (8000, 8001) == (settings.api_port, settings.webhook_port)
        assert "https://www.googleapis.com" == settings.google_api_endpoint
        assert settings.local_api_auth
        assert settings.external_redis_url is None
        assert not settings.is_set("api_port")

    def test_each_source_wins_over_the_next(self, tmp_path: Path):
        """Command, environment, .env, config.toml: taken away one by one."""
        (tmp_path / "config.toml").write_text("cache_ttl_seconds = 4\n")
        assert 4 == load(tmp_path).cache_ttl_seconds
        (tmp_path / ".env").write_text("CACHE_TTL_SECONDS=3\n")
        assert 3 == load(tmp_path).cache_ttl_seconds
        assert 2 == load(tmp_path, CACHE_TTL_SECONDS="2").cache_ttl_seconds
        assert 1 == load(tmp_path, overrides={"cache_ttl_seconds": 1}, CACHE_TTL_SECONDS="2").cache_ttl_seconds

    def test_an_empty_value_stands_for_the_default(self, tmp_path: Path):
        """`NAME= aicalendar` switches off what a file sets."""
        (tmp_path / ".env").write_text("PUBLIC_URL=https://a.example\nREDIS_PORT=\n")
        assert load(tmp_path, PUBLIC_URL="").public_url is None
        assert 6379 == load(tmp_path).redis_port

    def test_env_of_the_current_folder_is_not_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        """A hostile checkout must not redirect the sign-in."""
        checkout = tmp_path / "checkout"
        checkout.mkdir()
        (checkout / ".env").write_text("GOOGLE_API_ENDPOINT=https://evil.example\n")
        monkeypatch.chdir(checkout)
        assert "https://www.googleapis.com" == load(tmp_path / "home").google_api_endpoint

    def test_the_specifications_env_file_is_understood(self, tmp_path: Path):
        """With its comment behind a value."""
        (tmp_path / ".env").write_text(
            "REDIS_HOST=localhost\nREDIS_PORT=6379\nREDIS_PASSWORD=secret\nCACHE_TTL_SECONDS=360  # 6 минут\n",
            "utf-8",
        )
        settings = load(tmp_path)
        assert "redis://:secret@localhost:6379/0" == settings.external_redis_url
        assert 360 == settings.cache_ttl_seconds

    def test_a_strange_name_in_env_is_no_error_but_noticed(self, tmp_path: Path):
        """Other programs may read the file too; a slip must still be findable."""
        (tmp_path / ".env").write_text("REDIS_PROT=1\n")
        assert (f"{tmp_path}/.env, line 1: REDIS_PROT is no setting; did you mean REDIS_PORT?",) == load(
            tmp_path
        ).ignored


class TestRedis:
    """One address, or its parts."""

    def test_parts_in_the_environment_win_over_an_address_in_a_file(self, tmp_path: Path):
        """What is nearer to the user counts, in whichever form."""
        (tmp_path / ".env").write_text("REDIS_URL=redis://filed/1\n")
        assert "redis://near:6379/0" == load(tmp_path, REDIS_HOST="near").external_redis_url
        assert "redis://filed/1" == load(tmp_path).external_redis_url

    def test_a_password_of_any_letters_and_a_v6_host_make_a_valid_address(self, tmp_path: Path):
        """Quoted, bracketed."""
        settings = load(tmp_path, REDIS_HOST="::1", REDIS_PASSWORD="p@s:/#")
        assert "redis://:p%40s%3A%2F%23@[::1]:6379/0" == settings.external_redis_url


class TestErrors:
    """One line: setting, value, where, what is right."""

    @pytest.mark.parametrize(
        ("name", "value", "right"),
        [
            ("REDIS_PORT", "abc", "a port from 1 to 65535"),
            ("REDIS_PORT", "0", "a port from 1 to 65535"),
            ("API_PORT", "99999", "a port from 0 to 65535"),
            ("CACHE_TTL_SECONDS", "-1", "a number of seconds"),
            ("CACHE_TTL_SECONDS", "٣", "a number of seconds"),
            ("LOCAL_API_AUTH", "maybe", "on or off"),
            ("REDIS_URL", "http://localhost", "redis://"),
            ("DATABASE_URL", "mysql://localhost/x", "postgresql://"),
            ("GOOGLE_API_ENDPOINT", "googleapis", "https://www.googleapis.com"),
            ("GOOGLE_API_ENDPOINT", "http://localhost:99999", "https://www.googleapis.com"),
            ("PUBLIC_URL", "ftp://a", "https://"),
            ("AICALENDAR_LANGUAGE", "klingon", "en or ru"),
            ("AICALENDAR_WORK_HOURS", "18-9", "two times of a day such as 09:00-18:00"),
            ("AICALENDAR_WORK_HOURS", "9-25", "two times of a day such as 09:00-18:00"),
            ("AICALENDAR_WORK_HOURS", "nine to five", "two times of a day such as 09:00-18:00"),
            ("AICALENDAR_WEEK", "6", "7, 5 or today"),
            ("AICALENDAR_SEVERAL_DAYS", "10", "a number of days from 1 to 9"),
            ("AICALENDAR_ROW_MINUTES", "20", "15, 30 or 60"),
            ("AICALENDAR_SECOND_ZONE", "Mars/Base", "an IANA time zone"),
            ("AICALENDAR_ZONE", "Europe/Berln", "did you mean Europe/Berlin?"),
            ("AICALENDAR_ZONE", "../etc/passwd", "IANA"),
            ("AICALENDAR_NOW", "tomorrow", "2026-11-23T09:00"),
        ],
    )
    def test_a_wrong_value_is_told_in_one_line(self, tmp_path: Path, name: str, value: str, right: str):
        """Whatever kind of value it is."""
        with pytest.raises(SettingsError) as caught:
            load(tmp_path, **{name: value})
        text = str(caught.value)
        assert text.startswith(f"{name} is {value!r} (environment variable {name}); it must be ")
        assert right in text
        assert "\n" not in text

    def test_a_wrong_value_in_a_file_names_file_and_place(self, tmp_path: Path):
        """A line of `.env`, a key of config.toml."""
        (tmp_path / ".env").write_text("# ports\nAPI_PORT=x\n")
        with pytest.raises(SettingsError, match=rf"\({tmp_path}/.env, line 2\)"):
            load(tmp_path)
        (tmp_path / ".env").unlink()
        (tmp_path / "config.toml").write_text("api_port = 'x'\n")
        with pytest.raises(SettingsError, match=rf"\({tmp_path}/config.toml, api_port\)"):
            load(tmp_path)

    def test_a_password_in_an_address_is_not_shown(self, tmp_path: Path):
        """Messages end in logs and screenshots."""
        with pytest.raises(SettingsError) as caught:
            load(tmp_path, DATABASE_URL="mysql://me:hunter2@host/x")
        assert "hunter2" not in str(caught.value)
        assert "mysql://***@host/x" in str(caught.value)

    def test_an_unknown_key_names_the_nearest(self, tmp_path: Path):
        """So that a slip is mended at a glance."""
        (tmp_path / "config.toml").write_text('langage = "ru"\n')
        with pytest.raises(SettingsError, match=r"sets langage, which is no setting; did you mean language\?"):
            load(tmp_path)

    @pytest.mark.parametrize(
        ("name", "content", "expected"),
        [
            ("config.toml", b"api_port = [1]\n", "sets api_port to a list; it must be"),
            ("config.toml", b"[api_port]\nx = 1\n", "sets api_port to a table; it must be"),
            ("config.toml", b"api_port = = 1\n", "is not valid TOML: .*line 1"),
            ("config.toml", b"\xff\xfe", "is not UTF-8 text"),
            (".env", b"\x00\xff", "is not UTF-8 text"),
            (".env", b"REDIS_HOST\n", "line 1, is not of the form NAME=value"),
            (".env", b'A=1\nREDIS_PASSWORD="open\n', "line 2: REDIS_PASSWORD has no closing quote"),
            (".env", b"REDIS_PASSWORD='a' b\n", "line 1: REDIS_PASSWORD has something after its closing quote"),
        ],
    )
    def test_a_broken_file_is_told_in_one_line(self, tmp_path: Path, name: str, content: bytes, expected: str):
        """With the place where it breaks."""
        (tmp_path / name).write_bytes(content)
        with pytest.raises(SettingsError, match=expected) as caught:
            load(tmp_path)
        assert "\n" not in str(caught.value)

    def test_a_folder_in_place_of_a_file_is_told(self, tmp_path: Path):
        """The system's own reason is in the line."""
        (tmp_path / ".env").mkdir()
        with pytest.raises(SettingsError, match=r"can't read .*\.env: Is a directory"):
            load(tmp_path)


class TestDemo:
    """Nothing of the user's own is touched."""

    def test_the_demo_ignores_the_users_redis_database_and_tunnel(self, tmp_path: Path):
        """From the environment and from files alike."""
        (tmp_path / ".env").write_text("PUBLIC_URL=https://a.example\nAICALENDAR_LANGUAGE=ru\nREDIS_PORT=wrong\n")
        settings = load(
            tmp_path, demo=True, REDIS_URL="redis://mine", DATABASE_URL="postgresql://mine", NGROK_AUTHTOKEN="t"
        )
        assert settings.external_redis_url is None
        assert (None, None, None) == (settings.database_url, settings.ngrok_authtoken, settings.public_url)
        assert "ru" == settings.language

    def test_the_demo_has_state_of_its_own(self):
        """And AICALENDAR_HOME itself is that state when it is set."""
        environ = {"HOME": "/home/me", "XDG_STATE_HOME": "/s"}
        real, demo = find_folders(environ=environ), find_folders(demo=True, environ=environ)
        assert not set(demo[1:]) & set(real[1:])
        home = {"AICALENDAR_HOME": "/h"}
        assert find_folders(environ=home) == find_folders(demo=True, environ=home)

    def test_a_child_loads_what_its_parent_has(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        """Demo, folder and overrides travel in the environment."""
        monkeypatch.chdir(tmp_path)
        environ = {"AICALENDAR_HOME": "home"}
        now = datetime(2026, 11, 23, 9, tzinfo=timezone(timedelta(hours=1)))
        parent = load_settings(
            demo=True,
            environ=environ,
            overrides={"google_api_endpoint": "http://127.0.0.1:9", "now": now, "local_api_auth": False},
        )
        child = load_settings(environ={**environ, **parent.child_environ()})
        assert parent._replace(sources={}) == child._replace(sources={})


class TestValues:
    """What reads as what."""

    def test_a_time_without_offset_is_in_the_zone_that_is_shown(self, tmp_path: Path):
        """Not in the machine's, which the pictures must not depend on."""
        settings = load(tmp_path, AICALENDAR_NOW="2026-11-23T09:00", AICALENDAR_ZONE="Asia/Tokyo")
        assert datetime(2026, 11, 23, tzinfo=UTC) == settings.now

    def test_toml_types_are_taken_as_they_are(self, tmp_path: Path):
        """Switches as booleans, ports as integers, times as times."""
        (tmp_path / "config.toml").write_text("local_api_auth = false\napi_port = 1\nnow = 2026-11-23T09:00:00Z\n")
        settings = load(tmp_path)
        assert (False, 1) == (settings.local_api_auth, settings.api_port)
        assert datetime(2026, 11, 23, 9, tzinfo=UTC) == settings.now

    def test_secrets_are_in_no_repr(self, tmp_path: Path):
        """Of the settings, or of any collection with them in it."""
        settings = load(tmp_path, REDIS_PASSWORD="hunter2", NGROK_AUTHTOKEN="hunter3")
        assert "hunter" not in repr(settings) + str(settings) + repr(settings._asdict())
        assert "hunter2" == settings.redis_password

    def test_a_secret_made_of_secrets_is_hidden_too(self, tmp_path: Path):
        """The address that is built from parts."""
        url = load(tmp_path, REDIS_PASSWORD="hunter2").external_redis_url
        assert isinstance(url, Secret)
        assert "hunter2" not in repr(url)

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("A=b", "b"),
            ("export A = b ", "b"),
            ("A=", ""),
            ("A=# none", ""),
            ("A=b#c", "b#c"),
            ("A=b # c", "b"),
            ("A='b # $c' # d", "b # $c"),
            (r'A="b\n\"c\\"', 'b\n"c\\'),
            ("A=b=c", "b=c"),
        ],
    )
    def test_a_line_of_env_reads_as_a_shell_would(self, line: str, expected: str):
        """But for expansion, which there is none of."""
        assert {"A": (expected, 1)} == parse_dotenv(line)

    @given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])))
    def test_any_value_can_be_written_in_double_quotes(self, value: str):
        """Escaping backslash and quote is all it takes."""
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        assert value == parse_dotenv(f'A="{escaped}"')["A"][0]

    @given(st.text())
    def test_any_text_is_parsed_or_refused_by_name(self, text: str):
        """Never a traceback."""
        with contextlib.suppress(SettingsError):
            assert all(name.isidentifier() for name in parse_dotenv(text))

    @given(st.sampled_from(sorted(FIELDS)), st.text().filter(lambda text: "\0" not in text))
    def test_any_value_of_any_setting_is_taken_or_refused_by_name(self, field: str, value: str):
        """Never a traceback, here neither."""
        name = FIELDS[field].name
        try:
            load_settings(environ={"AICALENDAR_HOME": "/nowhere", name: value})
            refusal = f"{name} is "
        except SettingsError as error:
            refusal = str(error)
        assert refusal.startswith(f"{name} is ")


class TestTable:
    """The table is one with the code and the documents."""

    def test_the_languages_are_those_of_the_catalogues(self):
        """Settings can't import i18n; they must agree all the same."""
        for code in i18n.LANGUAGES:
            assert code == FIELDS["language"].parse(code)
        assert " or ".join(i18n.LANGUAGES) == FIELDS["language"].right

    def test_generated_files_are_up_to_date(self):
        """`make tables` writes them."""
        root = Path(__file__).parents[2]
        code = "import write_tables as w; print([p.name for p, t in w.pages().items() if p.read_text() != t])"
        result = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(root / "docs")},
        )
        assert "[]" == result.stdout.strip()

    def test_every_line_of_the_example_is_a_comment(self):
        """A copy of it changes nothing."""
        text = (Path(__file__).parents[2] / ".env.example").read_text("utf-8")
        assert {} == parse_dotenv(text)

    def test_every_default_and_example_in_it_is_valid(self, tmp_path: Path):
        """Uncommented, the file loads, and says the defaults."""
        lines = (Path(__file__).parents[2] / ".env.example").read_text("utf-8").splitlines()
        names = {setting.name for setting in FIELDS.values()}
        assignments = [line[2:] for line in lines if line[2:].partition("=")[0] in names]
        (tmp_path / ".env").write_text("\n".join(assignments), "utf-8")
        settings = load(tmp_path)
        assert names == {line.partition("=")[0] for line in assignments}
        for field, default in Settings._field_defaults.items():
            if field in FIELDS and default is not None:
                assert default == getattr(settings, field)


class TestFolders:
    """Private, and told when they can't be."""

    def test_folders_are_made_private(self, tmp_path: Path):
        """Others have no business there."""
        folders = find_folders(environ={"AICALENDAR_HOME": str(tmp_path / "a" / "b")})
        folders.create()
        assert 0o700 == folders.run.stat().st_mode & 0o777
        assert 0o700 == folders.data.stat().st_mode & 0o777

    def test_a_file_in_the_way_is_told_in_one_line(self, tmp_path: Path):
        """With the way out."""
        (tmp_path / "taken").write_text("")
        folders = find_folders(environ={"AICALENDAR_HOME": str(tmp_path / "taken")})
        with pytest.raises(SettingsError, match=r"can't make the folder .*taken.*AICALENDAR_HOME"):
            folders.create()


class TestKeys:
    """Keys of the user's choice, as settings; whether commands and keys exist is judged by the screens."""

    def test_a_table_in_config_toml_is_the_same_as_the_text(self, tmp_path: Path):
        """One key, a list, a comma, and none at all."""
        (tmp_path / "config.toml").write_text('[keys]\ncreate = ["c", ","]\nundo = "Ctrl-Z"\nsync = []\n', "utf-8")
        expected = {"create": ("c", "comma"), "undo": ("Ctrl-Z",), "sync": ()}
        assert expected == load(tmp_path).keys
        (tmp_path / "config.toml").unlink()
        (tmp_path / ".env").write_text("AICALENDAR_KEYS=create=c,comma undo=Ctrl-Z sync=\n", "utf-8")
        assert expected == load(tmp_path).keys

    @pytest.mark.parametrize("value", ["3", "[1]", "{a = 1}", '""'])
    def test_what_is_no_key_names_its_place(self, tmp_path: Path, value: str):
        """And what is right."""
        (tmp_path / "config.toml").write_text(f"[keys]\ncreate = {value}\n", "utf-8")
        with pytest.raises(SettingsError, match=r"keys\.create .* must be a key or a list"):
            load(tmp_path)
