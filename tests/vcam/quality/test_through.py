"""Whether masks really changed pixels, on grain in which every pixel differs from its neighbours."""

from __future__ import annotations

import numpy as np
import pytest

from vcam.mask.cover import Style, cover
from vcam.mask.grid import Cells
from vcam.mask.planes import Plane, Planes
from vcam.quality.through import shows_through

BOX = (8, 8, 56, 56)


@pytest.fixture
def grain() -> Plane:
    return np.random.default_rng(3).integers(0, 256, (96, 96), np.uint8)


@pytest.mark.parametrize("style", ["mosaic", "blur", "solid"])
def test_every_style_of_mask_is_seen_as_one(grain: Plane, style: Style) -> None:
    after = grain.copy()
    half = np.zeros((48, 48), np.uint8)
    cover(Planes(after, (half, half)), [(Cells(4, 8, 8, 56, 56), None)], style)
    assert not shows_through(grain, after, BOX, [BOX])


def test_what_is_only_said_to_be_masked_shows_through(grain: Plane) -> None:
    assert shows_through(grain, grain.copy(), BOX, [BOX])


def test_half_a_mask_is_judged_where_it_claims_to_be(grain: Plane) -> None:
    after = grain.copy()
    after[8:56, 8:20] = 0
    assert not shows_through(grain, after, BOX, [(8, 8, 20, 56)])
    assert shows_through(grain, after, BOX, [BOX])


def test_what_is_not_covered_is_not_looked_at(grain: Plane) -> None:
    assert not shows_through(grain, grain.copy(), BOX, [])
    assert not shows_through(grain, grain.copy(), BOX, [(60, 60, 90, 90)])


def test_a_flat_box_shows_nothing() -> None:
    flat = np.full((96, 96), 90, np.uint8)
    assert not shows_through(flat, flat.copy(), BOX, [BOX])


def test_boxes_that_reach_out_of_the_picture_are_cut(grain: Plane) -> None:
    assert shows_through(grain, grain.copy(), (-20, -20, 30, 30), [(-40, -40, 30, 30)])
    assert not shows_through(grain, grain.copy(), (200, 200, 220, 220), [(0, 0, 300, 300)])
