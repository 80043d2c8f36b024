"""The index of segments: what was recorded when, and where it lies. One process writes it, many may read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

from sqlalchemy import Select, bindparam, func, insert, literal_column, or_, select, update

from recorder.cameras import claim
from recorder.chain import link
from recorder.database import Database
from recorder.descriptor import SegmentDescriptor
from recorder.fate import Fate
from recorder.holds import active
from recorder.layout import LONGEST, SegmentKind
from recorder.policy import DAY, Policy
from recorder.segment import ROWS, Segment, of
from recorder.signing import SigningKey
from recorder.tables import PRESENT, camera, segment

__all__ = ["DAY", "Index", "Segment"]

_PAGE = 1000
# Written into the statement, not bound: only so does the planner know that the partial indexes apply.
_IS_PRESENT = segment.c.state == literal_column(f"'{PRESENT}'")
_MINE = or_(camera.c.recorder == bindparam("recorder"), camera.c.recorder.is_(None))
# Made once: what a statement costs is mostly its making.
_KNOWN = select(segment.c.id).where(segment.c.uid == bindparam("uid"))
_ONE = ROWS.where(segment.c.uid == bindparam("uid"))
_OVERLAPPING = ROWS.where(
    camera.c.name == bindparam("camera"),
    segment.c.kind == bindparam("kind"),
    segment.c.start > bindparam("after"),
    segment.c.start < bindparam("end"),
    segment.c.end > bindparam("start"),
    _IS_PRESENT,
).order_by(segment.c.start, segment.c.id)
_NEXT = ROWS.where(segment.c.id > bindparam("last"), _MINE).order_by(segment.c.id).limit(_PAGE)
_STARTED = ROWS.where(
    camera.c.name == bindparam("camera"),
    segment.c.kind.in_(("original", "masked")),  # so that the lookup's index applies
    segment.c.start >= bindparam("start"),
    segment.c.start < bindparam("end"),
    _MINE,
)


class Index:
    """Opened by `Index.open`. Every method may be called from any thread; every failure is a RecordError.

    `recorder` is the lasting name of this recorder. Recorders may share a database: each sees, purges and checks
    what its own cameras have recorded, and only `overlapping` and `get` find everybody's.
    """

    def __init__(
        self,
        database: Database,
        policy: Policy,
        *,
        signer: SigningKey | None = None,
        recorder: str = "main",
    ) -> None:
        self.database = database
        self.policy = policy
        self.recorder = recorder
        self.fate = Fate(database, policy, recorder)
        self._signer = signer

    @classmethod
    def open(
        cls,
        url: str,
        *,
        retention_days: float = 30.0,
        policy: Policy | None = None,
        signer: SigningKey | None = None,
        recorder: str = "main",
    ) -> Self:
        """Open or make the index at an SQLAlchemy URL, and bring its schema up to date.

        New segments expire by `policy`, or `retention_days` after their end where there is none. Their rows are
        signed and chained by `signer`; without it they can only be looked at as a recorder's that never signed.
        """
        return cls(Database(url), policy or Policy.days(retention_days), signer=signer, recorder=recorder)

    def close(self) -> None:
        """Close all connections."""
        self.database.close()

    def add(self, descriptor: SegmentDescriptor, *, damage: str | None = None) -> bool:
        """Take in a finished segment: signed, chained to its camera's last and held by the holds that reach it.

        False when it is known already, purged or not.
        """
        with self.database.write() as connection:
            place = claim(connection, descriptor.camera, self.recorder)
            if connection.scalar(_KNOWN, {"uid": descriptor.id}) is not None:
                return False
            values = descriptor.model_dump(exclude={"version", "id", "camera", "recipients"})
            if self._signer is not None:
                made = link(descriptor, place.head, self._signer)
                values |= {"previous": made.previous, "digest": made.digest, "signature": made.signature}
                connection.execute(update(camera).where(camera.c.id == place.id).values(head=made.digest))
            connection.execute(
                insert(segment).values(
                    **values,
                    uid=descriptor.id,
                    camera_id=place.id,
                    expires=self.policy.expires(
                        descriptor.camera, descriptor.kind, descriptor.start, descriptor.end, descriptor.epoch
                    ),
                    state=PRESENT,
                    holds=active(connection, place.id, descriptor.start, descriptor.end),
                    damage=damage,
                    path=str(descriptor.path),
                    recipients="\n".join(descriptor.recipients),
                )
            )
        return True

    def overlapping(self, camera_name: str, kind: SegmentKind, start: int, end: int) -> list[Segment]:
        """Present segments of a camera that share an instant with [start, end), in order of their start."""
        after = start - LONGEST  # no segment is longer: older ones need no look
        return self._list(
            _OVERLAPPING, {"camera": camera_name, "kind": kind, "after": after, "start": start, "end": end}
        )

    def get(self, uid: str) -> Segment | None:
        """The segment with this lasting name."""
        found = self._list(_ONE, {"uid": uid})
        return found[0] if found else None

    def all(self) -> Iterator[Segment]:
        """Every row of this recorder by its number, read page by page."""
        last = 0
        while page := self._list(_NEXT, {"last": last, "recorder": self.recorder}):
            yield from page
            last = page[-1].id

    def started(self, camera_name: str, start: int, end: int) -> list[Segment]:
        """Every row, whatever its state, of a camera's segments that start in [start, end)."""
        return self._list(
            _STARTED, {"camera": camera_name, "start": start, "end": end, "recorder": self.recorder}
        )

    def count(self, state: str = PRESENT, kind: SegmentKind | None = None) -> int:
        """Rows in a state, of one kind or of both."""
        query = select(func.count()).select_from(segment).join(camera).where(segment.c.state == state, _MINE)
        if kind is not None:
            query = query.where(segment.c.kind == kind)
        with self.database.read() as connection:
            return connection.scalar(query, {"recorder": self.recorder}) or 0

    def cameras(self) -> list[str]:
        """Names of the cameras that ever recorded, or that a hold names."""
        with self.database.read() as connection:
            return list(connection.scalars(select(camera.c.name).order_by(camera.c.name)))

    def heads(self) -> dict[str, str]:
        """Digest of each camera's last signed row, for the cameras of this recorder that have one."""
        query = select(camera.c.name, camera.c.head).where(camera.c.head != "", _MINE).order_by(camera.c.name)
        with self.database.read() as connection:
            return {row.name: row.head for row in connection.execute(query, {"recorder": self.recorder})}

    def mark_damage(self, uid: str, damage: str | None) -> None:
        """Note what a check has found wrong with a present segment's files, or that nothing is any more."""
        with self.database.write() as connection:
            connection.execute(update(segment).where(segment.c.uid == uid, _IS_PRESENT).values(damage=damage))

    def _list(self, query: Select[Any], values: Mapping[str, object]) -> list[Segment]:
        with self.database.read() as connection:
            return [of(row) for row in connection.execute(query, values)]
