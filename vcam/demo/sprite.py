"""Cut-out pictures that are set into another picture at any place and size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

_LEVELS: Final = 4


@dataclass(frozen=True, slots=True)
class Pose:
    """Where a sprite's upper left corner lies in the picture, in pixels, and how many times its size it has."""

    x: float
    y: float
    scale: float

    def box(self, x1: float, y1: float, x2: float, y2: float) -> tuple[float, float, float, float]:
        """A box of the sprite, in pixels of the picture."""
        scale = self.scale
        return self.x + x1 * scale, self.y + y1 * scale, self.x + x2 * scale, self.y + y2 * scale


class Sprite:
    """A picture with an alpha channel, kept at halved sizes too so that small copies do not alias."""

    def __init__(self, colour: Picture, alpha: Picture) -> None:
        """`colour` is BGR (height, width, 3), `alpha` (height, width), both uint8."""
        deep = np.repeat(alpha[:, :, None], 3, axis=2)
        ink = np.asarray(cv2.multiply(colour, deep, scale=1 / 255), np.uint8)
        self.height, self.width = alpha.shape
        self._levels: list[tuple[Picture, Picture]] = [(ink, deep)]
        for _ in range(_LEVELS - 1):
            ink, deep = (np.asarray(cv2.pyrDown(part), np.uint8) for part in self._levels[-1])
            self._levels.append((ink, deep))

    def set_into(self, picture: Picture, pose: Pose) -> None:
        """Lay the sprite over `picture`, in place. What lies outside is cut off."""
        area = self._area(pose, picture.shape[1], picture.shape[0])
        if area is None:
            return
        x1, y1, x2, y2 = area
        ink, deep = self._warp(pose, area)
        part = picture[y1:y2, x1:x2]
        part[:] = cv2.add(cv2.multiply(part, cv2.bitwise_not(deep), scale=1 / 255), ink)

    def cover(self, pose: Pose, area: tuple[int, int, int, int]) -> Picture:
        """The sprite's alpha (y2 - y1, x2 - x1) inside `area` of the picture."""
        return np.ascontiguousarray(self._warp(pose, area)[1][:, :, 0])

    def _area(self, pose: Pose, width: int, height: int) -> tuple[int, int, int, int] | None:
        x1, y1, x2, y2 = pose.box(0, 0, self.width, self.height)
        area = (max(0, int(x1)), max(0, int(y1)), min(width, int(x2) + 2), min(height, int(y2) + 2))
        return area if area[2] > area[0] and area[3] > area[1] else None

    def _warp(self, pose: Pose, area: tuple[int, int, int, int]) -> tuple[Picture, Picture]:
        level = 0
        scale = pose.scale
        while scale <= 0.5 and level < _LEVELS - 1:
            scale *= 2
            level += 1
        # Pixel centres: pixel i of level n covers 2**n pixels of the sprite, centred on 2**n * (i + 0.5).
        shift = scale / 2 - 0.5
        x, y = pose.x - area[0] + shift, pose.y - area[1] + shift
        matrix = np.array([[scale, 0, x], [0, scale, y]], np.float64)
        size = (area[2] - area[0], area[3] - area[1])
        ink, deep = (
            np.asarray(cv2.warpAffine(part, matrix, size, flags=cv2.INTER_LINEAR), np.uint8)
            for part in self._levels[level]
        )
        return ink, deep
