"""Korean number plates, drawn.

Sizes in millimetres follow the notice on motor vehicle registration plates: 520 x 110 for the long plate,
335 x 155 and 335 x 170 for the short ones, 210 x 115 for motorcycles.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from vcam.demo.hangul import Box, Colour, draw

Style = Literal[
    "white", "white_old", "white_short", "electric", "electric_short", "taxi", "green", "yellow", "motorcycle"
]

SYLLABLES: Final = "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주바사아자하허호배"
REGIONS: Final = (
    "서울", "부산", "대구", "인천", "광주", "대전", "울산", "세종", "경기",
    "강원", "충북", "충남", "전북", "전남", "경북", "경남", "제주",
)  # fmt: skip

_PIXELS: Final = 3
"""Pixels a millimetre at which a plate is drawn before it is made small."""

_BLACK: Final = (28, 24, 24)
_WHITE: Final = (238, 240, 240)
_BLUE_INK: Final = (120, 52, 16)


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of plate: size in millimetres, colours in BGR."""

    width: int
    height: int
    ground: Colour
    ink: Colour


FORMATS: Final[dict[Style, Format]] = {
    "white": Format(520, 110, (240, 240, 238), _BLACK),
    "white_old": Format(520, 110, (236, 238, 238), _BLACK),
    "white_short": Format(335, 155, (240, 240, 238), _BLACK),
    "electric": Format(520, 110, (226, 190, 120), _BLACK),
    "electric_short": Format(335, 155, (226, 190, 120), _BLACK),
    "taxi": Format(520, 110, (30, 186, 244), _BLACK),
    "green": Format(335, 155, (74, 104, 24), _WHITE),
    "yellow": Format(335, 170, (30, 186, 244), _BLUE_INK),
    "motorcycle": Format(210, 115, (240, 240, 238), _BLUE_INK),
}


@dataclass(frozen=True, slots=True)
class Plate:
    """What is written on a plate.

    `number` is all digits and the one syllable, as "123가4567" or "12가3456". `region` is the two-syllable name
    on commercial and older plates, `district` the second name on motorcycles.
    """

    style: Style
    number: str
    region: str = ""
    district: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in millimetres."""
        form = FORMATS[self.style]
        return form.width, form.height

    def split(self) -> tuple[str, str, str]:
        """The digits before the syllable, the syllable, the digits after it."""
        place = next(i for i, character in enumerate(self.number) if not character.isdigit())
        return self.number[:place], self.number[place], self.number[place + 1 :]


class _Pen:
    """Writes onto one plate in millimetres."""

    def __init__(self, picture: NDArray[np.uint8], ink: Colour) -> None:
        self._picture = picture
        self._ink = ink

    def write(self, text: str, box: Box, stroke: float, gap: float) -> None:
        """Write `text` evenly across `box`, `gap` between the characters."""
        x1, y1, x2, y2 = box
        step = (x2 - x1 + gap) / len(text)
        for place, character in enumerate(text):
            left = x1 + place * step
            cell = (left, y1, left + step - gap, y2)
            scaled = (cell[0] * _PIXELS, cell[1] * _PIXELS, cell[2] * _PIXELS, cell[3] * _PIXELS)
            draw(self._picture, character, scaled, stroke * _PIXELS, self._ink)


def _long(pen: _Pen, plate: Plate) -> None:
    before, syllable, after = plate.split()
    three = len(before) == 3
    left = {"white": 50.0, "electric": 32.0}.get(plate.style, 26.0)
    width = 46.0 if three else 52.0
    gap = 9.0
    end = left + len(before) * (width + gap) - gap
    pen.write(before, (left, 15, end, 95), 10.5, gap)
    pen.write(syllable, (end + 14, 21, end + 72, 92), 8.5, 0)
    pen.write(after, (end + 90, 15, 502 if plate.style == "white" else 490, 95), 10.5, gap)


def _taxi(pen: _Pen, plate: Plate) -> None:
    before, syllable, after = plate.split()
    pen.write(plate.region[0], (24, 17, 66, 52), 6, 0)
    pen.write(plate.region[1], (24, 58, 66, 93), 6, 0)
    pen.write(before, (80, 15, 186, 95), 10.5, 9)
    pen.write(syllable, (198, 21, 258, 92), 8.5, 0)
    pen.write(after, (274, 15, 500, 95), 10.5, 9)


def _short(pen: _Pen, plate: Plate) -> None:
    before, syllable, after = plate.split()
    pen.write(plate.region, (78, 13, 174, 58), 6.5, 8)
    pen.write(before, (190, 13, 258, 58), 7.5, 9)
    pen.write(syllable, (18, 76, 78, 142), 8, 0)
    pen.write(after, (92, 68, 318, 146), 11.5, 12)


def _short_line(pen: _Pen, plate: Plate) -> None:
    before, syllable, after = plate.split()
    end = 20 + len(before) * (96 / len(before))
    pen.write(before, (20, 32, end, 128), 9, 7)
    pen.write(syllable, (end + 8, 42, end + 52, 118), 7, 0)
    pen.write(after, (end + 62, 32, 317, 128), 9, 7)


def _motorcycle(pen: _Pen, plate: Plate) -> None:
    _, syllable, after = plate.split()
    pen.write(plate.region, (26, 10, 88, 40), 4.5, 5)
    pen.write(plate.district, (98, 10, 160, 40), 4.5, 5)
    pen.write(syllable, (166, 10, 194, 40), 4.5, 0)
    pen.write(after, (18, 49, 192, 105), 8.5, 9)


_WRITERS: Final[dict[Style, Callable[[_Pen, Plate], None]]] = {
    "white": _long,
    "white_old": _long,
    "white_short": _short_line,
    "electric": _long,
    "electric_short": _short_line,
    "taxi": _taxi,
    "green": _short,
    "yellow": _short,
    "motorcycle": _motorcycle,
}


def _emblem(picture: NDArray[np.uint8], height: int) -> None:
    """The blue band of the reflective plate, with the sign of the state in it."""
    cv2.rectangle(
        picture, (4 * _PIXELS, 4 * _PIXELS), (34 * _PIXELS, (height - 4) * _PIXELS), (150, 66, 20), -1
    )
    centre = (19 * _PIXELS, round(height * 0.42) * _PIXELS)
    cv2.ellipse(picture, centre, (10 * _PIXELS, 10 * _PIXELS), 0, 180, 360, (60, 50, 205), -1, cv2.LINE_AA)
    cv2.ellipse(picture, centre, (10 * _PIXELS, 10 * _PIXELS), 0, 0, 180, (225, 215, 210), -1, cv2.LINE_AA)


def picture_of(plate: Plate, *, pixels: float = _PIXELS) -> NDArray[np.uint8]:
    """`plate` as a BGR picture (height, width, 3) of uint8, at `pixels` a millimetre (3 at the most)."""
    form = FORMATS[plate.style]
    picture = np.full((form.height * _PIXELS, form.width * _PIXELS, 3), form.ground, np.uint8)
    edge = (0, 0, picture.shape[1] - 1, picture.shape[0] - 1)
    cv2.rectangle(picture, edge[:2], edge[2:], tuple(c * 2 // 3 for c in form.ground), 3 * _PIXELS)
    inset = 5 * _PIXELS
    cv2.rectangle(picture, (inset, inset), (edge[2] - inset, edge[3] - inset), form.ink, _PIXELS, cv2.LINE_AA)
    if plate.style == "white":
        _emblem(picture, form.height)
    for x in (form.width // 5, form.width - form.width // 5):
        for y in (9,) if form.height > 112 else (7,):
            cv2.circle(picture, (x * _PIXELS, y * _PIXELS), 3 * _PIXELS, (120, 120, 120), -1, cv2.LINE_AA)
    _WRITERS[plate.style](_Pen(picture, form.ink), plate)
    size = (max(1, round(form.width * pixels)), max(1, round(form.height * pixels)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
