from __future__ import annotations

import av
import cv2
import numpy as np
import pytest

from models.runtime import Pixels
from models.scaler import Scaler


@pytest.mark.parametrize("size", [(1280, 704), (96, 64), (704, 1280), (224, 160), (32, 32)])
@pytest.mark.parametrize("shape", [(270, 480), (480, 270), (48, 48), (242, 426)])
def test_scales_as_opencv_does(size: tuple[int, int], shape: tuple[int, int]) -> None:
    down, across = shape
    y, x = np.mgrid[:down, :across]
    pixels = np.stack((x * 255 // across, y * 255 // down, 255 - x * 255 // across), axis=2).astype(np.uint8)
    frame = av.VideoFrame.from_ndarray(pixels, format="bgr24").reformat(format="yuv420p")
    width, height = size
    scaled = Scaler().scale(frame, width, height)
    assert scaled.shape == (1, height, width, 3)
    assert scaled.dtype == np.uint8
    expected = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.int16)
    assert float(np.abs(scaled[0].astype(np.int16) - expected).mean()) < 4


def test_pictures_of_a_stream_are_independent(portrait: Pixels) -> None:
    scaler = Scaler()
    first = av.VideoFrame.from_ndarray(portrait, format="bgr24").reformat(format="yuv420p")
    second = av.VideoFrame.from_ndarray(255 - portrait, format="bgr24").reformat(format="yuv420p")
    kept = scaler.scale(first, 128, 96)
    copy = kept.copy()
    scaler.scale(second, 128, 96)
    np.testing.assert_array_equal(kept, copy)


def test_the_stream_may_change_its_size() -> None:
    scaler = Scaler()
    for side in (64, 640, 48, 2000):
        frame = av.VideoFrame(side, side // 2, "yuv420p")
        for plane in frame.planes:
            plane.update(bytes([128]) * plane.buffer_size)
        scaled = scaler.scale(frame, 64, 32)
        # swscale dithers
        assert scaled.min() >= 122
        assert scaled.max() <= 134


def test_colour_range_is_kept() -> None:
    levels = []
    for colour_range in (1, 2):
        frame = av.VideoFrame(64, 64, "yuv420p")
        for plane, value in zip(frame.planes, (235, 128, 128), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.color_range = colour_range
        levels.append(int(Scaler().scale(frame, 32, 32).max()))
    # 235 is white in video range, light grey in full range
    assert levels[0] >= 254
    assert 230 <= levels[1] <= 240
