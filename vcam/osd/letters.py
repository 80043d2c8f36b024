"""Lines of text as white letters with a dark outline, ready to be laid over the planes of a picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from vcam.base.errors import EncodeError
from vcam.mask.planes import Planes

FONT = "uni"
"""OpenCV's own font that knows Hangul, Chinese characters and kana beside Latin, Greek and Cyrillic."""
WEIGHT = 600
BLACK, WHITE = 16, 235
_GREY = 128

Alpha = NDArray[np.uint16]


@dataclass(frozen=True, slots=True, eq=False)
class Letters:
    """One line: what of a plane is kept, of 256, and what is added to it, times 256, for luma and for chroma.

    uint16 of (height, width), both even, and of half of each.
    """

    luma_kept: Alpha
    luma_added: Alpha
    chroma_kept: Alpha
    chroma_added: Alpha

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.luma_kept.shape
        return width, height

    def lay(self, planes: Planes, x: int, y: int) -> None:
        """Lay the line over `planes`, its top left corner at (`x`, `y`), both even; what lies outside is cut off."""
        _blend(planes.luma, self.luma_kept, self.luma_added, x, y)
        for plane in planes.chroma:
            _blend(plane, self.chroma_kept, self.chroma_added, x // 2, y // 2)


def draw(text: str, height: int) -> Letters:
    """`text` in letters of at most `height` pixels, as one line. Raises EncodeError when there is no font for it."""
    try:
        font = cv2.FontFace(FONT)
        edge = max(round(height / 12), 1)
        margin = edge + 1
        box = cv2.getTextSize((0, 0), text, (0, 0), font, height, WEIGHT)
        x, y, wide, high = (int(side) for side in box)
        width, rows = _even(wide + 2 * margin), _even(high + 2 * margin)
        face = np.zeros((rows, width), np.uint8)
        cv2.putText(face, text, (margin - x, margin - y), (255,), font, height, WEIGHT)
    except (AttributeError, cv2.error) as error:
        raise EncodeError(
            f"Text cannot be drawn ({type(error).__name__})", mend="Install opencv-python-headless 5"
        ) from error
    round_brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * edge + 1, 2 * edge + 1))
    return _letters(face, np.asarray(cv2.dilate(face, round_brush), np.uint8))


def _letters(face: NDArray[np.uint8], around: NDArray[np.uint8]) -> Letters:
    inner = face.astype(np.float32) / 255
    cover = np.maximum(around.astype(np.float32) / 255, inner)
    kept = 1 - cover
    added = WHITE * inner + BLACK * (cover - inner)
    halves = kept.reshape(kept.shape[0] // 2, 2, kept.shape[1] // 2, 2).mean(axis=(1, 3))
    return Letters(_fixed(kept), _fixed(added), _fixed(halves), _fixed(_GREY * (1 - halves)))


def _fixed(share: NDArray[np.floating]) -> Alpha:
    # Rounded down, so that the sum of both never exceeds 255 * 256.
    fixed: Alpha = np.floor(share * 256).astype(np.uint16)
    return fixed


def _even(length: int) -> int:
    return length + length % 2


def _blend(plane: NDArray[np.uint8], kept: Alpha, added: Alpha, x: int, y: int) -> None:
    top, left = max(y, 0), max(x, 0)
    below, right = min(y + kept.shape[0], plane.shape[0]), min(x + kept.shape[1], plane.shape[1])
    if top >= below or left >= right:
        return
    part = np.s_[top - y : below - y, left - x : right - x]
    target = plane[top:below, left:right]
    target[:] = (target * kept[part] + added[part]) >> 8
