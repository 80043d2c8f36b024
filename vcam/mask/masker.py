"""Masks regions of a picture in place, in its own planes, and says what is really covered."""

from __future__ import annotations

from collections.abc import Sequence

from vcam.base.media import Kind, Picture, Region
from vcam.base.settings import Zone
from vcam.mask.cover import Style, cover
from vcam.mask.edge import soften
from vcam.mask.grain import Grain
from vcam.mask.grid import ROUND, Cells, needed, snap, sound, whole_size
from vcam.mask.outside import Outside
from vcam.mask.planes import Planes
from vcam.mask.shape import Shape, ellipse
from vcam.mask.zones import rasterise

BLOCKS = 8
"""Most blocks across the long side of a region. A region is wider than its face, which gets about 5 or fewer."""

_Mask = tuple[Cells, Kind, int, float]


class Masker:
    """Covers regions and zones with a mosaic, a blur or grey.

    Every mask consists of blocks of a fixed grid (see `vcam.mask.grid`), whole or half, in luma and chroma alike;
    under mosaic and blur what is left of a block is one mean a plane, at half its contrast and with a secret offset
    (see `vcam.mask.grain`). `blocks` bounds the blocks across a region. With the shape `ellipse` faces and heads lose
    the corners that their ellipse does not touch, and fade out around it. With `keep`, whatever lies outside that
    zone is masked too.
    """

    def __init__(
        self,
        style: Style,
        *,
        shape: Shape = "box",
        keep: Zone | None = None,
        blocks: int = BLOCKS,
        grain: Grain | None = None,
    ) -> None:
        self._style: Style = style
        self._shape: Shape = shape
        self._outside = None if keep is None else Outside(keep, style)
        self._blocks = blocks
        self._grain = grain or Grain()
        self._zoned: tuple[tuple[Zone, ...], int, int] = ((), 0, 0)
        self._zone_cells: tuple[Cells, ...] = ()

    def apply(
        self, picture: Picture, regions: Sequence[Region], zones: Sequence[Zone] = ()
    ) -> tuple[Region, ...]:
        """Mask `regions` and `zones`; return what is covered, each box wholly inside masked pixels.

        A region is widened to the borders or middles of its blocks and cut at the picture's; those outside it are
        left out. An ellipse is returned as the boxes its blocks make up; the ring that fades out around it is not
        part of them. A region that is no box (NaN, infinite, inside out) or of kind `whole` masks the whole picture.
        Raises EncodeError when the picture is not yuv420p.
        """
        if any(region.kind is Kind.WHOLE or not sound(region) for region in regions):
            return self.whole(picture)
        planes = Planes.of(picture.frame)
        width, height = picture.width, picture.height
        masks: list[_Mask] = [(cells, Kind.ZONE, 0, 1.0) for cells in self._cells(tuple(zones), width, height)]
        rounds: list[list[Cells]] = []
        for region in regions:
            cells = snap(region, width, height, self._blocks)
            if cells is None:
                continue
            parts = [cells]
            if self._shape == "ellipse" and region.kind in ROUND:
                parts = ellipse(region, cells, width, height)
                rounds.append(parts)
            masks += [(part, region.kind, region.track, region.score) for part in parts]
        self._cover(planes, masks)
        if rounds:
            soften(planes, rounds, [mask[0] for mask in masks], self._style)
        covered = tuple(cells.region(width, height, kind, track, score) for cells, kind, track, score in masks)
        return covered if self._outside is None else covered + self._outside.cover(planes, width, height)

    def _cover(self, planes: Planes, masks: Sequence[_Mask]) -> None:
        tracks: dict[Cells, int] = {}
        for cells, _, track, _ in masks:
            tracks[cells] = min(track, tracks.get(cells, track))
        # Coarsest last: finer blocks that lie under it do not show.
        layers = [
            (cells, None if self._style == "solid" else self._grain.offsets(cells, tracks[cells]))
            for cells in reversed(needed(tracks))
        ]
        cover(planes, layers, self._style)
        self._grain.keep(set(tracks.values()))

    def whole(self, picture: Picture) -> tuple[Region, ...]:
        """Mask the whole picture by a mosaic so coarse that a face filling it is not recognised.

        It is a mosaic in every style, so that one can still see that something moves. Raises EncodeError when
        the picture is not yuv420p.
        """
        width, height = picture.width, picture.height
        size = whole_size(width, height)
        cells = Cells(size, 0, 0, -(-width // size) * size, -(-height // size) * size)
        cover(Planes.of(picture.frame), [(cells, None)], "mosaic")
        return (cells.region(width, height, Kind.WHOLE, 0, 1.0),)

    def _cells(self, zones: tuple[Zone, ...], width: int, height: int) -> tuple[Cells, ...]:
        if (zones, width, height) != self._zoned:
            self._zone_cells = rasterise(zones, width, height, self._blocks)
            self._zoned = (zones, width, height)
        return self._zone_cells
