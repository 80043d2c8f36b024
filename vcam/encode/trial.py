"""Whether streams can be encoded as somebody asks, found out by trying."""

from __future__ import annotations

from collections.abc import Iterable

from vcam.base.errors import EncodeError
from vcam.base.rendition import MAIN, Rendition
from vcam.base.settings import EncodeSettings
from vcam.encode.encoder import open_codec
from vcam.encode.scaler import size_of

MOST = 240.0
"""Pictures a second at the most."""


def try_out(
    renditions: Iterable[Rendition], settings: EncodeSettings, picture: tuple[int, int], fps: float
) -> None:
    """Open an encoder for each of `renditions` of pictures of that width and height, and close it.

    Takes some milliseconds each, so an event loop calls it in a thread. Raises EncodeError for the first that cannot
    be.
    """
    for rendition in renditions:
        if rendition.name == MAIN and rendition.codec == "mjpeg":
            raise EncodeError(
                "The main stream is recorded, so it cannot be JPEG", mend="Choose H.264 or H.265 for it"
            )
        if min(rendition.width, rendition.height, rendition.bit_rate, rendition.gop) < 0:
            raise EncodeError(
                f"Stream {rendition.name} has a number below 0", mend="0 leaves the choice to Garim"
            )
        if not 0 <= rendition.fps <= MOST:
            raise EncodeError(
                f"Stream {rendition.name} cannot have {rendition.fps} pictures a second",
                mend=f"Choose at most {MOST:.0f}, or 0 for all pictures",
            )
        open_codec(rendition, settings, *size_of(rendition, *picture), min(rendition.fps or fps, fps or MOST))
