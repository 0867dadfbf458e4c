"""Each point of Google's protocol that the program relies on has a test that is called by its number."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

POINTS = {
    1: "a notification says nothing but that something changed",
    2: "the channel's row is there before the watch call",
    3: "no message is dropped because its number is small",
    4: "what can't be enqueued is answered by 503",
    5: "the backstop polls for ever, and compares once a day",
    6: "no robots.txt keeps Google's sender away",
    7: "a refused address means polling, and is told",
    8: "a new calendar is noticed",
    9: "channels are replaced, and both tokens are good meanwhile",
    10: "a channel's id is its own, and what comes after the stop does nothing",
    11: "every opened channel stays in the ledger until it is dead",
    12: "a calendar that can't be watched is polled and healthy",
    13: "the expiry is the one that Google answered",
    14: "another address gets other channels",
    15: "each channel has a token of its own, kept hashed",
    16: "the parameters of a sync token are those of the first request",
    17: "only the last page ends a sync",
    18: "410 leads to a full sync",
    19: "a full sync is swapped in when all of it is there",
    20: "rows and token are one transaction",
    21: "a tombstone guarantees its identity alone",
    22: "exceptions are keyed by series and original start",
    23: "the etag tells of a change",
    24: "the list of calendars is relisted",
    25: "a known etag writes and publishes nothing",
    26: "patches carry the etag that was compared",
    27: "inserts carry an id of our own",
    28: "an answer that is no object advances nothing",
    29: "instances are asked for, never built",
    30: "the whole guest list goes back, and nobody is told unasked",
    31: "the error table",
    32: "the quota",
    33: "the client's addresses",
    34: "long requests and renewals",
    35: "celery's redis extra",
}
_NAMED = re.compile(r"test_protocol_(\d+)_")


def named_tests() -> Iterator[str]:
    """The names of all test functions below `tests`."""
    for file in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node.name


def test_every_point_of_the_protocol_has_a_test_with_its_number() -> None:
    """`test_protocol_NUMBER_what_must_hold`; what is missing is named."""
    covered = {int(match[1]) for name in named_tests() if (match := _NAMED.match(name))}
    assert {} == {number: POINTS[number] for number in POINTS.keys() - covered}
    assert set() == covered - POINTS.keys()


def test_protocol_35_celery_comes_with_its_redis_extra() -> None:
    """Without it kombu fails at run time, and with it its transport can be loaded."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert any(re.match(r"celery\[redis\]", requirement) for requirement in project["dependencies"])
    from kombu.transport.redis import Transport

    assert "redis" == Transport.driver_type
