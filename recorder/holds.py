"""Legal holds: cameras and whole hours whose footage is not purged, whatever its age and however full the disk.

A hold covers whole hours, for destroying shares destroys a whole camera-hour. Each row counts the active holds that
share an instant with it; that count changes in the very transaction that places or lifts a hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, literal_column, select, update

from recorder.audit.append import append
from recorder.audit.entry import Action, Entry
from recorder.cameras import claim
from recorder.database import Database
from recorder.layout import LONGEST
from recorder.tables import HOUR, PRESENT, camera, hold, segment
from vcam.base.canonical import Json
from vcam.base.clock import Clock
from vcam.base.errors import CustodyError
from vcam.base.ids import SLUG

_KINDS = ("original", "masked")


@dataclass(frozen=True, slots=True)
class Hold:
    """One camera's hours, [start, end) in us UTC, and who held them why. `lifted` is None while it is active."""

    id: int
    camera: str
    start: int
    end: int
    reason: str
    request: str | None
    placed: int
    placed_by: str
    lifted: int | None
    lifted_by: str | None


def widened(start: int, end: int) -> tuple[int, int]:
    """[start, end) in us UTC widened to whole hours."""
    return start - start % HOUR, end + -end % HOUR


def active(connection: Connection, camera_id: int, start: int, end: int) -> int:
    """Active holds of a camera that share an instant with [start, end)."""
    query = (
        select(func.count())
        .select_from(hold)
        .where(
            hold.c.camera_id == camera_id,
            hold.c.lifted.is_(None),
            hold.c.start < end,
            hold.c.end > start,
        )
    )
    return connection.scalar(query) or 0


class Holds:
    """The holds of an index. Every failure of the database is a RecordError."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def place(
        self,
        cameras: Sequence[str],
        start: int,
        end: int,
        *,
        reason: str,
        by: str,
        request: str | None = None,
        origin: str = "",
    ) -> list[Hold]:
        """Hold `cameras` from `start` to `end` (us UTC), widened to whole hours: one hold for each camera.

        Footage that is recorded later is held too, and a camera need not have recorded yet. What is being purged
        already is lost. Raises CustodyError when a name, the span or the reason cannot be.
        """
        _check(cameras, start, end, reason)
        start, end = widened(start, end)
        now = self._clock.utc()
        values = {
            "start": start,
            "end": end,
            "reason": reason.strip(),
            "request": request,
            "placed": now,
            "placed_by": by,
        }
        placed: list[Hold] = []
        with self._database.write() as connection:
            for name in sorted(cameras):
                found = claim(connection, name)
                row = insert(hold).values(camera_id=found.id, **values).returning(hold.c.id)
                number = connection.execute(row).scalar_one()
                placed.append(Hold(number, name, start, end, reason.strip(), request, now, by, None, None))
                count = _count(connection, found.id, start, end, +1)
                details = _details(placed[-1], reason, count)
                append(connection, Entry(now, by, Action.HOLD_PLACED, f"camera/{name}", details, origin))
        return placed

    def lift(self, number: int, *, by: str, reason: str = "", origin: str = "") -> Hold:
        """End a hold: what nothing else holds goes when its time is over. Raises CustodyError."""
        now = self._clock.utc()
        with self._database.write() as connection:
            row = connection.execute(_HOLDS.where(hold.c.id == number)).one_or_none()
            if row is None:
                raise _unknown(number)
            found = _hold(row)
            # Whoever adds a segment or places a hold waits here: counts and holds change together.
            place = claim(connection, found.camera)
            ended = (
                update(hold)
                .where(hold.c.id == number, hold.c.lifted.is_(None))
                .values(lifted=now, lifted_by=by)
            )
            if connection.execute(ended).rowcount == 0:
                raise CustodyError(f"Hold {number} has been lifted already", mend="See 'garim hold list --all'")
            count = _count(connection, place.id, found.start, found.end, -1)
            details = _details(found, reason, count)
            append(connection, Entry(now, by, Action.HOLD_LIFTED, f"camera/{found.camera}", details, origin))
        return self.get(number)

    def get(self, number: int) -> Hold:
        """The hold with this number. Raises CustodyError."""
        with self._database.read() as connection:
            row = connection.execute(_HOLDS.where(hold.c.id == number)).one_or_none()
        if row is None:
            raise _unknown(number)
        return _hold(row)

    def list(self, *, lifted: bool = False) -> list[Hold]:
        """Active holds by their number; with `lifted` those that have ended as well."""
        query = _HOLDS if lifted else _HOLDS.where(hold.c.lifted.is_(None))
        with self._database.read() as connection:
            return [_hold(row) for row in connection.execute(query.order_by(hold.c.id))]


_HOLDS = select(
    hold.c.id,
    camera.c.name,
    *(
        hold.c[name]
        for name in ("start", "end", "reason", "request", "placed", "placed_by", "lifted", "lifted_by")
    ),
).join_from(hold, camera)


def _hold(row: Row[Any]) -> Hold:
    values: tuple[Any, ...] = tuple(row)
    return Hold(*values)


def _details(found: Hold, reason: str, count: int) -> dict[str, Json]:
    details: dict[str, Json] = {
        "cameras": [found.camera],
        "start": found.start,
        "end": found.end,
        "hold": found.id,
        "segments": count,
    }
    if found.request is not None:
        details["request"] = found.request
    if reason.strip():
        details["reason"] = reason.strip()
    return details


def _unknown(number: int) -> CustodyError:
    return CustodyError(f"There is no hold {number}", mend="See 'garim hold list'")


def _check(cameras: Sequence[str], start: int, end: int, reason: str) -> None:
    if not cameras or len(set(cameras)) != len(cameras):
        raise CustodyError("The hold names no camera, or one twice", mend="Name each camera once")
    for name in cameras:
        if not SLUG.fullmatch(name):
            raise CustodyError(f"{name!r} is no camera's name", mend="Give names as in the settings")
    if not 0 <= start < end:
        raise CustodyError("The hold's end is not after its start", mend="Give from and to in that order")
    if not reason.strip():
        raise CustodyError("The hold has no reason", mend="Say why this footage must be kept")


def _count(connection: Connection, camera_id: int, start: int, end: int, change: int) -> int:
    """Change the count of every present row that shares an instant with [start, end). Returns how many."""
    held = (
        update(segment)
        .where(
            segment.c.camera_id == camera_id,
            segment.c.kind.in_(_KINDS),  # so that the lookup's index applies
            segment.c.start > start - LONGEST,
            segment.c.start < end,
            segment.c.end > start,
            segment.c.state == literal_column(f"'{PRESENT}'"),
        )
        .values(holds=segment.c.holds + change)
    )
    return connection.execute(held).rowcount
