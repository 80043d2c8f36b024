"""What the services say of the masked stream."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

H264Profile = Literal["Baseline", "Main", "Extended", "High"]


@dataclass(frozen=True, slots=True)
class VideoStatus:
    """The masked stream as it is now; as constructed, what is assumed before the camera's first picture.

    `width` and `height` in pixels, `fps` in pictures a second, `bit_rate` in bits a second, `gop` in pictures
    between IDR pictures, `profile` that of H.264 (constrained Baseline counts as Baseline).
    """

    width: int = 1920
    height: int = 1080
    fps: float = 25.0
    bit_rate: int = 4_000_000
    gop: int = 50
    profile: H264Profile = "Baseline"
