"""Checks answers against the discovery document that the real client bundles."""

import json
import re
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient

_TYPES = {"string": str, "boolean": bool, "integer": int, "object": dict, "array": list, "number": (int, float)}


@cache
def load_document() -> dict[str, Any]:
    """Google's own description of the Calendar API."""
    folder = Path(googleapiclient.__file__).parent / "discovery_cache" / "documents"
    return json.loads((folder / "calendar.v3.json").read_text("utf-8"))


def list_methods() -> dict[str, dict[str, Any]]:
    """All methods by id, e.g. `calendar.events.list`."""
    return {
        method["id"]: method
        for resource in load_document()["resources"].values()
        for method in resource["methods"].values()
    }


def find_problems(value: Any, schema: dict[str, Any], at: str = "answer") -> list[str]:
    """Where a value is not what the schema says: unknown names, other types, wrong formats."""
    if "$ref" in schema:
        return find_problems(value, load_document()["schemas"][schema["$ref"]], at)
    kind = schema["type"]
    if kind == "any":
        return []
    if not isinstance(value, _TYPES[kind]) or (kind == "integer" and isinstance(value, bool)):
        return [f"{at}: {type(value).__name__} instead of {kind}"]
    problems = []
    if kind == "object":
        known = schema.get("properties", {})
        for name, one in value.items():
            below = known.get(name) or schema.get("additionalProperties")
            if below is None:
                problems.append(f"{at}.{name}: not in the schema")
            else:
                problems += find_problems(one, below, f"{at}.{name}")
    elif kind == "array":
        for number, one in enumerate(value):
            problems += find_problems(one, schema["items"], f"{at}[{number}]")
    elif kind == "string":
        problems += _check_format(value, schema.get("format"), at)
        if "default" in schema and at.endswith(".kind") and value != schema["default"]:
            problems.append(f"{at}: {value!r} instead of {schema['default']!r}")
    return problems


def _check_format(value: str, form: str | None, at: str) -> list[str]:
    try:
        if form == "date-time":
            if datetime.fromisoformat(value).tzinfo is None:
                return [f"{at}: {value!r} has no offset"]
        elif form == "date":
            date.fromisoformat(value)
        elif form == "int64" and not re.fullmatch(r"-?\d+", value):
            return [f"{at}: {value!r} is no int64"]
    except ValueError:
        return [f"{at}: {value!r} is no {form}"]
    return []
