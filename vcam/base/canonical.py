"""JSON in one form only, so that what is signed or hashed has the same bytes wherever it is made."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

Json = Mapping[str, "Json"] | Sequence["Json"] | str | int | bool | None
"""What may be signed: no floating-point numbers, for their notation is where forms differ."""


def canonical(value: Json) -> bytes:
    """`value` by RFC 8785 (JSON Canonicalization Scheme): UTF-8, keys sorted by UTF-16 units, no spaces.

    Raises ValueError for floating-point numbers, for integers beyond 2^53 - 1 either way, which other readers of
    JSON round, for keys that are no text and for text with lone surrogates.
    """
    return json.dumps(_sorted(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _sorted(value: Json) -> object:
    match value:
        case bool() | None | str():
            return value
        case int():
            if abs(value) >= 1 << 53:
                raise ValueError(f"{value} is beyond the integers that every reader of JSON keeps")
            return value
        case Mapping():
            if not all(isinstance(key, str) for key in value):
                raise ValueError("a key is no text")
            return {key: _sorted(value[key]) for key in sorted(value, key=_utf16)}
        case list() | tuple():
            return [_sorted(each) for each in value]
        case _:
            raise ValueError(f"{type(value).__name__} has no canonical form")


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")
