"""What stands still in the scene: the front of a service centre, its forecourt, and a hedge before the door."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from vcam.demo.hangul import Colour, draw
from vcam.demo.sprite import Picture, Sprite

WIDTH: Final = 1280
HEIGHT: Final = 720
KERB: Final = 452
"""Where the pavement ends and the forecourt begins."""
HEDGE: Final = (414, 486)
"""Top and foot of the hedge."""

_SEED: Final = 20


class _Canvas:
    """A picture `scale` times 1280 x 720, drawn on in pixels of 1280 x 720."""

    def __init__(self, scale: float) -> None:
        self.scale = scale
        self.picture: Picture = np.zeros((round(HEIGHT * scale), round(WIDTH * scale), 3), np.uint8)

    def box(self, x1: float, y1: float, x2: float, y2: float, colour: Colour) -> None:
        self.shape(((x1, y1), (x2, y1), (x2, y2), (x1, y2)), colour)

    def shape(self, points: tuple[tuple[float, float], ...], colour: Colour) -> None:
        outline = np.rint(np.array(points) * self.scale * 16).astype(np.int32)
        cv2.fillPoly(self.picture, [outline], colour, cv2.LINE_AA, 4)

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: Colour, *, width: float = 1.0) -> None:
        ends = [(round(x * self.scale * 16), round(y * self.scale * 16)) for x, y in ((x1, y1), (x2, y2))]
        thick = max(1, round(width * self.scale))
        cv2.line(self.picture, ends[0], ends[1], colour, thick, cv2.LINE_AA, 4)

    def text(self, text: str, x: float, y: float, size: float, colour: Colour, *, pitch: float = 1.12) -> None:
        """Write from (x, y) on, characters `size` high and `pitch` times that apart."""
        for place, character in enumerate(text):
            if character != " ":
                left = x + place * size * pitch
                box = (left, y, left + size, y + size)
                b = tuple(side * self.scale for side in box)
                draw(self.picture, character, (b[0], b[1], b[2], b[3]), size * 0.11 * self.scale, colour)

    def fade(self, y1: float, y2: float, top: Colour, bottom: Colour) -> None:
        """Rows from one colour to another."""
        first, last = round(y1 * self.scale), round(y2 * self.scale)
        part = np.linspace(0, 1, last - first)[:, None, None]
        rows = np.array(top) * (1 - part) + np.array(bottom) * part
        self.picture[first:last] = np.broadcast_to(rows, (last - first, self.picture.shape[1], 3)).astype(
            np.uint8
        )


def _wall(canvas: _Canvas) -> None:
    canvas.fade(0, HEIGHT, (176, 184, 190), (150, 158, 164))
    for row, y in enumerate(range(40, 420, 19)):
        canvas.line(0, y, WIDTH, y, (146, 152, 160), width=1)
        for x in range(-(row % 2) * 26, WIDTH, 52):
            canvas.line(x, y, x, y + 19, (152, 158, 166), width=1)
    canvas.box(0, 0, WIDTH, 34, (96, 92, 88))
    canvas.box(0, 30, WIDTH, 36, (66, 62, 60))
    canvas.box(0, 52, WIDTH, 108, (170, 186, 196))
    canvas.line(0, 108, WIDTH, 108, (110, 122, 130), width=3)
    canvas.line(0, 53, WIDTH, 53, (200, 212, 218), width=2)
    canvas.text("민원 서비스 센터", 290, 60, 40, (84, 62, 44), pitch=1.7)
    canvas.text("주차장", 1060, 64, 32, (84, 62, 44), pitch=1.7)


def _pane(canvas: _Canvas, x1: float, x2: float, top: float, bottom: float) -> None:
    canvas.box(x1 - 5, top - 5, x2 + 5, bottom, (92, 90, 86))
    canvas.box(x1, top, x2, bottom - 4, (122, 112, 96))
    width = x2 - x1
    for start, light in ((0.1, 12), (0.5, 20), (0.62, 8)):
        left = x1 + width * start
        band = (
            (left, bottom - 4),
            (left + width * 0.1, bottom - 4),
            (min(x2, left + width * 0.34), top),
            (left + width * 0.22, top),
        )
        canvas.shape(band, (122 + light, 112 + light, 96 + light))
    canvas.box(x1, bottom - 70, x2, bottom - 4, (96, 88, 78))
    canvas.line(x1, top + 62, x2, top + 62, (92, 90, 86), width=4)


def _front(canvas: _Canvas) -> None:
    for x in (28, 176, 324, 760, 908, 1056):
        _pane(canvas, x, x + 132, 142, 410)
    canvas.box(484, 130, 732, 430, (70, 68, 66))
    for x in (496, 614):
        canvas.box(x, 142, x + 108, 428, (140, 132, 116))
        canvas.shape(((x + 20, 428), (x + 52, 428), (x + 98, 142), (x + 66, 142)), (160, 152, 138))
        canvas.box(x + 16, 286, x + 92, 298, (212, 208, 206))
    canvas.box(603, 260, 606, 330, (40, 40, 40))
    canvas.box(613, 260, 616, 330, (40, 40, 40))
    canvas.box(546, 112, 670, 138, (70, 120, 40))
    canvas.text("출입구", 566, 114, 21, (236, 240, 236))
    for x in (1206, 466):
        canvas.box(x, 108, x + 14, 440, (128, 132, 134))
        canvas.box(x + 10, 108, x + 14, 440, (104, 108, 110))
    canvas.box(1228, 200, 1268, 262, (228, 230, 228))
    canvas.text("안", 1238, 206, 20, (140, 70, 30))
    canvas.text("내", 1238, 234, 20, (140, 70, 30))


def _ground(canvas: _Canvas) -> None:
    canvas.fade(418, KERB, (148, 152, 156), (164, 168, 170))
    for x in range(-600, WIDTH + 600, 46):
        canvas.line(640 + (x - 640) * 0.93, 418, x, KERB, (128, 132, 136), width=1)
    canvas.line(0, 433, WIDTH, 433, (130, 134, 138), width=1)
    canvas.fade(KERB, HEIGHT, (92, 94, 94), (74, 75, 76))
    canvas.box(0, KERB, WIDTH, KERB + 9, (178, 182, 184))
    canvas.box(0, KERB + 9, WIDTH, KERB + 13, (60, 60, 60))
    for x in (-420, -60, 300, 660, 1020, 1380):
        near = 640 + (x - 640) * 1.9
        canvas.shape(((x, 520), (x + 9, 520), (near + 24, HEIGHT), (near, HEIGHT)), (196, 198, 198))
    canvas.box(0, 514, WIDTH, 521, (196, 198, 198))
    for step in range(7):
        x = 500 + step * 42
        canvas.shape(((x, 486), (x + 24, 486), (x + 20, 510), (x - 6, 510)), (204, 206, 206))


def backdrop(scale: float) -> Picture:
    """The scene without anything that moves: BGR, 720 * scale rows of 1280 * scale pixels."""
    canvas = _Canvas(scale)
    _wall(canvas)
    _front(canvas)
    _ground(canvas)
    picture = _grain(canvas.picture, scale, 5.0, 4.0)
    rows = round(KERB * scale)
    picture[rows:] = _grain(picture[rows:], scale, 8.0, 5.0)
    return picture


def _grain(picture: Picture, scale: float, fine: float, coarse: float) -> Picture:
    """`picture` with seeded stains and grain of the given standard deviations in grey levels."""
    random = np.random.default_rng(_SEED)
    height, width = picture.shape[:2]
    small = random.normal(0, coarse, (max(2, height // 24), max(2, width // 24))).astype(np.float32)
    stains = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC))
    grain = np.asarray(cv2.GaussianBlur(random.normal(0, fine * 2, (height, width)), (0, 0), 0.8 * scale))
    return np.clip(picture + (stains + grain)[:, :, None], 0, 255).astype(np.uint8)


def hedge(scale: float) -> Sprite:
    """The hedge in its trough, as wide as the scene; its upper left corner belongs at (0, HEDGE[0]) * scale."""
    top, foot = HEDGE
    height, width = round((foot - top) * scale), round(WIDTH * scale)
    random = np.random.default_rng(_SEED + 1)
    colour = np.full((height, width, 3), (34, 62, 40), np.uint8)
    leaf = max(2, round(4 * scale))
    for _ in range(5200):
        x, y = int(random.integers(0, width)), int(random.integers(0, height))
        light = float(random.uniform(0.55, 1.5)) * (1.25 - 0.6 * y / height)
        green = (round(44 * light), min(255, round(98 * light)), round(58 * light))
        turn = float(random.uniform(0, 180))
        cv2.ellipse(colour, (x, y), (leaf, max(1, leaf // 2)), turn, 0, 360, green, -1, cv2.LINE_AA)
    alpha = np.full((height, width), 255, np.uint8)
    steps = np.arange(0, width + 8, 8)
    edge = np.interp(np.arange(width), steps, random.uniform(0, 9 * scale, len(steps)))
    alpha[np.arange(height)[:, None] < edge[None, :]] = 0
    trough = round(46 * scale)
    colour[trough:] = (104, 112, 118)
    colour[trough : trough + round(4 * scale)] = (138, 146, 152)
    for x in range(0, width, round(160 * scale)):
        colour[trough:, x : x + max(1, round(2 * scale))] = (70, 76, 80)
    colour[trough:] = _grain(colour[trough:], scale, 4.0, 2.0)
    return Sprite(colour, alpha)
