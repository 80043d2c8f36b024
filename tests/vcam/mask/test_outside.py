"""Outside a zone that is kept nothing finer shows than in a picture that is masked whole; inside nothing changes."""

from __future__ import annotations

import numpy as np
import pytest
from av.video.frame import VideoFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vcam.base.media import Kind, Picture, Region
from vcam.base.settings import Zone
from vcam.mask.grid import whole_size
from vcam.mask.masker import Masker
from vcam.mask.outside import EDGE
from vcam.mask.planes import Planes

WIDTH, HEIGHT = 360, 234
SIZE = whole_size(WIDTH, HEIGHT)
Plane = NDArray[np.uint8]


def noise(seed: int = 1) -> Picture:
    samples = np.random.default_rng(seed).integers(0, 256, (HEIGHT * 3 // 2, WIDTH), np.uint8)
    return Picture(VideoFrame.from_ndarray(samples, format="yuv420p"), 0, 0, 0)


def planes(picture: Picture) -> list[Plane]:
    views = Planes.of(picture.frame)
    return [views.luma.copy(), *(plane.copy() for plane in views.chroma)]


def zone(*points: tuple[float, float]) -> Zone:
    return Zone(name="kept", points=list(points))


def inside(points: list[tuple[float, float]], x: float, y: float) -> bool:
    """Whether a point lies in a convex polygon that is given clockwise."""
    corners = [(a * WIDTH, b * HEIGHT) for a, b in points]
    edges = zip(corners, [*corners[1:], corners[0]], strict=True)
    return all((x2 - x1) * (y - y1) - (y2 - y1) * (x - x1) >= 0 for (x1, y1), (x2, y2) in edges)


part = st.floats(0, 0.45)


@given(part, part, part, part)
@settings(deadline=None, max_examples=40)
def test_what_lies_outside_is_masked_and_reported_and_inside_nothing_changes(
    a: float, b: float, c: float, d: float
) -> None:
    points = [(a, 0.0), (1.0, b), (1 - c, 1.0), (0.0, 1 - d)]
    picture = noise()
    before = planes(picture)
    regions = Masker("mosaic", keep=zone(*points)).apply(picture, ())
    after = planes(picture)
    reported = np.zeros((HEIGHT, WIDTH), bool)
    for region in regions:
        assert region.kind is Kind.ZONE
        reported[int(region.y1) : int(region.y2), int(region.x1) : int(region.x2)] = True
    for plane, (old, new) in enumerate(zip(before, after, strict=True)):
        shift = int(plane > 0)
        covered = reported[:: 1 + shift, :: 1 + shift]
        assert (old == new)[~covered].all()
        size = SIZE >> shift
        for y in range(0, new.shape[0], size):
            for x in range(0, new.shape[1], size):
                block = np.s_[y : y + size, x : x + size]
                assert len(np.unique(new[block][covered[block]])) <= 1
    for y in range(EDGE // 2, HEIGHT, EDGE):
        for x in range(EDGE // 2, WIDTH, EDGE):
            if not inside(points, x, y):
                assert reported[y, x]


def test_a_zone_in_the_middle_stays_clear_up_to_a_square() -> None:
    picture = noise()
    before = planes(picture)
    Masker("mosaic", keep=zone((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))).apply(picture, ())
    luma = planes(picture)[0]
    same = luma == before[0]
    assert same[HEIGHT // 4 + EDGE : HEIGHT * 3 // 4 - EDGE, WIDTH // 4 + EDGE : WIDTH * 3 // 4 - EDGE].all()
    assert same[: HEIGHT // 4].mean() < 0.05


def test_the_whole_picture_may_be_kept() -> None:
    picture = noise()
    before = planes(picture)
    assert Masker("mosaic", keep=zone((0, 0), (1, 0), (1, 1), (0, 1))).apply(picture, ()) == ()
    assert all((old == new).all() for old, new in zip(before, planes(picture), strict=True))


@pytest.mark.parametrize("style", ["mosaic", "blur", "solid"])
def test_regions_inside_are_masked_too(style: str) -> None:
    picture = noise()
    before = planes(picture)[0]
    face = Region(150, 100, 190, 140, Kind.FACE, 4)
    masker = Masker(style, keep=zone((0.2, 0.1), (0.9, 0.1), (0.9, 0.9), (0.2, 0.9)))  # type: ignore[arg-type]
    regions = masker.apply(picture, (face,))
    after = planes(picture)[0]
    assert {region.kind for region in regions} == {Kind.FACE, Kind.ZONE}
    assert (after == before)[100:140, 150:190].mean() < 0.1
    assert (after == before)[:16].mean() < 0.1
    if style == "solid":
        assert (after[:16] == 128).all()


def test_a_change_of_size_is_followed() -> None:
    masker = Masker("mosaic", keep=zone((0, 0), (1, 0), (1, 0.5), (0, 0.5)))
    masker.apply(noise(), ())
    samples = np.random.default_rng(2).integers(0, 256, (96 * 3 // 2, 160), np.uint8)
    small = Picture(VideoFrame.from_ndarray(samples, format="yuv420p"), 0, 0, 0)
    (region,) = masker.apply(small, ())
    assert (region.x1, region.y1, region.x2, region.y2) == (0, 48, 160, 96)
