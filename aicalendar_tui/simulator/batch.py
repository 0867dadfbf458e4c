"""Batch requests: several API requests in one multipart/mixed body, answered the same way."""

from __future__ import annotations

import email.parser
import email.policy
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from aicalendar_tui.simulator.query import Query
from aicalendar_tui.simulator.router import Answer, Request, handle
from aicalendar_tui.simulator.world import World

_BOUNDARY = "batch_aicalendar_simulator"


def answer_batch(world: World, body: bytes, content_type: str, authorization: str | None) -> tuple[bytes, str]:
    """The multipart answer and its content type; parts without their own token use the outer one."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    parts = []
    for part in message.iter_parts() if message.is_multipart() else ():
        payload = part.get_payload(decode=True)
        request = _read_part(payload if isinstance(payload, bytes) else b"", authorization)
        answer = handle(world, request) if request is not None else Answer(status=400)
        content_id = str(part.get("Content-ID", "")).strip()
        parts.append(_write_part(content_id, answer))
    text = b"".join(parts) + f"--{_BOUNDARY}--\r\n".encode()
    return text, f"multipart/mixed; boundary={_BOUNDARY}"


def _read_part(payload: bytes, authorization: str | None) -> Request | None:
    head, _, body = payload.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = head.decode("utf-8", "replace").split("\n")
    words = lines[0].split(" ")
    if len(words) < 2:
        return None
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    if authorization is not None:
        headers.setdefault("authorization", authorization)
    target = urlsplit(words[1])
    return Request(
        method=words[0],
        path=target.path,
        query=Query(parse_qsl(target.query, keep_blank_values=True)),
        headers=headers,
        body=body,
    )


def _write_part(content_id: str, answer: Answer) -> bytes:
    answered_id = f"<response-{content_id.strip('<>')}>"
    headers = {
        "Content-Type": "application/json; charset=UTF-8",
        "Content-Length": str(len(answer.body)),
        **answer.headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    status = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
    return (
        (
            f"--{_BOUNDARY}\r\nContent-Type: application/http\r\nContent-ID: {answered_id}\r\n\r\n{status}{head}\r\n"
        ).encode()
        + answer.body
        + b"\r\n"
    )
