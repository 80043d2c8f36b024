"""What the samples of a picture mean."""

from __future__ import annotations

from dataclasses import dataclass

from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

_UNSPECIFIED = 2


@dataclass(frozen=True, slots=True)
class Colour:
    """Code points of ITU-T H.273, and FFmpeg's number of the range (2 is full)."""

    range: int = 0
    primaries: int = _UNSPECIFIED
    transfer: int = _UNSPECIFIED
    matrix: int = _UNSPECIFIED

    @classmethod
    def of(cls, frame: VideoFrame) -> Colour:
        """The colour attributes of a decoded frame."""
        return cls(
            int(frame.color_range),
            int(frame.color_primaries),
            int(frame.color_trc),
            int(frame.colorspace) or _UNSPECIFIED,  # 0 means RGB, which yuv420p is not
        )

    def write_to(self, context: VideoCodecContext) -> None:
        """Let an encoder that is not open yet say so in its stream."""
        context.color_range = self.range
        context.color_primaries = self.primaries
        context.color_trc = self.transfer
        context.colorspace = self.matrix
