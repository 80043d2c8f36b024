"""Heads as text."""

from __future__ import annotations

import textwrap
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.audit.head import BEGIN, END, Head
from recorder.signing import SigningKey
from vcam.base.errors import CustodyError

KEY = SigningKey.generate()
HEADS = st.builds(
    lambda size, time, root: Head.sign(size, time, root, KEY),
    st.integers(0, 1 << 40),
    st.integers(0, 1 << 52),
    st.binary(min_size=32, max_size=32),
)


@given(HEADS)
def test_text_tells_all(head: Head) -> None:
    text = head.text()
    assert Head.parse(text) == head
    assert head.genuine
    assert max(map(len, text.splitlines())) < 78


@given(HEADS, st.integers(20, 60))
def test_mail_may_quote_and_wrap_it(head: Head, width: int) -> None:
    lines = [part for line in head.text().splitlines() for part in textwrap.wrap(line, max(width, 40))]
    quoted = "".join(f"> {line}\r\n" for line in lines)
    assert Head.parse(f"A mail said:\r\n{quoted}-- \r\nGreetings") == head


@given(HEADS)
def test_whatever_is_changed_the_signature_is_wrong(head: Head) -> None:
    for other in (
        replace(head, size=head.size + 1),
        replace(head, time=head.time + 1),
        replace(head, root=bytes(31) + b"\x07"),
        replace(head, key=SigningKey.generate().public.raw),
        replace(head, signature=bytes(64)),
    ):
        assert not other.genuine


@given(st.text())
def test_anything_else_is_refused(text: str) -> None:
    for each in (text, f"{BEGIN}\n{text}\n{END}"):
        with pytest.raises(CustodyError, match="no head"):
            Head.parse(each)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("size: ", "size: x"),
        ("size: ", "other: "),
        ("time: ", f"time: {1 << 60}"),
        ("root: ", "root: 00"),
        (END, ""),
    ],
)
def test_a_damaged_head_is_refused(old: str, new: str) -> None:
    text = Head.sign(3, 4, bytes(32), KEY).text()
    with pytest.raises(CustodyError, match="no head"):
        Head.parse(text.replace(old, new))
