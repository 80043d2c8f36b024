"""Brings pictures to analysis size by swscale, straight from the planes."""

from __future__ import annotations

from collections import OrderedDict

import av
import numpy as np
from av.video.reformatter import Interpolation, VideoReformatter

from models.runtime import Pixels

_KEPT = 16
"""Scalers kept; the one unused longest goes first."""


class Scaler:
    """Scales one stream's pictures. Each analysis size keeps its own swscale context, which is costly to set up."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, int], VideoReformatter] = OrderedDict()

    def scale(self, frame: av.VideoFrame, width: int, height: int) -> Pixels:
        """`frame` as uint8 BGR (1, height, width, 3).

        Averages over areas when shrinking, is bilinear when enlarging.
        """
        key = (width, height)
        reformatter = self._kept.pop(key, None) or VideoReformatter()
        self._kept[key] = reformatter
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        shrinks = width <= frame.width and height <= frame.height
        way = Interpolation.AREA if shrinks else Interpolation.BILINEAR
        small = reformatter.reformat(frame, width, height, "bgr24", interpolation=way, threads=1)
        plane = small.planes[0]
        data = np.frombuffer(plane, np.uint8)  # type: ignore[call-overload] # a plane is a buffer
        rows = data.reshape(height, plane.line_size)
        return np.ascontiguousarray(rows[:, : width * 3]).reshape(1, height, width, 3)
