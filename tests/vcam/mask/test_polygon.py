"""Where boxes lie, held against what OpenCV draws."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.mask.polygon import Place, place

SQUARE = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
HORSESHOE = [(0.0, 0.0), (30.0, 0.0), (30.0, 30.0), (20.0, 30.0), (20.0, 10.0), (10.0, 10.0)]
HORSESHOE += [(10.0, 30.0), (0.0, 30.0)]
SIZE = 60

corners = st.lists(st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)), min_size=3, max_size=7)


@pytest.mark.parametrize(
    ("polygon", "box", "where"),
    [
        (SQUARE, (2, 2, 8, 8), Place.INSIDE),
        (SQUARE, (2, 2, 10, 8), Place.ACROSS),
        (SQUARE, (-5, -5, 15, 15), Place.ACROSS),
        (SQUARE, (11, 0, 12, 10), Place.OUTSIDE),
        (HORSESHOE, (2, 2, 28, 8), Place.INSIDE),
        (HORSESHOE, (12, 12, 18, 28), Place.OUTSIDE),
        (HORSESHOE, (5, 12, 25, 20), Place.ACROSS),
    ],
)
def test_boxes_and_polygons(
    polygon: list[tuple[float, float]], box: tuple[float, float, float, float], where: Place
) -> None:
    assert place(polygon, box) is where
    assert place(polygon[::-1], box) is where


@given(corners, st.integers(0, 50), st.integers(0, 50), st.integers(1, 9), st.integers(1, 9))
def test_no_pixel_of_a_box_inside_is_undrawn(
    points: list[tuple[int, int]], x: int, y: int, wide: int, high: int
) -> None:
    drawn = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillPoly(drawn, [np.array(points, np.int32)], 1)
    where = place([(float(a), float(b)) for a, b in points], (x, y, x + wide, y + high))
    pixels = drawn[y : y + high + 1, x : x + wide + 1]
    if where is Place.INSIDE:
        assert pixels.all()
    elif where is Place.OUTSIDE:
        # OpenCV draws outlines as wide as a pixel
        assert not pixels[1:-1, 1:-1].any()
