"""The fixed grid of blocks on which every mask lies.

Blocks are powers of two and their grids start at the picture's top left corner, so every block of one size lies
wholly inside one block of each larger size. Two things follow. However a region slides, grows or changes its block
size, all that ever shows of a block's inside is a function of the means of the smallest blocks used, so averaging
pictures of a still object adds nothing; and where masks overlap, the coarser wins whatever the order.

A mask ends at the middle of a block where its region does: half of the block is masked, by the mean of the whole. No
smaller block of another mask can lie across such an edge.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from vcam.base.media import Kind, Region

SMALLEST = 4
"""Smallest block in luma pixels; chroma blocks are half as wide and high."""

WHOLE_BLOCKS = 9
"""Most blocks across the short side of a picture that is masked whole."""

_TEXT_BLOCKS = 2
"""Most blocks across the short side of a plate or a line of text: the letters are lower still."""
_TEXT = frozenset({Kind.PLATE, Kind.PLATE_BAND, Kind.TEXT})

ROUND = frozenset({Kind.FACE, Kind.HEAD})
"""Kinds of one face each."""


@dataclass(frozen=True, slots=True)
class Cells:
    """A rectangle of blocks and halves of blocks, in luma pixels.

    All four edges are multiples of `step_of(size)`; the right and bottom ones may lie outside the picture.
    """

    size: int
    x1: int
    y1: int
    x2: int
    y2: int

    @property
    def area(self) -> int:
        return (self.x2 - self.x1) * (self.y2 - self.y1)

    @property
    def whole(self) -> Cells:
        """All blocks of which these are a part."""
        size = self.size
        return Cells(
            size,
            self.x1 // size * size,
            self.y1 // size * size,
            -(-self.x2 // size) * size,
            -(-self.y2 // size) * size,
        )

    def holds(self, other: Cells) -> bool:
        """Whether masking these leaves nothing for `other` to do: it lies inside, and its blocks are no larger."""
        return (
            self.size >= other.size
            and self.x1 <= other.x1
            and self.y1 <= other.y1
            and self.x2 >= other.x2
            and self.y2 >= other.y2
        )

    def region(self, width: int, height: int, kind: Kind, track: int, score: float) -> Region:
        """What these blocks cover of a picture."""
        return Region(self.x1, self.y1, min(self.x2, width), min(self.y2, height), kind, track, score)


def needed(masks: Iterable[Cells]) -> list[Cells]:
    """Those of `masks` that are not held by another, coarsest blocks first."""
    kept: list[Cells] = []
    # what holds another is larger in area, or its blocks are coarser on the same area
    for one in sorted(set(masks), key=lambda one: (-one.area, -one.size)):
        if not any(other.holds(one) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: (-one.size, one.x1, one.y1, one.x2, one.y2))


def power(least: float) -> int:
    """The smallest block size that is at least `least`."""
    return max(SMALLEST, 1 << (math.ceil(max(least, 1.0)) - 1).bit_length())


def step_of(size: int) -> int:
    """The grid on which masks of blocks of `size` begin and end."""
    return max(SMALLEST, size // 2)


def whole_size(width: int, height: int) -> int:
    """Block size at which no face is recognised even when it fills the picture."""
    return power(min(width, height) / WHOLE_BLOCKS)


def sound(region: Region) -> bool:
    """Whether `region` is a box at all: finite and not inside out."""
    edges = (region.x1, region.y1, region.x2, region.y2)
    return all(map(math.isfinite, edges)) and region.x1 <= region.x2 and region.y1 <= region.y2


def block_size(region: Region, blocks: int) -> int:
    """Block size for `region`: at most `blocks` across its long side, for plates and text 2 across the short one."""
    width, height = region.x2 - region.x1, region.y2 - region.y1
    least = max(width, height) / blocks
    if region.kind in _TEXT:
        least = max(least, min(width, height) / _TEXT_BLOCKS)
    return power(least)


def size_in(region: Region, width: int, height: int, blocks: int) -> int:
    """Block size for `region` in a picture of that size.

    Nothing needs blocks coarser than the whole picture's, but a face that may be larger than the picture. A face in
    the picture's corner may be twice as large as what is seen of it, so its blocks are too.
    """
    size = block_size(region, blocks)
    if region.kind not in ROUND:
        return min(size, whole_size(width, height))
    beside = region.x1 <= 0 or region.x2 >= width
    above = region.y1 <= 0 or region.y2 >= height
    return min(size * 2 if beside and above else size, power(max(width, height)))


def snap(region: Region, width: int, height: int, blocks: int) -> Cells | None:
    """The halves of blocks that `region` touches in a picture of that size, or None when it lies outside.

    A region without area is treated as the pixel at its corner.
    """
    x1, y1 = max(math.floor(region.x1), 0), max(math.floor(region.y1), 0)
    x2 = min(max(math.ceil(region.x2), x1 + 1), width)
    y2 = min(max(math.ceil(region.y2), y1 + 1), height)
    if region.x2 < 0 or region.y2 < 0 or x1 >= x2 or y1 >= y2:
        return None
    size = size_in(region, width, height, blocks)
    step = step_of(size)
    return Cells(size, x1 // step * step, y1 // step * step, -(-x2 // step) * step, -(-y2 // step) * step)
