"""How long footage is kept: for each camera, originals and masked copies apart. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Self

from recorder.layout import LONGEST, SegmentKind
from recorder.tables import HOUR
from vcam.base.settings import Settings

DAY = 24 * HOUR
"""Microseconds."""


def epoch_over(start: int) -> int:
    """First instant, us UTC, at which no more footage can come to the key of the hour that `start` lies in."""
    return start - start % HOUR + HOUR + LONGEST


def hour_of(epoch: str) -> int:
    """First instant, us UTC, of the hour that an epoch's name tells."""
    hour = datetime.strptime(epoch.partition("/")[2], "%Y-%m-%d/%H").replace(tzinfo=UTC)
    return int(hour.timestamp()) * 1_000_000


@dataclass(frozen=True, slots=True)
class Policy:
    """Microseconds that footage is kept after its end: by camera and kind, or else by kind."""

    original: int = 30 * DAY
    masked: int = 30 * DAY
    cameras: Mapping[tuple[str, SegmentKind], int] = field(default_factory=dict)

    @classmethod
    def days(cls, days: float) -> Self:
        """The same for everything."""
        return cls(round(days * DAY), round(days * DAY))

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """What a site's settings say."""
        cameras: dict[tuple[str, SegmentKind], int] = {}
        for camera in settings.camera:
            original, masked = settings.retention(camera)
            cameras[camera.name, "original"] = round(original * DAY)
            cameras[camera.name, "masked"] = round(masked * DAY)
        original, masked = settings.retention()
        return cls(round(original * DAY), round(masked * DAY), cameras)

    def keep(self, camera: str, kind: SegmentKind) -> int:
        """Microseconds that a camera's segments of a kind are kept."""
        default = self.original if kind == "original" else self.masked
        return self.cameras.get((camera, kind), default)

    def cycle(self, camera: str, kind: SegmentKind) -> int | str:
        """The same in days: what records of destruction call the cycle. A whole number, else as decimal text."""
        days = self.keep(camera, kind) / DAY
        return int(days) if days.is_integer() else f"{days:.6g}"

    def expires(self, camera: str, kind: SegmentKind, start: int, end: int, epoch: str) -> int:
        """When a segment is due for purging, us UTC.

        Never before its epoch has ended: with the epoch's shares, whatever else it will hold would be destroyed.
        """
        expires = end + self.keep(camera, kind)
        return max(expires, epoch_over(start)) if epoch else expires
