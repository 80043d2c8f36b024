"""The scene as a camera would send it: H.264 access units of one loop, encoded once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from vcam.base.errors import EncodeError
from vcam.base.media import TICKS, MaskedUnit
from vcam.demo.scene import FPS, LENGTH, Scene

GOP: Final = 25
"""Pictures from one IDR to the next. The loop begins with one, so loops join without a break."""
STEP: Final = TICKS // FPS
"""Ticks of 1/90000 s from one picture to the next."""
BIT_RATE: Final = 6_000_000


@dataclass(frozen=True, slots=True)
class LoopUnit:
    """One access unit (Annex B, parameter sets before every IDR) of the loop's picture `index`."""

    data: bytes
    index: int
    key: bool

    def at(self, place: int, time: int, scene: Scene) -> MaskedUnit:
        """The unit as the picture at `place`, counted over all loops, taken at `time` (microseconds UTC)."""
        pts = place * STEP
        size = scene.width, scene.height
        return MaskedUnit(self.data, pts, pts, time, self.key, place, *size)


def _open(width: int, height: int) -> VideoCodecContext:
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base, context.framerate = Fraction(1, TICKS), Fraction(FPS)
    context.thread_count = 1
    context.options = {
        "preset": "superfast",
        "tune": "zerolatency",
        "b": str(BIT_RATE),
        "maxrate": str(BIT_RATE * 3 // 2),
        "bufsize": str(BIT_RATE),
        "forced-idr": "1",
        "x264-params": "annexb=1:repeat-headers=1:keyint=infinite:scenecut=0:open-gop=0",
    }
    context.open(strict=False)
    return context


def encode(scene: Scene, length: int = LENGTH) -> Iterator[LoopUnit]:
    """Draw and encode the loop's first `length` pictures. Raises EncodeError."""
    context = _open(scene.width, scene.height)
    for index in range(length):
        frame = av.VideoFrame.from_ndarray(scene.render(index), format="bgr24").reformat(format="yuv420p")
        frame.pts, frame.time_base = index * STEP, Fraction(1, TICKS)
        frame.pict_type = PictureType.I if index % GOP == 0 else PictureType.NONE
        packets = context.encode(frame)
        if len(packets) != 1:
            raise EncodeError(f"x264 gave {len(packets)} access units for one picture", mend="Reinstall PyAV")
        yield LoopUnit(bytes(packets[0]), index, packets[0].is_keyframe)
