"""JSON that can be read in one way only: no name twice, no fractions, one canonical form (RFC 8785)."""

from __future__ import annotations

import json
from typing import Any

_MOST = 1 << 53
_DIGITS = 17
"""Characters of the longest number below `_MOST`, its sign among them."""


class NotStrict(ValueError):
    """The text can be read in more than one way, or in none. `args[0]` names the rule: json, twice or form."""


def parse(data: bytes, most: int) -> Any:
    """The value in `data`, at most `most` bytes, which must be its canonical form. Raises NotStrict."""
    if len(data) > most:
        raise NotStrict("json")
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_refuse,
            parse_constant=_refuse,
        )
        form = canonical(value)
    except NotStrict:
        raise
    except (ValueError, RecursionError) as error:
        raise NotStrict("json") from error
    if form != data:
        raise NotStrict("form")
    return value


def canonical(value: Any) -> bytes:
    """`value` by RFC 8785: UTF-8, names sorted by UTF-16 units, no spaces. Raises ValueError for lone surrogates."""
    return json.dumps(_sorted(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode(
        "utf-8"
    )


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value, key=lambda n: n.encode("utf-16-be"))}
    if isinstance(value, list):
        return [_sorted(each) for each in value]
    if isinstance(value, int) and abs(value) >= _MOST:
        raise NotStrict("json")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict("twice")
    return found


def _integer(text: str) -> int:
    if (
        len(text) > _DIGITS
    ):  # before it is read: that takes time by the square of its length, without limit in 3.8
        raise NotStrict("json")
    return int(text)


def _refuse(_text: str) -> Any:
    raise NotStrict("json")
