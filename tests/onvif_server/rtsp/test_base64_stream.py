from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.rtsp.base64_stream import Base64Stream

MESSAGES = st.lists(st.binary(min_size=1, max_size=40), max_size=6)
CUTS = st.lists(st.integers(1, 9), min_size=1)


@given(MESSAGES, CUTS, st.sampled_from([b"", b"\r\n", b" "]))
def test_messages_come_whole_however_they_are_cut(messages: list[bytes], cuts: list[int], gap: bytes) -> None:
    text = gap.join(b64encode(message) for message in messages)
    stream, out, at = Base64Stream(), b"", 0
    for number in range(len(text)):
        size = cuts[number % len(cuts)]
        out += stream.feed(text[at : at + size])
        at += size
    assert out == b"".join(messages)


@pytest.mark.parametrize("text", [b"====", b"ab=c", b"a===", b"<xml>   ", b"\x00\x01\x02\x03", b"ab-_"])
def test_other_text_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Base64Stream().feed(text)


@given(st.binary(max_size=200))
def test_no_bytes_break_it(data: bytes) -> None:
    stream = Base64Stream()
    try:
        stream.feed(data)
    except ValueError:
        return
    assert stream.feed(b"") == b""
