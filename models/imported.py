"""Detectors that a site has imported, as passes beside the shipped ones: they add findings and take none away.

An imported detector looks whenever a shipped one of its family looks closely, at the same picture; it never counts as
having looked itself. Where both see one thing, the shipped one's box stays, and a weak finding of the shipped one
counts: two have seen it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.boxes import Floats, Indices, overlaps, suppress
from models.detector import STRIDE, Detector
from models.passes import UPSCALE, Family, Pass
from models.runtime import Runtime
from models.shelf import Entry, Shelf
from models.yolo import Yolo
from vcam.base.errors import ConfigError
from vcam.base.media import Kind
from vcam.base.settings import MaskKind, MaskSettings, ModelKind, SiteSettings

_FAMILIES: dict[ModelKind, Family] = {
    "face": "face",
    "plate": "plate",
    "person": "object",
    "vehicle": "object",
}
_SERVES: dict[ModelKind, frozenset[Kind]] = {
    "face": frozenset({Kind.FACE}),
    "plate": frozenset({Kind.PLATE}),
    "person": frozenset({Kind.PERSON, Kind.HEAD}),
    "vehicle": frozenset({Kind.VEHICLE, Kind.PLATE_BAND}),
}
"""Which kinds of regions can come of what an imported detector finds."""


@dataclass(frozen=True, slots=True)
class FixedPass(Pass):
    """A pass of a network whose own picture has the width and height `bounds`: what is analysed fits into it."""

    bounds: tuple[int, int] = field(kw_only=True)

    def size(self, width: int, height: int) -> tuple[int, int]:
        """See `Pass.size`."""
        scale = min(self.bounds[0] / width, self.bounds[1] / height, UPSCALE)
        across, down = (max(1, round(side * scale / STRIDE)) * STRIDE for side in (width, height))
        return across, down


@dataclass(frozen=True, slots=True)
class Imported:
    """One imported detector, ready to join an analyst."""

    entry: Entry
    shelf: Shelf

    @property
    def name(self) -> str:
        """How passes and messages call it: never like a shipped one."""
        return f"imported/{self.entry.name}"

    def look(self) -> Pass:
        """Its pass, which is due at no time of its own and proves nothing."""
        entry = self.entry
        family = _FAMILIES[entry.kind]
        if entry.size is None:
            return Pass(self.name, family, self.name, entry.side, (), threshold=entry.threshold)
        side = max(entry.size)
        return FixedPass(self.name, family, self.name, side, (), threshold=entry.threshold, bounds=entry.size)

    def build(self, runtime: Runtime) -> Detector:
        """Its detector. Raises WeightsError when the file is absent or altered."""
        entry = self.entry
        path = self.shelf.file(entry)
        return Yolo(
            runtime,
            self.name,
            lambda: path,
            layout=entry.layout,
            output=entry.output,
            kind=Kind(entry.kind),
            classes=entry.classes,
            size=entry.size,
        )


def shelf_of(site: SiteSettings) -> Shelf:
    """Where the site keeps what it imported."""
    return Shelf(site.state / "models")


def imported(mask: MaskSettings, site: SiteSettings) -> tuple[Imported, ...]:
    """The imported detectors that `mask` names.

    Raises ConfigError for a name that there is not and for one that finds nothing that is masked, WeightsError when
    the list of what was imported cannot be read.
    """
    shelf = shelf_of(site)
    found = tuple(Imported(shelf.entry(name), shelf) for name in mask.models)
    for one in found:
        if what := useless(one.entry, mask.kinds):
            raise ConfigError(f"The imported model {one.entry.name} {what}", mend=mend_of(one.entry))
    return found


def useless(entry: Entry, kinds: Iterable[MaskKind]) -> str:
    """Why what `entry` finds is not masked where `kinds` are; empty when it is."""
    serves = _SERVES[entry.kind]
    return (
        "" if serves & {Kind(kind) for kind in kinds} else f"finds the kind {entry.kind}, which is not masked"
    )


def mend_of(entry: Entry) -> str:
    """What to do when an entry is useless."""
    return f"Add '{entry.kind}' to mask.kinds, or take {entry.name} out of mask.models"


def companions(passes: Iterable[Pass], due: Sequence[Pass]) -> list[Pass]:
    """Those of `passes` without a time of their own that look along with the proving ones in `due`."""
    families = {one.family for one in due if one.proving}
    return [
        one for one in passes if not one.slots and not one.budget and one.family in families and one not in due
    ]


def unite(
    boxes: Floats, scores: Floats, shipped: NDArray[np.bool_], *, counts: float, limit: float
) -> tuple[Indices, Floats]:
    """Suppress duplicates (IoU above `limit`) among boxes of one kind, shipped detectors' first.

    Returns the indices of what stays, and all scores: those of shipped boxes that an imported one overlaps are at
    least `counts`, from which on a detection counts.
    """
    # Scores end at 1: a step of 1 sorts every shipped box before every imported one. They are raised only afterwards,
    # or one shipped box might take the place of another.
    kept = suppress(boxes, scores + shipped.astype(np.float32), limit)
    if not shipped.all() and shipped.any():
        agreed = shipped & (overlaps(boxes, boxes[~shipped]) > 0).any(axis=1)
        scores = np.where(agreed, np.maximum(scores, np.float32(counts)), scores)
    return kept, scores
