"""OpenAPI for answers that are msgspec structs: FastAPI knows the parameters, the structs know their schemas."""

from collections.abc import Collection
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from aicalendar_tui.backend.receiver.gate import OPEN_PATHS
from aicalendar_tui.backend.receiver.problems import MEDIA_TYPE, Problem

Answers = dict[int | str, dict[str, Any]]

REFERENCE = "#/components/schemas/{name}"


def answers(good: dict[int, tuple[type | None, str]], bad: dict[int, str]) -> Answers:
    """FastAPI's `responses` for a route: what each status means, and the struct it comes with."""
    described: Answers = {}
    for status, (kind, text) in good.items():
        described[status] = {"description": text}
        if kind is not None:
            described[status]["content"] = {"application/json": {"schema": _refer(kind)}}
    for status, text in {**bad, 500: "A defect: the receiver's log says more"}.items():
        described[status] = {"description": text, "content": {MEDIA_TYPE: {"schema": _refer(Problem)}}}
    return described


def describe(app: FastAPI, kinds: Collection[type], *, needs_token: bool) -> None:
    """Makes `app.openapi` give the schemas of `kinds` too, and what the gate may answer before a route is reached."""
    gate = answers({}, {403: "Asked by a web page", 421: "Asked under another server's name"})
    token = answers({}, {401: "The token is missing or wrong"})

    def openapi() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        _, components = msgspec.json.schema_components([*kinds, Problem], ref_template=REFERENCE)
        schema.setdefault("components", {})["schemas"] = components
        if needs_token:
            schema["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        for path, operations in schema["paths"].items():
            for operation in operations.values():
                if MEDIA_TYPE not in operation["responses"].get("422", {}).get("content", {MEDIA_TYPE: None}):
                    del operation["responses"]["422"]  # FastAPI's own form, where no parameter can be wrong
                extra = gate
                if needs_token and path not in OPEN_PATHS:
                    operation["security"] = [{"token": []}]
                    extra = {**gate, **token}
                for status, answer in extra.items():
                    operation["responses"].setdefault(str(status), answer)
        app.openapi_schema = schema
        return schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's documented way of extending it


def _refer(kind: type) -> dict[str, str]:
    return {"$ref": REFERENCE.format(name=kind.__name__)}
