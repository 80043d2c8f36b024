"""The clock of an answer, by calendar days in the site's time zone. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from vcam.base.errors import CustodyError

LATE: Final = -1
"""Stands for the reminder that the deadline has passed."""
LONGEST_EXTENSION: Final = 30
"""Days by which a deadline is put off at once."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def day_of(instant: int, zone: tzinfo | None) -> date:
    """The local day of `instant` (us UTC) in `zone`; None is this machine's own."""
    return (_EPOCH + timedelta(microseconds=instant)).astimezone(zone).date()


def begin_of(day: date, zone: tzinfo | None) -> int:
    """The first instant of the local `day`, us UTC."""
    midnight = datetime.combine(day, time.min)
    local = midnight.astimezone() if zone is None else midnight.replace(tzinfo=zone)
    return (local.astimezone(UTC) - _EPOCH) // _MICROSECOND


def due(received: int, days: int, zone: tzinfo | None) -> int:
    """First instant at which an answer is late, us UTC.

    The day of arrival does not count, and the last day counts whole, as periods of days do in Korea's Civil Act.
    """
    return begin_of(day_of(received, zone) + timedelta(days=days + 1), zone)


def last_day(deadline: int, zone: tzinfo | None) -> date:
    """The last local day on which an answer is in time."""
    return day_of(deadline - 1, zone)


def left(deadline: int, now: int, zone: tzinfo | None) -> int:
    """Days until the last day: 0 on that day itself, negative when it has passed."""
    return (last_day(deadline, zone) - day_of(now, zone)).days


def extended(deadline: int, days: int, zone: tzinfo | None) -> int:
    """The deadline put off by `days`. Raises CustodyError."""
    if not 1 <= days <= LONGEST_EXTENSION:
        raise CustodyError(
            f"A deadline is put off by 1 to {LONGEST_EXTENSION} days", mend="Give as many days as are needed"
        )
    return begin_of(last_day(deadline, zone) + timedelta(days=days + 1), zone)


def reminder(
    deadline: int, now: int, zone: tzinfo | None, wanted: Collection[int], given: Collection[int]
) -> int | None:
    """Which reminder is to be given now: days before the last day, or LATE; None when there is none to give.

    `wanted` are the days before at which to remind, `given` those that were given for this deadline. Of several that
    were missed only the nearest to the deadline is given.
    """
    days = left(deadline, now, zone)
    if days < 0:
        return None if LATE in given else LATE
    reached = [each for each in wanted if each >= days]
    nearest = min(reached, default=None)
    return nearest if nearest is not None and not any(each <= nearest for each in given) else None
