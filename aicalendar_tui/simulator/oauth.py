"""Signing in: consent codes with PKCE, access and refresh tokens, revocation (RFC 6749, 7636, 7009)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import string
from dataclasses import dataclass
from typing import Any

from aicalendar_tui.simulator.clock import Clock
from aicalendar_tui.simulator.switches import Switches

_LETTERS = string.ascii_letters + string.digits + "-_"
CODE_SECONDS = 600


class OAuthError(Exception):
    """An error answer of the token endpoint: `{"error": …, "error_description": …}`."""

    def __init__(self, error: str, description: str, code: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = description
        self.code = code


@dataclass(slots=True)
class Grant:
    """What a user allowed a client; its refresh token lasts until it is revoked."""

    user: str
    client_id: str
    scope: str
    refresh_token: str


@dataclass(slots=True)
class AccessToken:
    """A bearer token."""

    user: str
    client_id: str
    scope: str
    expires: float | None
    """Seconds since the epoch; None for the lasting ones of demo and tests."""


@dataclass(slots=True)
class _Code:
    user: str
    client_id: str
    scope: str
    redirect_uri: str
    challenge: str | None
    method: str
    expires: float
    offline: bool


class OAuth:
    """The authorization server's state."""

    def __init__(self, clock: Clock, chance: random.Random, switches: Switches) -> None:
        self.clients: dict[str, str] = {}
        """Client id → secret. While empty, any client is accepted."""
        self.grants: dict[str, Grant] = {}
        self.access_tokens: dict[str, AccessToken] = {}
        self._codes: dict[str, _Code] = {}
        self._clock = clock
        self._chance = chance
        self._switches = switches

    def _make_secret(self, prefix: str) -> str:
        return prefix + "".join(self._chance.choices(_LETTERS, k=43))

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def grant_lasting_token(self, user: str, token: str) -> None:
        """Let a fixed token open a user's account until it is revoked."""
        self.access_tokens[token] = AccessToken(user, "", "https://www.googleapis.com/auth/calendar", None)

    def find_token(self, token: str) -> AccessToken | None:
        """The live access token of that text."""
        found = self.access_tokens.get(token)
        if found is None or (found.expires is not None and found.expires <= self._now()):
            return None
        return found

    def check_client(self, client_id: str) -> None:
        """Raises OAuthError 401 `invalid_client` for a client that is not registered."""
        if not client_id or (self.clients and client_id not in self.clients):
            raise OAuthError("invalid_client", "The OAuth client was not found.", 401)

    def issue_code(
        self,
        *,
        user: str,
        client_id: str,
        scope: str,
        redirect_uri: str,
        challenge: str | None,
        method: str = "plain",
        offline: bool = True,
    ) -> str:
        """The code that goes back to the client after consent; `offline` asks for a refresh token with it."""
        code = self._make_secret("4/0A")
        expires = self._now() + CODE_SECONDS
        self._codes[code] = _Code(user, client_id, scope, redirect_uri, challenge, method, expires, offline)
        return code

    def exchange(self, form: dict[str, str], credentials: tuple[str, str] | None) -> dict[str, Any]:
        """Answer `POST /token`; client credentials come in the form or from the Basic header.

        Raises:
            OAuthError: what RFC 6749 §5.2 says.
        """
        client_id, secret = credentials or (form.get("client_id", ""), form.get("client_secret", ""))
        self.check_client(client_id)
        if self.clients and not hmac.compare_digest(self.clients[client_id].encode(), secret.encode()):
            raise OAuthError("invalid_client", "Unauthorized", 401)
        match form.get("grant_type"):
            case "authorization_code":
                return self._exchange_code(form, client_id)
            case "refresh_token":
                return self._refresh(form, client_id)
            case None:
                raise OAuthError("invalid_request", "Required parameter is missing: grant_type")
            case other:
                raise OAuthError("unsupported_grant_type", f"Invalid grant_type: {other}")

    def _exchange_code(self, form: dict[str, str], client_id: str) -> dict[str, Any]:
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.expires <= self._now() or code.client_id != client_id:
            raise OAuthError("invalid_grant", "Malformed auth code.")
        if form.get("redirect_uri") != code.redirect_uri:
            raise OAuthError("redirect_uri_mismatch", "Bad Request")
        if code.challenge is not None:
            verifier = form.get("code_verifier")
            if not verifier:
                raise OAuthError("invalid_grant", "Missing code verifier.")
            if not hmac.compare_digest(_challenge(verifier, code.method).encode(), code.challenge.encode()):
                raise OAuthError("invalid_grant", "Invalid code verifier.")
        answer = self._issue_access(code.user, client_id, code.scope)
        if not code.offline:
            return answer
        return {**answer, "refresh_token": self._issue_grant(code.user, client_id, code.scope)}

    def _issue_grant(self, user: str, client_id: str, scope: str) -> str:
        refresh_token = self._make_secret("1//0")
        self.grants[refresh_token] = Grant(user, client_id, scope, refresh_token)
        return refresh_token

    def granted_scopes(self, user: str, client_id: str) -> set[str]:
        """What the user allowed that client so far."""
        return {
            scope
            for grant in self.grants.values()
            if (grant.user, grant.client_id) == (user, client_id)
            for scope in grant.scope.split()
        }

    def _refresh(self, form: dict[str, str], client_id: str) -> dict[str, Any]:
        grant = self.grants.get(form.get("refresh_token", ""))
        if grant is None or grant.client_id != client_id:
            raise OAuthError("invalid_grant", "Token has been expired or revoked.")
        answer = self._issue_access(grant.user, client_id, grant.scope)
        if not self._switches.rotate_refresh_tokens:
            return answer
        del self.grants[grant.refresh_token]
        return {**answer, "refresh_token": self._issue_grant(grant.user, client_id, grant.scope)}

    def _issue_access(self, user: str, client_id: str, scope: str) -> dict[str, Any]:
        token = self._make_secret("ya29.a0")
        seconds = self._switches.access_token_seconds
        self.access_tokens[token] = AccessToken(user, client_id, scope, self._now() + seconds)
        return {"access_token": token, "expires_in": seconds, "scope": scope, "token_type": "Bearer"}

    def revoke(self, token: str) -> tuple[str, str]:
        """Withdraw the grant that a refresh or access token belongs to; gives back its user and client.

        Raises:
            OAuthError: 400 `invalid_token`, there is no such token.
        """
        known = self.grants.get(token) or self.access_tokens.get(token)
        if known is None:
            raise OAuthError("invalid_token", "Token expired or revoked")
        self.revoke_user(known.user, known.client_id)
        return known.user, known.client_id

    def revoke_user(self, user: str, client_id: str | None = None) -> None:
        """Withdraw what a user granted (to one client, or to all); lasting tokens go only with `client_id` None."""
        self.grants = {
            name: grant
            for name, grant in self.grants.items()
            if not (grant.user == user and client_id in (None, grant.client_id))
        }
        self.access_tokens = {
            name: token
            for name, token in self.access_tokens.items()
            if not (token.user == user and client_id in (None, token.client_id))
        }

    def expire_access_tokens(self, user: str | None = None) -> None:
        """End the life of access tokens given out so far, but not of lasting ones."""
        now = self._now()
        for token in self.access_tokens.values():
            if token.expires is not None and user in (None, token.user):
                token.expires = now


def _challenge(verifier: str, method: str) -> str:
    if method != "S256":
        return verifier
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
