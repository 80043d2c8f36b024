"""Marks in viewing copies, by which a leaked one is traced to its export."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from vcam.base.media import TICKS, Picture
from vcam.base.rendition import Overlay
from vcam.export.watermark import InvisibleMark
from vcam.mask.planes import Planes
from vcam.osd.overlays import Overlays

_SIZE = 22


class Marker(Protocol):
    """Writes an export's marks into pictures that are about to be encoded."""

    @property
    def names(self) -> tuple[str, ...]:
        """What is written, as the manifest names it: "visible", "invisible"."""

    def mark(self, picture: Picture) -> None:
        """Write into the planes of `picture`, making them writable first."""


Marking = Callable[[str, int, int], Marker]
"""Makes the marker of one export: its name, its mark (31 bits), and when it was made (us UTC)."""


class VisibleMark:
    """The export's name and day in the picture's lower left corner."""

    names = ("visible",)

    def __init__(self, export: str, mark: int, created: int) -> None:
        del mark
        day = datetime.fromtimestamp(created // 1_000_000, UTC)
        self._overlays = Overlays("UTC")
        self._overlays.change([Overlay("export", text=f"{export} {day:%Y-%m-%d}", x=-1.0, y=-1.0, size=_SIZE)])

    def mark(self, picture: Picture) -> None:
        self._overlays.draw(picture)


class BothMarks:
    """The visible mark, and out of sight the one that `vcam.export.trace` finds. `key` is the institution's."""

    names = ("visible", "invisible")

    def __init__(self, key: bytes, export: str, mark: int, created: int) -> None:
        self._visible = VisibleMark(export, mark, created)
        self._key = key
        self._mark = mark
        self._invisible: dict[tuple[int, int], InvisibleMark] = {}

    def mark(self, picture: Picture) -> None:
        picture.frame.make_writable()
        size = picture.width, picture.height
        if size not in self._invisible:
            self._invisible = {size: InvisibleMark(self._key, self._mark, *size)}
        self._invisible[size].apply(Planes.of(picture.frame).luma, picture.pts / TICKS)
        self._visible.mark(picture)


def both(key: bytes) -> Marking:
    """Marks of both kinds, under the institution's `key`."""
    return partial(BothMarks, key)
