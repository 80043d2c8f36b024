"""Times as people type and read them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from vcam.base.errors import ConfigError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BEYOND = 1 << 53

_FORM = "ISO 8601; without an offset, this machine's local time."
From = Annotated[str | None, typer.Option("--from", metavar="TIME", help=f"From this time on. {_FORM}")]
To = Annotated[str | None, typer.Option("--to", metavar="TIME", help=f"Up to this time. {_FORM}")]


def microseconds(text: str) -> int:
    """Microseconds UTC of an ISO 8601 time within 285 years of 1970, which JSON keeps. Raises ConfigError."""
    try:
        instant = (datetime.fromisoformat(text).astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        instant = _BEYOND
    if abs(instant) >= _BEYOND:
        raise ConfigError(
            f"{text!r} is no time", mend="Write it like 2026-03-01T14:30:00 or 2026-03-01T05:30:00Z"
        )
    return instant


def iso(instant: int) -> str:
    """Microseconds UTC as ISO 8601 in UTC."""
    return (_EPOCH + timedelta(microseconds=instant)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
