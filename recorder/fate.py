"""What becomes of segments: PRESENT, then PURGING, then DELETED, and never back.

Every change here is one transaction, with its entries of the log.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    update,
)

from recorder.audit.append import append
from recorder.audit.entry import SYSTEM, Action, Entry
from recorder.audit.tables import entry
from recorder.clock_guard import ABSENT, SETTLE
from recorder.database import Database
from recorder.layout import LONGEST
from recorder.policy import Policy, epoch_over, hour_of
from recorder.segment import Candidate
from recorder.tables import BIG, DELETED, HOUR, PRESENT, PURGING, camera, segment
from vcam.base.canonical import Json

# Written into the statement, not bound: only so does the planner know that the partial indexes apply.
IS_PRESENT = segment.c.state == literal_column(f"'{PRESENT}'")
NOT_HELD = segment.c.holds == literal_column("0")
_IS_PURGING = segment.c.state == literal_column(f"'{PURGING}'")
_IN_EPOCHS = and_(
    segment.c.epoch != literal_column("''"),
    segment.c.state != literal_column(f"'{DELETED}'"),
    segment.c.epoch.in_(bindparam("epochs", expanding=True)),
)
_MINE = or_(camera.c.recorder == bindparam("recorder", type_=String()), camera.c.recorder.is_(None))
_LIMIT = bindparam("limit", type_=BIG)
_CANDIDATES: Select[Any] = (
    select(
        segment.c.id,
        segment.c.uid,
        camera.c.name,
        segment.c.kind,
        segment.c.start,
        segment.c.end,
        segment.c.expires,
        segment.c.path,
        segment.c.epoch,
        segment.c.size + segment.c.header_size + segment.c.side_size,
    )
    .join_from(segment, camera)
    .where(_MINE)
)
DUE = (
    _CANDIDATES.where(IS_PRESENT, NOT_HELD, segment.c.expires <= bindparam("now", type_=BIG))
    .order_by(segment.c.expires)
    .limit(_LIMIT)
)
OLDEST = (
    _CANDIDATES.where(IS_PRESENT, NOT_HELD, segment.c.start <= bindparam("before", type_=BIG))
    .order_by(segment.c.start)
    .limit(_LIMIT)
)
UNFINISHED = _CANDIDATES.where(_IS_PURGING).order_by(segment.c.id).limit(_LIMIT)


class Fate:
    """The states of one recorder's segments. Every failure is a RecordError."""

    def __init__(self, database: Database, policy: Policy, recorder: str) -> None:
        self._database = database
        self._policy = policy
        self._recorder = recorder

    def due(self, now: int, limit: int) -> list[Candidate]:
        """At most `limit` present segments without hold that have expired at `now`, the longest expired first."""
        return self._list(DUE, {"now": now, "limit": limit})

    def oldest(self, now: int, limit: int) -> list[Candidate]:
        """At most `limit` present segments without hold whose epoch has ended at `now`, the oldest first."""
        before = now - epoch_over(0)
        before -= before % HOUR
        return self._list(OLDEST, {"before": before, "limit": limit})

    def kept_by(self, name: str, start: int, end: int, now: int) -> tuple[int, int]:
        """Segments of a camera in [start, end), and their bytes, that have expired at `now` but are held."""
        size = segment.c.size + segment.c.header_size + segment.c.side_size
        query = (
            select(func.count(), func.coalesce(func.sum(size), 0))
            .join_from(segment, camera)
            .where(
                camera.c.name == name,
                segment.c.kind.in_(("original", "masked")),  # so that the lookup's index applies
                segment.c.start > start - LONGEST,
                segment.c.start < end,
                segment.c.end > start,
                IS_PRESENT,
                segment.c.holds > 0,
                segment.c.expires <= now,
            )
        )
        with self._database.read() as connection:
            count, total = connection.execute(query).one()
        return int(count), int(total)

    def purging(self, limit: int) -> list[Candidate]:
        """At most `limit` segments whose deletion has begun but not ended."""
        return self._list(UNFINISHED, {"limit": limit})

    def begin(self, rows: Collection[Candidate], now: int | None) -> list[Candidate]:
        """PRESENT to PURGING for those `rows` that no hold covers and, unless `now` is None, have expired by then.

        Returns them. What was held since it was looked up stays, and is not among them.
        """
        query = (
            update(segment)
            .where(segment.c.id.in_([row.id for row in rows]), IS_PRESENT, NOT_HELD)
            .values(state=PURGING)
            .returning(segment.c.id)
        )
        if now is not None:
            query = query.where(segment.c.expires <= now)
        with self._database.write() as connection:
            begun = set(connection.scalars(query))
        return [row for row in rows if row.id in begun]

    def spent(self, epochs: Collection[str]) -> set[str]:
        """Those of `epochs` in which nothing is present, and so nothing held either."""
        if not epochs:
            return set()
        query = select(segment.c.epoch).where(_IN_EPOCHS, IS_PRESENT).distinct()
        with self._database.read() as connection:
            return set(epochs) - set(connection.scalars(query, {"epochs": list(epochs)}))

    def end(self, rows: Sequence[Candidate], now: int) -> int:
        """PURGING to DELETED with the entries that tell of it: all files of these rows are gone. Returns how many."""
        count = 0
        with self._database.write() as connection:
            for early, group in _grouped(rows, now):
                count += self._bury(connection, group, now, early=early)
            shredded = _emptied(connection, {row.epoch for row in rows if row.epoch})
            hasty = {row.epoch for row in rows if row.expires > now}
            for name, early in sorted({(epoch.partition("/")[0], epoch in hasty) for epoch in shredded}):
                epochs = sorted(
                    epoch for epoch in shredded if epoch.startswith(f"{name}/") and (epoch in hasty) is early
                )
                details = self._shredded(name, epochs, reason=_reason(early=early))
                append(connection, Entry(now, SYSTEM, Action.SHREDDED, f"camera/{name}", details))
        return count

    def _bury(self, connection: Connection, group: Sequence[Candidate], now: int, *, early: bool) -> int:
        query = (
            update(segment)
            .where(segment.c.id.in_([row.id for row in group]), _IS_PURGING)
            .values(state=DELETED, deleted=now)
            .returning(segment.c.id)
        )
        gone = set(connection.scalars(query))
        buried = [row for row in group if row.id in gone]
        if not buried:
            return 0
        action = Action.PURGED_EARLY if early else Action.PURGED
        details = self._details(buried, reason=_reason(early=early))
        number = append(connection, Entry(now, SYSTEM, action, f"camera/{buried[0].camera}", details))
        connection.execute(update(segment).where(segment.c.id.in_(sorted(gone))).values(entry=number))
        return len(buried)

    def _details(self, rows: Sequence[Candidate], *, reason: str) -> dict[str, Json]:
        return {
            "kind": rows[0].kind,
            "segments": len(rows),
            "bytes": sum(row.bytes for row in rows),
            "start": min(row.start for row in rows),
            "end": max(row.end for row in rows),
            "cycle_days": self._policy.cycle(rows[0].camera, rows[0].kind),
            "reason": reason,
            "files": [row.path.rpartition("/")[2] for row in sorted(rows, key=lambda row: (row.start, row.id))],
        }

    def _shredded(self, name: str, epochs: list[str], *, reason: str) -> dict[str, Json]:
        hours = sorted(hour_of(epoch) for epoch in epochs)
        return {
            "epochs": epochs,
            "start": hours[0],
            "end": hours[-1] + HOUR,
            "cycle_days": self._policy.cycle(name, "original"),
            "reason": reason,
        }

    def known(self, now: int) -> int | None:
        """The last time, us UTC, that the log tells of and that may be believed at `now`; None when it is empty.

        That is its last entry's, unless the log has leapt less than `SETTLE` ago: what was written after such a leap
        came by the very clock that is in doubt, and a restart makes it no better.
        """
        rows = select(entry.c.number, entry.c.time)
        settled = rows.where(entry.c.time <= now - round(SETTLE * 1_000_000)).order_by(entry.c.number.desc())
        with self._database.read() as connection:
            before = connection.execute(settled.limit(1)).first()
            if before is not None:
                later = rows.where(entry.c.number > before.number).order_by(entry.c.number)
                after = connection.execute(later.limit(1)).first()
                if after is not None and after.time - before.time > ABSENT * 1_000_000:
                    return int(before.time)
            return connection.scalar(select(entry.c.time).order_by(entry.c.number.desc()).limit(1))

    def note(self, told: Entry) -> None:
        """Put something on record that changes no row."""
        with self._database.write() as connection:
            append(connection, told)

    def reschedule(self) -> int:
        """Let every present segment expire by today's policy. Returns how many changed."""
        count = 0
        with self._database.write() as connection:
            mine = or_(camera.c.recorder == self._recorder, camera.c.recorder.is_(None))
            cameras = connection.execute(select(camera.c.id, camera.c.name).where(mine)).all()
            for number, name in cameras:
                for kind in ("original", "masked"):
                    count += self._reschedule(connection, number, name, kind)
        return count

    def _reschedule(self, connection: Connection, number: int, name: str, kind: Any) -> int:
        kept = segment.c.end + self._policy.keep(name, kind)
        over = segment.c.start - segment.c.start % HOUR + epoch_over(0)
        expires = case((and_(segment.c.epoch != "", over > kept), over), else_=kept)
        query = (
            update(segment)
            .where(
                segment.c.camera_id == number, segment.c.kind == kind, IS_PRESENT, segment.c.expires != expires
            )
            .values(expires=expires)
        )
        return connection.execute(query).rowcount

    def _list(self, query: Select[Any], values: Mapping[str, object]) -> list[Candidate]:
        with self._database.read() as connection:
            rows = connection.execute(query, {**values, "recorder": self._recorder})
            return [Candidate._make(row) for row in rows]


def _reason(*, early: bool) -> str:
    return "disk-full" if early else "retention"


def _grouped(rows: Iterable[Candidate], now: int) -> Iterator[tuple[bool, list[Candidate]]]:
    """The rows that one entry tells of, and whether they go before their time: those of a camera and a kind."""
    groups: dict[tuple[str, str, bool], list[Candidate]] = {}
    for row in rows:
        groups.setdefault((row.camera, row.kind, row.expires > now), []).append(row)
    for (_, _, early), group in groups.items():
        yield early, group


def _emptied(connection: Connection, epochs: Collection[str]) -> set[str]:
    """Those of `epochs` in which every segment is a tombstone now."""
    if not epochs:
        return set()
    query = select(segment.c.epoch).where(_IN_EPOCHS).distinct()
    return set(epochs) - set(connection.scalars(query, {"epochs": list(epochs)}))
