"""Marks in viewing copies, by which a leaked one is traced to its export."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from vcam.base.media import Picture
from vcam.base.rendition import Overlay
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
