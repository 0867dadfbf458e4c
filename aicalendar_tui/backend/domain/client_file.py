"""The client file of Google's console: who this program is when it asks a user for access. Read, never followed.

Its addresses (`auth_uri`, `token_uri`) are only looked at to tell whose file it is: where requests go is a setting.
"""

from typing import Any

from msgspec import DecodeError, Struct, json

from aicalendar_tui.backend.domain.errors import WrongClientFile
from aicalendar_tui.i18n import N_

LARGEST_BYTES = 64 * 1024
"""A client file has half a kilobyte."""


class Client(Struct, frozen=True, kw_only=True):
    """An OAuth client for installed programs. Its secret is none towards its user, but not for the public."""

    client_id: str
    client_secret: str
    project_id: str = ""

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Client(client_id={self.client_id!r})"


STAND_IN_CLIENT = Client(client_id="aicalendar", client_secret="none")
"""For a Google on this machine: the simulator registers no clients, it takes any."""


def read_client_file(content: str | bytes) -> Client:
    """The client that a downloaded file, or its pasted text, describes.

    Raises: WrongClientFile, whose `kind` says what it is instead (`empty`, `too large`, `not text`, `web page`,
    `ios`, `api key`, `client id`, `cut off`, `not json`, `service account`, `user tokens`, `workload identity`,
    `web client`, `api config`, `other app`, `incomplete`), and whose text says what to do.
    """
    text = _decode(content).strip().strip("\ufeff").strip()
    if not text:
        raise _wrong("empty", N_("the client file is empty: download it again from Google's console"))
    if text[0] not in "{[":
        raise _describe_text(text)
    try:
        document = json.decode(text)
    except RecursionError as error:
        raise _wrong("not json", _NOT_JSON) from error
    except DecodeError as error:
        if "truncated" in str(error):
            raise _wrong(
                "cut off", N_("the client file is cut off: copy all of it, from the first brace to the last")
            ) from error
        raise _wrong("not json", _NOT_JSON) from error
    if not isinstance(document, dict):
        raise _wrong("not json", _NOT_JSON)
    return _read_document(document)


_NOT_JSON = N_("this is no client file (no JSON): in Google's console use “Download JSON”")
_OTHER_APP = N_(
    "this JSON is no client file of Google's: in Google's console create a client of type “Desktop app” "
    "and download its JSON"
)


def _read_document(document: dict[str, Any]) -> Client:
    installed = document.get("installed")
    if isinstance(installed, dict):
        return _read_installed(installed)
    kind = document.get("type")
    if kind == "service_account":
        raise _wrong(
            "service account",
            N_(
                "this is a service account's key, which can't see your calendar: in Google's console create a client "
                "of type “Desktop app” and download its JSON"
            ),
        )
    if isinstance(document.get("web"), dict):
        raise _wrong(
            "web client",
            N_("this client is of type “Web application”: create one of type “Desktop app” and download its JSON"),
        )
    if kind == "authorized_user" or "refresh_token" in document or "access_token" in document:
        raise _wrong(
            "user tokens",
            N_("these are a user's tokens of another program, not a client file: download the client's JSON instead"),
        )
    if kind in ("external_account", "impersonated_service_account", "external_account_authorized_user"):
        raise _wrong(
            "workload identity",
            N_("this is a configuration for servers (workload identity): create a client of type “Desktop app”"),
        )
    if "project_info" in document or "apiKey" in document or "api_key" in document:
        raise _wrong(
            "api config",
            N_("this has an API key, which can't open a private calendar: create a client of type “Desktop app”"),
        )
    raise _wrong("other app", _OTHER_APP)


def _read_installed(installed: dict[str, Any]) -> Client:
    auth_uri = installed.get("auth_uri", "")
    if not isinstance(auth_uri, str) or (auth_uri and not _is_googles(auth_uri)):
        raise _wrong("other app", _OTHER_APP)
    client_id, secret = installed.get("client_id"), installed.get("client_secret")
    if not isinstance(client_id, str) or not client_id.strip():
        raise _wrong("incomplete", N_("the client file has no client_id: download it again from Google's console"))
    if not isinstance(secret, str) or not secret.strip():
        raise _wrong(
            "incomplete",
            N_(
                "the client file has no client_secret: Google shows it only once; in the console add a new secret "
                "to the client and download the JSON again"
            ),
        )
    if not (client_id.strip() + secret.strip()).isascii() or any(c.isspace() for c in client_id.strip()):
        raise _wrong("incomplete", N_("the client file is damaged: download it again from Google's console"))
    project = installed.get("project_id")
    return Client(
        client_id=client_id.strip(),
        client_secret=secret.strip(),
        project_id=project if isinstance(project, str) else "",
    )


def _is_googles(address: str) -> bool:
    scheme, _, rest = address.partition("://")
    host = rest.partition("/")[0].partition("?")[0].rpartition("@")[2].partition(":")[0].lower()
    return host in ("127.0.0.1", "localhost") or (
        scheme == "https" and (host == "google.com" or host.endswith((".google.com", ".googleapis.com")))
    )


def _describe_text(text: str) -> WrongClientFile:
    lowered = text[:2_000].lower()
    if "<plist" in lowered:
        return _wrong("ios", N_("this client is for iOS: create one of type “Desktop app” and download its JSON"))
    if lowered.startswith("<") and ("<html" in lowered or "<!doctype" in lowered):
        return _wrong("web page", N_("this is a web page, not the client file: use “Download JSON” on that page"))
    one_word = not any(letter.isspace() for letter in text)
    if one_word and text.startswith("AIza"):
        return _wrong(
            "api key",
            N_("this is an API key, which can't open a private calendar: create a client of type “Desktop app”"),
        )
    if one_word and text.endswith(".apps.googleusercontent.com"):
        return _wrong("client id", N_("this is the client's id alone: the whole JSON file is needed"))
    if text.startswith('"') and ("client_id" in lowered or "installed" in lowered):
        return _wrong("cut off", N_("the client file is cut off: copy all of it, from the first brace to the last"))
    return _wrong("not json", _NOT_JSON)


def _decode(content: str | bytes) -> str:
    if len(content) > LARGEST_BYTES:
        raise _wrong("too large", N_("this file is too large for a client file: use “Download JSON” in the console"))
    if isinstance(content, str):
        return content
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _wrong("not text", _NOT_JSON) from error


def _wrong(kind: str, message: str) -> WrongClientFile:
    return WrongClientFile(message, kind=kind)
