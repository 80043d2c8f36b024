"""Refuses to purge by a wall clock that has jumped ahead. Pure but for the clock that it is given."""

from __future__ import annotations

from vcam.base.clock import Clock

TOLERANCE = 300.0
"""Seconds by which the wall clock may run ahead of the monotonic one."""
SETTLE = 3600.0
"""Seconds after a jump for which the wall clock must run true before it is believed."""

ABSENT = 86400.0
"""Seconds that a host may have been off without the clock being doubted."""


class ClockGuard:
    """Watches how far the wall clock has left the monotonic one since it was last believed.

    A jump ahead would make footage look expired. It is believed only after `settle` seconds without another
    jump, or at once when the wall clock comes back. A jump back needs no guard: it only delays a purge.

    `known` is the last time, us UTC, that the record tells of. A start more than `ABSENT` after it may be a host that
    was off, or a clock that was set wrong meanwhile: it counts as a jump.
    """

    def __init__(
        self, clock: Clock, *, tolerance: float = TOLERANCE, settle: float = SETTLE, known: int | None = None
    ) -> None:
        self._clock = clock
        self._tolerance = tolerance
        self._settle = settle
        self._utc = clock.utc()
        self._monotonic = clock.monotonic()
        self._ahead = 0.0
        if known is not None and (gap := (self._utc - known) / 1_000_000) > ABSENT:
            self._ahead = gap
        self._held_until: float | None = None
        self.jumps = 0
        """Jumps ahead so far."""

    def refusal(self) -> str | None:
        """Why nothing may be purged now, or None."""
        utc, monotonic = self._clock.utc(), self._clock.monotonic()
        step = (utc - self._utc) / 1_000_000 - (monotonic - self._monotonic)
        self._utc, self._monotonic = utc, monotonic
        self._ahead = max(self._ahead + step, -self._tolerance)
        if self._ahead <= self._tolerance:
            self._held_until = None
            return None
        if self._held_until is None or step > self._tolerance:
            self._held_until = monotonic + self._settle
            self.jumps += 1
        if monotonic < self._held_until:
            return (
                f"the wall clock runs {self._ahead:.0f} s ahead of where it was; set it right, "
                f"or leave it as it is for {self._held_until - monotonic:.0f} s more if it is right now"
            )
        self._ahead = 0.0
        self._held_until = None
        return None
