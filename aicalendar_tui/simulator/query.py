"""Query parameters: repeated ones, booleans, numbers, and the fingerprint that tokens are bound to."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence

from aicalendar_tui.simulator.errors import invalid

TRANSPORT = frozenset(
    {"alt", "fields", "key", "oauth_token", "prettyPrint", "quotaUser", "userIp", "access_token", "$.xgafv"}
)
"""Parameters that every method takes and that select no data."""


class Query:
    """A request's query parameters, in the order given."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self.pairs = tuple(pairs)

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Query:
        """The query of plain Python values; lists become repeated parameters, None is left out."""
        pairs: list[tuple[str, str]] = []
        for name, value in values.items():
            many = value if isinstance(value, (list, tuple)) else [value]
            for one in many:
                if one is not None:
                    pairs.append((name, str(one).lower() if isinstance(one, bool) else str(one)))
        return cls(pairs)

    def get(self, name: str) -> str | None:
        """The last value given; None without one, and for an empty one."""
        found = None
        for key, value in self.pairs:
            if key == name:
                found = value
        return found or None

    def get_all(self, name: str) -> list[str]:
        """All values given, in order."""
        return [value for key, value in self.pairs if key == name]

    def get_flag(self, name: str) -> bool | None:
        """A boolean; None when not given.

        Raises:
            ApiError: 400, neither true nor false.
        """
        value = self.get(name)
        if value is None:
            return None
        if value.lower() not in ("true", "false"):
            raise invalid(f"Invalid value for: {value} is not a valid value", parameter=name)
        return value.lower() == "true"

    def get_count(self, name: str, *, default: int, most: int) -> int:
        """A positive number, cut to `most`.

        Raises:
            ApiError: 400, no number, or below 1.
        """
        value = self.get(name)
        if value is None:
            return default
        try:
            number = int(value)
        except ValueError as error:
            raise invalid(f"Invalid value for: {value} is not a valid value", parameter=name) from error
        if number < 1:
            raise invalid("Invalid value for: value must be within the range: [1, 2147483647]", parameter=name)
        return min(number, most)

    def get_choice(self, name: str, choices: Collection[str]) -> str | None:
        """One of `choices`; None when not given.

        Raises:
            ApiError: 400, something else.
        """
        value = self.get(name)
        if value is not None and value not in choices:
            raise invalid(f"Invalid value for: {value} is not a valid value", parameter=name)
        return value

    def fingerprint(self, *, ignoring: Collection[str]) -> str:
        """A short name of the parameters, whatever their order; transport ones don't count."""
        kept = sorted(
            (name, value) for name, value in self.pairs if name not in TRANSPORT and name not in ignoring and value
        )
        return hashlib.sha256(repr(kept).encode()).hexdigest()[:16]
