"""When a subscription ends: absolute or relative times of requests, and their limits."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from onvif_server.events.faults import unacceptable_time

DEFAULT = 600.0
"""Seconds of a subscription whose client does not say how long."""
SHORTEST = 1.0
LONGEST = 86_400.0

_DURATION = re.compile(
    r"P(?=.)(?:(\d{1,6})Y)?(?:(\d{1,6})M)?(?:(\d{1,6})D)?"
    r"(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?"
)
_UNITS = (365 * 86_400, 30 * 86_400, 86_400, 3600, 60, 1)


def lasting(text: str | None, now: int, fault: str) -> float:
    """Seconds from `now` (microseconds UTC) to the time that a wsnt:AbsoluteOrRelativeTimeType tells.

    Raises the fault of that name for a time that is none, past, or too far away.
    """
    if text is None or not text.strip():
        return DEFAULT
    seconds = _seconds(text.strip(), now)
    if seconds is None or not SHORTEST <= seconds <= LONGEST:
        earliest, latest = (now + round(bound * 1_000_000) for bound in (SHORTEST, LONGEST))
        raise unacceptable_time(fault, now, earliest, latest)
    return seconds


def _seconds(text: str, now: int) -> float | None:
    """The distance from `now`, negative for what is past; None for a text that tells no time."""
    duration = _DURATION.fullmatch(text)
    if duration is not None:
        return sum(float(count or 0) * unit for count, unit in zip(duration.groups(), _UNITS, strict=True))
    try:
        end = datetime.fromisoformat(text)
    except ValueError:
        return None
    # A time without a zone is what sloppy clients send for UTC.
    return (end if end.tzinfo else end.replace(tzinfo=UTC)).timestamp() - now / 1_000_000
