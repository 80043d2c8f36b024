"""What a request reaches: cameras and a span of time. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from recorder.tables import HOUR
from vcam.base.errors import CustodyError

LATEST = 1 << 53
"""Times from here on (us UTC, in 2255) stand in no log and no manifest, for JSON keeps no such integers exactly."""
_START = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_id(camera: str, time: int) -> str:
    """Name of the epoch, a camera's hour, that `time` (us UTC) lies in."""
    hour = _START + timedelta(microseconds=time - time % HOUR)
    return f"{camera}/{hour:%Y-%m-%d}/{hour:%H}"


@dataclass(frozen=True, slots=True)
class Scope:
    """Cameras, and the half-open span [start, end) in us UTC. Raises CustodyError when it is empty."""

    cameras: tuple[str, ...]
    start: int
    end: int

    def __post_init__(self) -> None:
        if not self.cameras or len(set(self.cameras)) != len(self.cameras):
            raise CustodyError("The scope names no camera, or one twice", mend="Name each camera once")
        if not 0 <= self.start < self.end:
            raise CustodyError("The scope's end is not after its start", mend="Give from and to in that order")
        if self.end >= LATEST:
            raise CustodyError("The scope ends after the year 2254", mend="Give the time of the footage")

    def epochs(self) -> list[str]:
        """The epochs that share an instant with the scope, camera by camera, in order of time."""
        hours = range(self.start - self.start % HOUR, self.end, HOUR)
        return [epoch_id(camera, hour) for camera in self.cameras for hour in hours]

    def covers(self, camera: str, start: int, end: int) -> bool:
        """Whether [start, end) of `camera` shares an instant with the scope."""
        return camera in self.cameras and start < self.end and end > self.start

    def within(self, other: Scope) -> bool:
        """Whether nothing of this scope lies outside `other`."""
        cameras: Collection[str] = other.cameras
        return all(c in cameras for c in self.cameras) and other.start <= self.start and self.end <= other.end
