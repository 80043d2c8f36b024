"""Offsets are secret, stay where they are, and belong to one track."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vcam.mask.grain import STEPS, Grain
from vcam.mask.grid import Cells

CELLS = Cells(8, 16, 24, 80, 72)


@given(
    st.integers(0, 300),
    st.integers(0, 300),
    st.integers(1, 9) | st.integers(90, 400),
    st.integers(1, 9) | st.integers(90, 400),
    st.integers(0, 99),
)
def test_a_block_has_the_same_offset_whatever_rectangle_it_is_part_of(
    column: int, row: int, wide: int, high: int, track: int
) -> None:
    grain = Grain(1)
    cells = Cells(4, column * 4, row * 4, (column + wide) * 4, (row + high) * 4)
    offsets = grain.offsets(cells, track)
    assert offsets.shape == (3, high, wide)
    last = Cells(4, cells.x2 - 4, cells.y2 - 4, cells.x2, cells.y2)
    assert np.array_equal(grain.offsets(last, track)[:, 0, 0], offsets[:, -1, -1])


def test_tracks_and_seeds_differ() -> None:
    grain, other = Grain(), Grain()
    first = grain.offsets(CELLS, 1)
    assert np.array_equal(first, grain.offsets(CELLS, 1))
    for second in (grain.offsets(CELLS, 2), other.offsets(CELLS, 1)):
        assert abs(np.corrcoef(first[0].ravel(), second[0].ravel())[0, 1]) < 0.7
        assert not np.array_equal(first, second)


def test_a_forgotten_track_comes_back_as_it_was() -> None:
    grain = Grain()
    first = grain.offsets(CELLS, 1)
    grain.offsets(CELLS, 2)
    grain.keep({2})
    assert np.array_equal(grain.offsets(CELLS, 1), first)


def test_offsets_are_about_zero_and_as_large_as_stated() -> None:
    wide = np.concatenate([Grain(9).offsets(Cells(4, 0, 0, 256, 256), track) for track in range(20)], axis=1)
    for plane, most in zip(wide, STEPS, strict=True):
        assert abs(plane.mean()) < most / 4
        assert 2 * most < np.abs(plane).max() <= 3 * most
        assert plane.std() > 0.8 * most
