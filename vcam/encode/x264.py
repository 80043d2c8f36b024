"""The encoder of the masked stream: x264 through PyAV, one thread, one picture in and one access unit out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from av.codec.context import CodecContext
from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from vcam.base.errors import EncodeError
from vcam.base.media import TICKS, MaskedUnit, Picture, Region
from vcam.base.settings import EncodeSettings

_TIME_BASE = Fraction(1, TICKS)
_REFERENCE_RATE = 1920 * 1080 * 25
_LEAST_BIT_RATE = 200_000
_UNSPECIFIED = 2
_RESTART = "The stream must start again"


@dataclass(frozen=True, slots=True)
class Colour:
    """What the samples mean: code points of ITU-T H.273, and FFmpeg's number of the range (2 is full)."""

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


@dataclass(frozen=True, slots=True)
class _Origin:
    """What an access unit inherits from its picture."""

    time: int
    index: int
    regions: tuple[Region, ...]


def bit_rate(settings: EncodeSettings, width: int, height: int, fps: float) -> int:
    """Bits a second for a stream of this size and rate.

    `settings.bit_rate` holds for 1920x1080 at 25 pictures a second. Neighbouring samples are the less alike the
    fewer there are of them, so the share goes with the power 0.75 of the samples a second. It never falls under
    200 kb/s, unless the setting itself does.
    """
    share = math.pow(width * height * _rate(fps) / _REFERENCE_RATE, 0.75)
    return max(round(settings.bit_rate * share), min(settings.bit_rate, _LEAST_BIT_RATE))


def encoder_options(settings: EncodeSettings, width: int, height: int, fps: float) -> dict[str, str]:
    """Options of FFmpeg's libx264, complete but for size, pixel format, colour and rates.

    GOPs are closed and end where `Encoder` forces an IDR picture, hence no key interval and no scene cut
    detection of x264's own. Captions and user data of the camera's pictures are not copied. The rate is held
    over two seconds, with bursts of half as much again.
    """
    rate = bit_rate(settings, width, height, fps)
    return {
        "preset": settings.preset,
        "tune": "zerolatency",
        "threads": "1",
        "b": str(rate),
        "maxrate": str(rate * 3 // 2),
        "bufsize": str(rate * 2),
        "forced-idr": "1",
        "a53cc": "0",
        "udu_sei": "0",
        "x264-params": "annexb=1:repeat-headers=1:keyint=infinite:scenecut=0:open-gop=0",
    }


def open_encoder(
    settings: EncodeSettings, width: int, height: int, fps: float, colour: Colour | None = None
) -> VideoCodecContext:
    """An opened libx264 with exactly the settings of the masked stream: yuv420p, time base 1/90000.

    Raises EncodeError when x264 refuses the size.
    """
    colour = colour or Colour()
    context = CodecContext.create("libx264", "w")
    context.width = width
    context.height = height
    context.pix_fmt = "yuv420p"
    context.time_base = _TIME_BASE
    context.framerate = _rate(fps)
    context.color_range = colour.range
    context.color_primaries = colour.primaries
    context.color_trc = colour.transfer
    context.colorspace = colour.matrix
    context.options = encoder_options(settings, width, height, fps)
    try:
        context.open(strict=False)
    except (FFmpegError, ValueError) as error:
        raise EncodeError(
            f"x264 cannot be opened for pictures of {width}x{height} ({error})",
            mend="Set the camera to an even size of at most 16384x16384",
        ) from error
    return context


def _rate(fps: float) -> Fraction:
    """A nominal rate that an encoder accepts: 1 to 240 pictures a second, 25 when it is not known."""
    if not 0 < fps < float("inf"):
        return Fraction(25)
    return Fraction(min(max(fps, 1.0), 240.0)).limit_denominator(1001)


class Encoder:
    """Encodes one stream of pictures of one size. Make a new one when size, rate or colour change.

    Each picture comes out at once as one access unit in Annex B, `dts` equal to `pts`. The first picture, then
    one in `settings.gop` seconds of stream time, and the next one after `force_key` are IDR pictures, with
    their parameter sets before them.
    """

    def __init__(
        self,
        settings: EncodeSettings,
        width: int,
        height: int,
        fps: float,
        colour: Colour | None = None,
    ) -> None:
        self.width = width
        self.height = height
        self._context = open_encoder(settings, width, height, fps, colour)
        self._gop = round(settings.gop * TICKS)
        self._slack = round(TICKS / (2 * _rate(fps)))
        self._key_pts: int | None = None
        self._last_pts: int | None = None
        self._origins: dict[int, _Origin] = {}
        self._flushed = False

    def force_key(self) -> None:
        """Make the next picture an IDR picture. May be called from any thread."""
        self._key_pts = None

    def encode(self, picture: Picture, regions: tuple[Region, ...]) -> list[MaskedUnit]:
        """Encode one masked picture; its `pts` must be greater than that of the one before.

        Raises EncodeError for a picture of another size or format or out of order, and when x264 fails.
        """
        self._check(picture)
        frame = picture.frame
        frame.pts = picture.pts
        frame.time_base = _TIME_BASE
        key = self._key_pts is None or picture.pts - self._key_pts + self._slack >= self._gop
        frame.pict_type = PictureType.I if key else PictureType.NONE
        if key:
            self._key_pts = picture.pts
        self._last_pts = picture.pts
        self._origins[picture.pts] = _Origin(picture.time, picture.index, regions)
        try:
            packets = self._context.encode(frame)
        except (FFmpegError, ValueError) as error:
            raise EncodeError(f"x264 failed on picture {picture.index} ({error})", mend=_RESTART) from error
        return [self._unit(packet) for packet in packets]

    def flush(self) -> list[MaskedUnit]:
        """The access units still held back; after this the encoder takes no more pictures."""
        if self._flushed:
            return []
        self._flushed = True
        try:
            packets = self._context.encode(None)
        except (FFmpegError, ValueError) as error:
            raise EncodeError(f"x264 failed at the end ({error})", mend=_RESTART) from error
        return [self._unit(packet) for packet in packets]

    def _check(self, picture: Picture) -> None:
        if self._flushed:
            raise EncodeError("A picture came after the end of the stream", mend="Make a new encoder")
        frame = picture.frame
        if (frame.width, frame.height, frame.format.name) != (self.width, self.height, "yuv420p"):
            raise EncodeError(
                f"Picture {picture.index} is {frame.width}x{frame.height} {frame.format.name}, "
                f"the encoder takes {self.width}x{self.height} yuv420p",
                mend="Make a new encoder for the new size",
            )
        if self._last_pts is not None and picture.pts <= self._last_pts:
            raise EncodeError(
                f"Picture {picture.index} has pts {picture.pts} after {self._last_pts}",
                mend="Pictures must come in the order of their pts",
            )

    def _unit(self, packet: Packet[VideoStream]) -> MaskedUnit:
        pts, dts = packet.pts, packet.dts
        if pts is None or dts is None or pts not in self._origins:
            raise EncodeError("x264 gave an access unit that belongs to no picture", mend=_RESTART)
        origin = self._origins.pop(pts)
        return MaskedUnit(
            data=bytes(packet),
            pts=pts,
            dts=dts,
            time=origin.time,
            key=packet.is_keyframe,
            index=origin.index,
            width=self.width,
            height=self.height,
            regions=origin.regions,
        )
