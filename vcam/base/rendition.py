"""How the masked pictures of a camera are encoded: one rendition for each stream that NVRs can choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from vcam.base.media import Codec

OverlayKind = Literal["plain", "date", "time", "date_and_time"]


@dataclass(frozen=True, slots=True)
class Rendition:
    """One masked stream of a camera.

    A `width` and `height` of 0 mean the picture's own; otherwise pictures are scaled to them. A `height` of 0 beside
    a `width` keeps the picture's shape, and never makes it larger. `fps` of 0 means
    every picture, otherwise so many a second at the most. `bit_rate` in bits a second, 0 for what suits the size.
    `gop` in pictures between IDR pictures, 0 for the camera's `encode.gop`. `quality` from 1 to 100 counts for MJPEG.
    """

    name: str
    codec: Codec = "h264"
    width: int = 0
    height: int = 0
    fps: float = 0.0
    bit_rate: int = 0
    gop: int = 0
    quality: int = 70


@dataclass(frozen=True, slots=True)
class Overlay:
    """One line of text drawn into every rendition, after the mask.

    `x` and `y` are its middle in ONVIF's normalised coordinates: -1 is left and bottom, 1 is right and top. `size` is
    the letters' height in thousandths of the picture's height. `kind` says what is drawn: `text` itself, or the time
    of the picture in the formats `date_format` and `time_format` of ONVIF (such as "yyyy-MM-dd" and "HH:mm:ss"),
    `text` following it where there is any.
    """

    token: str
    kind: OverlayKind = "plain"
    text: str = ""
    x: float = 0.0
    y: float = 0.0
    size: int = 30
    date_format: str = "yyyy-MM-dd"
    time_format: str = "HH:mm:ss"


MAIN = "main"
"""Name of the stream that is always encoded and recorded."""

DEFAULTS = (
    Rendition(MAIN),
    Rendition("sub", width=640, fps=15.0, gop=30),
    Rendition("jpeg", codec="mjpeg", width=640, fps=5.0),
)
"""A camera's streams before anybody has chosen otherwise."""
