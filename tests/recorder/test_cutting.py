"""When a segment ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recorder.cutting import Span
from recorder.layout import LONGEST
from vcam.base.media import TICKS

FRAME = TICKS // 25


def test_it_ends_at_the_first_key_after_its_length() -> None:
    span = Span(2.0, 0, 0)
    assert not span.due(2 * TICKS - FRAME, 1_960_000, key=True)
    assert not span.due(2 * TICKS, 2_000_000, key=False)
    assert span.due(2 * TICKS, 2_000_000, key=True)


def test_it_ends_at_a_key_once_the_wall_clock_has_stepped() -> None:
    span = Span(60.0, 0, 0)
    assert not span.due(TICKS, 2_500_000, key=True)
    assert span.due(TICKS, 3_500_000, key=True)
    assert span.due(TICKS, -1_500_000, key=True)


def test_pictures_out_of_order_do_not_shorten_it() -> None:
    span = Span(2.0, 0, 0)
    for pts in (0, 4 * FRAME, 2 * FRAME, FRAME, 3 * FRAME):
        span.add(pts)
    assert span.end >= 5 * 40_000


@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=50), st.integers(0, 10**15))
def test_no_sequence_of_stamps_makes_it_too_long_or_empty(stamps: list[int], start: int) -> None:
    span = Span(600.0, stamps[0], start)
    for pts in stamps:
        if not span.forced(pts):
            span.add(pts)
    assert start < span.end <= start + LONGEST
