"""Names of exports: sortable by day, not to be guessed, and small enough to be hidden in a picture."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta

_START = datetime(1970, 1, 1, tzinfo=UTC)
EXPORT = re.compile(r"E\d{8}-[0-7][0-9a-f]{7}")


def new_mark() -> int:
    """31 random bits: what an invisible mark carries, as a positive int32."""
    return secrets.randbits(31)


def export_id(mark: int, time: int) -> str:
    """The export's name: the day (UTC) of `time` in us UTC, and `mark` in hexadecimal."""
    return f"E{_START + timedelta(microseconds=time):%Y%m%d}-{mark:08x}"


def mark_of(export: str) -> int:
    """The mark of the export of that name. Raises ValueError for another name."""
    if not EXPORT.fullmatch(export):
        raise ValueError(f"{export!r} is no export's name")
    return int(export.partition("-")[2], 16)
