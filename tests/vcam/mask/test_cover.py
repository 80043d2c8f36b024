"""What is left of a block is its mean, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcam.mask.cover import GREY, Style, cover, means
from vcam.mask.grid import Cells
from vcam.mask.planes import Planes


@given(st.integers(1, 90), st.integers(1, 90), st.sampled_from([4, 8, 16, 64]), st.integers(0, 9))
@settings(max_examples=80, deadline=None)
def test_means_are_numpys(high: int, wide: int, size: int, seed: int) -> None:
    plane = np.random.default_rng(seed).integers(0, 256, (high, wide), dtype=np.uint8)
    small = means(plane, size)
    assert small.shape == (-(-high // size), -(-wide // size))
    for row in range(small.shape[0]):
        for column in range(small.shape[1]):
            block = plane[row * size : (row + 1) * size, column * size : (column + 1) * size]
            assert abs(float(small[row, column]) - block.mean()) <= 0.5 + 1e-9


def test_means_of_large_planes_are_numpys() -> None:
    plane = np.random.default_rng(1).integers(0, 256, (512, 640), dtype=np.uint8)
    expected = plane.reshape(4, 128, 5, 128).mean(axis=(1, 3))
    assert np.abs(means(plane, 128) - expected).max() <= 0.5


def _planes(height: int, width: int, seed: int) -> Planes:
    rng = np.random.default_rng(seed)
    half = (height // 2, width // 2)
    return Planes(
        rng.integers(40, 200, (height, width), dtype=np.uint8),
        (rng.integers(40, 200, half, dtype=np.uint8), rng.integers(40, 200, half, dtype=np.uint8)),
    )


@pytest.mark.parametrize("style", ["mosaic", "blur", "solid"])
@pytest.mark.parametrize(
    "cells",
    [
        Cells(16, 16, 0, 64, 48),
        Cells(32, 64, 32, 128, 96),
        Cells(128, 0, 0, 512, 384),
        Cells(16, 24, 8, 56, 40),
        Cells(32, 48, 48, 64, 64),
        Cells(64, 416, 288, 480, 384),
    ],
)
def test_what_happens_inside_a_block_at_the_same_mean_does_not_show(style: Style, cells: Cells) -> None:
    first, second = _planes(360, 480, 5), _planes(360, 480, 5)
    rng = np.random.default_rng(6)
    for plane, size in ((second.luma, cells.size), *((chroma, cells.size // 2) for chroma in second.chroma)):
        # Within every block the samples change places: all detail is lost, the mean stays.
        for top in range(0, plane.shape[0], size):
            for left in range(0, plane.shape[1], size):
                block = plane[top : top + size, left : left + size]
                block[:] = rng.permutation(block.ravel()).reshape(block.shape)
    cover(first, [(cells, None)], style)
    cover(second, [(cells, None)], style)
    for one, other, shift in (
        (first.luma, second.luma, 0),
        *((a, b, 1) for a, b in zip(first.chroma, second.chroma, strict=True)),
    ):
        inside = np.s_[cells.y1 >> shift : cells.y2 >> shift, cells.x1 >> shift : cells.x2 >> shift]
        assert np.array_equal(one[inside], other[inside])


def test_solid_tells_nothing() -> None:
    planes = _planes(64, 64, 1)
    cover(planes, [(Cells(16, 16, 16, 48, 48), None)], "solid")
    assert np.all(planes.luma[16:48, 16:48] == GREY)
    assert all(np.all(plane[8:24, 8:24] == GREY) for plane in planes.chroma)


def test_a_block_that_is_covered_in_part_shows_the_mean_of_all_of_it() -> None:
    planes, before = _planes(64, 64, 2), _planes(64, 64, 2)
    cells = Cells(16, 8, 24, 40, 40)
    assert cells.whole == Cells(16, 0, 16, 48, 48)
    cover(planes, [(cells, None)], "mosaic")
    for row in range(24, 40):
        for column in range(8, 40):
            top, left = row // 16 * 16, column // 16 * 16
            mean = before.luma[top : top + 16, left : left + 16].mean()
            assert abs(planes.luma[row, column] - mean) <= 0.5 + 1e-9
    planes.luma[24:40, 8:40] = before.luma[24:40, 8:40]
    assert np.array_equal(planes.luma, before.luma)


def test_means_are_of_what_was_there_whatever_layers_lie_on_one_another() -> None:
    planes, before = _planes(64, 64, 3), _planes(64, 64, 3)
    left, right, coarse = Cells(16, 0, 0, 24, 32), Cells(16, 16, 0, 64, 32), Cells(32, 0, 16, 64, 64)
    cover(planes, [(left, None), (right, None), (coarse, None)], "mosaic")
    assert abs(planes.luma[8, 28] - before.luma[0:16, 16:32].mean()) <= 0.5
    assert planes.luma[8, 20] == planes.luma[8, 28]
    assert abs(planes.luma[20, 20] - before.luma[0:32, 0:32].mean()) <= 0.5
