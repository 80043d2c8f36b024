"""Sizes in which a camera's picture can be had."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.media.picture import Picture

sides = st.integers(64, 4096).map(lambda half: 2 * half)
pictures = st.builds(Picture, sides, sides, st.floats(0.1, 240))


@given(pictures, st.booleans())
def test_sizes_have_the_shape_of_the_picture(picture: Picture, jpeg: bool) -> None:
    sizes = picture.sizes(jpeg=jpeg)
    unit = 8 if jpeg else 2
    for width, height in sizes:
        assert (width % unit, height % unit) == (0, 0)
        assert 0 < width <= picture.width
        # The height is the nearest one that is a multiple of the unit.
        assert abs(height - picture.height * width / picture.width) <= max(unit / 2, unit - height + 1)
        assert not jpeg or max(width, height) <= 2040 + unit
    assert len(set(sizes)) == len(sizes)
    if not jpeg:
        assert sizes[0] == picture.size


@pytest.mark.parametrize(
    ("size", "jpeg", "sizes"),
    [
        ((1280, 720), False, [(1280, 720), (960, 540), (852, 480), (640, 360), (426, 240), (320, 180)]),
        ((704, 480), False, [(704, 480), (528, 360), (352, 240), (264, 180)]),
        ((160, 120), False, [(160, 120)]),
        ((704, 480), True, [(704, 480), (528, 360), (352, 240), (264, 176)]),
        ((720, 1280), False, [(720, 1280), (540, 960), (480, 854), (360, 640), (240, 426), (180, 320)]),
    ],
)
def test_the_usual_sizes_are_offered(size: tuple[int, int], jpeg: bool, sizes: list[tuple[int, int]]) -> None:
    assert list(Picture(*size).sizes(jpeg=jpeg)) == sizes


@given(pictures)
def test_rates_go_from_the_cameras_own_down_to_one(picture: Picture) -> None:
    rates = picture.rates()
    assert rates[0] == max(1, round(picture.fps))
    assert list(rates) == sorted(set(rates), reverse=True)
    assert rates[-1] == 1
