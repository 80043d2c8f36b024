"""One frame of our own, into which pictures are copied before they are masked."""

from __future__ import annotations

import numpy as np
from av.video.frame import VideoFrame

from vcam.mask.planes import Planes


class Scratch:
    """Copies frames into one that is used again and again.

    A decoder predicts later pictures from the frames that it has given out, so these are never written to. A fresh
    frame for each copy would cost more in page faults than the copying does.
    """

    def __init__(self) -> None:
        self._frame: VideoFrame | None = None

    def copy(self, frame: VideoFrame) -> VideoFrame:
        """`frame` (yuv420p) in memory of our own, with its colour attributes; valid until the next call."""
        ours = self._frame
        if ours is None or (ours.width, ours.height) != (frame.width, frame.height):
            ours = self._frame = VideoFrame(frame.width, frame.height, "yuv420p")
        source, target = Planes.of(frame), Planes.of(ours)
        for theirs, own in zip((source.luma, *source.chroma), (target.luma, *target.chroma), strict=True):
            np.copyto(own, theirs)
        ours.color_range = frame.color_range
        ours.colorspace = frame.colorspace
        ours.color_primaries = frame.color_primaries
        ours.color_trc = frame.color_trc
        return ours
