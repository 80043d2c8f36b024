"""Digits and Hangul as strokes, so that plates can be drawn without a font file.

A glyph is a tuple of strokes, a stroke a polyline in the unit square, x to the right and y down. Syllables are
composed from their letters by the arithmetic of The Unicode Standard, section 3.12.
"""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Stroke = tuple[Point, ...]
Glyph = tuple[Stroke, ...]
Box = tuple[float, float, float, float]
Colour = tuple[int, int, int]

_FIRST: Final = 0xAC00
_LAST: Final = 0xD7A3
_INITIALS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS: Final = " ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"


def _arc(  # noqa: PLR0917 - the order of an ellipse's parameters is the same everywhere
    x: float, y: float, rx: float, ry: float, start: float, end: float
) -> Stroke:
    """Part of an ellipse; angles in degrees, clockwise from the right."""
    steps = max(6, round(abs(end - start) / 12))
    angles = (math.radians(start + (end - start) * step / steps) for step in range(steps + 1))
    return tuple((x + rx * math.cos(angle), y + ry * math.sin(angle)) for angle in angles)


_DIGITS: Final[dict[str, Glyph]] = {
    "0": (_arc(0.5, 0.27, 0.44, 0.27, 180, 360) + _arc(0.5, 0.73, 0.44, 0.27, 0, 180) + ((0.06, 0.27),),),
    "1": (((0.2, 0.2), (0.55, 0.0), (0.55, 1.0)),),
    "2": ((*_arc(0.48, 0.28, 0.42, 0.28, 190, 375), (0.05, 1.0), (0.97, 1.0)),),
    "3": (((0.08, 0.0), (0.88, 0.0), (0.42, 0.4), *_arc(0.45, 0.69, 0.47, 0.31, -80, 165)),),
    "4": (((0.72, 1.0), (0.72, 0.0), (0.02, 0.7), (1.0, 0.7)),),
    "5": (((0.88, 0.0), (0.17, 0.0), (0.1, 0.44), *_arc(0.45, 0.68, 0.46, 0.32, -125, 150)),),
    "6": (((0.68, 0.0), (0.13, 0.5)), _arc(0.5, 0.69, 0.43, 0.31, 0, 360)),
    "7": (((0.04, 0.18), (0.04, 0.0), (0.94, 0.0), (0.4, 1.0)),),
    "8": (_arc(0.5, 0.25, 0.36, 0.25, 0, 360), _arc(0.5, 0.74, 0.45, 0.26, 0, 360)),
    "9": (_arc(0.5, 0.31, 0.43, 0.31, 0, 360), ((0.87, 0.5), (0.32, 1.0))),
}

_CONSONANTS: Final[dict[str, Glyph]] = {
    "ㄱ": (((0.08, 0.06), (0.9, 0.06), (0.88, 0.5), (0.8, 1.0)),),
    "ㄴ": (((0.1, 0.0), (0.1, 0.92), (1.0, 0.92)),),
    "ㄷ": (((0.95, 0.06), (0.1, 0.06), (0.1, 0.92), (1.0, 0.92)),),
    "ㄹ": (((0.08, 0.04), (0.9, 0.04), (0.9, 0.48), (0.1, 0.48), (0.1, 0.94), (1.0, 0.94)),),
    "ㅁ": (((0.1, 0.06), (0.9, 0.06), (0.9, 0.94), (0.1, 0.94), (0.1, 0.06)),),
    "ㅂ": (((0.1, 0.0), (0.1, 0.94), (0.9, 0.94), (0.9, 0.0)), ((0.1, 0.45), (0.9, 0.45))),
    "ㅅ": (((0.5, 0.0), (0.46, 0.35), (0.02, 1.0)), ((0.48, 0.36), (0.98, 1.0))),
    "ㅇ": (_arc(0.5, 0.5, 0.44, 0.46, 0, 360),),
    "ㅈ": (
        ((0.06, 0.06), (0.94, 0.06)),
        ((0.52, 0.06), (0.46, 0.45), (0.02, 1.0)),
        ((0.48, 0.46), (0.98, 1.0)),
    ),
    "ㅊ": (
        ((0.32, 0.0), (0.68, 0.0)),
        ((0.06, 0.26), (0.94, 0.26)),
        ((0.52, 0.26), (0.46, 0.55), (0.02, 1.0)),
        ((0.48, 0.56), (0.98, 1.0)),
    ),
    "ㅋ": (((0.08, 0.06), (0.9, 0.06), (0.88, 0.5), (0.8, 1.0)), ((0.08, 0.48), (0.88, 0.48))),
    "ㅌ": (((0.95, 0.04), (0.1, 0.04), (0.1, 0.94), (1.0, 0.94)), ((0.1, 0.49), (0.92, 0.49))),
    "ㅍ": (
        ((0.06, 0.06), (0.94, 0.06)),
        ((0.3, 0.06), (0.34, 0.92)),
        ((0.7, 0.06), (0.66, 0.92)),
        ((0.02, 0.92), (0.98, 0.92)),
    ),
    "ㅎ": (((0.3, 0.0), (0.7, 0.0)), ((0.04, 0.25), (0.96, 0.25)), _arc(0.5, 0.71, 0.34, 0.27, 0, 360)),
}

_UPRIGHT: Final[dict[str, Glyph]] = {
    "ㅏ": (((0.3, 0.0), (0.3, 1.0)), ((0.3, 0.47), (1.0, 0.47))),
    "ㅐ": (((0.15, 0.04), (0.15, 0.96)), ((0.85, 0.0), (0.85, 1.0)), ((0.15, 0.48), (0.85, 0.48))),
    "ㅑ": (((0.3, 0.0), (0.3, 1.0)), ((0.3, 0.33), (1.0, 0.33)), ((0.3, 0.62), (1.0, 0.62))),
    "ㅓ": (((0.8, 0.0), (0.8, 1.0)), ((0.0, 0.47), (0.8, 0.47))),
    "ㅔ": (((0.45, 0.04), (0.45, 0.96)), ((0.95, 0.0), (0.95, 1.0)), ((0.0, 0.48), (0.45, 0.48))),
    "ㅕ": (((0.8, 0.0), (0.8, 1.0)), ((0.0, 0.33), (0.8, 0.33)), ((0.0, 0.62), (0.8, 0.62))),
    "ㅣ": (((0.6, 0.0), (0.6, 1.0)),),
}

_LYING: Final[dict[str, Glyph]] = {
    "ㅗ": (((0.5, 0.05), (0.5, 0.9)), ((0.0, 0.9), (1.0, 0.9))),
    "ㅛ": (((0.32, 0.05), (0.32, 0.9)), ((0.68, 0.05), (0.68, 0.9)), ((0.0, 0.9), (1.0, 0.9))),
    "ㅜ": (((0.0, 0.1), (1.0, 0.1)), ((0.5, 0.1), (0.5, 1.0))),
    "ㅠ": (((0.0, 0.1), (1.0, 0.1)), ((0.32, 0.1), (0.32, 1.0)), ((0.68, 0.1), (0.68, 1.0))),
    "ㅡ": (((0.0, 0.5), (1.0, 0.5)),),
}

_BOTH: Final[dict[str, tuple[str, str]]] = {"ㅘ": ("ㅗ", "ㅏ"), "ㅝ": ("ㅜ", "ㅓ")}


def _place(glyph: Glyph, box: Box) -> Glyph:
    """`glyph` fitted into `box` = (x1, y1, x2, y2)."""
    x1, y1, x2, y2 = box
    return tuple(tuple((x1 + x * (x2 - x1), y1 + y * (y2 - y1)) for x, y in stroke) for stroke in glyph)


def _letters(syllable: str) -> tuple[str, str, str]:
    place = ord(syllable) - _FIRST
    return (
        _INITIALS[place // (len(_VOWELS) * len(_FINALS))],
        _VOWELS[place // len(_FINALS) % len(_VOWELS)],
        _FINALS[place % len(_FINALS)].strip(),
    )


def _syllable(character: str) -> Glyph:
    initial, vowel, final = _letters(character)
    floor = 0.58 if final else 1.0
    tail = _place(_CONSONANTS[final], (0.16, 0.68, 0.92, 1.0)) if final else ()
    first = _CONSONANTS[initial]
    if vowel in _UPRIGHT:
        top = 0.04 if final else 0.1
        body = _place(first, (0.02, top, 0.56, floor * (0.96 if final else 0.9)))
        side = (0.66, 0.0, 1.0, floor + (0.02 if final else 0.0))
        return body + _place(_UPRIGHT[vowel], side) + tail
    if vowel in _LYING:
        middle = floor * 0.56
        under = (0.0, floor * 0.62, 1.0, floor)
        return _place(first, (0.16, 0.02, 0.84, middle)) + _place(_LYING[vowel], under) + tail
    lying, upright = _BOTH[vowel]
    return (
        _place(first, (0.04, 0.02, 0.56, floor * 0.52))
        + _place(_LYING[lying], (0.0, floor * 0.6, 0.62, floor * 0.96))
        + _place(_UPRIGHT[upright], (0.72, 0.0, 1.0, floor))
        + tail
    )


def glyph(character: str) -> Glyph:
    """The strokes of a digit or a syllable. Raises KeyError for a character that no plate or sign here uses."""
    if character in _DIGITS:
        return _DIGITS[character]
    if len(character) == 1 and _FIRST <= ord(character) <= _LAST:
        return _syllable(character)
    raise KeyError(character)


def draw(picture: NDArray[np.uint8], character: str, box: Box, width: float, ink: Colour) -> None:
    """Draw `character` into `picture` (H, W, 3), its strokes `width` pixels wide and inside `box` (pixels)."""
    x1, y1, x2, y2 = box
    half = width / 2
    inner = (x1 + half, y1 + half, x2 - half, y2 - half)
    for stroke in _place(glyph(character), inner):
        points = np.rint(np.array(stroke) * 8).astype(np.int32)
        cv2.polylines(picture, [points], False, ink, max(1, round(width)), cv2.LINE_AA, 3)
