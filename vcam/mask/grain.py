"""Secret offsets of the blocks' means, so that one masked picture of a face does not find another.

Means alone keep the light and the shades of a scene, which is enough to tell which masked picture is of the same
photograph. Offsets of the means' own order of size hide them. They belong to a track and a place on the grid and do
not change with time: averaging pictures of an object at rest does not lay the means bare, and background that is
known from elsewhere shows the offsets of its own blocks only.
"""

from __future__ import annotations

import secrets

import cv2
import numpy as np
from numpy.typing import NDArray

from vcam.mask.grid import Cells

Offsets = NDArray[np.int8]
"""Offsets of the means of Y, U and V, shape (3, rows, columns)."""

STEPS = (24, 12, 12)
"""Largest offset, up or down, at each scale in Y, U and V."""
_LARGEST = np.array(STEPS, np.int8)[:, None]
_VALUES = 2 * np.array(STEPS, np.uint16)[:, None] + 1

_SCALES = (1, 2, 4)
"""Offsets are drawn for blocks and for squares of 2 and 4 blocks a side and added: smoothing does not remove them."""
_SIDE = 96
"""Blocks after which the offsets repeat."""


class Grain:
    """Offsets for each track, drawn from a seed that nobody else knows."""

    def __init__(self, seed: int | None = None) -> None:
        """By default the seed is new for each object and kept nowhere."""
        self._seed = secrets.randbits(128) if seed is None else seed
        self._tables: dict[int, Offsets] = {}

    def offsets(self, cells: Cells, track: int) -> Offsets:
        """The offsets of the blocks of which `cells` are a part, under a mask of `track`."""
        table = self._tables.get(track)
        if table is None:
            table = self._tables[track] = self._draw(track)
        size, cells = cells.size, cells.whole
        row, column = cells.y1 // size % _SIDE, cells.x1 // size % _SIDE
        high, wide = (cells.y2 - cells.y1) // size, (cells.x2 - cells.x1) // size
        if max(high, wide) > _SIDE:  # in a picture many times as wide as high, or the other way round
            table = np.take(table, range(row, row + high), axis=1, mode="wrap")
            return np.take(table, range(column, column + wide), axis=2, mode="wrap")
        return table[:, row : row + high, column : column + wide]

    def keep(self, tracks: set[int]) -> None:
        """Forget all tracks but these; one that comes back gets the same offsets again."""
        if len(self._tables) > len(tracks):
            self._tables = {track: table for track, table in self._tables.items() if track in tracks}

    def _draw(self, track: int) -> Offsets:
        rng = np.random.default_rng((self._seed, abs(track)))
        table = np.zeros((3 * _SIDE, _SIDE), np.int8)
        for scale in _SCALES:
            count = _SIDE // scale
            drawn = np.frombuffer(rng.bytes(3 * count * count), np.uint8).reshape(3, -1)
            # a byte is brought to the range of its plane, all of whose values come up nearly as often
            steps = (drawn * _VALUES >> 8).astype(np.int8) - _LARGEST
            small = steps.reshape(3 * count, count)
            table += np.asarray(cv2.resize(small, (_SIDE, 3 * _SIDE), interpolation=cv2.INTER_NEAREST), np.int8)
        return np.tile(table.reshape(3, _SIDE, _SIDE), (1, 2, 2))
