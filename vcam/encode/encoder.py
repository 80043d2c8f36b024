"""Encodes one stream of masked pictures: one picture in and one access unit out."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType
from av.video.stream import VideoStream

from vcam.base.errors import EncodeError
from vcam.base.media import TICKS, MaskedUnit, Picture, Region
from vcam.base.rendition import MAIN, Rendition
from vcam.base.settings import EncodeSettings
from vcam.encode import mjpeg, x264, x265
from vcam.encode.colour import Colour
from vcam.encode.rate import picture_rate

_TIME_BASE = Fraction(1, TICKS)
_RESTART = "The stream must start again"


@dataclass(frozen=True, slots=True)
class _Origin:
    """What an access unit inherits from its picture."""

    time: int
    index: int
    regions: tuple[Region, ...]


def open_codec(
    rendition: Rendition,
    settings: EncodeSettings,
    width: int,
    height: int,
    fps: float,
    *,
    colour: Colour | None = None,
) -> VideoCodecContext:
    """The opened codec of `rendition` for pictures of this size and rate. Raises EncodeError."""
    if width < 1 or height < 1 or width % 2 or height % 2:
        raise EncodeError(
            f"Pictures of {width}x{height} cannot be encoded", mend="Choose an even width and height"
        )
    if rendition.codec == "mjpeg":
        return mjpeg.open_encoder(width, height, rendition.quality)
    open_encoder = x265.open_encoder if rendition.codec == "h265" else x264.open_encoder
    return open_encoder(settings, width, height, fps, colour, rate=rendition.bit_rate)


class Encoder:
    """Encodes one stream of pictures of one size. Make a new one when size, rate, colour or rendition change.

    Each picture comes out at once as one access unit, `dts` equal to `pts`: in Annex B, or as a JPEG. The first
    picture, then one in each GOP's time, and the next one after `force_key` are IDR pictures, with their parameter
    sets before them. The GOP is the rendition's, or else lasts `settings.gop` seconds. `width`, `height` and `fps`
    are those of the pictures given to it, whatever the rendition asks.
    """

    def __init__(
        self,
        settings: EncodeSettings,
        width: int,
        height: int,
        fps: float,
        colour: Colour | None = None,
        *,
        rendition: Rendition | None = None,
    ) -> None:
        self.width = width
        self.height = height
        self._rendition = rendition = rendition or Rendition(MAIN)
        self._context = open_codec(rendition, settings, width, height, fps, colour=colour)
        self._format = "yuvj420p" if rendition.codec == "mjpeg" else "yuv420p"
        step = TICKS / picture_rate(fps)
        self._gop = round(rendition.gop * step or settings.gop * TICKS)
        self._slack = round(step / 2)
        self._key_pts: int | None = None
        self._last_pts: int | None = None
        self._origins: dict[int, _Origin] = {}
        self._flushed = False

    def force_key(self) -> None:
        """Make the next picture an IDR picture. May be called from any thread."""
        self._key_pts = None

    def encode(self, picture: Picture, regions: tuple[Region, ...]) -> list[MaskedUnit]:
        """Encode one masked picture; its `pts` must be greater than that of the one before.

        Raises EncodeError for a picture of another size or format or out of order, and when the codec fails.
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
            raise EncodeError(
                f"{self._context.name} failed on picture {picture.index} ({error})", mend=_RESTART
            ) from error
        return [self._unit(packet) for packet in packets]

    def flush(self) -> list[MaskedUnit]:
        """The access units still held back; after this the encoder takes no more pictures."""
        if self._flushed:
            return []
        self._flushed = True
        try:
            packets = self._context.encode(None)
        except (FFmpegError, ValueError) as error:
            raise EncodeError(f"{self._context.name} failed at the end ({error})", mend=_RESTART) from error
        return [self._unit(packet) for packet in packets]

    def _check(self, picture: Picture) -> None:
        if self._flushed:
            raise EncodeError("A picture came after the end of the stream", mend="Make a new encoder")
        frame = picture.frame
        if (frame.width, frame.height, frame.format.name) != (self.width, self.height, self._format):
            raise EncodeError(
                f"Picture {picture.index} is {frame.width}x{frame.height} {frame.format.name}, "
                f"the encoder takes {self.width}x{self.height} {self._format}",
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
            raise EncodeError(
                f"{self._context.name} gave an access unit that belongs to no picture", mend=_RESTART
            )
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
            stream=self._rendition.name,
            codec=self._rendition.codec,
        )
