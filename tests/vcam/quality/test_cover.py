"""Coverage: properties that any right measure of it has. Its agreement with another scorer is in test_recall."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vcam.quality.cover import area_share, cover, covered

BOX = (10.0, 20.0, 74.0, 84.0)
edge = st.floats(-200, 200, allow_nan=False)
boxes = st.lists(st.tuples(edge, edge, edge, edge), max_size=5)


@given(boxes, boxes)
def test_more_boxes_never_cover_less(some: list[tuple[float, ...]], more: list[tuple[float, ...]]) -> None:
    assert 0 <= cover(BOX, some) <= cover(BOX, some + more) <= 1


@given(boxes, st.integers(-50, 50), st.integers(-50, 50))
def test_it_moves_with_the_picture(some: list[tuple[float, ...]], x: int, y: int) -> None:
    # whole pixels of a box of 64 cells a side are whole cells: no rounding comes in
    whole = [tuple(map(round, box)) for box in some]
    moved = [(a + x, b + y, c + x, d + y) for a, b, c, d in whole]
    there = (BOX[0] + x, BOX[1] + y, BOX[2] + x, BOX[3] + y)
    assert cover(BOX, whole) == cover(there, moved)


def test_halves_and_the_whole() -> None:
    assert cover(BOX, []) == 0
    assert cover(BOX, [BOX]) == 1
    assert cover(BOX, [(10, 20, 42, 84)]) == 0.5
    assert cover(BOX, [(10, 20, 42, 84), (42, 20, 74, 84)]) == 1
    assert cover(BOX, [(74, 84, 10, 20)]) == 0, "a box that is turned inside out covers nothing"


def test_seven_tenths_are_enough_and_less_is_not() -> None:
    assert covered(BOX, [(10, 20, 55, 84)])
    assert not covered(BOX, [(10, 20, 54, 84)])


@given(st.lists(st.tuples(*[st.integers(-20, 120)] * 4), max_size=4))
def test_area_is_that_of_the_pixels_one_by_one(some: list[tuple[int, int, int, int]]) -> None:
    width, height = 40, 30
    inside = sum(
        any(x1 <= x < x2 and y1 <= y < y2 for x1, y1, x2, y2 in some)
        for x in range(width)
        for y in range(height)
    )
    assert area_share(some, width, height) == inside / (width * height)
