"""One object over time: where it was seen, and where it may have been in between, before and after."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import pairwise
from operator import attrgetter

from vcam.base.media import Kind
from vcam.track.box import Box, between, centre, grown, moved, size_of, union
from vcam.track.settings import TrackSettings

_TIME = attrgetter("time")
_NEAR = 5
"""Detections at one end of a track that tell its velocity there..."""
_NEAR_TIME = 1.0
"""...if they lie within so many seconds."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """The object in one analysed picture, `time` in seconds, by a pass that comes again after `every` seconds."""

    time: float
    box: Box
    score: float
    kind: Kind
    every: float = 1.0


@dataclass(slots=True)
class Track:
    """Sightings of one object in order of time, never two at the same time.

    It yields regions only for times after `since`, in seconds; a `closed` one takes no more sightings. `reach` is a
    box around every place where it was ever seen, forgotten sightings included; None before the first.
    """

    number: int
    sightings: list[Sighting]
    since: float = -math.inf
    closed: bool = False
    confirmed: bool = False
    reach: Box | None = None
    _speeds: dict[bool, tuple[float, float]] = field(default_factory=dict)
    _evidence: float | None = None

    @property
    def first(self) -> Sighting:
        return self.sightings[0]

    @property
    def last(self) -> Sighting:
        return self.sightings[-1]

    def add(self, sighting: Sighting, settings: TrackSettings) -> None:
        """Insert `sighting`; one at the same time is united with it."""
        at = bisect_left(self.sightings, sighting.time, key=_TIME)
        if at < len(self.sightings) and self.sightings[at].time == sighting.time:
            old = self.sightings[at]
            best = old if old.score >= sighting.score else sighting
            self.sightings[at] = Sighting(
                old.time, union(old.box, sighting.box), best.score, best.kind, max(old.every, sighting.every)
            )
        else:
            self.sightings.insert(at, sighting)
        self.confirmed = self.confirmed or sighting.score >= settings.start_score
        self.reach = union(self.reach or sighting.box, sighting.box)
        self._know_anew()

    def forget(self, before: float) -> None:
        """Drop sightings that no time from `before` on needs."""
        at = bisect_left(self.sightings, before, key=_TIME)
        # The velocity after a last sighting needs its predecessors.
        keep = min(at - 1, len(self.sightings) - _NEAR)
        if keep > 0:
            del self.sightings[:keep]
            self._know_anew()

    def nearest(self, time: float) -> float:
        """Seconds from `time` to the nearest sighting."""
        at = bisect_left(self.sightings, time, key=_TIME)
        return min(abs(seen.time - time) for seen in self.sightings[max(0, at - 1) : at + 1])

    def seen_at(self, time: float) -> Sighting | None:
        """The sighting at exactly `time`."""
        at = bisect_left(self.sightings, time, key=_TIME)
        return self.sightings[at] if at < len(self.sightings) and self.sightings[at].time == time else None

    def between(self, time: float, score: float) -> tuple[Sighting, ...]:
        """The last sighting up to `time`, the first from `time` on, and those between, which score less than `score`.

        The outer two score at least that; they are one when it was seen at `time` itself. Empty when one is missing.
        """
        after = bisect_left(self.sightings, time, key=_TIME)
        before = after if after < len(self.sightings) and self.sightings[after].time == time else after - 1
        while before >= 0 and self.sightings[before].score < score:
            before -= 1
        while after < len(self.sightings) and self.sightings[after].score < score:
            after += 1
        if before < 0 or after == len(self.sightings):
            return ()
        return tuple(self.sightings[before : after + 1])

    def said(self, time: float) -> tuple[Kind, float]:
        """Kind of the sighting nearest to `time`, and the best score of its neighbours."""
        at = bisect_left(self.sightings, time, key=_TIME)
        near = self.sightings[max(0, at - 1) : at + 1]
        nearest = min(near, key=lambda seen: abs(seen.time - time))
        return nearest.kind, max(seen.score for seen in near)

    def lead(self, delay: float, settings: TrackSettings) -> float:
        """Seconds before the first sighting for which the track is covered already, `delay` at the most."""
        if self.first.kind is Kind.MOTION:
            return min(delay, settings.near_motion)
        if self.first.kind is Kind.HEAD:
            # It comes into sight when its face goes out of it: nothing else covers it until its pass has come again.
            return min(delay, self.first.every + settings.settle)
        return min(delay, self._doubt(settings) if self._doubtful(settings) else settings.lead)

    @property
    def again(self) -> float:
        """Time in seconds at which a pass that saw it should have come again."""
        return self.last.time + min(seen.every for seen in self.sightings[-_NEAR:])

    def hold(self, settings: TrackSettings, *, looked: bool = True) -> float:
        """Seconds after the last sighting for which the track stays covered.

        Doubt makes that shorter only where somebody has `looked` again since: what was not sought is not gone.
        """
        if self.last.kind is Kind.MOTION:
            return settings.near_motion
        again = self.again - self.last.time
        if looked and self._doubtful(settings):
            return min(again + settings.hold, self._doubt(settings))
        own = max((b.time - a.time for a, b in pairwise(self.sightings[-_NEAR:])), default=0.0)
        usual = max(again, min(own, settings.own_period)) + settings.hold
        return max(usual, settings.hold_plate) if self.last.kind is Kind.PLATE else usual

    def predict(self, time: float, settings: TrackSettings) -> Box:
        """Where the object most probably is at `time`, without growth."""
        at = bisect_left(self.sightings, time, key=_TIME)
        if 0 < at < len(self.sightings):
            before, after = self.sightings[at - 1], self.sightings[at]
            return between(before.box, after.box, (time - before.time) / (after.time - before.time))
        late = at > 0
        end = self.last if late else self.first
        x, y = self._way(late, time - end.time, settings)
        return moved(end.box, x, y)

    def cover(self, time: float, settings: TrackSettings) -> Box:
        """A box that holds the object at `time` unless it moves more wildly than `settings` allow."""
        at = bisect_left(self.sightings, time, key=_TIME)
        if at < len(self.sightings) and self.sightings[at].time == time:
            box = self._seen_by_all(at)
            edge = settings.margin * size_of(box)
        elif 0 < at < len(self.sightings):
            before, after = self.sightings[at - 1], self.sightings[at]
            gap = after.time - before.time
            box = between(before.box, after.box, (time - before.time) / gap)
            size = size_of(box)
            speed = math.dist(centre(before.box), centre(after.box)) / size / gap
            # Off the chord of a path with acceleration a by at most a/2 * (t - t0) * (t1 - t).
            bend = self._bend(speed, settings) * (time - before.time) * (after.time - time)
            edge = (settings.margin + min(bend, self._most(settings))) * size
        else:
            return self._beyond(time, at > 0, settings)
        return grown(box, edge)

    def _seen_by_all(self, at: int) -> Box:
        """The box of sighting `at`, united with where its neighbours, often another detector's, put it."""
        seen = self.sightings[at]
        if not 0 < at < len(self.sightings) - 1:
            return seen.box
        before, after = self.sightings[at - 1], self.sightings[at + 1]
        share = (seen.time - before.time) / (after.time - before.time)
        return union(seen.box, between(before.box, after.box, share))

    def _doubtful(self, settings: TrackSettings) -> bool:
        if self._evidence is None:
            self._evidence = sum(seen.score for seen in self.sightings)
        plate = self.last.kind is Kind.PLATE
        return self._evidence < (settings.sure_score_plate if plate else settings.sure_score)

    def _doubt(self, settings: TrackSettings) -> float:
        return settings.doubt * max(seen.every for seen in self.sightings) + settings.doubt_least

    def _know_anew(self) -> None:
        self._speeds.clear()
        self._evidence = None

    def _beyond(self, time: float, late: bool, settings: TrackSettings) -> Box:
        end = self.last if late else self.first
        away = abs(time - end.time)
        x, y = self._way(late, time - end.time, settings)
        size = size_of(end.box)
        vx, vy = self._velocity(late, settings)
        drift = settings.drift if len(self.sightings) > 1 else settings.drift_unknown
        bend = self._bend(math.hypot(vx, vy) / size, settings)
        growth = min(drift * away + bend * away * away, self._most(settings)) + settings.margin
        low, high = 1 - settings.speed_share, 1 + settings.speed_share
        way = union(moved(end.box, x * low, y * low), moved(end.box, x * high, y * high))
        return grown(way, growth * size)

    def _most(self, settings: TrackSettings) -> float:
        most = {
            Kind.HEAD: settings.grow_max_head,
            Kind.PLATE: settings.grow_max_plate,
            Kind.MOTION: settings.grow_max_motion,
        }
        return most.get(self.last.kind, settings.grow_max)

    @staticmethod
    def _bend(speed: float, settings: TrackSettings) -> float:
        return (settings.still + settings.lively * speed) / 2

    def _way(self, late: bool, time: float, settings: TrackSettings) -> tuple[float, float]:
        vx, vy = self._velocity(late, settings)
        x, y = vx * time, vy * time
        length = math.hypot(x, y)
        most = settings.way_max * size_of((self.last if late else self.first).box)
        share = most / length if length > most else 1.0
        return x * share, y * share

    def _velocity(self, late: bool, settings: TrackSettings) -> tuple[float, float]:
        """Pixels a second at the late or early end: least squares, pulled to zero when the times lie close."""
        known = self._speeds.get(late)
        if known is not None:
            return known
        near = self.sightings[-_NEAR:] if late else self.sightings[:_NEAR]
        end = near[-1] if late else near[0]
        near = [seen for seen in near if abs(seen.time - end.time) <= _NEAR_TIME]
        middle = sum(seen.time for seen in near) / len(near)
        spread = sum((seen.time - middle) ** 2 for seen in near) + settings.settle**2
        vx = sum((seen.time - middle) * centre(seen.box)[0] for seen in near) / spread
        vy = sum((seen.time - middle) * centre(seen.box)[1] for seen in near) / spread
        speed = math.hypot(vx, vy)
        most = settings.speed_max * size_of(end.box)
        share = most / speed if speed > most else 1.0
        self._speeds[late] = (vx * share, vy * share)
        return self._speeds[late]
