"""What travels between the steps: access units, pictures, regions, masked units.

Time base: `pts` counts 1/90000 s from the first picture of the stream (RFC 6184's clock), `time` is
the instant of capture in microseconds UTC. Coordinates are pixels of the upright picture,
`x1, y1` inclusive and `x2, y2` exclusive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import av

TICKS = 90_000
"""Ticks of `pts` in a second."""


class Kind(StrEnum):
    """Why a region is masked."""

    FACE = "face"
    HEAD = "head"
    PLATE = "plate"
    PLATE_BAND = "plate_band"
    PERSON = "person"
    VEHICLE = "vehicle"
    MOTION = "motion"
    SCREEN = "screen"
    TEXT = "text"
    ZONE = "zone"
    WHOLE = "whole"


Codec = Literal["h264", "h265", "mjpeg"]


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What is known of a stream once it is open.

    `codec` is FFmpeg's name of the codec ("h264", "hevc", "mjpeg", "vp9", ...). `width` and `height` are
    those of the upright picture. `fps` is nominal. `parameter_sets` holds the Annex B parameter sets that
    came outside the stream (from SDP or a container), empty when there are none.
    """

    codec: str
    width: int
    height: int
    fps: float
    parameter_sets: bytes = b""


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One access unit as the camera sent it: Annex B for H.264 and H.265, a JPEG for MJPEG."""

    data: bytes
    pts: int
    time: int
    key: bool


@dataclass(frozen=True, slots=True)
class AudioUnit:
    """One audio packet as the camera sent it. `rate` in hertz; `extradata` as its codec defines it."""

    data: bytes
    pts: int
    time: int
    codec: str
    rate: int
    channels: int
    extradata: bytes = b""


@dataclass(slots=True)
class Picture:
    """One decoded picture: upright, yuv420p of 8 bits, even width and height.

    The decoder may still predict later pictures from `frame`: whoever writes to it calls `make_writable` first.
    `index` counts pictures of the
    stream from 0. `damaged` is true when the decoder concealed errors in it.
    """

    frame: av.VideoFrame
    index: int
    pts: int
    time: int
    damaged: bool = False

    @property
    def width(self) -> int:
        return int(self.frame.width)

    @property
    def height(self) -> int:
        return int(self.frame.height)


@dataclass(frozen=True, slots=True)
class Detection:
    """One box that a detector saw in one picture, in pixels of the full picture. Score from 0 to 1.

    `every` is the time in seconds until the pass that saw it comes again.
    """

    x1: float
    y1: float
    x2: float
    y2: float
    score: float
    kind: Kind
    every: float = 1.0


@dataclass(frozen=True, slots=True)
class Analysis:
    """What the named passes of the detectors saw in the picture of that index and pts."""

    index: int
    pts: int
    passes: frozenset[str]
    detections: tuple[Detection, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """One box to be masked in one picture.

    `track` joins regions of one object over pictures; it is no identity. `reach` is the smallest box around all
    places where the track was seen, or None where that is not known.
    """

    x1: float
    y1: float
    x2: float
    y2: float
    kind: Kind
    track: int
    score: float = 1.0
    reach: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class MaskedUnit:
    """One access unit of a masked stream: Annex B with parameter sets in band before every IDR, or a JPEG.

    `stream` is its rendition's name, `width`, `height` and `regions` count that rendition's pixels.
    """

    data: bytes
    pts: int
    dts: int
    time: int
    key: bool
    index: int
    width: int
    height: int
    regions: tuple[Region, ...] = field(default=())
    stream: str = "main"
    codec: Codec = "h264"
