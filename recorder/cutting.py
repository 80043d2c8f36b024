"""When a segment ends. Pure: it sees time stamps only."""

from __future__ import annotations

from dataclasses import dataclass, field

from recorder.layout import LONGEST
from vcam.base.media import TICKS

_MARGIN = 10
"""Seconds by which a forced cut comes before the longest segment, and by which time stamps may run back."""
_DRIFT = 2_000_000
"""Microseconds by which the wall clock may leave the stream's time stamps before a new segment begins."""
_SLOWEST = TICKS
"""Longest display of the last picture in ticks."""


def microseconds(ticks: int) -> int:
    """1/90000 s as microseconds."""
    return ticks * 1_000_000 // TICKS


@dataclass(slots=True)
class Span:
    """What a segment covers so far. `seconds` is its wanted length."""

    seconds: float
    first_pts: int
    start: int
    step: int = field(init=False, default=TICKS // 25)
    """Ticks between the newest two units: how long the last picture is taken to be shown."""
    _last: int = field(init=False)

    def __post_init__(self) -> None:
        self._last = self.first_pts

    def due(self, pts: int, time: int, *, key: bool) -> bool:
        """Whether the unit with these stamps would best begin a new segment."""
        elapsed = pts - self.first_pts
        stepped = abs(time - self.start - microseconds(elapsed)) > _DRIFT
        return key and (elapsed >= self.seconds * TICKS or stepped)

    def forced(self, pts: int) -> bool:
        """Whether the unit must begin a new segment, key or not."""
        elapsed = pts - self.first_pts
        return elapsed < -_MARGIN * TICKS or microseconds(elapsed) > LONGEST - _MARGIN * 1_000_000

    def add(self, pts: int) -> None:
        """Count in a unit of this segment."""
        if pts > self._last:
            self.step = min(pts - self._last, _SLOWEST)
            self._last = pts

    @property
    def end(self) -> int:
        """Instant at which the last picture's display ends, in microseconds UTC, by the stream's time stamps."""
        return self.start + microseconds(self._last - self.first_pts + self.step)
