"""Brings masked pictures to the size and sample format of a stream."""

from __future__ import annotations

from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from vcam.base.errors import EncodeError
from vcam.base.media import Codec, Region
from vcam.base.rendition import Rendition
from vcam.encode.mjpeg import LARGEST, UNIT


def size_of(rendition: Rendition, width: int, height: int) -> tuple[int, int]:
    """Width and height of a stream of pictures of `width` x `height`; even, and for JPEG multiples of 8."""
    if rendition.width and rendition.height:
        return rendition.width, rendition.height
    across = min(rendition.width or width, width)
    unit = 2
    if rendition.codec == "mjpeg":
        across = min(across, width * LARGEST // max(width, height))
        unit = UNIT
    elif across == width:
        return width, height
    wide = max(across // unit, 1) * unit
    return wide, max(round(height * wide / width / unit), 1) * unit


class Scaler:
    """Scales by area. JPEG gets BT.601 of full range, as JFIF means it; other codecs keep the picture's colours."""

    def __init__(self, codec: Codec, width: int, height: int) -> None:
        self._jpeg = codec == "mjpeg"
        self._size = width, height
        self._reformatter = VideoReformatter()

    def scale(self, frame: VideoFrame) -> VideoFrame:
        """`frame` (yuv420p) at this size, itself where nothing is to be done. Raises EncodeError."""
        if not self._jpeg and (frame.width, frame.height) == self._size:
            return frame
        try:
            if self._jpeg:
                full = self._reformatter.reformat(
                    frame,
                    *self._size,
                    format="yuvj420p",
                    dst_colorspace=Colorspace.ITU601,
                    dst_color_range=ColorRange.JPEG,
                    interpolation=Interpolation.AREA,
                    threads=1,
                )
                return _bare(full)
            return self._reformatter.reformat(
                frame, *self._size, format="yuv420p", interpolation=Interpolation.AREA, threads=1
            )
        except (FFmpegError, ValueError) as error:
            raise EncodeError(
                f"A picture cannot be scaled to {self._size[0]}x{self._size[1]} ({error})",
                mend="Choose another size",
            ) from error


def _bare(frame: VideoFrame) -> VideoFrame:
    """The samples of a JPEG's `frame` alone: the encoder would write a camera's ICC profile beside them."""
    bare = VideoFrame.from_ndarray(frame.to_ndarray(), format="yuvj420p")
    bare.colorspace, bare.color_range = Colorspace.ITU601, ColorRange.JPEG
    return bare


def scaled(regions: tuple[Region, ...], across: float, down: float) -> tuple[Region, ...]:
    """`regions` in a picture `across` times as wide and `down` times as high."""
    return tuple(
        Region(
            region.x1 * across,
            region.y1 * down,
            region.x2 * across,
            region.y2 * down,
            region.kind,
            region.track,
            region.score,
        )
        for region in regions
    )
