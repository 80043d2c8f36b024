"""Whatever regions come, what is reported is masked, and nothing else is touched."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vcam.base.errors import EncodeError
from vcam.base.media import Kind, Picture, Region
from vcam.base.settings import Zone
from vcam.mask.cover import Style
from vcam.mask.masker import Masker
from vcam.mask.planes import Plane, Planes

Noise = Callable[..., Picture]

KINDS = [Kind.FACE, Kind.HEAD, Kind.PLATE, Kind.PERSON, Kind.MOTION]
lookup = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
sizes = st.sampled_from([(64, 48), (242, 428), (320, 180), (128, 128)])


@st.composite
def regions(draw: st.DrawFn) -> Region:
    x, y = draw(st.floats(-200, 500)), draw(st.floats(-200, 500))
    span = st.one_of(st.floats(0, 90), st.floats(0, 1e7))
    kind = draw(st.sampled_from(KINDS))
    return Region(x, y, x + draw(span), y + draw(span), kind, draw(st.integers(1, 9)))


def copies(picture: Picture) -> list[Plane]:
    planes = Planes.of(picture.frame)
    return [planes.luma.copy(), *(plane.copy() for plane in planes.chroma)]


def inside(covered: Sequence[Region], shape: tuple[int, ...], shift: int) -> NDArray[np.bool_]:
    mask = np.zeros(shape, np.bool_)
    for box in covered:
        left, top = int(box.x1) >> shift, int(box.y1) >> shift
        right, bottom = -(-int(box.x2) >> shift), -(-int(box.y2) >> shift)
        mask[top:bottom, left:right] = True
    return mask


@lookup
@given(st.lists(regions(), max_size=6), sizes, st.sampled_from(["mosaic", "blur", "solid"]))
def test_reported_boxes_change_and_the_rest_stays(
    noise: Noise, wanted: list[Region], size: tuple[int, int], style: Style
) -> None:
    picture = noise(*size)
    before = copies(picture)
    covered = Masker(style).apply(picture, wanted)
    for shift, old, new in zip((0, 1, 1), before, copies(picture), strict=True):
        mask = inside(covered, old.shape, shift)
        assert np.array_equal(old[~mask], new[~mask])
        if mask.any():
            # Random samples hit the value of their own mask once in many times only.
            assert np.mean(old[mask] != new[mask]) > 0.9
    for region in wanted:
        x1, y1 = max(region.x1, 0), max(region.y1, 0)
        x2, y2 = min(region.x2, size[0]), min(region.y2, size[1])
        if x1 < x2 and y1 < y2:
            assert any(
                box.track == region.track and box.x1 <= x1 and box.y1 <= y1 and box.x2 >= x2 and box.y2 >= y2
                for box in covered
            )
    assert all(0 <= box.x1 < box.x2 <= size[0] and 0 <= box.y1 < box.y2 <= size[1] for box in covered)


@lookup
@given(st.lists(regions(), min_size=2, max_size=6), sizes)
def test_the_order_of_regions_does_not_matter(
    noise: Noise, wanted: list[Region], size: tuple[int, int]
) -> None:
    first, second = noise(*size), noise(*size)
    masker = Masker("mosaic")
    masker.apply(first, wanted)
    masker.apply(second, wanted[::-1])
    for one, two in zip(copies(first), copies(second), strict=True):
        assert np.array_equal(one, two)


def test_sliding_over_the_grid_shows_nothing_new(noise: Noise) -> None:
    """Pictures of a still scene under a moving mask hold together no more than the means of one grid."""
    masker = Masker("mosaic")
    shown: dict[tuple[int, int], set[int]] = {}
    for step in range(32):
        picture = noise(256, 256)
        (box,) = masker.apply(picture, [Region(60 + step, 70 + step / 2, 140 + step, 150 + step, Kind.FACE, 1)])
        luma = Planes.of(picture.frame).luma
        x1, y1, x2, y2 = int(box.x1), int(box.y1), int(box.x2), int(box.y2)
        for top in range(y1 // 16 * 16, y2, 16):
            for left in range(x1 // 16 * 16, x2, 16):
                part = luma[max(top, y1) : min(top + 16, y2), max(left, x1) : min(left + 16, x2)]
                shown.setdefault((left, top), set()).update(np.unique(part).tolist())
    assert max(len(values) for values in shown.values()) == 1


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("edge", ["x1", "y1", "x2", "y2"])
def test_what_is_no_box_masks_the_whole_picture(noise: Noise, bad: float, edge: str) -> None:
    region = Region(10, 10, 30, 30, Kind.FACE, 1)
    object.__setattr__(region, edge, bad)
    picture = noise(320, 180)
    before = copies(picture)
    (whole,) = Masker("mosaic").apply(picture, [region])
    assert whole == Region(0, 0, 320, 180, Kind.WHOLE, 0)
    assert np.mean(before[0] != copies(picture)[0]) > 0.95


def test_a_box_inside_out_masks_the_whole_picture(noise: Noise) -> None:
    (whole,) = Masker("blur").apply(noise(320, 180), [Region(30, 10, 10, 30, Kind.FACE, 1)])
    assert whole.kind is Kind.WHOLE


@pytest.mark.parametrize("size", [(1920, 1080), (640, 360), (242, 428), (16, 16), (2, 2)])
def test_whole_leaves_a_few_means(noise: Noise, size: tuple[int, int]) -> None:
    picture = noise(*size)
    (whole,) = Masker("solid").whole(picture)
    assert (whole.x1, whole.y1, whole.x2, whole.y2) == (0, 0, *size)
    luma = Planes.of(picture.frame).luma
    least = max(1, min(size) // 10)
    block = luma[:least, :least]
    assert len(np.unique(block)) == 1
    # Columns of equal blocks: no more than 17 along the long side.
    changes = np.count_nonzero(np.any(np.diff(luma.astype(np.int16), axis=1) != 0, axis=0))
    assert changes <= 17


def test_a_region_of_kind_whole_masks_the_whole_picture(noise: Noise) -> None:
    first, second = noise(320, 180), noise(320, 180)
    Masker("mosaic").apply(first, [Region(0, 0, 320, 180, Kind.WHOLE, 0)])
    Masker("mosaic").whole(second)
    assert all(np.array_equal(one, two) for one, two in zip(copies(first), copies(second), strict=True))


@pytest.mark.parametrize("style", ["mosaic", "blur", "solid"])
def test_zones_are_masked_without_any_region(noise: Noise, style: Style) -> None:
    zone = Zone(name="window", points=[(0.25, 0.25), (0.75, 0.3), (0.5, 0.75)])
    masker = Masker(style)
    for size in ((320, 180), (640, 480), (320, 180)):
        picture = noise(*size)
        before = copies(picture)
        covered = masker.apply(picture, [], [zone])
        assert {box.kind for box in covered} == {Kind.ZONE}
        mask = inside(covered, before[0].shape, 0)
        after = copies(picture)
        assert np.array_equal(before[0][~mask], after[0][~mask])
        assert np.mean(before[0][mask] != after[0][mask]) > 0.95
        assert mask[size[1] * 2 // 5, size[0] // 2]


def test_blur_holds_no_more_than_the_mosaics_means(noise: Noise) -> None:
    """Two pictures whose mosaics are the same have the same blur."""
    first, second = noise(128, 128, 1), noise(128, 128, 1)
    planes = Planes.of(second.frame)
    for plane, size in ((planes.luma, 16), (planes.chroma[0], 8), (planes.chroma[1], 8)):
        for top in range(0, plane.shape[0], size):
            plane[top : top + size] = plane[top : top + size][::-1].copy()
    region = Region(17, 17, 111, 111, Kind.FACE, 1)
    masker = Masker("blur")
    (box,) = masker.apply(first, [region])
    masker.apply(second, [region])
    area = np.s_[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)]
    assert np.array_equal(Planes.of(first.frame).luma[area], planes.luma[area])


def test_frames_that_are_not_planar_are_refused() -> None:
    picture = Picture(av.VideoFrame(32, 32, "rgb24"), 0, 0, 0)
    with pytest.raises(EncodeError):
        Masker("mosaic").apply(picture, [Region(0, 0, 8, 8, Kind.FACE, 1)])
    with pytest.raises(EncodeError):
        Masker("mosaic").whole(picture)
