"""The consent page: who signs in, and whether the client may."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode, urlsplit

from starlette.responses import HTMLResponse, RedirectResponse, Response

from aicalendar_tui.i18n import _
from aicalendar_tui.simulator.oauth import OAuthError
from aicalendar_tui.simulator.world import World

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;background:#11131a;color:#d5d9e3;display:grid;"
    "place-items:center;min-height:100vh;margin:0}main{background:#161922;padding:2rem 2.5rem;"
    "border-radius:12px;max-width:26rem}a{display:block;color:#8aadf4;padding:.4rem 0}small{color:#6b7385}"
)


def _find_problem(world: World, query: dict[str, str]) -> str | None:
    try:
        world.oauth.check_client(query.get("client_id", ""))
    except OAuthError as error:
        return error.description
    try:
        address = urlsplit(query.get("redirect_uri", ""))
        host = address.hostname
    except ValueError:
        return "redirect_uri_mismatch"
    if not host or (address.scheme != "https" and host not in ("127.0.0.1", "localhost", "::1")):
        return "redirect_uri_mismatch"
    if query.get("response_type") != "code":
        return "unsupported_response_type"
    if not query.get("scope"):
        return "Missing required parameter: scope"
    if query.get("code_challenge_method", "S256") not in ("S256", "plain"):
        return "Invalid code_challenge_method"
    return None


def show_page(world: World, query: dict[str, str]) -> Response:
    """A page with a link for each account; 400 when the request can't be granted."""
    problem = _find_problem(world, query)
    if problem is not None:
        return HTMLResponse(_page(f"<h1>400</h1><p>{escape(problem)}</p>"), 400)
    links = []
    for user in world.users.values():
        target = "/o/oauth2/approve?" + urlencode({**query, "user": user.email})
        links.append(f'<a href="{escape(target)}">{escape(user.name)} <small>{escape(user.email)}</small></a>')
    deny = "/o/oauth2/approve?" + urlencode({**query, "user": ""})
    scopes = ", ".join(query["scope"].split())
    title = escape(_("Sign in to the simulated calendar"))
    cancel = escape(_("Cancel"))
    return HTMLResponse(
        _page(f'<h1>{title}</h1>{"".join(links)}<a href="{escape(deny)}">{cancel}</a><small>{escape(scopes)}</small>')
    )


def _page(content: str) -> str:
    return (
        '<!doctype html><meta charset="utf-8"><title>aicalendar simulator</title>'
        f"<style>{_STYLE}</style><main>{content}</main>"
    )


def send_back(world: World, query: dict[str, str]) -> Response:
    """Redirect to the client with a code, or with `access_denied` when nobody was chosen."""
    problem = _find_problem(world, query)
    if problem is not None:
        return HTMLResponse(_page(f"<h1>400</h1><p>{escape(problem)}</p>"), 400)
    answer = {"state": query["state"]} if "state" in query else {}
    user = world.users.get(query.get("user", ""))
    if user is None:
        answer["error"] = "access_denied"
    else:
        client_id = query["client_id"]
        earlier = world.oauth.granted_scopes(user.email, client_id)
        # Google's page has a box for each scope; `allow` says which were ticked, all of them without it.
        scopes = set(query.get("allow", query["scope"]).split()) & set(query["scope"].split())
        if query.get("include_granted_scopes") == "true":
            scopes |= earlier
        scope = " ".join(sorted(scopes))
        answer["code"] = world.oauth.issue_code(
            user=user.email,
            client_id=client_id,
            scope=scope,
            redirect_uri=query["redirect_uri"],
            challenge=query.get("code_challenge"),
            method=query.get("code_challenge_method", "plain"),
            # As Google: a lasting access is given with the first consent, and then only when it is asked for anew.
            offline=query.get("access_type") == "offline" and (not earlier or query.get("prompt") == "consent"),
        )
        answer["scope"] = scope
    address = query["redirect_uri"]
    joint = "&" if urlsplit(address).query else "?"
    return RedirectResponse(f"{address}{joint}{urlencode(answer)}", 302)
