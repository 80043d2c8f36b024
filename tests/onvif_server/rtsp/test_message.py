from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.rtsp.message import (
    BODY_LIMIT,
    HEADERS_LIMIT,
    LINE_LIMIT,
    Interleaved,
    MessageError,
    Parser,
    Request,
    Response,
)

_METHODS = st.sampled_from(["OPTIONS", "DESCRIBE", "GET_PARAMETER", "X"])
_URIS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)
_VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40)
_HEADERS = st.dictionaries(st.sampled_from(["accept", "user-agent", "x-a", "session"]), _VALUES, max_size=4)


@st.composite
def _requests(draw: st.DrawFn) -> tuple[bytes, Request]:
    end = draw(st.sampled_from(["\r\n", "\n"]))
    body = draw(st.binary(max_size=50))
    headers = {"cseq": str(draw(st.integers(0, 999_999_999))), **draw(_HEADERS)}
    if body:
        headers["content-length"] = str(len(body))
    request = Request(draw(_METHODS), draw(_URIS), headers, body)
    lines = [f"{request.method} {request.uri} RTSP/1.0", *(f"{k.title()}:  {v} " for k, v in headers.items())]
    return (end.join([*lines, "", ""])).encode() + body, request


@st.composite
def _frames(draw: st.DrawFn) -> tuple[bytes, Interleaved]:
    frame = Interleaved(draw(st.integers(0, 255)), draw(st.binary(max_size=300)))
    return b"$" + bytes([frame.channel]) + len(frame.data).to_bytes(2, "big") + frame.data, frame


def _read(parser: Parser) -> list[Request | Interleaved]:
    events = []
    while (event := parser.next_event()) is not None:
        events.append(event)
    return events


@given(st.lists(st.one_of(_requests(), _frames()), max_size=5), st.data())
def test_messages_are_found_however_they_are_cut(
    parts: list[tuple[bytes, Request | Interleaved]], data: st.DataObject
) -> None:
    stream = b"".join(raw for raw, _ in parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    parser = Parser()
    events = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        parser.feed(stream[start:end])
        events += _read(parser)
    assert events == [event for _, event in parts]


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_garbage_is_refused_or_waited_on(chunks: list[bytes]) -> None:
    parser = Parser()
    status = 400
    try:
        for chunk in chunks:
            parser.feed(chunk)
            _read(parser)
    except MessageError as error:
        status = error.status
    assert status in {400, 413, 414, 505}


@pytest.mark.parametrize(
    ("raw", "status", "cseq"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n", 400, None),
        (b"GET / HTTP/1.1\r\n", 505, None),
        (b"OPTIONS * RTSP/2.0\r\n", 505, None),
        (b"options * RTSP/1.0\r\n", 400, None),
        (b"OPTIONS rtsp://a b RTSP/1.0\r\n", 400, None),
        (b"OPTIONS * RTSP/1.0\r\nno colon\r\n", 400, None),
        (b"OPTIONS * RTSP/1.0\r\n : x\r\n", 400, None),
        (b"OPTIONS * RTSP/1.0\r\n\r\n", 400, None),
        (b"OPTIONS * RTSP/1.0\r\nCSeq: -1\r\n\r\n", 400, None),
        (b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nCSeq: 2\r\n\r\n", 400, None),
        (b"OPTIONS * RTSP/1.0\r\nCSeq: 7\r\nX: a\x00b\r\n", 400, "7"),
        (b"OPTIONS * RTSP/1.0\r\nCSeq: 7\r\nContent-Length: -5\r\n\r\n", 400, "7"),
        (b"OPTIONS * RTSP/1.0\r\nCSeq: 7\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400, "7"),
        (b"OPTIONS * RTSP/1.0\r\nCSeq: 7\r\nContent-Length: %d\r\n\r\n" % (BODY_LIMIT + 1), 413, "7"),
        (b"OPTIONS /" + b"a" * LINE_LIMIT, 414, None),
        (b"OPTIONS * RTSP/1.0\r\nCSeq: 7\r\nX: " + b"a" * LINE_LIMIT, 400, "7"),
        (b"OPTIONS * RTSP/1.0\r\nCSeq: 7\r\n" + b"X: a\r\n" * HEADERS_LIMIT, 400, "7"),
        (b"OPTIONS * RTSP/1.0\r\nCSeq: 7\r\nX: a\r\n" + (b" " + b"a" * 1000 + b"\r\n") * 5, 400, "7"),
    ],
)
def test_what_breaks_the_rules_is_refused(raw: bytes, status: int, cseq: str | None) -> None:
    parser = Parser()
    parser.feed(raw)
    with pytest.raises(MessageError) as caught:
        _read(parser)
    assert (caught.value.status, caught.value.cseq) == (status, cseq)


def test_folded_and_repeated_headers_are_joined() -> None:
    parser = Parser()
    parser.feed(
        b"\r\n\r\nSETUP rtsp://a/b RTSP/1.0\r\nCSeq: 1\r\nTransport: A;\r\n\tb=1\r\ntransport: C\r\n\r\n"
    )
    event = parser.next_event()
    assert isinstance(event, Request)
    assert event.headers["transport"] == "A; b=1, C"


def test_a_response_is_written_in_full() -> None:
    raw = Response(200, [("Content-Type", "text/plain")], b"hello").serialise("12")
    assert raw == (
        b"RTSP/1.0 200 OK\r\nCSeq: 12\r\nServer: Garim\r\nContent-Type: text/plain\r\n"
        b"Content-Length: 5\r\n\r\nhello"
    )
