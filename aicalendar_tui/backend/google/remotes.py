"""Opens accounts at Google: tokens are shared by all threads, clients are not (httplib2 is not made for it)."""

import logging
import os
from contextlib import AbstractContextManager
from threading import Lock, local
from typing import Any

from aicalendar_tui.backend import ports
from aicalendar_tui.backend.domain.errors import NotAuthorized
from aicalendar_tui.backend.domain.grant import is_signed_in
from aicalendar_tui.backend.google.authorization import Grant
from aicalendar_tui.backend.google.calendar import PAGE_SIZE, TIMEOUT_SECONDS, GoogleCalendar
from aicalendar_tui.backend.google.endpoint import Endpoint

logger = logging.getLogger(__name__)


class GoogleRemotes:
    """Fits `ports.Remotes`. A client is built by the thread (and, after a fork, the process) that first asks."""

    def __init__(
        self,
        credentials: ports.Credentials,
        endpoint: Endpoint,
        *,
        page_size: int = PAGE_SIZE,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._credentials = credentials
        self._endpoint = endpoint
        self._page_size = page_size
        self._timeout_seconds = timeout_seconds
        self._grants: dict[str, Grant] = {}
        self._versions: dict[str, int] = {}
        self._opening = Lock()
        self._thread = local()

    def __call__(self, user_id: str) -> GoogleCalendar:
        """See `ports.Remotes`."""
        grant = self._grant(user_id)
        clients = self._clients()
        known = clients.get(user_id)
        if known is not None and known[0] is grant:
            return known[1]
        client = GoogleCalendar(
            grant,
            self._endpoint,
            page_size=self._page_size,
            timeout_seconds=self._timeout_seconds,
            # Signing in again may have happened in another process: look at what is stored by then.
            on_denied=lambda: self.forget(user_id),
        )
        clients[user_id] = (grant, client)
        return client

    def forget(self, user_id: str) -> None:
        """Reads the user's credentials anew at the next call: after a sign-in, a sign-out, a lost grant."""
        with self._opening:
            self._grants.pop(user_id, None)

    def close(self) -> None:
        """Closes this thread's connections; the next call opens new ones."""
        clients = self._clients()
        while clients:
            clients.popitem()[1][1].close()

    def _grant(self, user_id: str) -> Grant:
        with self._opening:
            grant = self._grants.get(user_id)
            version = self._credentials.version(user_id, self._endpoint.base)
            # Another process may have signed the user out, or in again.
            if grant is None or version != self._versions[user_id]:
                vault = _Vault(self._credentials, user_id, self._endpoint.base)
                try:
                    information = vault.load()
                except OSError as error:
                    raise NotAuthorized(f"the stored credentials can't be read: {error.strerror}") from error
                if information is None or not is_signed_in(information):
                    self._grants.pop(user_id, None)
                    raise NotAuthorized("no credentials are stored for this account")
                self._versions[user_id] = version
                if grant is None or grant.refresh_token != information.get("refresh_token"):
                    grant = Grant(information, self._endpoint, vault)
                self._grants[user_id] = grant
            return grant

    def _clients(self) -> dict[str, tuple[Grant, GoogleCalendar]]:
        if getattr(self._thread, "process_id", None) != os.getpid():
            self._thread.process_id = os.getpid()
            self._thread.clients = {}
        return self._thread.clients


class _Vault:
    """Fits `authorization.Vault`: one account's place among all credentials."""

    def __init__(self, credentials: ports.Credentials, user_id: str, endpoint: str) -> None:
        self._credentials = credentials
        self._account = (user_id, endpoint)

    def hold(self) -> AbstractContextManager[None]:
        """See `ports.Credentials`."""
        return self._credentials.hold(*self._account)

    def load(self) -> dict[str, Any] | None:
        """See `ports.Credentials`."""
        return self._credentials.load(*self._account)

    def save(self, information: dict[str, Any]) -> None:
        """See `authorization.Vault`."""
        try:
            self._credentials.save(*self._account, information)
        except OSError as error:
            # The tokens work all the same; only the next start has to renew them again.
            logger.warning("The renewed access token could not be stored: %s", error.strerror)
