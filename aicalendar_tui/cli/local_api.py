"""The running services' local API, for what only they may do: enqueue tasks."""

import json
from pathlib import Path

from aicalendar_tui.backend.domain.errors import CalendarError, Transient
from aicalendar_tui.i18n import N_
from aicalendar_tui.settings import Settings, SettingsError

TIMEOUT_SECONDS = 5.0


class LocalApi:
    """One short request each; finds the address anew, since it changes with each start of the services."""

    def __init__(self, settings: Settings) -> None:
        self._addresses: Path = settings.folders.api_addresses
        self._token: Path = settings.folders.api_token

    def request(self, method: str, path: str) -> None:
        """Raises Transient when the services are away, CalendarError when they refuse."""
        # Imported here: 20 ms that the first paint must not wait for.
        from http.client import HTTPConnection, HTTPException
        from urllib.parse import urlsplit

        from aicalendar_tui.settings.api_token import read_api_token

        try:
            address = urlsplit(json.loads(self._addresses.read_bytes())["local"])
            token = read_api_token(self._token)
        except (OSError, ValueError, KeyError, SettingsError) as error:
            raise Transient(N_("the services are not running")) from error
        connection = HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, path, headers={"Authorization": f"Bearer {token}", "Content-Length": "0"})
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, HTTPException) as error:
            raise Transient(N_("the services don't answer")) from error
        finally:
            connection.close()
        if answer.status >= 500:
            raise Transient(f"the services answered {answer.status}")
        if answer.status >= 400:
            raise CalendarError(_detail(body) or f"the services answered {answer.status}")


def _detail(body: bytes) -> str:
    """What a problem document (RFC 9457) says, or ''."""
    try:
        problem = json.loads(body)
    except ValueError:
        return ""
    return str(problem.get("detail") or problem.get("title") or "") if isinstance(problem, dict) else ""
