"""An attack on a mosaic: all masked pictures of one object at once, solved for the object by least squares.

Every block shown is a mean over the object where it then was, so every picture gives some linear equations, and
pictures in which the object lies otherwise on the grid give other ones. Whoever attacks is given what nobody would
have: where the object is in each picture, its size, and the background. Offsets of the blocks that stay as they are
over time are further unknowns of the same equations. Solved by conjugate gradients, ended early to keep noise low.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Place = tuple[int, int]
"""Left and top of the object in a picture."""

GROUND = 128
"""Value of the background, and what halving the contrast leaves as it is."""
CONTRAST = 0.5


class Attack:
    """For square pictures of `side` pixels under blocks of `block`, and a square object of `size` pixels."""

    def __init__(self, side: int, block: int, size: int) -> None:
        self._count = side // block
        self._side = side
        self._block = block
        self._size = size

    def recover(
        self, views: Sequence[Numbers], places: Sequence[Place], *, offsets: bool = True, rounds: int = 60
    ) -> Numbers:
        """The object, shape (size, size), from luma planes in which it lies at `places`.

        With `offsets` a constant for each block of the grid is solved for too; else it is taken to be none.
        """
        held = np.array([self._held(place) for place in places])
        rest = held * [self._shown(view - GROUND, place) for view, place in zip(views, places, strict=True)]
        thing, constant = np.zeros((self._size, self._size)), np.zeros((self._count, self._count))
        slope = step = self._back(rest, places, held, offsets)
        length = _square(slope)
        for _ in range(rounds):
            change = np.array(
                [
                    part * (CONTRAST * self._means(self._laid(step[0], place)) + step[1])
                    for part, place in zip(held, places, strict=True)
                ]
            )
            share = length / float((change**2).sum())
            thing, constant = thing + share * step[0], constant + share * step[1]
            rest = rest - share * change
            slope = self._back(rest, places, held, offsets)
            before, length = length, _square(slope)
            if length < 1e-9:
                break
            step = (slope[0] + length / before * step[0], slope[1] + length / before * step[1])
        return np.clip(thing + GROUND, 0, 255)

    def _held(self, place: Place) -> Numbers:
        """1 for the blocks that the object touches."""
        held = np.zeros((self._count, self._count))
        left, top = place
        held[
            top // self._block : -(-(top + self._size) // self._block),
            left // self._block : -(-(left + self._size) // self._block),
        ] = 1
        return held

    def _shown(self, picture: Numbers, place: Place) -> Numbers:
        """The value of each block's first pixel that is masked: blocks are cut off at their middle."""
        half = self._block // 2
        starts = np.arange(self._count) * self._block
        columns, rows = (np.minimum(np.maximum(starts, edge // half * half), self._side - 1) for edge in place)
        return np.asarray(picture[np.ix_(rows, columns)], np.float64)

    def _laid(self, thing: Numbers, place: Place) -> Numbers:
        picture = np.zeros((self._side, self._side))
        left, top = place
        picture[top : top + self._size, left : left + self._size] = thing
        return picture

    def _means(self, picture: Numbers) -> Numbers:
        parts = picture.reshape(self._count, self._block, self._count, self._block)
        return np.asarray(parts.mean(axis=(1, 3)), np.float64)

    def _back(
        self, rest: Numbers, places: Sequence[Place], held: Numbers, offsets: bool
    ) -> tuple[Numbers, Numbers]:
        """What of the equations' rest each pixel and each constant answers for: the transposed system."""
        thing = np.zeros((self._size, self._size))
        for part, (left, top) in zip(rest, places, strict=True):
            full = np.repeat(np.repeat(part, self._block, axis=0), self._block, axis=1)
            thing += full[top : top + self._size, left : left + self._size]
        constant = (rest * held).sum(axis=0) if offsets else np.zeros_like(held[0])
        return thing * CONTRAST / self._block**2, constant


def _square(pair: tuple[Numbers, Numbers]) -> float:
    return float((pair[0] ** 2).sum() + (pair[1] ** 2).sum())
