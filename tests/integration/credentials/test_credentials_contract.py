"""What every place for secrets keeps, and what is special about files and the keyring."""

import logging
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from keyring.errors import KeyringLocked, PasswordDeleteError

from aicalendar_tui.backend.credentials import FileCredentials, Keyring, KeyringCredentials, StaticCredentials
from aicalendar_tui.backend.ports import Credentials

GOOGLE, LOCAL = "https://www.googleapis.com", "http://127.0.0.1:9000"
ANA = {"token": "SECRET-a", "refresh_token": "SECRET-r", "scopes": ["calendar"], "name": "Ана"}
BORIS = {"token": "SECRET-b"}


class MemoryKeyring:
    """A keyring backend in memory; `locked` makes it refuse as a locked one does."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str, /) -> str | None:
        """As keyring's backends do."""
        self._check()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """As keyring's backends do."""
        self._check()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str, /) -> None:
        """As keyring's backends do: what is not there can't be deleted."""
        self._check()
        if (service, username) not in self.entries:
            raise PasswordDeleteError("not found")
        del self.entries[service, username]

    def _check(self) -> None:
        if self.locked:
            raise KeyringLocked("locked")


def no_keyring() -> Keyring | None:
    """A machine without one."""
    return None


KINDS: dict[str, Callable[[Path], Credentials]] = {
    "file": FileCredentials,
    "static": lambda _: StaticCredentials(),
    "keyring": lambda folder: KeyringCredentials(FileCredentials(folder), MemoryKeyring),
    "no keyring": lambda folder: KeyringCredentials(FileCredentials(folder), no_keyring),
}


@pytest.fixture(params=KINDS)
def credentials(request: pytest.FixtureRequest, tmp_path: Path) -> Credentials:
    """Each kind, empty."""
    return KINDS[request.param](tmp_path / "credentials")


def test_what_was_saved_is_loaded(credentials: Credentials) -> None:
    """Whole, and the last one counts."""
    credentials.save("ana", GOOGLE, BORIS)
    credentials.save("ana", GOOGLE, ANA)

    assert ANA == credentials.load("ana", GOOGLE)


def test_nothing_is_loaded_before_it_was_saved(credentials: Credentials) -> None:
    """An account that never signed in."""
    assert credentials.load("ana", GOOGLE) is None


def test_accounts_and_endpoints_are_kept_apart(credentials: Credentials) -> None:
    """What Google issued is never offered to another server."""
    credentials.save("ana", GOOGLE, ANA)
    credentials.save("boris", GOOGLE, BORIS)

    assert (ANA, BORIS, None) == (
        credentials.load("ana", GOOGLE), credentials.load("boris", GOOGLE), credentials.load("ana", LOCAL),
    )  # fmt: skip


def test_deleting_forgets_one_account(credentials: Credentials) -> None:
    """And may be done twice."""
    credentials.save("ana", GOOGLE, ANA)
    credentials.save("boris", GOOGLE, BORIS)

    credentials.delete("ana", GOOGLE)
    credentials.delete("ana", GOOGLE)

    assert (None, BORIS) == (credentials.load("ana", GOOGLE), credentials.load("boris", GOOGLE))


def test_what_is_loaded_may_be_changed_freely(credentials: Credentials) -> None:
    """It is a copy."""
    credentials.save("ana", GOOGLE, ANA)
    loaded = credentials.load("ana", GOOGLE)
    assert loaded
    loaded["token"] = "changed"

    assert ANA == credentials.load("ana", GOOGLE)


def test_files_are_private_from_the_start(tmp_path: Path) -> None:
    """Whatever the umask; nothing but the finished file is left, and its name tells nobody whose it is."""
    folder = tmp_path / "credentials"
    umask = os.umask(0)
    try:
        FileCredentials(folder).save("ana@example.com", GOOGLE, ANA)
    finally:
        os.umask(umask)

    assert {0o600} == {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    assert not [file for file in folder.iterdir() if "ana" in file.name]


def test_a_file_that_others_can_read_is_closed_to_them(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With a warning that has no secret in it."""
    credentials = FileCredentials(tmp_path)
    credentials.save("ana", GOOGLE, ANA)
    (file,) = tmp_path.glob("*.json")
    file.chmod(0o644)

    assert ANA == credentials.load("ana", GOOGLE)

    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert "readable by others" in caplog.text
    assert "SECRET" not in caplog.text


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff"])
def test_a_damaged_file_counts_as_signed_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    """Signing in again mends it."""
    credentials = FileCredentials(tmp_path)
    credentials.save("ana", GOOGLE, ANA)
    (file,) = tmp_path.glob("*.json")
    file.write_bytes(content)

    assert credentials.load("ana", GOOGLE) is None
    assert "sign in again" in caplog.text


def test_a_save_that_fails_leaves_the_old_file_whole(tmp_path: Path) -> None:
    """What cannot be written as JSON is not half written either."""
    credentials = FileCredentials(tmp_path)
    credentials.save("ana", GOOGLE, ANA)

    with pytest.raises(TypeError):
        credentials.save("ana", GOOGLE, {"token": object()})

    assert ANA == credentials.load("ana", GOOGLE)
    assert {".json", ".lock"} == {path.suffix for path in tmp_path.iterdir()}


def test_the_keyring_holds_the_secret_and_no_file_does(tmp_path: Path) -> None:
    """An older file goes when the keyring takes over."""
    files, keyring = FileCredentials(tmp_path), MemoryKeyring()
    files.save("ana", GOOGLE, BORIS)
    credentials = KeyringCredentials(files, lambda: keyring)
    assert BORIS == credentials.load("ana", GOOGLE)

    credentials.save("ana", GOOGLE, ANA)

    assert (ANA, None, 1) == (credentials.load("ana", GOOGLE), files.load("ana", GOOGLE), len(keyring.entries))


def test_a_locked_keyring_is_replaced_by_files(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Over ssh nobody can unlock it."""
    keyring = MemoryKeyring()
    credentials = KeyringCredentials(FileCredentials(tmp_path), lambda: keyring)
    keyring.locked = True
    caplog.set_level(logging.DEBUG)

    credentials.save("ana", GOOGLE, ANA)

    assert ANA == credentials.load("ana", GOOGLE)
    assert "a private file is used instead" in caplog.text
    assert "SECRET" not in caplog.text


def test_what_a_keyring_refuses_is_not_shadowed_by_its_older_entry(tmp_path: Path) -> None:
    """A keyring that is full keeps the old token; the new one must win."""

    class FullKeyring(MemoryKeyring):
        full = False

        def set_password(self, service: str, username: str, password: str, /) -> None:
            if self.full:
                raise OSError("too large")
            super().set_password(service, username, password)

    keyring = FullKeyring()
    credentials = KeyringCredentials(FileCredentials(tmp_path), lambda: keyring)
    credentials.save("ana", GOOGLE, BORIS)
    keyring.full = True

    credentials.save("ana", GOOGLE, ANA)

    assert ANA == credentials.load("ana", GOOGLE)


def test_a_save_and_a_delete_are_noticed_by_others(credentials: Credentials) -> None:
    """Each time, of that account alone where accounts are told apart."""
    versions = [credentials.version("ana", GOOGLE)]
    for information in (ANA, ANA, BORIS):
        credentials.save("ana", GOOGLE, information)
        versions.append(credentials.version("ana", GOOGLE))
    credentials.delete("ana", GOOGLE)
    versions.append(credentials.version("ana", GOOGLE))

    assert len(versions) == len(set(versions))
    assert versions[-1] == credentials.version("ana", GOOGLE)


def test_work_goes_on_while_the_keyring_is_locked(tmp_path: Path) -> None:
    """Some lock it with the screen; that signs nobody out."""
    keyring = MemoryKeyring()
    credentials = KeyringCredentials(FileCredentials(tmp_path), lambda: keyring)
    KeyringCredentials(FileCredentials(tmp_path), lambda: keyring).save("ana", GOOGLE, ANA)
    assert ANA == credentials.load("ana", GOOGLE)
    keyring.locked = True

    assert ANA == credentials.load("ana", GOOGLE)
    assert credentials.load("boris", GOOGLE) is None


def test_what_a_locked_keyring_did_not_delete_stays_deleted(tmp_path: Path) -> None:
    """For this process and the next; the entry goes when somebody signs in again."""
    keyring = MemoryKeyring()
    credentials = KeyringCredentials(FileCredentials(tmp_path), lambda: keyring)
    credentials.save("ana", GOOGLE, ANA)
    keyring.locked = True
    credentials.delete("ana", GOOGLE)
    keyring.locked = False

    for again in (credentials, KeyringCredentials(FileCredentials(tmp_path), lambda: keyring)):
        assert again.load("ana", GOOGLE) is None

    credentials.save("ana", GOOGLE, BORIS)
    assert BORIS == credentials.load("ana", GOOGLE)
    assert not list(tmp_path.glob("*.json"))


def test_what_was_saved_while_the_keyring_was_locked_counts(tmp_path: Path) -> None:
    """Not its older entry."""
    keyring = MemoryKeyring()
    credentials = KeyringCredentials(FileCredentials(tmp_path), lambda: keyring)
    credentials.save("ana", GOOGLE, BORIS)
    keyring.locked = True
    credentials.save("ana", GOOGLE, ANA)
    keyring.locked = False

    assert ANA == KeyringCredentials(FileCredentials(tmp_path), lambda: keyring).load("ana", GOOGLE)
