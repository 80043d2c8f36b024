"""JPEG pictures as RTP can carry them (RFC 2435), by FFmpeg's encoder through PyAV."""

from __future__ import annotations

from fractions import Fraction

from av.codec.context import CodecContext, Flags
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import ColorRange, Colorspace

from vcam.base.errors import EncodeError
from vcam.base.media import TICKS

LARGEST = 2040
"""Most pixels of a side: RFC 2435 counts them in eights, in one byte."""
UNIT = 8
"""Sides are multiples of so many pixels."""


def open_encoder(width: int, height: int, quality: int) -> VideoCodecContext:
    """An opened encoder of baseline JPEG: yuvj420p (RFC 2435's type 1), the standard's Huffman tables, BT.601.

    `quality` from 1 to 100. A table for luma and one for chroma are written. Raises EncodeError for sizes that RFC
    2435 has no number for.
    """
    if width % UNIT or height % UNIT or not (0 < width <= LARGEST and 0 < height <= LARGEST):
        raise EncodeError(
            f"RTP cannot carry JPEG pictures of {width}x{height}",
            mend=f"Choose a width and a height that are multiples of {UNIT}, at most {LARGEST}",
        )
    context = CodecContext.create("mjpeg", "w")
    context.width = width
    context.height = height
    context.pix_fmt = "yuvj420p"
    context.color_range = ColorRange.JPEG
    context.colorspace = Colorspace.ITU601
    context.time_base = Fraction(1, TICKS)
    context.thread_count = 1
    context.qmin = context.qmax = scale(quality)
    context.flags |= Flags.bitexact  # no comment of the encoder's
    context.options = {"huffman": "default", "force_duplicated_matrix": "1"}
    try:
        context.open(strict=False)
    except (FFmpegError, ValueError) as error:
        raise EncodeError(
            f"JPEG pictures of {width}x{height} cannot be encoded ({error})", mend="Choose another size"
        ) from error
    return context


def scale(quality: int) -> int:
    """FFmpeg's quantiser scale from 2 (best) to 31 for a `quality` from 1 to 100."""
    return round(31 - 29 * (min(max(quality, 1), 100) - 1) / 99)
