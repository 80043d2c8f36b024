"""Pictures of noise to mask."""

from __future__ import annotations

from collections.abc import Callable

import av
import numpy as np
import pytest

from vcam.base.media import Picture
from vcam.mask.planes import Planes

Noise = Callable[..., Picture]


@pytest.fixture
def noise() -> Noise:
    """Makes a picture of that size whose every sample is random, for one seed always the same."""

    def make(width: int, height: int, seed: int = 0) -> Picture:
        rng = np.random.default_rng(seed)
        frame = av.VideoFrame(width, height, "yuv420p")
        planes = Planes.of(frame)
        for plane in (planes.luma, *planes.chroma):
            plane[:] = rng.integers(0, 256, plane.shape, dtype=np.uint8)
        return Picture(frame, 0, 0, 0)

    return make
