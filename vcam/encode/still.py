"""Stills of the masked stream: the last IDR picture, decoded only when somebody asks."""

from __future__ import annotations

import threading
from fractions import Fraction

from av.codec.context import CodecContext
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from vcam.base.errors import EncodeError
from vcam.base.media import MaskedUnit

_QUALITY = 3
_MEND = "Wait for the next IDR picture"


class StillKeeper:
    """The last IDR access unit of one masked stream, and JPEGs of it. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._decoding = threading.Lock()
        self._unit: MaskedUnit | None = None
        self._made: dict[int | None, bytes] = {}

    @property
    def time(self) -> int | None:
        """Instant of capture of the picture that `jpeg` shows, in microseconds UTC; None without one."""
        unit = self._unit
        return None if unit is None else unit.time

    def offer(self, unit: MaskedUnit) -> None:
        """Take note of one access unit; it never waits for a decoder."""
        if not unit.key:
            return
        with self._lock:
            self._unit = unit
            self._made = {}

    def clear(self) -> None:
        """Forget the picture, for instance when the camera has been lost for long."""
        with self._lock:
            self._unit = None
            self._made = {}

    def jpeg(self, max_width: int | None = None) -> bytes | None:
        """A JPEG (JFIF, BT.601 full range) of the last IDR picture, at most `max_width` pixels wide.

        None before the first IDR picture. It decodes and encodes one picture, so an event loop calls it in a
        thread; the result is kept until the next IDR picture. Raises EncodeError when the picture cannot
        be decoded.
        """
        with self._decoding:
            with self._lock:
                unit, made = self._unit, self._made
            if unit is None:
                return None
            width = None if max_width is None or max_width >= unit.width else max(max_width, 16) & ~1
            if width not in made:
                made[width] = _encode(_decode(unit), width)
            return made[width]


def _decode(unit: MaskedUnit) -> VideoFrame:
    decoder = CodecContext.create("hevc" if unit.codec == "h265" else "h264", "r")
    decoder.thread_count = 1
    try:
        frames = [*decoder.decode(Packet(unit.data)), *decoder.decode(None)]
    except FFmpegError as error:
        raise EncodeError(f"The IDR picture cannot be decoded ({error})", mend=_MEND) from error
    if not frames:
        raise EncodeError("The IDR access unit holds no picture", mend=_MEND)
    return frames[0]


def _encode(frame: VideoFrame, width: int | None) -> bytes:
    height = frame.height
    if width is not None:
        height = max(round(frame.height * width / frame.width) & ~1, 2)
    picture = frame.reformat(
        width or frame.width,
        height,
        format="yuvj420p",
        dst_colorspace=Colorspace.ITU601,
        dst_color_range=ColorRange.JPEG,
        interpolation=Interpolation.AREA,
    )
    encoder = CodecContext.create("mjpeg", "w")
    encoder.width = picture.width
    encoder.height = picture.height
    encoder.pix_fmt = "yuvj420p"
    encoder.time_base = Fraction(1, 1)
    encoder.thread_count = 1
    encoder.qmin = encoder.qmax = _QUALITY
    picture.pts = 0
    picture.time_base = Fraction(1, 1)
    try:
        packets = [*encoder.encode(picture), *encoder.encode(None)]
    except (FFmpegError, ValueError) as error:
        raise EncodeError(f"The still cannot be encoded ({error})", mend=_MEND) from error
    return b"".join(bytes(packet) for packet in packets)
