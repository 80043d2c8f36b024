"""Tells in which pictures it is certain where a tracked object is and that it is still the same one.

Masks may be generous: where two readings are possible, both are covered. Whoever leaves one person clear must be
certain instead. So a track is cut into *trails*, and each gets a number of its own: a new one begins wherever the
track may have passed to another object. Within a trail, single pictures are in doubt.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from vcam.base.media import TICKS, Kind, Region
from vcam.track.box import Box, centre, moved, overlap, size_of
from vcam.track.buffer import Released
from vcam.track.trace import Trace, Traced, group_of
from vcam.track.track import Sighting

_MEMORY = 20.0
"""Seconds after which a track that shows no region is forgotten. The tracker joins nothing over so long."""


@dataclass(frozen=True, slots=True)
class ContinuitySettings:
    """When it is certain where an object is. Times in seconds."""

    gap: float = 2.25
    """Longest time between two sightings, in periods of the kind's proving passes: one may miss it, and pictures may
    come a little late."""
    margin: float = 0.25
    """What is in doubt makes everything this close in time doubtful too."""
    steady: float = 0.3
    """A sighting overlaps the last one, or where that was heading, by at least this (IoU)."""
    size_ratio: float = 1.6
    """Largest ratio of sizes of two sightings in a row."""
    beside: float = 0.1
    """Regions that share more than this of the smaller one may exchange their objects..."""
    apart: float = 0.05
    """...until they share no more than this."""
    hidden: float = 2.0
    """Who is lost beside another, having been seen more than once, may be behind him for so long."""
    recent: float = 0.6
    """Sightings no older than this tell where an object is heading."""


@dataclass(slots=True)
class _Thread:
    """What is known of one track so far."""

    number: int
    shown: float = 0.0
    """When there was a region of it last."""
    seen: list[Sighting] = field(default_factory=list)
    sure: float = -math.inf
    """Time of the last sighting that counts by itself."""
    breaks: tuple[float, str] | None = None
    """Until when it is not certain that the object stays the same, and why."""
    counted: int = 0
    """Sightings that count by themselves."""
    beside: frozenset[int] = frozenset()
    """Tracks that lay on this one at last, directly or through one another."""
    hiding: dict[int, float] = field(default_factory=dict)
    """Trails that were lost there, and until when they may come out again."""


@dataclass(slots=True)
class _Pending:
    """A picture that waits for what follows it. Doubts are by the tracker's numbers."""

    time: float
    traced: Traced
    tracks: tuple[int, ...]
    doubts: dict[int, str]
    beside: dict[int, frozenset[int]]


class Continuity:
    """Takes a stream's pictures in their order, as the delay buffer releases them with evidence, and traces them.

    A region is certain at a time if and only if all of this holds, for `margin` before and after it too:

    - its track was seen at that very time, or before and after it, no further apart than `gap` periods, each time
      well enough to count by itself;
    - from each sighting to the next, weak ones too, it neither jumps nor changes its size abruptly;
    - no region of the same group of kinds lies on it, nor did one that was lost there less than `hidden` ago;
    - the picture is not masked whole.

    The number changes after a gap that is too long, a jump, a change of size, and when another region lies on it no
    more: from then on it may be another object. `periods` holds the seconds between proving passes by kind, a
    sighting counts by itself from `score` on.
    """

    def __init__(
        self, periods: Mapping[Kind, float], score: float, settings: ContinuitySettings | None = None
    ) -> None:
        self._settings = settings or ContinuitySettings()
        self._gaps = {kind: period * self._settings.gap for kind, period in periods.items()}
        self._least_gap = min(self._gaps.values(), default=0.0)
        self._score = score
        self._threads: dict[int, _Thread] = {}
        self._numbers = 0
        self._follows: dict[int, int] = {}
        self._waiting: deque[_Pending] = deque()
        self._done: deque[_Pending] = deque()

    @property
    def follows(self) -> Mapping[int, int]:
        """For each trail that begins where another of the same track ends, that other's number."""
        return self._follows

    def add(self, released: Released) -> Iterator[Traced]:
        """Take the next picture in; what comes out lies `margin` back. The picture itself is not kept."""
        self._waiting.append(self._judge(released))
        newest = self._waiting[-1].time
        while self._waiting[0].time < newest - self._settings.margin:
            yield self._conclude()

    def end(self) -> Iterator[Traced]:
        """Every picture that still waits."""
        while self._waiting:
            yield self._conclude()

    def _judge(self, released: Released) -> _Pending:
        picture = released.picture
        time = picture.pts / TICKS
        if not released.proven:
            traced = Traced(picture.index, picture.pts, released.reason, ())
            return _Pending(time, traced, (), {}, {})
        doubts: dict[int, str] = {}
        for region in released.regions:
            evidence = released.evidence.get(region.track, ())
            doubts[region.track] = self._follow(region, evidence, time)
        beside = self._part(released.regions, time)
        traces = tuple(
            Trace((r.x1, r.y1, r.x2, r.y2), self._threads[r.track].number, r.kind, r.score)
            for r in released.regions
        )
        tracks = tuple(region.track for region in released.regions)
        return _Pending(time, Traced(picture.index, picture.pts, "", traces), tracks, doubts, beside)

    def _follow(self, region: Region, evidence: tuple[Sighting, ...], time: float) -> str:
        """Bring the region's thread up to `time`; why it is doubtful then, or nothing."""
        thread = self._threads.get(region.track)
        if thread is None:
            self._numbers += 1
            self._threads = {n: one for n, one in self._threads.items() if one.shown > time - _MEMORY}
            thread = self._threads[region.track] = _Thread(self._numbers)
        thread.shown = time
        if thread.breaks is not None and time > thread.breaks[0]:
            self._renumber(thread)
            thread.breaks = None
        for seen in evidence:
            if not thread.seen or seen.time > thread.seen[-1].time:
                why = self._break(thread, seen, region.kind)
                if why:
                    thread.breaks = (evidence[-1].time, why)
                self._remember(thread, seen)
        if not evidence:
            return "not seen again" if thread.seen else "not yet seen"
        if thread.breaks is None:
            return ""
        until, why = thread.breaks
        if time >= until:
            self._renumber(thread)
            thread.breaks = None
        return why

    def _break(self, thread: _Thread, seen: Sighting, kind: Kind) -> str:
        """Why `seen` may be another object than the thread's; empty when it is the same."""
        if not thread.seen:
            return ""
        settings, last = self._settings, thread.seen[-1]
        if seen.time - thread.sure > self._gaps.get(kind, self._least_gap) + 1e-9:
            return "not seen for too long"
        ratio = size_of(seen.box) / size_of(last.box)
        if max(ratio, 1 / ratio) > settings.size_ratio:
            return "its size jumps"
        # at rest, going on as over all that is recent, or going on as of late
        expected = [
            last.box,
            *(_onward(other, last, seen.time) for other in (thread.seen[0], thread.seen[-2:][0])),
        ]
        return "" if max(overlap(box, seen.box) for box in expected) >= settings.steady else "it jumps"

    def _remember(self, thread: _Thread, seen: Sighting) -> None:
        thread.seen = [s for s in thread.seen if s.time >= seen.time - self._settings.recent] + [seen]
        if seen.score >= self._score:
            thread.sure = seen.time
            thread.counted += 1

    def _renumber(self, thread: _Thread) -> None:
        self._numbers += 1
        self._follows[self._numbers] = thread.number
        thread.number = self._numbers

    def _part(self, regions: tuple[Region, ...], time: float) -> dict[int, frozenset[int]]:
        """For each track whose region others lie on, or were lost on, their trails."""
        groups = self._groups(regions)
        out: dict[int, frozenset[int]] = {}
        for track, others in groups.items():
            thread = self._threads[track]
            alone = not thread.beside and not thread.hiding
            gone = [self._threads[lost] for lost in thread.beside - groups.keys() if lost in self._threads]
            thread.hiding |= {one.number: time + self._settings.hidden for one in gone if one.counted > 1}
            thread.hiding = {number: until for number, until in thread.hiding.items() if until > time}
            thread.beside = others
            if not alone and not others and not thread.hiding:
                self._renumber(thread)
        for track, others in groups.items():
            thread = self._threads[track]
            numbers = frozenset(self._threads[other].number for other in others) | thread.hiding.keys()
            if numbers:
                out[track] = numbers
        return out

    def _groups(self, regions: tuple[Region, ...]) -> dict[int, frozenset[int]]:
        """For each track those others whose regions lie on its own, directly or through one another."""
        groups = {region.track: frozenset({region.track}) for region in regions}
        for one, other in combinations(regions, 2):
            if one.track != other.track and group_of(one.kind) == group_of(other.kind):
                already = other.track in self._threads[one.track].beside
                limit = self._settings.apart if already else self._settings.beside
                if _shared(one, other) > limit:
                    joined = groups[one.track] | groups[other.track]
                    groups.update(dict.fromkeys(joined, joined))
        return {track: others - {track} for track, others in groups.items()}

    def _conclude(self) -> Traced:
        """The oldest picture that waits, with the doubts of all those near it."""
        here = self._waiting.popleft()
        margin = self._settings.margin + 1e-9
        self._done.append(here)
        while self._done[0].time < here.time - margin:
            self._done.popleft()
        near = [*self._done, *(other for other in self._waiting if other.time <= here.time + margin)]
        near.sort(key=lambda other: abs(other.time - here.time))
        whole = next((other.traced.whole for other in near if other.traced.whole), "")
        traces = []
        for trace, track in zip(here.traced.traces, here.tracks, strict=True):
            doubts = [other.doubts[track] for other in near if other.doubts.get(track)]
            if whole:
                doubts.append(f"a picture beside it is masked whole: {whole}")
            beside = frozenset[int]().union(*(other.beside.get(track, frozenset()) for other in near))
            doubt = doubts[0] if doubts else ""
            traces.append(Trace(trace.box, trace.number, trace.kind, trace.score, doubt, beside))
        return Traced(here.traced.index, here.traced.pts, here.traced.whole, tuple(traces))


def _onward(one: Sighting, last: Sighting, time: float) -> Box:
    """Where `last` is at `time` if it goes on as it came from `one`."""
    if one.time >= last.time:
        return last.box
    share = (time - last.time) / (last.time - one.time)
    (x1, y1), (x2, y2) = centre(one.box), centre(last.box)
    return moved(last.box, (x2 - x1) * share, (y2 - y1) * share)


def _shared(one: Region, other: Region) -> float:
    """Intersection as a share of the smaller region."""
    width = min(one.x2, other.x2) - max(one.x1, other.x1)
    height = min(one.y2, other.y2) - max(one.y1, other.y1)
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(region.x2 - region.x1) * (region.y2 - region.y1) for region in (one, other)]
    return width * height / min(areas)
