"""Where a segment's files lie under the media folder, and what their names say.

    <camera>/<YYYY-MM-DD>/<HH>/<YYYYMMDDTHHMMSS.ffffffZ>-<id><suffix>[.part]

All times are UTC. `.part` marks a file that is not finished.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath, PurePosixPath
from typing import Literal

from vcam.base.ids import SLUG

SegmentKind = Literal["original", "masked"]

HEADER = ".age-header"
BODY = ".age-body"
UNITS = ".units.npy"
VIDEO = ".mp4"
REGIONS = ".regions.jsonl.gz"
DESCRIPTOR = ".json"
PART = ".part"

MAIN: dict[SegmentKind, str] = {"original": BODY, "masked": VIDEO}
"""The file that holds the pictures. While it is unfinished, its writer holds a lock on it."""

SUFFIXES: dict[SegmentKind, tuple[str, ...]] = {
    "original": (HEADER, BODY, UNITS, DESCRIPTOR),
    "masked": (VIDEO, REGIONS, DESCRIPTOR),
}
"""A segment's files in the order of their deletion: the key goes first, the description last."""

LONGEST = 900_000_000
"""Microseconds that no segment exceeds; the index looks back no further than this."""

LATEST = 1 << 53
"""Microseconds UTC that no segment reaches, in the year 2255: the integers that canonical JSON carries end there."""

ID = re.compile(r"[0-9a-f]{16}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FILE = re.compile(
    r"(?P<instant>\d{8}T\d{6}\.\d{6}Z)-(?P<id>[0-9a-f]{16})"
    r"(?P<suffix>\.age-header|\.age-body|\.units\.npy|\.mp4|\.regions\.jsonl\.gz|\.json)(?P<part>\.part)?"
)


def with_suffix(stem: Path, suffix: str) -> Path:
    """A segment's file: `suffix` follows the stem, whose own dots stay."""
    return stem.with_name(stem.name + suffix)


def new_id() -> str:
    """A segment's lasting name: 64 random bits in hexadecimal."""
    return secrets.token_hex(8)


def stem(camera: str, start: int, segment_id: str) -> PurePosixPath:
    """Path of a segment's files without their suffix, relative to the media folder. `start` in us UTC."""
    begin = _EPOCH + timedelta(microseconds=start)
    return PurePosixPath(camera, f"{begin:%Y-%m-%d}", f"{begin:%H}", f"{begin:%Y%m%dT%H%M%S.%f}Z-{segment_id}")


@dataclass(frozen=True, slots=True)
class FileName:
    """What the name of a segment's file says."""

    camera: str
    start: int
    id: str
    suffix: str
    part: bool

    @property
    def stem(self) -> PurePosixPath:
        """The path that all files of this segment begin with."""
        return stem(self.camera, self.start, self.id)


def parse(path: PurePath) -> FileName | None:
    """Read a path relative to the media folder; None when it is no segment's file in its right place."""
    match = _FILE.fullmatch(path.name)
    if match is None or len(path.parts) != 4 or not SLUG.fullmatch(path.parts[0]):
        return None
    try:
        begin = datetime.strptime(match["instant"], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    start = (begin - _EPOCH) // timedelta(microseconds=1)
    name = FileName(path.parts[0], start, match["id"], match["suffix"], match["part"] is not None)
    in_place = name.stem.parent == PurePosixPath(*path.parts[:-1])
    return name if in_place and 0 <= start < LATEST - LONGEST else None
