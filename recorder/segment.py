"""A row of the index as the rest of the product sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, NamedTuple, cast

from sqlalchemy import Row, Select, select

from recorder.descriptor import SegmentDescriptor
from recorder.layout import SegmentKind
from recorder.tables import camera, segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One row: a segment and its fate. Times in microseconds UTC, sizes in bytes."""

    id: int
    uid: str
    camera: str
    kind: SegmentKind
    start: int
    end: int
    expires: int
    state: str
    deleted: int | None
    damage: str | None
    path: PurePosixPath
    suite: str
    recipients: tuple[str, ...]
    sha256: str
    size: int
    header_size: int
    plain_size: int
    side_sha256: str
    side_size: int
    codec: str
    width: int
    height: int
    frames: int
    starts_with_key: bool
    origin: int
    parameter_sets: str
    epoch: str
    holds: int
    previous: str
    digest: str
    signature: str
    entry: int | None

    def descriptor(self) -> SegmentDescriptor:
        """The descriptor that this row was made from."""
        return SegmentDescriptor(
            id=self.uid,
            camera=self.camera,
            kind=self.kind,
            start=self.start,
            end=self.end,
            suite=self.suite,
            epoch=self.epoch,
            recipients=list(self.recipients),
            sha256=self.sha256,
            size=self.size,
            header_size=self.header_size,
            plain_size=self.plain_size,
            side_sha256=self.side_sha256,
            side_size=self.side_size,
            codec=self.codec,
            width=self.width,
            height=self.height,
            frames=self.frames,
            starts_with_key=self.starts_with_key,
            origin=self.origin,
            parameter_sets=self.parameter_sets,
        )


class Candidate(NamedTuple):
    """As much of a row as its purge needs. Times in microseconds UTC, `bytes` of all its files."""

    id: int
    uid: str
    camera: str
    kind: SegmentKind
    start: int
    end: int
    expires: int
    path: str
    epoch: str
    bytes: int


_COLUMNS = [camera.c.name.label("camera"), *(c for c in segment.c if c.name != "camera_id")]
ROWS: Select[Any] = select(*_COLUMNS).join_from(segment, camera)
"""Every column of every row, with the camera's name."""
_NAMES = tuple(column.name for column in _COLUMNS)


def of(row: Row[Any]) -> Segment:
    """A row of `ROWS`."""
    values = dict(zip(_NAMES, row, strict=True))
    values["path"] = PurePosixPath(values["path"])
    values["recipients"] = tuple(values["recipients"].split())
    values["starts_with_key"] = bool(values["starts_with_key"])
    values["kind"] = cast(SegmentKind, values["kind"])
    return Segment(**values)
