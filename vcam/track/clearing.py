"""Leaves chosen trails clear in the pictures in which they are certain, and says why not in the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from vcam.base.media import Picture, Region
from vcam.track.box import overlap
from vcam.track.buffer import Released
from vcam.track.trace import Trace, Traced

SAME = 0.9
"""Least overlap (IoU) of a region with the trace of the first pass that it is. Both passes see the same, so it is 1
unless their machines differ."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the chosen trails in one picture.

    `cleared` holds what was left clear, cut at the picture's edges, `track` being the trail's number; other masks may
    still lie on it. `withheld` says for each other chosen trail that was there why it was masked.
    """

    cleared: tuple[Region, ...] = ()
    withheld: dict[int, str] = field(default_factory=dict)


class Clearing:
    """Chooses among the regions of each picture those that need no mask: a `vcam.screen.Clearing`.

    It goes by the first pass's traces alone, and trusts no number of the second: a region is left clear if and only
    if

    - the first pass traced one of the `chosen` trails in the same picture, of that index and pts;
    - that trace is certain, but for trails beside it that are chosen too;
    - it is the one region of that kind that lies where the trace does.

    So whatever else the second pass finds is masked as if nothing had been chosen.
    """

    def __init__(self, chosen: Iterable[int], traced: Iterable[Traced]) -> None:
        self._chosen = frozenset(chosen)
        self._plan: dict[int, tuple[int, tuple[Trace, ...]]] = {}
        self._spans: dict[int, tuple[int, int]] = {}
        for one in traced:
            traces = tuple(trace for trace in one.traces if trace.number in self._chosen)
            self._plan[one.index] = (one.pts, traces)
            for trace in traces:
                first, _ = self._spans.setdefault(trace.number, (one.index, one.index))
                self._spans[trace.number] = (first, one.index)
        self._verdicts: dict[int, Verdict] = {}

    def clear(self, released: Released) -> tuple[Region, ...]:
        """The regions of a picture that are left clear, none of one that is masked whole."""
        index = released.picture.index
        pts, traces = self._plan.get(index, (None, ()))
        left: list[Region] = []
        cleared: list[Region] = []
        withheld: dict[int, str] = {}
        for trace in traces:
            why = self._doubt(trace)
            found = [region for region in released.regions if _same(region, trace)]
            if not released.proven:
                why = f"masked whole: {released.reason}"
            elif pts != released.picture.pts:
                why = "not at the time of the first pass"
            elif not why and len(found) != 1:
                why = "not found where the first pass found it"
            shown = _cut(trace, released.picture)
            if shown is None:
                continue
            if why:
                withheld[trace.number] = why
            else:
                left += found
                cleared.append(shown)
        for number, (first, last) in self._spans.items():
            if first <= index <= last and all(trace.number != number for trace in traces):
                withheld[number] = f"masked whole: {released.reason}" if not released.proven else "not traced"
        self._verdicts[index] = Verdict(tuple(cleared), withheld)
        return tuple(left)

    def verdict(self, index: int) -> Verdict:
        """What became of the chosen trails in picture `index`. It is told once."""
        return self._verdicts.pop(index, Verdict())

    def _doubt(self, trace: Trace) -> str:
        others = sorted(trace.beside - self._chosen)
        if trace.doubt or not others:
            return trace.doubt
        return f"beside {', '.join(map(str, others))}"


def _same(region: Region, trace: Trace) -> bool:
    box = (region.x1, region.y1, region.x2, region.y2)
    return region.kind is trace.kind and overlap(box, trace.box) >= SAME


def _cut(trace: Trace, picture: Picture) -> Region | None:
    """What lies in the picture of a trace, or None when nothing does."""
    x1, y1 = max(trace.box[0], 0.0), max(trace.box[1], 0.0)
    x2, y2 = min(trace.box[2], float(picture.width)), min(trace.box[3], float(picture.height))
    if x1 >= x2 or y1 >= y2:
        return None
    return Region(x1, y1, x2, y2, trace.kind, trace.number, trace.score)
