"""A clock that is behind tells the record's time late, and durations as they are."""

from __future__ import annotations

from vcam.base.clock import ManualClock
from vcam.demo.recording import Behind


def test_only_the_records_time_is_behind() -> None:
    clock = Behind(3600.5, ManualClock(utc=10_000_000_000, monotonic=7.0))
    assert clock.utc() == 10_000_000_000 - 3_600_500_000
    assert clock.monotonic() == 7.0
