"""What there is to choose from: every trail of a stream, summed up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from vcam.base.media import TICKS, Kind
from vcam.track.box import Box
from vcam.track.trace import Trace, Traced, group_of

_INSIDE = 0.9
"""Share of a box that lies in another, and share of a trail's pictures, for it to be within the other."""


@dataclass(frozen=True, slots=True)
class Trail:
    """One trail. Times in seconds of the stream, `end` being its last picture's.

    `certain` counts those of its `pictures` in which it is certain by itself. `follows` is the trail that ended in
    doubt where this one begins, 0 when there is none: only a look at the footage tells whether they are one object.
    `within` holds trails of other kinds that nearly always hold this one, as a person's holds its face: their masks
    lie on it.
    """

    number: int
    kind: Kind
    start: float
    end: float
    best: float
    pictures: int
    certain: int
    follows: int
    within: tuple[int, ...]


@dataclass(slots=True)
class _Sum:
    kind: Kind
    first: int
    last: int
    best: float = 0.0
    pictures: int = 0
    certain: int = 0


class Trails:
    """Sums pictures up."""

    def __init__(self) -> None:
        self._sums: dict[int, _Sum] = {}
        self._inside: Counter[tuple[int, int]] = Counter()

    def add(self, traced: Traced) -> None:
        """Count one picture."""
        for trace in traced.traces:
            one = self._sums.setdefault(trace.number, _Sum(trace.kind, traced.pts, traced.pts))
            one.last = traced.pts
            one.best = max(one.best, trace.score)
            one.pictures += 1
            one.certain += trace.certain
            self._inside.update(
                (trace.number, other.number) for other in traced.traces if _within(trace, other)
            )

    def trails(self, follows: Mapping[int, int]) -> tuple[Trail, ...]:
        """Every trail, by its number; `follows` is `Continuity.follows`."""
        return tuple(
            Trail(
                number,
                one.kind,
                round(one.first / TICKS, 3),
                round(one.last / TICKS, 3),
                round(one.best, 3),
                one.pictures,
                one.certain,
                follows.get(number, 0),
                tuple(other for other in self._sums if self._inside[number, other] >= _INSIDE * one.pictures),
            )
            for number, one in sorted(self._sums.items())
        )


def _within(one: Trace, other: Trace) -> bool:
    if group_of(one.kind) == group_of(other.kind):
        return False
    width = min(one.box[2], other.box[2]) - max(one.box[0], other.box[0])
    height = min(one.box[3], other.box[3]) - max(one.box[1], other.box[1])
    return width > 0 and height > 0 and width * height >= _INSIDE * _area(one.box)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
