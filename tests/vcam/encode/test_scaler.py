"""Sizes that encoders take, and pictures brought to them."""

from __future__ import annotations

import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.media import Kind, Region
from vcam.base.rendition import Rendition
from vcam.encode.scaler import Scaler, scaled, size_of

sides = st.integers(8, 3000).map(lambda half: 2 * half)


@given(sides, sides, st.integers(0, 4000), st.sampled_from(["h264", "h265", "mjpeg"]))
def test_a_size_keeps_the_shape_and_suits_the_codec(width: int, height: int, asked: int, codec: str) -> None:
    wide, high = size_of(Rendition("sub", codec, width=asked), width, height)  # type: ignore[arg-type]
    unit = 8 if codec == "mjpeg" else 2
    assert wide % unit == high % unit == 0
    assert 0 < wide <= max(min(asked or width, width), unit)
    assert abs(high - height * wide / width) <= unit
    if codec == "mjpeg":
        assert max(wide, high) <= 2040
    elif asked == 0:
        assert (wide, high) == (width, height)


def test_a_size_that_is_named_is_the_size() -> None:
    assert size_of(Rendition("main", width=800, height=600), 1920, 1080) == (800, 600)


def flat(luma: int, width: int = 640, height: int = 360) -> VideoFrame:
    planes = np.full((height * 3 // 2, width), 128, np.uint8)
    planes[:height] = luma
    return VideoFrame.from_ndarray(planes, format="yuv420p")


def test_what_has_the_size_is_not_touched() -> None:
    frame = flat(100)
    assert Scaler("h264", 640, 360).scale(frame) is frame


def test_a_scaled_picture_shows_the_same() -> None:
    frame = flat(100)
    planes = frame.to_ndarray()
    planes[:180, :320] = 200
    found = Scaler("h265", 320, 180).scale(VideoFrame.from_ndarray(planes, format="yuv420p")).to_ndarray()
    assert found.shape == (270, 320)
    assert abs(int(found[40, 80]) - 200) <= 2
    assert abs(int(found[140, 240]) - 100) <= 2


@pytest.mark.parametrize(("full", "black", "white"), [(False, 16, 235), (True, 0, 255)])
def test_jpeg_pictures_have_the_full_range(full: bool, black: int, white: int) -> None:
    for level, wanted in ((black, 0), (white, 255)):
        frame = flat(level)
        frame.color_range = ColorRange.JPEG if full else ColorRange.MPEG
        frame.colorspace = Colorspace.ITU709
        found = Scaler("mjpeg", 320, 176).scale(frame)
        assert found.format.name == "yuvj420p"
        assert abs(int(found.to_ndarray(format="gray").mean()) - wanted) <= 2


def test_regions_are_scaled_with_their_picture() -> None:
    [found] = scaled((Region(10, 20, 30, 40, Kind.FACE, 5, 0.5),), 0.5, 0.25)
    assert (found.x1, found.y1, found.x2, found.y2) == (5, 5, 15, 10)
    assert (found.kind, found.track, found.score) == (Kind.FACE, 5, 0.5)
