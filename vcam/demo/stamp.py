"""A frame's number, painted into the picture so that it outlives encoding.

Sixteen blocks along the upper edge, dark for 0 and light for 1, most significant bit first: the number in ten bits,
then the remainder of CRC-6-ITU (ITU-T G.704, x^6 + x + 1) over them, so that a mosaic or noise is not taken for a
number.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

BLOCK: Final = 16
"""Side of a block in pixels of a picture 1280 wide."""
NUMBERS: Final = 1024
"""Numbers from 0 to NUMBERS - 1 can be painted."""

_BITS: Final = 16
_STEP: Final = 66
"""From block to block: side by side they would look like a number plate, and be masked."""
_LEFT: Final = 228
_TOP: Final = 6
_DARK: Final = 45
_LIGHT: Final = 210
_LEAST: Final = 40.0
"""Least distance of a block's brightness from the middle for it to count as a bit."""


def _remainder(number: int) -> int:
    rest = number << 6
    for bit in range(15, 5, -1):
        if rest >> bit & 1:
            rest ^= 0b1000011 << (bit - 6)
    # An all-dark row must not be a number: the remainder is inverted.
    return rest ^ 0b111111


def paint(picture: NDArray[np.uint8], number: int) -> None:
    """Paint `number` along the upper edge of `picture` (H, W, 3), in place."""
    if not 0 <= number < NUMBERS:
        raise ValueError(f"{number} is not between 0 and {NUMBERS - 1}")
    word = number << 6 | _remainder(number)
    scale = picture.shape[1] / 1280
    for place in range(_BITS):
        level = _LIGHT if word >> (_BITS - 1 - place) & 1 else _DARK
        left, right = (round((_LEFT + place * _STEP + side) * scale) for side in (0, BLOCK))
        top, bottom = round(_TOP * scale), round((_TOP + BLOCK) * scale)
        cv2.rectangle(picture, (left, top), (right - 1, bottom - 1), (level, level, level), -1)


def read_index(picture: NDArray[np.uint8]) -> int | None:
    """The number painted into `picture`, (H, W) grey or (H, W, 3); None when there is none to be read."""
    scale = picture.shape[1] / 1280
    word = 0
    for place in range(_BITS):
        left, right = ((_LEFT + place * _STEP + part * BLOCK) * scale for part in (0.25, 0.75))
        top, bottom = (_TOP + 0.25 * BLOCK) * scale, (_TOP + 0.75 * BLOCK) * scale
        level = float(picture[round(top) : round(bottom), round(left) : round(right)].mean())
        middle = (_DARK + _LIGHT) / 2
        if abs(level - middle) < _LEAST:
            return None
        word = word << 1 | (level > middle)
    number = word >> 6
    return number if word & 0b111111 == _remainder(number) else None
