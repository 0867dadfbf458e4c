"""Opaque page and sync tokens: a JSON array with a checksum, base64url."""

from __future__ import annotations

import base64
import binascii
import zlib
from typing import Any

import msgspec


def pack_token(parts: list[Any]) -> str:
    """A token that `unpack_token` gives back as the same list."""
    body = msgspec.json.encode(parts)
    packed = base64.urlsafe_b64encode(zlib.crc32(body).to_bytes(4, "big") + body)
    return packed.decode().rstrip("=")


def unpack_token(token: str) -> list[Any] | None:
    """What `pack_token` was given; None for anything else."""
    try:
        packed = base64.urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
        checksum, body = packed[:4], packed[4:]
        if zlib.crc32(body).to_bytes(4, "big") != checksum:
            return None
        parts = msgspec.json.decode(body)
    except (ValueError, binascii.Error, msgspec.DecodeError):
        return None
    return parts if isinstance(parts, list) else None
