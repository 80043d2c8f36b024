"""How long footage was really kept, against how long it was to be kept. Made from the index, tombstones and all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select

from recorder.database import Database
from recorder.layout import SegmentKind
from recorder.policy import Policy
from recorder.tables import DELETED, camera, segment


@dataclass(frozen=True, slots=True)
class Kept:
    """One camera's footage of one kind. Times in us UTC, spans in us, counts of segments; None without any."""

    camera: str
    kind: SegmentKind
    policy: int
    """How long it is to be kept after its end."""
    present: int
    bytes: int
    """Of what is present."""
    oldest: int | None
    """Start of the oldest that is present."""
    held: int
    """Present under a legal hold."""
    overdue: int
    """Present though its time is over and no hold covers it, purges that have not ended among them."""
    purged: int
    longest: int | None
    """The longest that any was ever kept after its end, of those that are purged."""
    shortest: int | None
    early: int
    """Purged before its time."""
    late: int
    """Purged more than a day after its time: after a hold, or when the recorder was off."""


_DAY = 86_400_000_000


def report(database: Database, policy: Policy, now: int, recorder: str = "main") -> list[Kept]:
    """A line for each camera of `recorder` and kind that ever recorded, at `now` (us UTC)."""
    gone = segment.c.state == DELETED
    there = segment.c.state != DELETED
    kept = segment.c.deleted - segment.c.end
    size = segment.c.size + segment.c.header_size + segment.c.side_size

    def count(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    query = (
        select(
            camera.c.name,
            segment.c.kind,
            count(there),
            func.coalesce(func.sum(case((there, size), else_=0)), 0),
            func.min(case((there, segment.c.start))),
            count(there & (segment.c.holds > 0)),
            count(there & (segment.c.holds == 0) & (segment.c.expires <= now)),
            count(gone),
            func.max(case((gone, kept))),
            func.min(case((gone, kept))),
            count(gone & (segment.c.deleted < segment.c.expires)),
            count(gone & (segment.c.deleted > segment.c.expires + _DAY)),
        )
        .join_from(segment, camera)
        .where(or_(camera.c.recorder == recorder, camera.c.recorder.is_(None)))
        .group_by(camera.c.name, segment.c.kind)
        .order_by(camera.c.name, segment.c.kind)
    )
    with database.read() as connection:
        rows = connection.execute(query).all()
    return [_kept(tuple(row), policy) for row in rows]


def _kept(row: tuple[Any, ...], policy: Policy) -> Kept:
    # PostgreSQL sums integers to decimals.
    figures: list[Any] = [None if value is None else int(value) for value in row[2:]]
    return Kept(row[0], row[1], policy.keep(row[0], row[1]), *figures)
