"""Follows objects over time by their boxes alone and says where to mask at any moment."""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections.abc import Iterable

import numpy as np

from vcam.base.errors import DetectError
from vcam.base.media import TICKS, Analysis, Detection, Kind, Region
from vcam.track.box import Box, overlap
from vcam.track.match import Floats, assign, boxes_of, costs
from vcam.track.settings import TrackSettings
from vcam.track.track import Sighting, Track

MANY = 500
"""More detections than this in one picture are no crowd but a broken detector; to follow them would take seconds."""


class Tracker:
    """Joins detections into tracks and answers for any time with the regions to mask.

    Analyses may come late and out of order, several for one picture, each by other passes; a pass that misses an
    object takes nothing away from it. Each kind has tracks of its own. At a detection a track covers its box and
    where its neighbours put it, for they are often another detector's. Between two detections it lies on the
    straight way between them, grown by what it may have strayed; after the last it goes on at its velocity, growing,
    until it should have been seen again plus the hold-over; before the first it is traced back in the same way for
    as long as the delay allows. What was seen too weakly or too seldom to be sure of is held over and traced back
    more briefly. When a detection might be the same object or another, both readings are covered. Appearance is not
    looked at: numbers of tracks, counted from 1, are no identity.
    """

    def __init__(self, settings: TrackSettings | None = None, proving: frozenset[str] = frozenset()) -> None:
        """`proving` are the passes that look for everything, when one picture gets all of them."""
        self._proving = proving
        self._settings = settings or TrackSettings()
        self._delay = self._settings.lead
        self._count = 0
        self._tracks: list[Track] = []
        self._cuts: list[float] = []
        self._newest: int | None = None
        self._complete = -math.inf
        """Time in seconds of the newest picture that got every proving pass."""

    @property
    def horizon(self) -> int:
        """The pts before which tracks may have been forgotten."""
        return (self._newest or 0) - round(self._settings.memory * TICKS)

    def expect(self, delay: float) -> None:
        """Pictures are held back for `delay` seconds."""
        self._delay = delay

    @property
    def _longest_hold(self) -> float:
        return max(1.0, self._settings.own_period, self._settings.hold_plate) + self._settings.hold

    def reset(self) -> None:
        """Forget every track: another stream begins. Numbers go on."""
        self._tracks.clear()
        self._cuts.clear()
        self._newest = None
        self._complete = -math.inf

    def cut(self, pts: int) -> None:
        """A new scene begins at `pts`: no track is joined across. Hold-over and lead-in still reach across."""
        insort(self._cuts, pts / TICKS)

    def observe(self, analysis: Analysis) -> None:
        """Take in what was seen in one picture.

        Raises DetectError, having learnt nothing, when a box is none or when there are absurdly many.
        """
        if len(analysis.detections) > MANY:
            raise DetectError(
                f"A detector reports {len(analysis.detections)} boxes in one picture",
                mend="Check its weights with 'garim models'",
            )
        for seen in analysis.detections:
            _check(seen)
        if self._newest is not None and analysis.pts < self.horizon:
            return
        self._newest = max(analysis.pts, analysis.pts if self._newest is None else self._newest)
        time = analysis.pts / TICKS
        if self._proving and self._proving <= analysis.passes:
            self._complete = max(self._complete, time)
        kinds: dict[Kind, list[Sighting]] = {}
        for seen in analysis.detections:
            if seen.score >= self._settings.keep_score:
                box = (seen.x1, seen.y1, seen.x2, seen.y2)
                kinds.setdefault(seen.kind, []).append(Sighting(time, box, seen.score, seen.kind, seen.every))
        for kind, sightings in kinds.items():
            self._join(kind, time, sightings)
        self._forget()

    def regions(self, pts: int) -> tuple[Region, ...]:
        """What to mask at `pts`, which may lie anywhere from `horizon` to beyond the newest analysis."""
        time = pts / TICKS
        # most tracks that are remembered are long gone; the exact hold-over is worked out for the others
        began, ended = time + self._delay, time - self._longest_hold
        return tuple(
            region
            for track in self._tracks
            if track.first.time <= began and track.last.time >= ended
            if (region := self._region(track, time)) is not None
        )

    def evidence(self, pts: int, regions: Iterable[Region]) -> dict[int, tuple[Sighting, ...]]:
        """For the track of each of `regions` the sightings on which it rests at `pts`: see `Track.between`."""
        wanted = {region.track for region in regions}
        score = self._settings.start_score
        return {
            track.number: track.between(pts / TICKS, score) for track in self._tracks if track.number in wanted
        }

    def _region(self, track: Track, time: float) -> Region | None:
        settings = self._settings
        if not track.confirmed or time <= track.since:
            return None
        early, late = track.first.time - time, time - track.last.time
        if early > 0 and early > track.lead(self._delay, settings):
            return None
        if late > 0 and late > track.hold(settings, looked=self._looked(track)):
            return None
        kind, score = track.said(time)
        return Region(*track.cover(time, settings), kind, track.number, score, track.reach)

    def _looked(self, track: Track) -> bool:
        """Whether passes that saw `track` have come again since, by their plan or out of turn, in the same scene."""
        last = track.last.time
        newest = -math.inf if self._newest is None else self._newest / TICKS
        looks = (track.again if newest >= track.again else last, self._complete)
        return any(look > last and self._scene(look) == self._scene(last) for look in looks)

    def _join(self, kind: Kind, time: float, sightings: list[Sighting]) -> None:
        settings = self._settings
        sightings.sort(key=lambda seen: -seen.score)
        left = set(range(len(sightings)))
        tracks = [track for track in self._tracks if self._open(track, kind, time)]
        if tracks:
            cost, iou = self._costs(tracks, sightings, time)
            rows = set(range(len(tracks)))
            strong = {at for at in left if sightings[at].score >= settings.start_score}
            weak = left - strong
            # Strong detections choose first, so that a weak one beside them does not take their track.
            for row, column in assign(cost, rows, strong) + assign(cost, rows, weak):
                self._extend(tracks[row], sightings[column], float(iou[row, column]))
            left = strong | weak
        here = [track for track in tracks if track.seen_at(time)]
        for at in sorted(left):
            twin = self._twin(here, sightings[at])
            if twin is None:
                twin = self._start([])
                here.append(twin)
            twin.add(sightings[at], settings)

    def _open(self, track: Track, kind: Kind, time: float) -> bool:
        """Whether a sighting at `time` may join `track`."""
        join = self._settings.join
        return (
            not track.closed
            and track.last.kind is kind
            and track.first.time - join <= time <= track.last.time + join
            and time > track.since
            and self._scene(track.last.time) == self._scene(time) == self._scene(track.first.time)
        )

    def _scene(self, time: float) -> int:
        return bisect_right(self._cuts, time)

    def _costs(self, tracks: list[Track], sightings: list[Sighting], time: float) -> tuple[Floats, Floats]:
        settings = self._settings
        gates, least = np.zeros(len(tracks)), np.full(len(tracks), settings.sure_overlap)
        for row, track in enumerate(tracks):
            if track.seen_at(time):
                least[row] = settings.same_overlap
            elif time > track.last.time:
                known = len(track.sightings) > 1
                rate = settings.gate_rate if known else settings.gate_rate_unknown
                gates[row] = min(settings.gate + rate * track.nearest(time), settings.gate_max)
        seen = boxes_of([one.box for one in sightings])
        moving = boxes_of([track.predict(time, settings) for track in tracks])
        # A velocity learnt from a wrong pair must not lose an object that merely stands where it was.
        resting = boxes_of([track.predict(min(time, track.last.time), settings) for track in tracks])
        cost, iou = costs(moving, seen, gates, settings.size_ratio, least)
        still, rest = costs(resting, seen, np.minimum(gates, settings.gate), settings.size_ratio, least)
        cost, iou = np.minimum(cost, still), np.maximum(iou, rest)
        return cost, iou

    def _extend(self, track: Track, seen: Sighting, iou: float) -> None:
        """Add `seen` to `track`. Where it may be another object, both are covered as if they were not joined too."""
        if iou < self._settings.sure_overlap and seen.time > track.last.time:
            self._start(list(track.sightings), since=track.last.time, closed=True, reach=track.reach)
            self._start([seen], closed=True, reach=seen.box)
        track.add(seen, self._settings)

    def _start(
        self,
        sightings: list[Sighting],
        *,
        since: float = -math.inf,
        closed: bool = False,
        reach: Box | None = None,
    ) -> Track:
        self._count += 1
        confirmed = any(seen.score >= self._settings.start_score for seen in sightings)
        track = Track(self._count, sightings, since, closed, confirmed, reach)
        self._tracks.append(track)
        return track

    def _twin(self, tracks: Iterable[Track], seen: Sighting) -> Track | None:
        """A track seen at the same time in the same place."""
        for track in tracks:
            other = track.seen_at(seen.time)
            if other is not None and overlap(other.box, seen.box) >= self._settings.same_overlap:
                return track
        return None

    def _forget(self) -> None:
        before = self.horizon / TICKS
        self._tracks = [track for track in self._tracks if track.last.time + self._longest_hold >= before]
        for track in self._tracks:
            track.forget(before)
        del self._cuts[: max(0, bisect_right(self._cuts, before) - 1)]


def _check(seen: Detection) -> None:
    edges = (seen.x1, seen.y1, seen.x2, seen.y2, seen.score)
    if not all(map(math.isfinite, edges)) or seen.x1 >= seen.x2 or seen.y1 >= seen.y2:
        raise DetectError(
            "A detector returned a box that is none", mend="Check its weights with 'garim models'"
        )
