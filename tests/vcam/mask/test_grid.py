"""Blocks: coarse enough for what they cover, and always on one nested grid."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.media import Kind, Region
from vcam.mask.grid import SMALLEST, Cells, block_size, needed, power, snap, sound, step_of, whole_size

edges = st.floats(-3000, 5000)
spans = st.floats(0, 4000)


@st.composite
def regions(draw: st.DrawFn) -> Region:
    x, y = draw(edges), draw(edges)
    return Region(x, y, x + draw(spans), y + draw(spans), draw(st.sampled_from(Kind)), 1)


@given(st.floats(0, 1e6))
def test_block_sizes_are_powers_of_two(least: float) -> None:
    size = power(least)
    assert size >= max(least, SMALLEST)
    assert size & (size - 1) == 0
    assert size == SMALLEST or size < 2 * least


@given(regions(), st.integers(2, 16))
def test_a_region_holds_at_most_so_many_blocks(region: Region, blocks: int) -> None:
    size = block_size(region, blocks)
    assert max(region.x2 - region.x1, region.y2 - region.y1) / size <= blocks
    if region.kind in {Kind.PLATE, Kind.TEXT}:
        assert min(region.x2 - region.x1, region.y2 - region.y1) / size <= 2


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 720), (3840, 2160), (640, 360), (704, 576)])
def test_a_face_of_the_pictures_height_gets_few_blocks_when_all_is_masked(width: int, height: int) -> None:
    size = whole_size(width, height)
    assert 4 <= height / size <= 9
    assert 1 <= height / 4 / size <= 3


@given(regions(), st.integers(1, 2000), st.integers(1, 2000))
def test_snapped_blocks_hold_the_region_in_the_picture(region: Region, width: int, height: int) -> None:
    cells = snap(region, width, height, 7)
    x1, y1 = max(region.x1, 0), max(region.y1, 0)
    x2, y2 = min(region.x2, width), min(region.y2, height)
    if x1 < x2 and y1 < y2:
        assert cells is not None
    if cells is None:
        return
    assert all(edge % step_of(cells.size) == 0 for edge in (cells.x1, cells.y1, cells.x2, cells.y2))
    assert 0 <= cells.x1 <= math.floor(x1) < cells.x2
    assert 0 <= cells.y1 <= math.floor(y1) < cells.y2
    assert cells.x2 >= x2
    assert cells.y2 >= y2
    assert cells.x2 < width + step_of(cells.size)
    assert cells.y2 < height + step_of(cells.size)
    covered = cells.region(width, height, region.kind, 1, 1.0)
    assert 0 <= covered.x1 < covered.x2 <= width
    assert 0 <= covered.y1 < covered.y2 <= height


def test_what_is_no_box_is_known() -> None:
    assert sound(Region(0, 0, 0, 0, Kind.FACE, 1))
    assert not sound(Region(2, 0, 1, 5, Kind.FACE, 1))
    assert not sound(Region(math.nan, 0, 1, 5, Kind.FACE, 1))
    assert not sound(Region(0, 0, math.inf, 5, Kind.FACE, 1))


@st.composite
def blocks(draw: st.DrawFn) -> Cells:
    size = draw(st.sampled_from([4, 8, 16]))
    step = step_of(size)
    left, top = draw(st.integers(0, 6)) * step, draw(st.integers(0, 6)) * step
    return Cells(size, left, top, left + draw(st.integers(1, 6)) * step, top + draw(st.integers(1, 6)) * step)


@given(blocks())
def test_whole_blocks_are_the_fewest_that_hold_a_part(part: Cells) -> None:
    whole = part.whole
    assert whole.holds(part)
    assert all(edge % part.size == 0 for edge in (whole.x1, whole.y1, whole.x2, whole.y2))
    assert max(part.x1 - whole.x1, whole.x2 - part.x2, part.y1 - whole.y1, whole.y2 - part.y2) < part.size


@given(blocks(), blocks())
def test_no_block_lies_across_the_edge_of_a_coarser_mask(one: Cells, other: Cells) -> None:
    coarse, fine = (one, other) if one.size > other.size else (other, one)
    if coarse.size == fine.size:
        return
    grid = fine.whole
    assert not any(grid.x1 < edge < grid.x2 and edge % fine.size for edge in (coarse.x1, coarse.x2))
    assert not any(grid.y1 < edge < grid.y2 and edge % fine.size for edge in (coarse.y1, coarse.y2))


@given(st.lists(blocks(), max_size=12))
def test_only_masks_that_change_nothing_are_spared(masks: list[Cells]) -> None:
    kept = needed(masks)
    assert set(kept) <= set(masks)
    assert len(set(kept)) == len(kept)
    assert [one.size for one in kept] == sorted((one.size for one in kept), reverse=True)
    for one in masks:
        assert any(other.holds(one) for other in kept)
    for one in kept:
        assert not any(other.holds(one) for other in kept if other != one)


def test_a_coarser_mask_inside_a_finer_one_is_needed() -> None:
    wide, coarse, fine = Cells(8, 0, 0, 64, 64), Cells(16, 16, 16, 32, 32), Cells(4, 16, 16, 32, 32)
    assert needed([fine, wide, coarse]) == [coarse, wide]
