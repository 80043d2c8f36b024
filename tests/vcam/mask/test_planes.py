"""Planes are the frame's own memory."""

from __future__ import annotations

import av
import numpy as np
import pytest

from vcam.base.errors import EncodeError
from vcam.mask.planes import Planes


@pytest.mark.parametrize("size", [(2, 2), (34, 18), (241, 427), (1920, 1080)])
def test_views_have_the_pictures_size_and_write_through(size: tuple[int, int]) -> None:
    width, height = size
    frame = av.VideoFrame(width, height, "yuv420p")
    planes = Planes.of(frame)
    assert planes.luma.shape == (height, width)
    assert {plane.shape for plane in planes.chroma} == {(-(-height // 2), -(-width // 2))}
    for value, plane in enumerate((planes.luma, *planes.chroma), 10):
        plane[:] = value
    again = Planes.of(frame)
    assert [int(plane[-1, -1]) for plane in (again.luma, *again.chroma)] == [10, 11, 12]


@pytest.mark.skipif(not hasattr(av.VideoFrame, "to_ndarray"), reason="this PyAV cannot export arrays")
def test_views_agree_with_pyavs_own_export() -> None:
    frame = av.VideoFrame.from_ndarray(
        np.random.default_rng(3).integers(0, 256, (48 * 3 // 2, 80), dtype=np.uint8), "yuv420p"
    )
    planes = Planes.of(frame)
    assert np.array_equal(planes.luma, frame.to_ndarray()[:48])


@pytest.mark.parametrize("format_name", ["rgb24", "yuv444p", "yuv420p10le", "nv12", "gray"])
def test_other_formats_are_refused(format_name: str) -> None:
    with pytest.raises(EncodeError, match=format_name):
        Planes.of(av.VideoFrame(32, 32, format_name))
