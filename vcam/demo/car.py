"""Cars, drawn from the front or from behind, in millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import cv2
import numpy as np

from vcam.demo.hangul import Colour, draw
from vcam.demo.plate import Plate, picture_of
from vcam.demo.sprite import Picture, Sprite

WIDTH: Final = 2000
"""Millimetres from side to side of the drawing; a car is about 1800 wide."""
HEIGHT: Final = 1900
"""Millimetres from the top of the drawing to the ground."""
PIXELS: Final = 0.5
"""Pixels a millimetre at which a car is drawn."""

Side = Literal["front", "rear"]
Points = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """Outlines in millimetres: x from the middle to one side (the other side mirrors it), y above the ground."""

    body: Points
    glass: Points
    lamp: Points
    plate: int
    """Height of the plate's middle above the ground."""


_SEDAN: Final = Shape(
    body=(
        (0, 1450), (430, 1440), (600, 1380), (760, 1010), (880, 900),
        (920, 640), (905, 330), (850, 220), (0, 205),
    ),
    glass=((0, 1390), (400, 1380), (540, 1330), (690, 1000), (0, 985)),
    lamp=((520, 770), (845, 850), (880, 730), (600, 680)),
    plate=470,
)  # fmt: skip
_SUV: Final = Shape(
    body=(
        (0, 1690), (560, 1680), (710, 1600), (820, 1130), (915, 1030),
        (930, 560), (905, 330), (850, 240), (0, 230),
    ),
    glass=((0, 1610), (530, 1600), (640, 1540), (730, 1130), (0, 1110)),
    lamp=((640, 1060), (890, 1020), (900, 860), (690, 900)),
    plate=780,
)  # fmt: skip
_TRUCK: Final = Shape(
    body=((0, 1860), (860, 1860), (890, 1820), (890, 560), (800, 520), (800, 380), (0, 380)),
    glass=((0, 1780), (800, 1780), (800, 760), (0, 760)),
    lamp=((560, 540), (800, 540), (800, 440), (560, 440)),
    plate=560,
)
SHAPES: Final = {"sedan": _SEDAN, "suv": _SUV, "truck": _TRUCK}

Model = Literal["sedan", "suv", "truck"]


def _pixel(x: float, y: float) -> tuple[int, int]:
    return round((WIDTH / 2 + x) * PIXELS), round((HEIGHT - y) * PIXELS)


class _Sheet:
    """Colour and alpha being drawn."""

    def __init__(self) -> None:
        size = (round((HEIGHT + 100) * PIXELS), round(WIDTH * PIXELS))
        self.colour: Picture = np.zeros((*size, 3), np.uint8)
        self.alpha: Picture = np.zeros(size, np.uint8)

    def shape(self, points: Points, colour: Colour) -> None:
        """Fill an outline and its mirror image."""
        outline = [_pixel(x, y) for x, y in points] + [_pixel(-x, y) for x, y in reversed(points)]
        self._fill(np.array(outline, np.int32), colour)

    def pair(self, points: Points, colour: Colour) -> None:
        """Fill an outline on both sides."""
        for sign in (1, -1):
            self._fill(np.array([_pixel(sign * x, y) for x, y in points], np.int32), colour)

    def box(self, x1: float, y1: float, x2: float, y2: float, colour: Colour) -> None:
        self.pair(
            ((round(x1), round(y1)), (round(x2), round(y1)), (round(x2), round(y2)), (round(x1), round(y2))),
            colour,
        )

    def _fill(self, outline: np.ndarray[tuple[int, ...], np.dtype[np.int32]], colour: Colour) -> None:
        cv2.fillPoly(self.colour, [outline], colour, cv2.LINE_AA)
        cv2.fillPoly(self.alpha, [outline], 255, cv2.LINE_AA)

    def lighten(self) -> None:
        """Light from above: the body is paler at the top of each curve and dark near the ground."""
        rows = np.linspace(1.12, 0.72, self.colour.shape[0])[:, None, None]
        columns = 1 - 0.22 * np.abs(np.linspace(-1, 1, self.colour.shape[1]))[None, :, None] ** 2.5
        self.colour = np.clip(self.colour * rows * columns, 0, 255).astype(np.uint8)

    def shadow(self) -> None:
        """A soft shadow on the ground beneath."""
        soft = np.zeros_like(self.alpha)
        cv2.ellipse(soft, _pixel(0, 20), (round(960 * PIXELS), round(75 * PIXELS)), 0, 0, 360, 190, -1)
        self.alpha = np.maximum(self.alpha, cv2.GaussianBlur(soft, (0, 0), 14 * PIXELS * 2))


def _shade(colour: Colour, factor: float) -> Colour:
    b, g, r = (min(255, round(part * factor)) for part in colour)
    return b, g, r


def _wheels(sheet: _Sheet) -> None:
    sheet.box(640, 0, 860, 420, (26, 25, 25))


def _front(sheet: _Sheet, shape: Shape, colour: Colour) -> None:
    sheet.shape(shape.glass, (62, 54, 46))
    sheet.pair(((120, 1360), (300, 1350), (120, 1010), (20, 1010)), (92, 84, 74))
    sheet.shape(((0, 960), (640, 950), (760, 900), (0, 905)), _shade(colour, 1.12))
    sheet.shape(((0, 800), (480, 790), (430, 640), (0, 635)), (38, 36, 35))
    for y in range(665, 800, 34):
        sheet.shape(((0, y), (450, y), (450, y - 7), (0, y - 7)), (96, 94, 92))
    sheet.pair(shape.lamp, (228, 232, 226))
    sheet.pair(((610, 770), (720, 795), (735, 735), (640, 710)), (250, 250, 248))
    sheet.shape(((0, 350), (560, 350), (500, 250), (0, 250)), (34, 33, 32))
    sheet.box(655, 420, 800, 340, (206, 208, 204))
    sheet.pair(((770, 1060), (920, 1090), (930, 990), (790, 985)), _shade(colour, 0.85))


def _rear(sheet: _Sheet, shape: Shape, colour: Colour) -> None:
    sheet.shape(shape.glass, (56, 48, 42))
    sheet.pair(((60, 1560), (260, 1550), (120, 1180), (0, 1180)), (78, 70, 62))
    sheet.shape(((0, 960), (680, 950), (690, 935), (0, 945)), _shade(colour, 0.7))
    sheet.pair(shape.lamp, (44, 36, 190))
    sheet.pair(((720, 1000), (850, 985), (855, 935), (735, 945)), (90, 84, 238))
    sheet.shape(((0, 520), (900, 520), (890, 330), (0, 320)), _shade(colour, 0.62))
    sheet.box(700, 450, 830, 410, (50, 60, 200))


def _load(sheet: _Sheet, shape: Shape, colour: Colour) -> None:
    sheet.shape(shape.glass, _shade(colour, 1.1))
    sheet.shape(((0, 1790), (12, 1790), (12, 760), (0, 760)), _shade(colour, 0.55))
    for y in (900, 1270, 1640):
        sheet.box(60, y, 150, y - 26, _shade(colour, 0.5))
    sheet.shape(((0, 660), (890, 660), (890, 620), (0, 620)), (60, 60, 62))
    sheet.shape(((0, 600), (560, 600), (560, 420), (0, 420)), (40, 40, 42))
    sheet.pair(shape.lamp, (44, 36, 190))
    sheet.pair(((680, 530), (760, 530), (760, 450), (680, 450)), (40, 140, 240))


def _roof_sign(sheet: _Sheet) -> None:
    """The lit sign on a taxi's roof."""
    sheet.shape(((0, 1600), (210, 1590), (230, 1450), (0, 1450)), (120, 214, 250))
    for place, character in enumerate("택시"):
        x, y = _pixel(-140 + 150 * place, 1580)
        side = 115 * PIXELS
        draw(sheet.colour, character, (x, y, x + side, y + side), 13 * PIXELS, (40, 40, 60))


def car(
    model: Model, side: Side, colour: Colour, plate: Plate, *, taxi: bool = False
) -> tuple[Sprite, tuple[float, float, float, float]]:
    """A sprite of a car and the plate's box in it, in pixels of the sprite."""
    shape = SHAPES[model]
    sheet = _Sheet()
    _wheels(sheet)
    if taxi:
        _roof_sign(sheet)
    sheet.shape(shape.body, colour)
    if model == "truck":
        _load(sheet, shape, colour)
    elif side == "front":
        _front(sheet, shape, colour)
    else:
        _rear(sheet, shape, colour)
    sheet.lighten()
    width, height = plate.size
    drawn = picture_of(plate, pixels=PIXELS)
    x, y = _pixel(-width / 2, shape.plate + height / 2)
    margin = 3
    dark = sheet.colour[y - margin : y + drawn.shape[0] + margin, x - margin : x + drawn.shape[1] + margin]
    dark[:] = dark // 2
    sheet.colour[y : y + drawn.shape[0], x : x + drawn.shape[1]] = (drawn * 0.94).astype(np.uint8)
    sheet.shadow()
    box = (float(x), float(y), float(x + drawn.shape[1]), float(y + drawn.shape[0]))
    return Sprite(sheet.colour, sheet.alpha), box
