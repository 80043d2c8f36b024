"""RTSP 1.0 messages (RFC 2326, 4 to 7) and interleaved frames (10.12), parsed and written without IO."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

LINE_LIMIT = 4096
"""Bytes of one line."""
HEADERS_LIMIT = 64
"""Header lines of one request."""
BODY_LIMIT = 65_536
"""Bytes of one body."""

REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    451: "Parameter Not Understood",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    457: "Invalid Range",
    459: "Aggregate Operation Not Allowed",
    460: "Only Aggregate Operation Allowed",
    461: "Unsupported Transport",
    501: "Not Implemented",
    503: "Service Unavailable",
    505: "RTSP Version Not Supported",
    551: "Option Not Supported",
}

_REQUEST_LINE = re.compile(r"([A-Z][A-Z_]{0,31}) ([!-~]+) ([A-Za-z]{1,8})/(\d{1,2}\.\d{1,2})")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:[ \t]*(.*)")
_NUMBER = re.compile(r"\d{1,9}")


class MessageError(Exception):
    """What arrived is no request that can be answered otherwise; the connection must be closed."""

    def __init__(self, status: int, why: str, cseq: str | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.cseq = cseq


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Keys of `headers` are in lower case; repeated headers are joined by commas."""

    method: str
    uri: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def cseq(self) -> str:
        """The sequence number, as the client wrote it; digits only."""
        return self.headers["cseq"]


@dataclass(frozen=True, slots=True)
class Interleaved:
    """One binary frame on the RTSP connection."""

    channel: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """One response; CSeq, Content-Length and Server are added as it is written."""

    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""

    def serialise(self, cseq: str | None) -> bytes:
        """The response as bytes. `cseq` is None only when the request's could not be read."""
        lines = [f"RTSP/1.0 {self.status} {REASONS[self.status]}"]
        if cseq is not None:
            lines.append(f"CSeq: {cseq}")
        lines.append("Server: Garim")
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.body:
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join([*lines, "", ""]).encode() + self.body


@dataclass(slots=True)
class _Head:
    """A request whose lines are still coming in."""

    method: str
    uri: str
    headers: dict[str, str] = field(default_factory=dict)
    count: int = 0
    last: str = ""
    missing: int | None = None


class Parser:
    """Takes bytes as they arrive and gives whole requests and interleaved frames."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._head: _Head | None = None

    def feed(self, data: bytes) -> None:
        """Take more bytes of the connection."""
        self._buffer += data

    def next_event(self) -> Request | Interleaved | None:
        """The next whole message; None until more bytes come.

        Raises MessageError when the bytes are no RTSP or pass a limit; nothing can be read after that.
        """
        while True:
            if self._head is not None and self._head.missing is not None:
                return self._finish(self._head, self._head.missing)
            if self._head is None and self._buffer[:1] == b"$":
                return self._interleaved()
            line = self._line()
            if line is None:
                return None
            if self._head is None:
                if line:  # empty lines between requests are let pass
                    self._head = self._request_line(line)
            elif line:
                self._header(self._head, line)
            else:
                self._head.missing = self._body_length(self._head)

    def _interleaved(self) -> Interleaved | None:
        if len(self._buffer) < 4:
            return None
        end = 4 + int.from_bytes(self._buffer[2:4], "big")
        if len(self._buffer) < end:
            return None
        frame = Interleaved(self._buffer[1], bytes(self._buffer[4:end]))
        del self._buffer[:end]
        return frame

    def _line(self) -> str | None:
        end = self._buffer.find(b"\n", 0, LINE_LIMIT)
        if end < 0:
            if len(self._buffer) >= LINE_LIMIT:
                raise MessageError(414 if self._head is None else 400, "A line is too long", self._cseq())
            return None
        raw = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        line = raw.removesuffix(b"\r").decode("latin-1")
        # Above those of ASCII there may be the bytes of UTF-8, as in the name of a user.
        if any((char < " " and char != "\t") or char == "\x7f" for char in line):
            raise MessageError(400, "A line holds control characters", self._cseq())
        return line

    @staticmethod
    def _request_line(line: str) -> _Head:
        found = _REQUEST_LINE.fullmatch(line)
        if found is None:
            raise MessageError(400, "This is no request line")
        if (found[3].upper(), found[4]) != ("RTSP", "1.0"):
            raise MessageError(505, "This is no RTSP 1.0")
        return _Head(found[1], found[2])

    def _header(self, head: _Head, line: str) -> None:
        head.count += 1
        if head.count > HEADERS_LIMIT:
            raise MessageError(400, "There are too many headers", self._cseq())
        if line[0] in " \t" and head.last:
            head.headers[head.last] += " " + line.strip()
        else:
            found = _HEADER.fullmatch(line)
            if found is None:
                raise MessageError(400, "A header has no name", self._cseq())
            head.last = found[1].lower()
            value = found[2].strip()
            earlier = head.headers.get(head.last)
            head.headers[head.last] = value if earlier is None else f"{earlier}, {value}"
        if len(head.headers[head.last]) > LINE_LIMIT:
            raise MessageError(400, "A header is too long", self._cseq())

    def _body_length(self, head: _Head) -> int:
        if not _NUMBER.fullmatch(head.headers.get("cseq", "")):
            raise MessageError(400, "CSeq is missing or no number")
        length = head.headers.get("content-length", "0")
        if not _NUMBER.fullmatch(length):
            raise MessageError(400, "Content-Length is no number", self._cseq())
        if int(length) > BODY_LIMIT:
            raise MessageError(413, "The body is too large", self._cseq())
        return int(length)

    def _finish(self, head: _Head, length: int) -> Request | None:
        if len(self._buffer) < length:
            return None
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._head = None
        return Request(head.method, head.uri, head.headers, body)

    def _cseq(self) -> str | None:
        value = self._head.headers.get("cseq", "") if self._head else ""
        return value if _NUMBER.fullmatch(value) else None
