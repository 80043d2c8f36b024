"""Time stamps for a file out of access units that tell only when each is shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vcam.base.media import TICKS, AccessUnit

_AGREE = TICKS // 2
"""Ticks by which stream and wall clock may drift apart within a GOP and still be one time line."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one access unit lies in a file, in 1/90000 s; `time` of capture in us UTC, `size` in bytes."""

    pts: int
    dts: int
    duration: int
    time: int
    key: bool
    size: int


@dataclass(frozen=True, slots=True)
class _Mark:
    pts: int
    time: int
    key: bool
    size: int


def places(units: Iterable[AccessUnit], fps: float) -> list[Place]:
    """A place for each of `units`, which come in decoding order; the first that is decoded lies at 0.

    Within a stream its own time stamps count; where they start again or leap, the wall clock says how far. The
    decoding times are the sorted presentation times, moved ahead as far as reordering needs (ISO/IEC 14496-12).
    """
    marks = [_Mark(unit.pts, unit.time, unit.key, len(unit.data)) for unit in units]
    if not marks:
        return []
    period = round(TICKS / fps) if 0.1 <= fps <= 240 else TICKS // 25
    shown = _one_line(marks, period)
    order = _rising(sorted(shown))
    late = max(0, *(decoded - pts for decoded, pts in zip(order, shown, strict=True)))
    first = order[0] - late
    stops = [*order[1:], order[-1] + period]
    return [
        Place(
            max(pts, decoded - late) - first,
            decoded - late - first,
            stop - decoded,
            mark.time,
            mark.key,
            mark.size,
        )
        for mark, pts, decoded, stop in zip(marks, shown, order, stops, strict=True)
    ]


def _one_line(marks: Sequence[_Mark], period: int) -> list[int]:
    """The presentation times on one line that goes on over breaks of the stream's own."""
    shown: list[int] = []
    shift, key, last = 0, marks[0], marks[0].pts
    for mark in marks:
        if mark.key:
            wall = (mark.time - key.time) * TICKS // 1_000_000
            if abs(mark.pts - key.pts - wall) > _AGREE:
                at = key.pts + shift + wall
                shift = max(at, last + period) - mark.pts
            key = mark
        shown.append(mark.pts + shift)
        last = max(last, shown[-1])
    return shown


def _rising(times: list[int]) -> list[int]:
    for at in range(1, len(times)):
        times[at] = max(times[at], times[at - 1] + 1)
    return times
