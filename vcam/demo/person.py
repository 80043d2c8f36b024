"""A person, cut from a portrait in the public domain."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vcam.base.errors import WeightsError
from vcam.demo.sprite import Picture, Sprite

_OUTLINE: Final = (
    (162, 110), (150, 85), (158, 55), (185, 30), (225, 14), (265, 20), (292, 45), (302, 80), (296, 105),
    (280, 125), (270, 140), (258, 172), (300, 210), (306, 240), (330, 250), (350, 275), (358, 310), (362, 352),
    (400, 343), (440, 350), (475, 380), (495, 430), (505, 470), (507, 511), (20, 511), (22, 440), (20, 400),
    (30, 330), (50, 260), (72, 240), (110, 212), (113, 190), (140, 160), (185, 150), (185, 130), (172, 118),
)  # fmt: skip
"""Roughly around the person in the portrait, in its pixels."""

FACE: Final = (179.0, 74.0, 271.0, 188.0)
"""The face in the portrait: from ear to ear, from the hairline to the chin."""


def _alpha(portrait: Picture) -> Picture:
    """The outline, drawn to the edges of the picture by GrabCut (Rother, Kolmogorov, Blake 2004)."""
    rough = np.zeros(portrait.shape[:2], np.uint8)
    cv2.fillPoly(rough, [np.array(_OUTLINE, np.int32)], 255)
    mask = np.full(rough.shape, cv2.GC_BGD, np.uint8)
    mask[cv2.dilate(rough, np.ones((15, 15), np.uint8)) > 0] = cv2.GC_PR_BGD
    mask[rough > 0] = cv2.GC_PR_FGD
    mask[cv2.erode(rough, np.ones((13, 13), np.uint8)) > 0] = cv2.GC_FGD
    cv2.setRNGSeed(1)
    background, foreground = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(portrait, mask, None, background, foreground, 3, cv2.GC_INIT_WITH_MASK)  # type: ignore[call-overload]  # the stubs know no None for the unused rectangle
    person = np.where((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD), 255, 0).astype(np.uint8)
    person = np.asarray(cv2.morphologyEx(person, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8)), np.uint8)
    return np.asarray(cv2.GaussianBlur(person, (5, 5), 0), np.uint8)


def _dye(portrait: Picture, hue: int, light: float) -> Picture:
    """The suit in another hue (0 to 179) and brightness."""
    hsv = cv2.cvtColor(portrait, cv2.COLOR_BGR2HSV)
    suit = ((hsv[:, :, 0] < 16) | (hsv[:, :, 0] > 170)) & (hsv[:, :, 1] > 120)
    suit[:200, 150:300] = False
    hsv[:, :, 0][suit] = hue
    value: NDArray[np.float64] = hsv[:, :, 2].astype(np.float64)
    value[suit] *= light
    hsv[:, :, 2] = value.astype(np.uint8)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR), np.uint8)


class Wardrobe:
    """Makes persons of one portrait."""

    def __init__(self, portrait: Path) -> None:
        """`portrait` is scikit-image's astronaut.png, 512 x 512. Raises WeightsError when it cannot be read."""
        picture = cv2.imread(str(portrait))
        if picture is None or picture.shape != (512, 512, 3):
            raise WeightsError(f"The portrait {portrait.name} cannot be read", mend="Run 'make install'")
        self._portrait = np.asarray(picture, np.uint8)
        self._cut = _alpha(self._portrait)

    def person(
        self, *, mirrored: bool = False, hue: int | None = None, light: float = 1.0, height: int = 512
    ) -> tuple[Sprite, tuple[float, float, float, float]]:
        """A sprite of the topmost `height` rows of the person, and the face's box in it. `hue` dyes the suit."""
        colour = self._portrait if hue is None else _dye(self._portrait, hue, light)
        colour, cut = colour[:height], self._cut[:height]
        if not mirrored:
            return Sprite(colour, cut), FACE
        x1, y1, x2, y2 = FACE
        sprite = Sprite(np.ascontiguousarray(colour[:, ::-1]), np.ascontiguousarray(cut[:, ::-1]))
        return sprite, (512 - x2, y1, 512 - x1, y2)
