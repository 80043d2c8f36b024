"""The camera's whole picture, and the sizes in which it can be had."""

from __future__ import annotations

from dataclasses import dataclass

_SIDES = (2160, 1440, 1080, 720, 540, 480, 360, 240, 180)
_JPEG_SIDE = 2040
_JPEG_UNIT = 8
_RATES = (60, 50, 30, 25, 20, 15, 12, 10, 8, 6, 5, 4, 3, 2, 1)

Size = tuple[int, int]
"""Width and height in pixels."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What the camera gives: size in pixels, and pictures a second; as constructed, what is assumed at first."""

    width: int = 1920
    height: int = 1080
    fps: float = 25.0

    @property
    def size(self) -> Size:
        return self.width, self.height

    @property
    def rate(self) -> int:
        """Pictures a second as a whole number, at least 1."""
        return max(1, round(self.fps))

    def sizes(self, *, jpeg: bool = False) -> tuple[Size, ...]:
        """The sizes offered, largest first: the picture's own, and smaller ones of the same shape.

        The shorter side is about one of the usual numbers of lines. Sides are even; those of JPEG are multiples of
        8 and at most 2040, for RFC 2435 has no number for others.
        """
        own = min(self.width, self.height)
        widths = [self.width, *(self.width * side / own for side in _SIDES if side < own)]
        return tuple(dict.fromkeys(self.scaled(width, jpeg=jpeg) for width in widths))

    def scaled(self, width: float, *, jpeg: bool = False) -> Size:
        """The size of this shape that is about `width` wide, and no wider than the picture."""
        longest = max(self.width, self.height)
        across = min(width, self.width)
        if jpeg:
            across = min(across, self.width * _JPEG_SIDE / longest)
        elif across == self.width:
            return self.size
        unit = _JPEG_UNIT if jpeg else 2
        wide = max(int(across) // unit, 1) * unit
        return wide, max(round(self.height * wide / self.width / unit), 1) * unit

    def rates(self) -> tuple[int, ...]:
        """The usual numbers of pictures a second that it can be had in, highest first."""
        return (self.rate, *(rate for rate in _RATES if rate < self.rate))
