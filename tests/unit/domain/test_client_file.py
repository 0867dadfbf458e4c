"""What is a client file, and what each wrong kind of file is told."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aicalendar_tui.backend.domain.client_file import LARGEST_BYTES, Client, read_client_file
from aicalendar_tui.backend.domain.errors import WrongClientFile

INSTALLED = {
    "client_id": "1-x.apps.googleusercontent.com",
    "project_id": "mine-123",
    "auth_uri": "https://accounts.google.com/o/oauth2/auth",
    "token_uri": "https://oauth2.googleapis.com/token",
    "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
    "client_secret": "GOCSPX-SECRET",
    "redirect_uris": ["http://localhost"],
}
RIGHT = {"installed": INSTALLED}
CLIENT = Client(client_id="1-x.apps.googleusercontent.com", client_secret="GOCSPX-SECRET", project_id="mine-123")


def installed(**changes: Any) -> str:
    """A client file with other fields; None takes one away."""
    fields = {name: value for name, value in {**INSTALLED, **changes}.items() if value is not None}
    return json.dumps({"installed": fields})


@pytest.mark.parametrize(
    "content",
    [
        json.dumps(RIGHT),
        json.dumps(RIGHT, indent=2),
        "\ufeff" + json.dumps(RIGHT),
        b"\xef\xbb\xbf" + json.dumps(RIGHT).encode(),
        json.dumps(RIGHT).encode("utf-16"),
        f"\n\n  {json.dumps(RIGHT)}  \n",
        installed(client_id=" 1-x.apps.googleusercontent.com\n"),
        installed(auth_uri=None, token_uri=None),
        installed(token_uri="https://evil.example/token"),
    ],
)
def test_a_client_file_is_read_however_it_was_saved(content: str | bytes) -> None:
    """Its addresses are not looked at: where requests go is a setting."""
    assert CLIENT == read_client_file(content)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        ("hello", "not json"),
        ("[]", "not json"),
        ("[1, 2]", "not json"),
        ("{'installed': 1}", "not json"),
        ("{" * 5_000, "not json"),
        ("[" * 5_000, "not json"),
        (json.dumps(RIGHT)[:-2], "cut off"),
        (json.dumps(RIGHT)[1:], "cut off"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "not text"),
        ("x" * (LARGEST_BYTES + 1), "too large"),
        ('{"type": "service_account", "private_key": "SECRET"}', "service account"),
        ('{"type": "authorized_user", "refresh_token": "SECRET"}', "user tokens"),
        ('{"token": "SECRET", "refresh_token": "SECRET", "client_id": "x"}', "user tokens"),
        ('{"type": "external_account", "audience": "x"}', "workload identity"),
        ('{"web": {"client_id": "x", "client_secret": "SECRET"}}', "web client"),
        ('{"apiKey": "AIzaSECRET", "projectId": "x"}', "api config"),
        ('{"project_info": {}, "client": [{"api_key": [{"current_key": "SECRET"}]}]}', "api config"),
        ("AIzaSySECRET", "api key"),
        ("1-x.apps.googleusercontent.com", "client id"),
        ("<!DOCTYPE html><html></html>", "web page"),
        ('<?xml version="1.0"?><!DOCTYPE plist><plist><dict/></plist>', "ios"),
        ('{"client_id": "x", "client_secret": "SECRET", "team": "slack"}', "other app"),
        ("{}", "other app"),
        ('{"installed": []}', "other app"),
        (installed(auth_uri="https://login.microsoftonline.com/authorize"), "other app"),
        (installed(auth_uri="https://google.com.evil.example/"), "other app"),
        (installed(auth_uri=5), "other app"),
        (installed(client_id=None), "incomplete"),
        (installed(client_id=7), "incomplete"),
        (installed(client_id="a b"), "incomplete"),
        (installed(client_secret=None), "incomplete"),
        (installed(client_secret=""), "incomplete"),
        (installed(client_secret="ключ"), "incomplete"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else None,
)
def test_each_wrong_file_is_told_as_what_it_is(content: str | bytes, kind: str) -> None:
    """In one line, without a secret of its own in it."""
    with pytest.raises(WrongClientFile) as raised:
        read_client_file(content)

    assert kind == raised.value.kind
    assert "SECRET" not in str(raised.value)
    assert "\n" not in str(raised.value)


KEYS = st.sampled_from(["installed", "web", "type", "client_id", "client_secret", "auth_uri"])
DOCUMENTS = st.recursive(st.none() | st.text(), lambda inner: st.dictionaries(KEYS, inner)).map(json.dumps)


@given(st.text() | st.binary() | DOCUMENTS)
def test_any_content_is_a_client_or_told(content: str | bytes) -> None:
    """Never another error."""
    try:
        told = read_client_file(content).client_id
    except WrongClientFile as error:
        told = str(error)

    assert told


def test_a_client_does_not_show_its_secret() -> None:
    """In a traceback or a log."""
    assert "SECRET" not in repr(CLIENT)
