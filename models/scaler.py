"""Brings pictures to analysis size, straight from the planes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from models.runtime import Pixels

_KEPT = 16
"""Scalers kept; the one unused longest goes first."""
_LINEAR = 2.2
"""Up to this reduction, bilinear sampling of the planes sees every pixel, and is the faster way."""


class Scaler:
    """Scales one stream's pictures. Each analysis size keeps its own swscale context, which is costly to set up."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, int], VideoReformatter] = OrderedDict()

    def scale(
        self,
        frame: av.VideoFrame,
        width: int,
        height: int,
        *,
        made: Mapping[tuple[int, int], Pixels] | None = None,
    ) -> Pixels:
        """`frame`, yuv420p, as uint8 BGR (1, height, width, 3).

        Averages over areas when shrinking, is bilinear when enlarging. What has been `made` of the same frame, by
        width and height, may be shrunk further.
        """
        for (across, down), larger in (made or {}).items():
            if _near(across, width) and _near(down, height):
                return np.asarray(cv2.resize(larger[0], (width, height), interpolation=cv2.INTER_LINEAR))[None]
        shrinks = width <= frame.width and height <= frame.height
        near = _near(frame.width, width) and _near(frame.height, height)
        if shrinks and near and frame.color_range != ColorRange.JPEG:
            return _linear(frame, width, height)
        key = (width, height)
        reformatter = self._kept.pop(key, None) or VideoReformatter()
        self._kept[key] = reformatter
        if len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        way = Interpolation.AREA if shrinks else Interpolation.BILINEAR
        small = reformatter.reformat(frame, width, height, "bgr24", interpolation=way, threads=1)
        return np.ascontiguousarray(_lines(small.planes[0], width * 3)).reshape(1, height, width, 3)


def _near(length: int, shorter: int) -> bool:
    """Whether bilinear sampling sees everything of `length` when it is brought to `shorter`."""
    return shorter <= length <= _LINEAR * shorter


def _linear(frame: av.VideoFrame, width: int, height: int) -> Pixels:
    # Planes are scaled before colours are converted, as there are fewer pixels then. Sides are even.
    small = np.empty((height * 3 // 2, width), np.uint8)
    chroma = small[height:].reshape(2, height // 2, width // 2)
    for plane, out in zip(frame.planes, (small[:height], *chroma), strict=True):
        size = (out.shape[1], out.shape[0])
        cv2.resize(_lines(plane, plane.width), size, dst=out, interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_YUV2BGR_I420), np.uint8)[None]


def _lines(plane: av.video.plane.VideoPlane, length: int) -> Pixels:
    """The first `length` bytes of each line; lines are padded in memory."""
    data = np.frombuffer(plane, np.uint8)  # type: ignore[call-overload] # a plane is a buffer
    return np.asarray(data.reshape(plane.height, plane.line_size)[:, :length])
