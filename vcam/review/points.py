"""Where a reviewer should look first: what the tracks themselves give reason to doubt. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vcam.base.media import Kind
from vcam.review.line import Line
from vcam.track.box import Box, overlap, union
from vcam.track.trace import group_of

_LATER = 4.0
"""Seconds within which another track counts as the same object found again."""
_NEAR = 2.5
"""Sizes of the box around its own middle in which it is sought again."""
_BORDER = 0.02
"""Share of the picture along its edges where objects come and go."""
_SHORT = 0.6
"""Seconds that a track lasts at the least if it is to be trusted."""
_LEAP = 0.1
"""Intersection over union of a box and the one before, below which it has leapt."""


class Why(StrEnum):
    """Reasons, gravest first."""

    GAP = "a mask ends here and another begins nearby soon after: what is in between?"
    LOST = "a mask ends inside the picture: is somebody still there?"
    APPEARS = "a mask begins inside the picture: was somebody there before?"
    LEAP = "a mask leaps: does it lie on what it followed?"
    SHORT = "a mask lasts only a moment: is there more of it before or after?"
    WHOLE = "the whole picture is masked: nobody looked in time"


_RANK = {why: rank for rank, why in enumerate(Why)}


@dataclass(frozen=True, slots=True)
class Point:
    """Something to look at: from `start` to `end` in seconds, at `box` in pixels, about `track` (0: none)."""

    why: Why
    start: float
    end: float
    track: int
    box: Box


@dataclass(slots=True)
class _Run:
    """A track over the pictures in which it is masked."""

    track: int
    group: str
    first: Line
    begin: Box
    last: Line
    box: Box


_NEVER = frozenset({Kind.ZONE, Kind.WHOLE, Kind.MOTION})
"""Kinds that are no objects which come and go."""


def points(video: Sequence[Line], width: int, height: int) -> list[Point]:
    """What to look at in a video of `width` x `height` pixels, gravest first, then in order of time."""
    found: list[Point] = []
    runs: dict[int, _Run] = {}
    for line in video:
        if line.whole:
            continue  # nothing shows, and tracks go on behind it
        for each in _boxes(line):
            run = runs.get(each.track)
            if run is None:
                runs[each.track] = _Run(each.track, each.group, line, each.box, line, each.box)
                continue
            if line.frame == run.last.frame + 1 and overlap(run.box, each.box) < _LEAP:
                found.append(Point(Why.LEAP, run.last.time, line.time, each.track, each.box))
            run.last, run.box = line, each.box
    found += _ends(list(runs.values()), video, width, height)
    found += _wholes(video, width, height)
    return sorted(found, key=lambda point: (_RANK[point.why], point.start))


@dataclass(frozen=True, slots=True)
class _Boxed:
    track: int
    group: str
    box: Box


def _boxes(line: Line) -> Iterable[_Boxed]:
    """Each track's box: what an ellipse is made up of counts as one."""
    joined: dict[tuple[int, str], Box] = {}
    for shown in line.shown:
        if shown.kind in _NEVER:
            continue
        key = (shown.track, group_of(shown.kind))
        joined[key] = union(joined[key], shown.box) if key in joined else shown.box
    return [_Boxed(track, group, box) for (track, group), box in joined.items()]


def _ends(runs: Sequence[_Run], video: Sequence[Line], width: int, height: int) -> Iterable[Point]:
    if not video:
        return
    begin, end = video[0], video[-1]
    found_again: set[int] = set()
    for run in runs:
        if run.last.frame == end.frame or _at_border(run.box, width, height):
            continue
        again = _again(run, runs)
        if again is None:
            yield Point(Why.LOST, run.last.time, min(run.last.time + _LATER, end.time), run.track, run.box)
        else:
            found_again.add(again.track)
            box = union(run.box, again.begin)
            yield Point(Why.GAP, run.last.time, again.first.time, run.track, box)
    for run in runs:
        inside = run.first.frame > begin.frame and not _at_border(run.begin, width, height)
        if inside and run.track not in found_again:
            start = max(run.first.time - _LATER, begin.time)
            yield Point(Why.APPEARS, start, run.first.time, run.track, run.begin)
        if run.last.time - run.first.time < _SHORT < end.time - begin.time:
            yield Point(Why.SHORT, run.first.time, run.last.time, run.track, run.begin)


def _again(run: _Run, runs: Sequence[_Run]) -> _Run | None:
    """The first track of its group that begins nearby, not before it ends."""
    later = (
        other
        for other in runs
        if other.track != run.track
        and other.group == run.group
        and 0 <= other.first.time - run.last.time <= _LATER
        and overlap(_around(run.box), other.begin) > 0
    )
    return min(later, key=lambda other: other.first.frame, default=None)


def _wholes(video: Sequence[Line], width: int, height: int) -> Iterable[Point]:
    since: Line | None = None
    before: Line | None = None
    for line in video:
        if line.whole and since is None:
            since = line
        if not line.whole and since is not None:
            yield Point(Why.WHOLE, since.time, line.time, 0, (0.0, 0.0, float(width), float(height)))
            since = None
        before = line
    if since is not None and before is not None:
        yield Point(Why.WHOLE, since.time, before.time, 0, (0.0, 0.0, float(width), float(height)))


def _around(box: Box) -> Box:
    x1, y1, x2, y2 = box
    across, down = (x2 - x1) * (_NEAR - 1) / 2, (y2 - y1) * (_NEAR - 1) / 2
    return x1 - across, y1 - down, x2 + across, y2 + down


def _at_border(box: Box, width: int, height: int) -> bool:
    x1, y1, x2, y2 = box
    across, down = width * _BORDER, height * _BORDER
    return x1 <= across or y1 <= down or x2 >= width - across or y2 >= height - down
