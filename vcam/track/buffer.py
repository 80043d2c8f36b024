"""Holds pictures back until what comes after them has been looked at, then says what to mask in each."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from vcam.base.errors import DetectError
from vcam.base.media import TICKS, Analysis, Kind, Picture, Region
from vcam.track.proof import MEMORY, Proof
from vcam.track.track import Sighting
from vcam.track.tracker import Tracker

LIMIT = 240
"""Pictures held at the most: 2 s at 120 a second."""
_STEP = TICKS // 1000
"""No camera gives pictures at shorter steps than a millisecond: its clock has stopped, and nobody knows how much time
has passed."""
_SPAN = 4.0
_SLOW = 0.25
"""A camera's clock that makes less than this share of the `_SPAN` seconds, or more, that have passed runs too slowly:
by it, what was long unseen was seen a moment ago."""
_EARLY = 1e-9
"""Seconds of rounding forgiven when a delay is counted."""


@dataclass(frozen=True, slots=True)
class Released:
    """A picture that leaves, and what to mask in it.

    When it is not `proven`, `reason` says why and `regions` is one region of kind `whole`. `evidence`, when it was
    asked for, holds by track the sightings on which the regions rest, as `Track.between` gives them.
    """

    picture: Picture
    regions: tuple[Region, ...]
    proven: bool
    reason: str
    evidence: Mapping[int, tuple[Sighting, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class _Held:
    picture: Picture
    pushed: float
    doubt: str
    """Why it can never be proven; empty when it can."""
    settled: Released | None = None
    """What was decided about it before everything was forgotten."""


class DelayBuffer:
    """Pictures in order, each held for `delay` seconds; every picture that goes in comes out once.

    A picture leaves proven (see `Proof`) with the tracker's regions, or to be masked whole. It is never
    proven when it is damaged, when time did not go on with it or goes on far too slowly, when too many are
    held, or when the last analyses were of pictures of another size or from before a reset. An analysis counts
    only for a picture that was pushed since; one of a damaged picture adds regions but proves nothing.

    `now` is in seconds of whatever clock the caller keeps to (monotonic for a camera, the pictures' own time
    for a file). The buffer reads no clock. With `evidence`, pictures leave with what their regions rest on.
    """

    def __init__(
        self,
        tracker: Tracker,
        families: Mapping[str, frozenset[str]],
        periods: Mapping[str, float],
        delay: float,
        *,
        limit: int = LIMIT,
        evidence: bool = False,
    ) -> None:
        self._tracker = tracker
        self._proof = Proof(families, periods, delay)
        self._delay = delay
        self._limit = limit
        self._evidence = evidence
        self._held: deque[_Held] = deque()
        self._pushed: OrderedDict[int, tuple[int, bool]] = OrderedDict()
        self._size: tuple[int, int] | None = None
        self._last: int | None = None
        self._came: deque[tuple[float, int]] = deque()
        """When pictures came, and their pts: those of the last seconds, the oldest just beyond."""
        tracker.expect(delay)

    def __len__(self) -> int:
        return len(self._held)

    def push(self, picture: Picture, now: float, *, cut: bool = False) -> None:
        """Take one picture in. `cut` says that a new scene begins with it: nothing is joined across."""
        size = (picture.width, picture.height)
        if self._last is not None and (size != self._size or picture.pts < self._last):
            self.reset()
        doubt = "damaged picture" if picture.damaged else ""
        if self._last is not None and 0 <= picture.pts - self._last < _STEP:
            doubt = "time stands still"
        elif self._slow(picture.pts, now):
            doubt = "time goes too slowly"
        if cut:
            self._proof.cut(picture.pts)
            self._tracker.cut(picture.pts)
        self._proof.came(picture.pts)
        self._size, self._last = size, picture.pts
        self._pushed[picture.index] = (picture.pts, not doubt)
        self._pushed.move_to_end(picture.index)
        while next(iter(self._pushed.values()))[0] < picture.pts - MEMORY * TICKS:
            self._pushed.popitem(last=False)
        self._held.append(_Held(picture, now, doubt))

    def analysed(self, analysis: Analysis) -> bool:
        """Take in what was seen in a picture pushed before; false when it is void and proves nothing.

        Void are analyses of pictures unknown since the last reset, of doubtful pictures, and with boxes that
        are none.
        """
        pts, sound = self._pushed.get(analysis.index, (None, False))
        if pts != analysis.pts:
            return False
        try:
            self._tracker.observe(analysis)
        except DetectError:
            return False
        if sound:
            self._proof.add(analysis.pts, analysis.passes)
        return sound

    def failed(self, pts: int, passes: frozenset[str]) -> frozenset[str]:
        """`passes` came to nothing on the picture at `pts`. Returns those that had not been failing before."""
        return self._proof.fail(pts, passes)

    def release(self, now: float) -> list[Released]:
        """Every picture whose delay is over at `now`, in order, and the oldest of those above the limit."""
        out = []
        while self._held and (self._due(now) or len(self._held) > self._limit):
            due = self._due(now)
            held = self._held.popleft()
            out.append(self._verdict(held) if due else _whole(held.picture, "too many pictures held"))
        return out

    def drain(self) -> list[Released]:
        """Every picture held, in order, judged by what is known: for the end of a stream or its loss."""
        out = [self._verdict(held) for held in self._held]
        self._held.clear()
        return out

    def reset(self) -> None:
        """Forget all that was learnt: what comes now is of another stream. Pictures held are judged by it first."""
        for held in self._held:
            held.settled = self._verdict(held)
        self._tracker.reset()
        self._proof.clear()
        self._pushed.clear()
        self._came.clear()
        self._size = self._last = None

    def _slow(self, pts: int, now: float) -> bool:
        came = self._came
        came.append((now, pts))
        while len(came) > 1 and came[1][0] <= now - _SPAN:
            came.popleft()
        passed = now - came[0][0]
        return passed >= _SPAN and pts - came[0][1] < passed * _SLOW * TICKS

    def _due(self, now: float) -> bool:
        return now - self._held[0].pushed >= self._delay - _EARLY

    def _verdict(self, held: _Held) -> Released:
        if held.settled is not None:
            return held.settled
        picture = held.picture
        if held.doubt:
            return _whole(picture, held.doubt)
        family = self._proof.missing(picture.pts)
        if family:
            return _whole(picture, f"no {family} analysis in time")
        if picture.pts < self._tracker.horizon:
            return _whole(picture, "held too long")
        regions = self._tracker.regions(picture.pts)
        evidence = self._tracker.evidence(picture.pts, regions) if self._evidence else {}
        return Released(picture, regions, True, "", evidence)


def _whole(picture: Picture, reason: str) -> Released:
    region = Region(0, 0, picture.width, picture.height, Kind.WHOLE, 0)
    return Released(picture, (region,), False, reason)
