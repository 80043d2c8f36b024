"""Zones become rectangles of whole blocks that hold every point of the polygon."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vcam.base.settings import Zone
from vcam.mask.zones import rasterise

fractions = st.floats(0, 1)


@given(
    st.lists(st.tuples(fractions, fractions), min_size=3, max_size=8), st.sampled_from([(320, 180), (250, 334)])
)
@settings(max_examples=60, deadline=None)
def test_every_pixel_of_the_polygon_is_covered_once(
    points: list[tuple[float, float]], size: tuple[int, int]
) -> None:
    width, height = size
    covered = np.zeros((height, width), np.int32)
    for cells in rasterise([Zone(name="zone", points=points)], width, height, 7):
        assert all(edge % cells.size == 0 for edge in (cells.x1, cells.y1, cells.x2, cells.y2))
        covered[cells.y1 : cells.y2, cells.x1 : cells.x2] += 1
    assert covered.max() <= 1
    # OpenCV's own drawing, in sixteenths of a pixel, says where the polygon is.
    drawn = np.zeros((height, width), np.uint8)
    fixed = np.rint(np.asarray(points) * (width, height) * 16 - 8).astype(np.int32)
    cv2.fillPoly(drawn, [fixed], 1, shift=4)
    assert np.all(covered[drawn > 0] == 1)


def test_a_zone_does_not_spread_over_the_picture() -> None:
    cells = rasterise([Zone(name="door", points=[(0.1, 0.1), (0.2, 0.1), (0.2, 0.3)])], 1920, 1080, 7)
    assert cells
    assert sum((one.x2 - one.x1) * (one.y2 - one.y1) for one in cells) < 0.05 * 1920 * 1080


def test_zones_are_kept_in_the_whole_picture() -> None:
    everything = Zone(name="all", points=[(0, 0), (1, 0), (1, 1), (0, 1)])
    (cells,) = rasterise([everything], 640, 360, 7)
    assert (cells.x1, cells.y1) == (0, 0)
    assert cells.x2 >= 640
    assert cells.y2 >= 360
