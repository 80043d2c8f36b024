from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.rtsp import http

GET = (
    b"GET /main HTTP/1.0\r\nUser-Agent: x\r\nx-sessioncookie: tD9hKgAAfB8ABCftAAAAAw\r\n"
    b"Accept: application/x-rtsp-tunnelled\r\nContent-Length:  32767 "
)


def test_a_head_is_read() -> None:
    head = http.read(GET)
    assert head is not None
    assert (head.method, head.target, head.cookie, head.length) == (
        "GET",
        "/main",
        "tD9hKgAAfB8ABCftAAAAAw",
        32767,
    )


@pytest.mark.parametrize(
    "text",
    [b"", b"GET /main", b"GET /main RTSP/1.0", b"GET /main HTTP/1.1\r\nnonsense", b"GET / HTTP/1.1\r\nA: \0"],
)
def test_other_text_is_no_head(text: bytes) -> None:
    assert http.read(text) is None


@pytest.mark.parametrize("text", [b"POST / HTTP/1.1", b"POST / HTTP/1.1\r\nX-SessionCookie: " + b"a" * 300])
def test_requests_without_a_cookie_are_about_something_else(text: bytes) -> None:
    head = http.read(text)
    assert head is not None
    assert head.cookie is None
    assert head.length is None


@given(st.binary(max_size=300))
def test_no_bytes_break_it(data: bytes) -> None:
    head = http.read(data)
    assert head is None or http.speaks(data + b" ") in {True, False}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", None),
        (b"G", None),
        (b"GET", None),
        (b"GET ", True),
        (b"GET_", False),
        (b"GET_PARAMETER", False),
        (b"POST /", True),
        (b"PAUSE", False),
        (b"\x16\x03", False),
        (b"$", False),
    ],
)
def test_the_first_word_tells_what_a_client_speaks(data: bytes, told: bool | None) -> None:
    assert http.speaks(data) is told
