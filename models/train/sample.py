"""Makes training samples: crops of labelled pictures in a mosaic, with drawn plates and things that are none.

Sample number `index` of a `seed` is always the same, whoever makes it and when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.train.drawn import Bgr, lay, paint_over, seen_at
from models.train.light import spoil
from models.train.pictures import Labelled
from models.train.signs import draw_sign

SIDE: Final = 320
"""Pixels of a sample's side."""
CELL: Final = 8
"""Pixels a cell of the map of what is known."""
IGNORED, UNKNOWN, KNOWN = 0, 1, 2
"""What the map says: nothing is learnt here; there may be plates that nobody labelled; all plates are labelled."""
MOST: Final = 24
"""At most so many plates in a sample."""

_LEAST_WIDTH: Final = 11.0
"""Narrower plates are neither asked for nor punished."""
_LETTERED: Final = 0.1
"""Share of crops that hold text and no plate."""
_GRIDS: Final = ((1, (40.0, 290.0)), (2, (20.0, 120.0)), (3, (13.0, 62.0)))
"""Crops a side of the mosaic, and the widths wanted of their plates."""

Boxes = NDArray[np.float32]
Map = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Sample:
    """`picture` uint8 BGR (320, 320, 3), `boxes` (n, 4) float32 in its pixels, `known` uint8 (40, 40)."""

    picture: Bgr
    boxes: Boxes
    known: Map


@dataclass(frozen=True, slots=True)
class _Crop:
    """One crop on its way into the mosaic. `scale` is the picture's enlargement; `known` is in full pixels."""

    picture: Bgr
    boxes: Boxes
    known: Map
    scale: float


def _moved(boxes: Boxes, matrix: NDArray[np.float64], turn: float) -> Boxes:
    """Boxes around what lay in `boxes` after the affine `matrix` that turned the picture by `turn` degrees."""
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    middle = middle @ matrix[:, :2].T + matrix[:, 2]
    sides = boxes[:, 2:] - boxes[:, :2]
    across = np.hypot(matrix[0, 0], matrix[1, 0]) * sides[:, 0]
    down = np.hypot(matrix[0, 1], matrix[1, 1]) * sides[:, 1]
    cosine, sine = abs(np.cos(np.deg2rad(turn))), abs(np.sin(np.deg2rad(turn)))
    half = np.stack((across * cosine + down * sine, across * sine + down * cosine), axis=1) / 2
    return np.concatenate((middle - half, middle + half), axis=1).astype(np.float32)


def _fill(known: Map, box: Sequence[float] | NDArray[np.floating], value: int) -> None:
    height, width = known.shape
    x1, y1 = max(0, int(box[0])), max(0, int(box[1]))
    x2, y2 = min(width, int(np.ceil(box[2]))), min(height, int(np.ceil(box[3])))
    if x2 > x1 and y2 > y1:
        known[y1:y2, x1:x2] = value


def _map(boxes: Boxes, size: tuple[int, int], *, complete: bool) -> Map:
    """What is known of a crop: everything, or the vehicles around the labelled plates and what is above them."""
    width, height = size
    if complete:
        return np.full((height, width), KNOWN, np.uint8)
    known = np.full((height, width), UNKNOWN, np.uint8)
    for x1, y1, x2, y2 in boxes:
        across = x2 - x1
        # a car is about three and a half long plates wide, or six short ones
        beside = across * (1.2 if across > 2.6 * (y2 - y1) else 2.0)
        _fill(known, (x1 - beside, y1 - 2 * across, x2 + beside, y2 + 0.8 * across), KNOWN)
    if len(boxes):
        top = float(np.min(boxes[:, 1] - 5 * (boxes[:, 2] - boxes[:, 0])))
        _fill(known, (0, 0, width, top), KNOWN)
    return known


def _placement(
    source: Labelled, size: tuple[int, int], widths: tuple[float, float], rng: np.random.Generator
) -> tuple[NDArray[np.float64], float, float]:
    """An affine matrix that brings one plate of `source` into a crop of `size`; the enlargement; the turn."""
    height, width = source.levels[0].shape[:2]
    box = source.boxes[int(rng.integers(len(source.boxes)))]
    wanted = np.exp(rng.uniform(*np.log(widths)))
    scale = float(wanted / max(box[2] - box[0], 4.0))
    squeeze = rng.uniform(0.68, 1.15)
    turn = (
        float(rng.normal(0, 3))
        if rng.random() < 0.5
        else float(rng.normal(0, 9))
        if rng.random() < 0.2
        else 0.0
    )
    # enlarged enough to fill the crop, never so much that nothing is left to see
    scale = float(np.clip(scale, max(size[0] / (width * squeeze), size[1] / height), 6.0))
    mirror = -1.0 if rng.random() < 0.3 else 1.0
    angle = np.deg2rad(turn)
    linear = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    linear = linear @ np.diag([scale * squeeze * mirror, scale])
    if rng.random() < 0.12:
        point = rng.uniform(0, 1, 2) * (width, height)
    else:
        point = np.array([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2], np.float64)
    goal = rng.uniform(0.12, 0.88, 2) * size
    # slide so that the crop lies inside the picture, but for corners when it is turned
    extent = linear * (width, height)
    low, high = np.minimum(extent, 0).sum(1), np.maximum(extent, 0).sum(1)
    shift = np.clip(goal - linear @ point, size - high, np.maximum(-low, size - high))
    return np.concatenate((linear, shift[:, None]), axis=1), scale, turn


def _cut(
    source: Labelled, size: tuple[int, int], widths: tuple[float, float], rng: np.random.Generator
) -> _Crop:
    matrix, scale, turn = _placement(source, size, widths, rng)
    level = 0 if scale > 0.7 else 1 if scale > 0.36 else 2
    change = matrix.copy()
    change[:, :2] *= 2**level
    ground = tuple(int(value) for value in rng.integers(0, 256, 3))
    picture = cv2.warpAffine(
        source.levels[level],
        change,
        size,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=ground,
    )
    boxes = _moved(source.boxes, matrix, turn)
    known = _map(boxes, size, complete=source.complete)
    return _Crop(np.asarray(picture, np.uint8), boxes, known, scale)


def _bounds(box: NDArray[np.float32], margin: float) -> tuple[int, int, int, int]:
    x, y = margin * (box[2] - box[0]), margin * (box[3] - box[1])
    return int(box[0] - x), int(box[1] - y), int(np.ceil(box[2] + x)), int(np.ceil(box[3] + y))


def _clear_of(box: NDArray[np.float32], boxes: Sequence[NDArray[np.float32]]) -> bool:
    gap = 3
    return all(
        box[2] + gap < other[0] or other[2] + gap < box[0] or box[3] + gap < other[1] or other[3] + gap < box[1]
        for other in boxes
    )


def _lettered(crop: _Crop, rng: np.random.Generator) -> _Crop:
    """Signs and posters on what remains of `crop` when it is blurred past recognition: nothing of it is a plate."""
    height, width = crop.picture.shape[:2]
    ground = cv2.GaussianBlur(cv2.resize(crop.picture, (8, 8), interpolation=cv2.INTER_AREA), (0, 0), 1.5)
    picture = np.asarray(cv2.resize(ground, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
    for _ in range(int(rng.integers(2, 7))):
        across = width * rng.uniform(0.2, 1.0)
        down = min(height - 2.0, max(8.0, across / np.exp(rng.uniform(np.log(0.6), np.log(6)))))
        left, top = int(rng.uniform(0, width - across)), int(rng.uniform(0, height - 1 - down))
        draw_sign(picture, (left, top, left + int(across) - 1, top + int(down)), rng)
    return _Crop(picture, np.zeros((0, 4), np.float32), np.full((height, width), KNOWN, np.uint8), crop.scale)


class Maker:
    """Makes samples out of labelled pictures and a bank of drawn plates."""

    def __init__(self, pictures: Sequence[Labelled], bank: Sequence[Bgr], seed: int) -> None:
        self._bank = bank
        self._seed = seed
        self._complete = [picture for picture in pictures if picture.complete]
        self._others = [picture for picture in pictures if not picture.complete]

    def make(self, index: int) -> Sample:
        """Sample number `index`."""
        rng = np.random.default_rng((self._seed, index))
        picture = np.zeros((SIDE, SIDE, 3), np.uint8)
        known = np.zeros((SIDE, SIDE), np.uint8)
        boxes: list[NDArray[np.float32]] = []
        side, widths = _GRIDS[int(rng.choice(len(_GRIDS), p=(0.4, 0.33, 0.27)))]
        edges = [round(SIDE * place / side) for place in range(side + 1)]
        for top, bottom in pairwise(edges):
            for left, right in pairwise(edges):
                crop = _cut(self._pick(rng), (right - left, bottom - top), widths, rng)
                if rng.random() < _LETTERED:
                    crop, kept = _lettered(crop, rng), []
                else:
                    kept = self._change(crop, rng)
                picture[top:bottom, left:right] = crop.picture
                known[top:bottom, left:right] = crop.known
                boxes += [box + np.array([left, top, left, top], np.float32) for box in kept]
        self._add_plates(picture, boxes, known, rng)
        self._add_signs(picture, boxes, known, rng)
        rows = np.stack(boxes) if boxes else np.zeros((0, 4), np.float32)
        coarse = known.reshape(SIDE // CELL, CELL, SIDE // CELL, CELL).min(axis=(1, 3))
        return Sample(spoil(picture, rng), rows[:MOST], coarse)

    def _pick(self, rng: np.random.Generator) -> Labelled:
        group = self._complete if rng.random() < 0.25 else self._others
        group = group or self._others or self._complete
        return group[int(rng.integers(len(group)))]

    def _plate(self, rng: np.random.Generator) -> Bgr:
        return self._bank[int(rng.integers(len(self._bank)))]

    def _change(self, crop: _Crop, rng: np.random.Generator) -> list[NDArray[np.float32]]:
        """Replace some plates of `crop` by drawn ones, paint some over; the boxes that are there afterwards."""
        height, width = crop.picture.shape[:2]
        limits = np.array([width, height, width, height], np.float32)
        kept: list[NDArray[np.float32]] = []
        for box in crop.boxes:
            inside = np.clip(box, 0, limits)
            sides = box[2:] - box[:2]
            seen = np.prod(np.maximum(inside[2:] - inside[:2], 0)) / max(float(np.prod(sides)), 1e-6)
            if seen <= 0:
                continue
            whole = seen > 0.99 and sides[0] >= 14
            draw = rng.random()
            if whole and draw < 0.42:
                kept.append(self._swap(crop, box, rng))
            elif whole and draw < 0.48:
                paint_over(crop.picture, _bounds(box, 0.15), rng)
            elif seen < 0.55 or sides[0] < _LEAST_WIDTH:
                _fill(crop.known, inside, IGNORED)
            else:
                kept.append(inside)
        return kept

    def _swap(self, crop: _Crop, box: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
        """Put a drawn plate in the place of the one in `box`; the new one's box."""
        plate = self._plate(rng)
        sides = box[2:] - box[:2]
        aspect = plate.shape[1] / plate.shape[0]
        across = float(np.sqrt(sides[0] * sides[1] * aspect) * rng.uniform(0.85, 1.25))
        across = min(across, 1.5 * float(sides[0]))
        middle = (box[:2] + box[2:]) / 2
        quad = seen_at((float(middle[0]), float(middle[1])), across, across / aspect, rng.normal(0, 3), rng)
        paint_over(crop.picture, _bounds(box, 0.08), rng)
        lay(crop.picture, plate, quad, rng)
        height, width = crop.picture.shape[:2]
        limits = np.array([width, height, width, height], np.float32)
        return np.clip(np.concatenate((quad.min(0), quad.max(0))), 0, limits).astype(np.float32)

    def _add_plates(
        self, picture: Bgr, boxes: list[NDArray[np.float32]], known: Map, rng: np.random.Generator
    ) -> None:
        """Lay drawn plates anywhere."""
        if rng.random() > 0.3:
            return
        for _ in range(int(rng.integers(1, 4))):
            plate = self._plate(rng)
            across = float(np.exp(rng.uniform(np.log(13), np.log(190))))
            centre = rng.uniform(0.05, 0.95, 2) * SIDE
            down = across * plate.shape[0] / plate.shape[1] * rng.uniform(0.9, 1.2)
            quad = seen_at((float(centre[0]), float(centre[1])), across, down, rng.normal(0, 5), rng)
            box = np.concatenate((quad.min(0), quad.max(0))).astype(np.float32)
            if box.min() < 0 or box.max() > SIDE or not _clear_of(box, boxes):
                continue
            lay(picture, plate, quad, rng)
            _fill(known, box, KNOWN)
            boxes.append(box)

    def _add_signs(
        self, picture: Bgr, boxes: list[NDArray[np.float32]], known: Map, rng: np.random.Generator
    ) -> None:
        """Draw things that are no plates where there is none."""
        if rng.random() > 0.7:
            return
        for _ in range(int(rng.integers(1, 8))):
            across = float(np.exp(rng.uniform(np.log(20), np.log(220))))
            down = across / np.exp(rng.uniform(np.log(0.7), np.log(7)))
            corner = rng.uniform(0, 1, 2) * np.maximum(SIDE - 1 - np.array([across, down]), 1)
            box = np.concatenate((corner, corner + np.array([across, down]))).astype(np.float32)
            if down < 6 or not _clear_of(box, boxes):
                continue
            draw_sign(picture, _bounds(box, 0), rng)
            _fill(known, box, KNOWN)
