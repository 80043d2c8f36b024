"""Draws a camera's overlays into its masked pictures, before any of its streams is encoded."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from datetime import tzinfo
from functools import lru_cache

from vcam.base.errors import EncodeError
from vcam.base.media import Picture
from vcam.base.rendition import Overlay
from vcam.mask.planes import Planes
from vcam.osd.letters import Letters, draw
from vcam.osd.words import words

SMALLEST = 8
"""Least height of letters in pixels."""
LARGEST = 300
"""Greatest height of letters in thousandths of the picture's."""


class Overlays:
    """The lines that are drawn, in the given time zone: an IANA name, or None or "local" for that of this machine.

    A line is rendered when it changes, once for each text and size; laying it over a picture costs little.
    """

    def __init__(self, timezone: str | None = None) -> None:
        self._zone: tzinfo | None = None if timezone in {None, "local"} else zoneinfo.ZoneInfo(timezone)
        self._overlays: tuple[Overlay, ...] = ()

    def change(self, overlays: Sequence[Overlay]) -> None:
        """From the next picture on draw these."""
        self._overlays = tuple(overlays)

    def draw(self, picture: Picture) -> None:
        """Draw what is to be drawn into the planes of a masked picture. Raises EncodeError."""
        if not self._overlays:
            return
        # The decoder may still predict from a picture in which nothing was masked.
        picture.frame.make_writable()
        planes = Planes.of(picture.frame)
        for overlay in self._overlays:
            line = words(overlay, picture.time, self._zone)
            if line:
                letters = _drawn(line, max(round(overlay.size * picture.height / 1000), SMALLEST))
                letters.lay(planes, *_corner(overlay, letters, picture.width, picture.height))


_drawn = lru_cache(maxsize=32)(draw)


def _corner(overlay: Overlay, letters: Letters, width: int, height: int) -> tuple[int, int]:
    """Where the line's top left corner comes to lie: even, and the whole line in the picture where it fits."""
    wide, high = letters.size
    x = (overlay.x + 1) / 2 * width - wide / 2
    y = (1 - overlay.y) / 2 * height - high / 2
    return _within(x, width - wide), _within(y, height - high)


def _within(value: float, most: int) -> int:
    return round(min(max(value, 0), max(most, 0))) & ~1


def try_out(overlays: Sequence[Overlay]) -> None:
    """Draw the text of each of `overlays` for nobody. Raises EncodeError for the first that cannot be drawn."""
    for overlay in overlays:
        inside = -1 <= overlay.x <= 1 and -1 <= overlay.y <= 1
        if not inside or not 0 < overlay.size <= LARGEST:
            raise EncodeError(
                f"Overlay {overlay.token} lies outside the picture or is too large",
                mend=f"Choose a place between -1 and 1, and a size of 1 to {LARGEST}",
            )
        if line := words(overlay, 0, None):
            _drawn(line, SMALLEST)
