"""Times as forms show them: in the site's time zone, with its offset."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

_START = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Moments:
    """`zone` None is this machine's own."""

    zone: tzinfo | None = None

    @classmethod
    def of(cls, name: str) -> Self:
        """The zone of `site.timezone`."""
        return cls(None if name == "local" else zoneinfo.ZoneInfo(name))

    def local(self, time: int) -> datetime:
        """The instant `time` (us UTC) in the zone."""
        return (_START + timedelta(microseconds=time)).astimezone(self.zone)

    def text(self, time: object) -> str:
        """An instant, to the second; empty when `time` is none."""
        return self.local(time).isoformat(sep=" ", timespec="seconds") if isinstance(time, int) else ""

    def span(self, start: object, end: object) -> str:
        """From when to when; empty when one of them is none."""
        return (
            f"{self.text(start)} ~ {self.text(end)}" if isinstance(start, int) and isinstance(end, int) else ""
        )

    def day(self, time: int) -> str:
        """The day, as 2026-01-31."""
        return self.local(time).date().isoformat()

    def month(self, time: int) -> str:
        """The month, as 2026-01."""
        return self.day(time)[:7]
