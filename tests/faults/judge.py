"""Judges what a masked picture still shows, from its pixels and the original's alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from vcam.demo.leaks import detail, likeness
from vcam.track.box import Box

ALIKE: Final = 0.75
"""Correlation of details above which a cell shows the original."""
STRENGTH: Final = 0.4
"""Least strength of that detail, of the original's: under a blur some of it may be alike, but faint."""
SHOWN: Final = 0.3
"""Largest share of an object's cells that may show it: at least 70% of a face or plate must be covered."""
CELL: Final = 8
"""Least side of a cell in pixels; smaller ones agree by chance."""
CELLS: Final = 4
"""Most cells across an object."""
FINE: Final = 1.0
"""Pixels (sigma) of the blur whose loss is detail: finer than the finest mask, which has blocks of 4 pixels."""
TILE: Final = 16
"""Side of a tile in pixels of the halved picture."""
TEXTURE: Final = 2.0
"""Root mean square of the differences of neighbours in a tile, in grey levels, from which it has detail to show."""
OPEN: Final = 0.04
"""Largest share of tiles with detail that may show it in a picture masked whole: chance makes some alike."""

Luma = NDArray[np.uint8]


def share_shown(seen: Luma, original: Luma, box: Box) -> float:
    """Share of the cells of `box`, from 0 to 1, in which `seen` has the detail of `original`, both (H, W).

    Detail is what a slight blur takes away; cells are compared by normalised correlation and by what is left of its
    strength, which encoding changes little, and which a mosaic, blur or solid cover destroys. Plain cells do not
    count.
    """
    height, width = original.shape
    x1, y1 = max(0, round(box[0])), max(0, round(box[1]))
    x2, y2 = min(width, round(box[2])), min(height, round(box[3]))
    if x2 - x1 < CELL or y2 - y1 < CELL:
        return 0.0
    one, two = (detail(whole[y1:y2, x1:x2], FINE) for whole in (seen, original))
    alike: list[bool] = []
    for top, bottom in _spans(y2 - y1):
        for left, right in _spans(x2 - x1):
            here = np.s_[top:bottom, left:right]
            same = likeness(one[here], two[here])
            if same is not None:
                left_over = float((one[here] * two[here]).mean() / (two[here] * two[here]).mean())
                alike.append(same > ALIKE and left_over > STRENGTH)
    return sum(alike) / len(alike) if alike else 0.0


def _spans(length: int) -> Iterator[tuple[int, int]]:
    parts = min(CELLS, max(1, length // CELL))
    for part in range(parts):
        yield round(length * part / parts), round(length * (part + 1) / parts)


def shows(seen: Luma, original: Luma, box: Box) -> bool:
    """Whether the object in `box` counts as visible."""
    return share_shown(seen, original, box) > SHOWN


def masked_whole(seen: Luma, original: Luma) -> bool:
    """Whether hardly any place of `seen` has the detail of `original`, both (H, W). Plain pictures are."""
    if seen.shape != original.shape:
        return False
    one, two = _tiles(seen), _tiles(original)
    energy = (two * two).mean(axis=1)
    textured = energy > TEXTURE * TEXTURE
    if not textured.any():
        return True
    one, two = one[textured], two[textured]
    both = np.sqrt((one * one).mean(axis=1) * energy[textured])
    alike = (one * two).mean(axis=1) > ALIKE * np.maximum(both, 1e-6)
    return float(alike.mean()) <= OPEN


def _tiles(luma: Luma) -> NDArray[np.float32]:
    """Differences of neighbours in each tile of the halved picture, (tiles, samples)."""
    high, wide = luma.shape[0] // 2 // TILE * TILE, luma.shape[1] // 2 // TILE * TILE
    small = cv2.resize(luma, (luma.shape[1] // 2, luma.shape[0] // 2), interpolation=cv2.INTER_AREA)
    tiles = small[:high, :wide].reshape(high // TILE, TILE, wide // TILE, TILE).swapaxes(1, 2)
    steps = np.diff(tiles.reshape(-1, TILE, TILE).astype(np.float32), axis=2)
    return np.asarray(steps.reshape(len(steps), -1), np.float32)
