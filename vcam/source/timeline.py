"""From a stream's own time stamps to `pts` and `time`. Pure: no IO, and clocks are read by the caller.

`Timeline` gives `pts`: 1/90000 s from the first unit of the first connection, computed from that origin
each time, so that no rounding adds up. It runs on over reconnects and loops, and never steps back.

`CaptureClock` gives `time`: the camera's own clock where its RTCP sender reports (RFC 3550, section 6.4.1)
agree with the host's clock, else the host's clock at arrival, taken from the packets least delayed.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol

from vcam.base.media import TICKS

BACK = TICKS
"""Ticks that time stamps may go back within a connection (reordering) before they count as a new time line..."""

REORDER = 16
"""...or so many nominal periods where that is more: H.264 and H.265 hold back no more pictures than that."""

AHEAD = 10 * TICKS
"""Ticks that a live stream's time stamps may leap ahead before they count as a new time line."""

TRUST = 10_000_000
"""Microseconds that the camera's clock may differ from the host's, and still be believed."""

WINDOW = 30_000_000
"""Microseconds of stream over which the least delayed packet is sought."""


class Timeline:
    """One source's `pts`, over all its connections."""

    def __init__(self) -> None:
        self.index = 0
        """Index of the next picture."""
        self.seen: float | None = None
        """When the last picture came, in seconds of the monotonic clock; set by whoever reads pictures."""
        self._base = 0
        self._origin: int | None = None
        self._scale = Fraction(TICKS, 1)
        self._period = TICKS // 25
        self._leap: int | None = AHEAD
        self._unit: int | None = None
        self._picture: int | None = None
        self._end = 0

    def begin(
        self,
        time_base: Fraction,
        fps: float,
        *,
        origin: int | None = None,
        gap: float | None = None,
        leap: int | None = AHEAD,
    ) -> None:
        """A connection or a loop begins.

        `time_base` is the stream's, in seconds; `origin` the time stamp of its first picture where that is
        known; `gap` the seconds since the last picture, None for one nominal period; `leap` the ticks that
        count as a new time line, None for never.
        """
        if self._picture is not None:
            self._base = self._end + max(1, round(gap * TICKS) if gap is not None else self._period)
        self._period = max(1, round(TICKS / fps))
        self._scale = TICKS * time_base
        self._origin = origin
        self._leap = leap
        self._unit = None

    @property
    def period(self) -> int:
        """Ticks between pictures at the nominal rate."""
        return self._period

    def place(self, stamp: int) -> int:
        """Where the stream's time stamp lies on the time line, in ticks."""
        if self._origin is None:
            self._origin = stamp
        return self._base + round((stamp - self._origin) * self._scale)

    def place_other(self, stamp: int, time_base: Fraction) -> int | None:
        """The same for a stream of another time base beside it; None before the first time stamp is placed."""
        if self._origin is None:
            return None
        return self._base + round(TICKS * stamp * time_base - self._origin * self._scale)

    def unit(self, stamp: int | None) -> tuple[int, bool]:
        """`pts` of the next access unit in decoding order, and whether a new time line starts with it."""
        if stamp is None:
            pts = self._base if self._unit is None else self._unit + self._period
            self._unit = pts
            return pts, False
        pts = self.place(stamp)
        cut = False
        back = max(BACK, REORDER * self._period)
        if self._unit is not None and (
            pts < self._unit - back or (self._leap is not None and pts > self._unit + self._leap)
        ):
            self._base += self._unit + self._period - pts
            pts = self._unit + self._period
            cut = True
        self._unit = pts
        return max(pts, 0), cut

    def picture(self, pts: int | None) -> int:
        """`pts` of the next picture in output order: that of its access unit where known, always rising."""
        if self._picture is None:
            self._picture = max(0, self._base if pts is None else pts)
        elif pts is None:
            self._picture += self._period
        else:
            self._picture = max(pts, self._picture + 1)
        self._end = self._picture
        self.index += 1
        return self._picture


class Order:
    """Chooses between a picture's presentation and decoding time stamps, in output order.

    Some files' presentation time stamps are wrong (MPEG-4 in AVI with reordered pictures): they step back where the
    decoding ones do not. Whichever stepped back less often is right.
    """

    def __init__(self) -> None:
        self._last: list[int | None] = [None, None]
        self._back = [0, 0]

    def choose(self, pts: int | None, dts: int | None) -> int | None:
        """`pts` or `dts`, None when there is neither."""
        for which, stamp in enumerate((pts, dts)):
            last = self._last[which]
            if stamp is not None:
                self._back[which] += last is not None and stamp <= last
                self._last[which] = stamp
        if pts is not None and (dts is None or self._back[0] <= self._back[1]):
            return pts
        return dts


class UtcClock(Protocol):
    """Gives `time` for `pts`: `CaptureClock` for cameras, `PlayClock` for files."""

    def arrive(self, pts: int, utc: int) -> None: ...

    def report(self, pts: int, utc: int) -> None: ...

    def time(self, pts: int) -> int: ...

    def restart(self) -> None: ...


class CaptureClock:
    """Microseconds UTC for one connection's `pts`.

    The offset between `pts` and UTC is the least of (arrival - pts) over the last one to two windows: delay
    on the way only ever adds. Sender reports that agree with it within `TRUST` replace it. An offset that
    rises is taken at once; one that falls is approached by at most half of the time that passes, so
    that `time` does not step back, unless the host's clock itself was set back by more than `TRUST`.
    """

    def __init__(self) -> None:
        self._reported: int | None = None
        self._least: int | None = None
        self._before: int | None = None
        self._window = 0
        self._offset: int | None = None
        self._last = 0

    def restart(self) -> None:
        """Time stamps have begun anew: what was learnt of the offset is void, but time goes on."""
        self._reported = self._least = self._before = self._offset = None

    def arrive(self, pts: int, utc: int) -> None:
        """A packet for `pts` arrived at `utc` by the host's clock."""
        at = _microseconds(pts)
        if self._least is None:
            self._least, self._window = utc - at, at
        elif not self._window <= at < self._window + WINDOW:
            self._before, self._least, self._window = self._least, utc - at, at
        else:
            self._least = min(self._least, utc - at)

    def report(self, pts: int, utc: int) -> None:
        """The camera's sender report says that `pts` was captured at `utc` by its own clock."""
        self._reported = utc - _microseconds(pts)

    @property
    def trusts_camera(self) -> bool:
        """Whether the camera's own clock is in use."""
        arrival = self._arrival()
        return self._reported is not None and arrival is not None and abs(self._reported - arrival) <= TRUST

    def time(self, pts: int) -> int:
        """Microseconds UTC at which `pts` was captured. After the first `arrive`."""
        at = _microseconds(pts)
        arrival = self._arrival()
        target = self._reported if self.trusts_camera else arrival
        if target is None:
            raise ValueError("no packet has arrived yet")
        if self._offset is None or target > self._offset or target < self._offset - TRUST:
            self._offset = target
        else:
            self._offset = max(target, self._offset - max(0, at - self._last) // 2)
        self._last = max(self._last, at)
        return at + self._offset

    def _arrival(self) -> int | None:
        if self._least is None or self._before is None:
            return self._least
        return min(self._least, self._before)


class PlayClock:
    """Microseconds UTC for a file: the instant at which its first packet was read, advanced by `pts`."""

    def __init__(self) -> None:
        self._offset: int | None = None

    def arrive(self, pts: int, utc: int) -> None:
        if self._offset is None:
            self._offset = utc - _microseconds(pts)

    def report(self, pts: int, utc: int) -> None:
        """Files bring no sender reports."""

    def time(self, pts: int) -> int:
        return _microseconds(pts) + (self._offset or 0)

    def restart(self) -> None:
        """A new time line in the file goes on from the old one."""

    def shift(self, seconds: float) -> None:
        """Playing fell behind by `seconds`."""
        self._offset = (self._offset or 0) + round(seconds * 1_000_000)


def _microseconds(pts: int) -> int:
    return pts * 100 // 9
