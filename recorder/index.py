"""The index of segments: what was recorded when, and where it lies. One process writes it, many may read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Self, cast

from sqlalchemy import Connection, Row, Select, func, insert, literal_column, select, update

from recorder.database import Database
from recorder.descriptor import SegmentDescriptor
from recorder.layout import LONGEST, SegmentKind
from recorder.tables import DELETED, PRESENT, PURGING, camera, segment

DAY = 86_400_000_000
"""Microseconds."""
_PAGE = 1000
# Written into the statement, not bound: only so does the planner know that the partial indexes apply.
_IS_PRESENT = segment.c.state == literal_column(f"'{PRESENT}'")
_NOT_HELD = segment.c.holds == literal_column("0")
_IS_PURGING = segment.c.state == literal_column(f"'{PURGING}'")


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

    def descriptor(self) -> SegmentDescriptor:
        """The descriptor that this row was made from."""
        return SegmentDescriptor(
            id=self.uid,
            camera=self.camera,
            kind=self.kind,
            start=self.start,
            end=self.end,
            suite=self.suite,
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
            epoch=self.epoch,
        )


def _segment(row: Row[Any]) -> Segment:
    values = dict(row._mapping)
    values["path"] = PurePosixPath(values["path"])
    values["recipients"] = tuple(values["recipients"].split())
    values["starts_with_key"] = bool(values["starts_with_key"])
    values["kind"] = cast(SegmentKind, values["kind"])
    return Segment(**values)


_COLUMNS = [camera.c.name.label("camera"), *(c for c in segment.c if c.name != "camera_id")]
_ROWS: Select[Any] = select(*_COLUMNS).join_from(segment, camera)


class Index:
    """Opened by `Index.open`. Every method may be called from any thread; every failure is a RecordError."""

    def __init__(self, database: Database, retention_days: float) -> None:
        self._database = database
        self._retention = round(retention_days * DAY)

    @classmethod
    def open(cls, url: str, *, retention_days: float = 30.0) -> Self:
        """Open or make the index at an SQLAlchemy URL, and bring its schema up to date.

        New segments expire `retention_days` after their end.
        """
        return cls(Database(url), retention_days)

    def close(self) -> None:
        """Close all connections."""
        self._database.close()

    def add(self, descriptor: SegmentDescriptor, *, damage: str | None = None) -> bool:
        """Take in a finished segment. False when it is known already, purged or not."""
        with self._database.write() as connection:
            if connection.scalar(select(segment.c.id).where(segment.c.uid == descriptor.id)) is not None:
                return False
            values = descriptor.model_dump(exclude={"version", "id", "camera", "recipients"})
            connection.execute(
                insert(segment).values(
                    **values,
                    uid=descriptor.id,
                    camera_id=_camera_id(connection, descriptor.camera),
                    expires=descriptor.end + self._retention,
                    state=PRESENT,
                    damage=damage,
                    path=str(descriptor.path),
                    recipients="\n".join(descriptor.recipients),
                )
            )
        return True

    def overlapping(self, camera_name: str, kind: SegmentKind, start: int, end: int) -> list[Segment]:
        """Present segments of a camera that share an instant with [start, end), in order of their start."""
        query = _ROWS.where(
            camera.c.name == camera_name,
            segment.c.kind == kind,
            segment.c.start > start - LONGEST,  # no segment is longer: older ones need no look
            segment.c.start < end,
            segment.c.end > start,
            _IS_PRESENT,
        ).order_by(segment.c.start, segment.c.id)
        return self._list(query)

    def due(self, now: int, limit: int) -> list[Segment]:
        """At most `limit` present segments that have expired at `now`, the longest expired first."""
        return self._list(
            _ROWS.where(_IS_PRESENT, _NOT_HELD, segment.c.expires <= now)
            .order_by(segment.c.expires)
            .limit(limit)
        )

    def purging(self, limit: int) -> list[Segment]:
        """At most `limit` segments whose deletion has begun but not ended."""
        return self._list(_ROWS.where(_IS_PURGING).order_by(segment.c.id).limit(limit))

    def get(self, uid: str) -> Segment | None:
        """The segment with this lasting name."""
        found = self._list(_ROWS.where(segment.c.uid == uid))
        return found[0] if found else None

    def all(self) -> Iterator[Segment]:
        """Every row by its number, read page by page."""
        last = 0
        while page := self._list(_ROWS.where(segment.c.id > last).order_by(segment.c.id).limit(_PAGE)):
            yield from page
            last = page[-1].id

    def started(self, camera_name: str, start: int, end: int) -> list[Segment]:
        """Every row, whatever its state, of a camera's segments that start in [start, end)."""
        return self._list(
            _ROWS.where(
                camera.c.name == camera_name,
                segment.c.kind.in_(("original", "masked")),  # so that the lookup's index applies
                segment.c.start >= start,
                segment.c.start < end,
            )
        )

    def count(self, state: str = PRESENT, kind: SegmentKind | None = None) -> int:
        """Rows in a state, of one kind or of both."""
        query = select(func.count()).select_from(segment).where(segment.c.state == state)
        if kind is not None:
            query = query.where(segment.c.kind == kind)
        with self._database.read() as connection:
            return connection.scalar(query) or 0

    def cameras(self) -> list[str]:
        """Names of the cameras that ever recorded."""
        with self._database.read() as connection:
            return list(connection.scalars(select(camera.c.name).order_by(camera.c.name)))

    def reschedule(self) -> int:
        """Let every present segment expire by today's retention. Returns how many changed."""
        expires = segment.c.end + self._retention
        return self._update(
            update(segment).where(_IS_PRESENT, segment.c.expires != expires).values(expires=expires)
        )

    def begin_purge(self, ids: Sequence[int], now: int) -> int:
        """PRESENT to PURGING for those rows that have expired at `now`. Returns how many."""
        return self._update(
            update(segment)
            .where(segment.c.id.in_(ids), _IS_PRESENT, _NOT_HELD, segment.c.expires <= now)
            .values(state=PURGING)
        )

    def end_purge(self, ids: Sequence[int], now: int) -> int:
        """PURGING to DELETED: all files of these rows are gone. Returns how many."""
        return self._update(
            update(segment).where(segment.c.id.in_(ids), _IS_PURGING).values(state=DELETED, deleted=now)
        )

    def mark_damage(self, uid: str, damage: str | None) -> None:
        """Note what a check has found wrong with a present segment's files, or that nothing is any more."""
        self._update(update(segment).where(segment.c.uid == uid, _IS_PRESENT).values(damage=damage))

    def _update(self, statement: Any) -> int:
        with self._database.write() as connection:
            return int(connection.execute(statement).rowcount)

    def _list(self, query: Select[Any]) -> list[Segment]:
        with self._database.read() as connection:
            return [_segment(row) for row in connection.execute(query)]


def _camera_id(connection: Connection, name: str) -> int:
    query = select(camera.c.id).where(camera.c.name == name)
    found: int | None = connection.scalar(query)
    if found is None:
        connection.execute(insert(camera).values(name=name))
        found = connection.scalars(query).one()
    return found
