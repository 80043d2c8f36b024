"""Clocks, injected wherever time matters so that tests can turn them."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Two clocks in one: `monotonic` for durations, `utc` for the record."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never steps."""

    def utc(self) -> int:
        """Microseconds since 1970-01-01T00:00:00Z; may step when the host's clock is set."""


class SystemClock:
    """The host's clocks."""

    def monotonic(self) -> float:
        return time.monotonic()

    def utc(self) -> int:
        return time.time_ns() // 1000


class ManualClock:
    """A clock that moves only when told to."""

    def __init__(self, utc: int = 0, monotonic: float = 0.0) -> None:
        self._utc = utc
        self._monotonic = monotonic

    def monotonic(self) -> float:
        return self._monotonic

    def utc(self) -> int:
        return self._utc

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass on both clocks."""
        self._monotonic += seconds
        self._utc += round(seconds * 1_000_000)

    def step_utc(self, seconds: float) -> None:
        """Set the wall clock forward or back; the monotonic clock does not move."""
        self._utc += round(seconds * 1_000_000)
