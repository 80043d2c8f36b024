"""Heads of HTTP requests, as far as the RTSP tunnel needs them (RFC 9112, 2 to 6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

HEAD_LIMIT = 16_384
"""Bytes of one request's line and headers."""
END = b"\r\n\r\n"

_LINE = re.compile(r"([A-Z]{1,16}) ([!-~]{1,4096}) HTTP/1\.[01]")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*")
_WORDS = (b"GET ", b"POST ")
_COOKIE = "x-sessioncookie"


@dataclass(frozen=True, slots=True)
class Head:
    """Keys of `headers` are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]

    @property
    def cookie(self) -> str | None:
        """What joins the two halves of a tunnel; None where the request is about something else."""
        value = self.headers.get(_COOKIE, "")
        return value if 0 < len(value) <= 256 else None

    @property
    def length(self) -> int | None:
        """Bytes of its body; None where it does not tell."""
        value = self.headers.get("content-length", "")
        return int(value) if re.fullmatch(r"\d{1,18}", value) else None


def speaks(data: bytes) -> bool | None:
    """Whether bytes begin an HTTP request that a tunnel may come with; None while that is open."""
    if data.startswith(_WORDS):
        return True
    return None if any(word.startswith(data) for word in _WORDS) else False


def read(data: bytes) -> Head | None:
    """The head of a request, from its line up to the empty line; None when it is malformed."""
    line, *rest = data.decode("latin-1").split("\r\n")
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    headers: dict[str, str] = {}
    for text in rest:
        header = _HEADER.fullmatch(text)
        if header is None:
            return None
        name = header[1].lower()
        headers[name] = f"{headers[name]}, {header[2]}" if name in headers else header[2]
    return Head(found[1], found[2], headers)
