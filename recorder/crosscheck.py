"""Compares the index with itself, with the shares of the keys, and with the log."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Protocol

from sqlalchemy import ColumnElement, Connection, bindparam, case, func, literal_column, or_, select, update

from recorder.audit.append import append
from recorder.audit.entry import SYSTEM, Action, Entry
from recorder.audit.log import Wanted, entries
from recorder.audit.tables import entry as entry_of
from recorder.chain import verify
from recorder.findings import Findings, Problem
from recorder.holds import active
from recorder.index import Index, Segment
from recorder.policy import epoch_over, hour_of
from recorder.signing import PublicKey
from recorder.tables import DELETED, HOUR, PRESENT, camera, hold, segment
from vcam.base.canonical import Json

_MOST = 100
"""Sentences that an entry of the log holds at the most."""
_AT_ONCE = 1000
_HELD = (
    select(func.count())
    .select_from(hold)
    .where(
        hold.c.camera_id == segment.c.camera_id,
        hold.c.lifted.is_(None),
        hold.c.start < segment.c.end,
        hold.c.end > segment.c.start,
    )
    .scalar_subquery()
)


class Known(Protocol):
    """An epoch as the share store knows it."""

    @property
    def id(self) -> str:
        """Its name."""


class Store(Protocol):
    """As much of the share store as a check needs (`recorder.shares.store.ShareStore`)."""

    def alive(self, ids: Collection[str]) -> set[str]:
        """Those of `ids` that are known and not destroyed."""

    def epochs(self, camera: str | None = None) -> Collection[Known]:
        """Those that are alive."""

    def destroy(self, ids: Collection[str]) -> int:
        """Destroy every copy of the shares of these epochs."""


def chains(index: Index, rows: Iterable[Segment], key: PublicKey, findings: Findings) -> None:
    """All `rows` of the index against their signatures, their places in the chain, and what is known of its end.

    Nothing of it can be mended: what was altered is evidence.
    """
    for fault in verify(rows, key, index.heads()):
        findings.found(Problem.CHAIN, f"{fault.camera}/{fault.uid}".rstrip("/"), fault.what)
    with index.database.read() as connection:
        for name, digest in _anchors(connection, index).items():
            query = select(segment.c.id).where(segment.c.digest == digest).limit(1)
            if connection.scalar(query.join(camera).where(camera.c.name == name)) is None:
                findings.found(
                    Problem.CHAIN,
                    name,
                    "the row that an earlier check knew as its last is gone, and what led to it",
                )


def _anchors(connection: Connection, index: Index) -> Mapping[str, str]:
    """The last row of each camera's chain as the log's last check of this recorder tells it."""
    last: Mapping[str, str] = {}
    for logged in entries(connection, Wanted(actions=[Action.CHECKED])):
        heads = logged.entry.details.get("heads")
        if isinstance(heads, Mapping) and logged.entry.details.get("recorder") == index.recorder:
            last = {str(name): str(digest) for name, digest in heads.items()}
    return last


def counts(index: Index, findings: Findings, *, mend: bool) -> None:
    """The count of holds in each present row against the holds themselves; a hold that is not counted is lost."""
    wrong = (
        select(segment.c.id, segment.c.path, segment.c.holds, _HELD.label("wanted"))
        .join(camera)
        .where(
            segment.c.state == literal_column(f"'{PRESENT}'"),
            or_(segment.c.holds != 0, segment.c.camera_id.in_(select(hold.c.camera_id))),
            segment.c.holds != _HELD,
            or_(camera.c.recorder == index.recorder, camera.c.recorder.is_(None)),
        )
    )
    with index.database.write() as connection:
        rows = connection.execute(wrong).all()
        if rows and mend:
            right = update(segment).where(segment.c.id == bindparam("row")).values(holds=bindparam("wanted"))
            connection.execute(right, [{"row": row.id, "wanted": row.wanted} for row in rows])
    for row in rows:
        what = f"it counts {row.holds} holds, and {row.wanted} reach it"
        findings.found(Problem.MISCOUNTED, row.path, what, mended=mend)


def shares(index: Index, store: Store, now: int, findings: Findings, *, mend: bool) -> None:
    """Epochs of present originals that are destroyed or unknown, and living ones whose footage is all gone.

    What is left of the latter by a crash is destroyed. An epoch that no row names, for its rows may be lost or it was
    made ahead and never used, stays until its footage would have been purged.
    """
    living = {epoch.id for epoch in store.epochs()}
    present: set[str] = set()
    gone: set[str] = set()
    with index.database.read() as connection:
        mine = or_(camera.c.recorder == index.recorder, camera.c.recorder.is_(None))
        query = (
            select(
                segment.c.epoch,
                func.min(segment.c.path),
                func.sum(_is(PRESENT)),
                func.sum(_is(DELETED)),
                func.count(),
            )
            .join(camera)
            .where(segment.c.epoch != "", mine)
            .group_by(segment.c.epoch)
        )
        for epoch, path, there, buried, total in connection.execute(query):
            if int(buried) == int(total):
                gone.add(epoch)
            else:
                present.add(epoch)
            if int(there) and epoch not in living:
                findings.found(
                    Problem.SEALED, path, f"the shares of epoch {epoch} are not there; {there} segments"
                )
        present |= {epoch for epoch in gone & living if not _all_on_record(connection, epoch)}
        gone -= present
        unused = {epoch for epoch in living - gone - present if _outlived(connection, index, epoch, now)}
    spent = sorted({epoch for epoch in gone & living if epoch_over(hour_of(epoch)) <= now} | unused)
    if spent and mend:
        store.destroy(spent)
    for epoch in spent:
        findings.found(Problem.UNSHREDDED, epoch, "its shares were left; they are destroyed now", mended=mend)


def _all_on_record(connection: Connection, epoch: str) -> bool:
    """Whether the log tells of the purge of everything that the epoch sealed."""
    uids = connection.scalars(select(segment.c.uid).where(segment.c.epoch == epoch)).all()
    return all(on_record(connection, uid) for uid in uids)


def _outlived(connection: Connection, index: Index, epoch: str, now: int) -> bool:
    """Whether all that an epoch without a row could have sealed would have been purged by now."""
    name, start = epoch.partition("/")[0], hour_of(epoch)
    if epoch_over(start) + index.policy.keep(name, "original") > now:
        return False
    number = connection.scalar(select(camera.c.id).where(camera.c.name == name))
    return number is None or active(connection, number, start, start + HOUR) == 0


def on_record(connection: Connection, uid: str) -> bool:
    """Whether the log tells of a tombstone's purge, by the entry that the row names.

    One of which it does not is somebody's edit of the index: what its row says was purged may be evidence. Rows from
    before purges were put on record have no digest.
    """
    query = select(segment.c.path, segment.c.entry, segment.c.digest, entry_of.c.body, entry_of.c.action)
    row = connection.execute(
        query.outerjoin(entry_of, entry_of.c.number == segment.c.entry).where(segment.c.uid == uid)
    ).one()
    if row.entry is None:
        return not row.digest
    if row.action not in {Action.PURGED.value, Action.PURGED_EARLY.value}:
        return False
    files = json.loads(row.body)["details"].get("files")
    return isinstance(files, list) and row.path.rpartition("/")[2] in files


def _is(state: str) -> ColumnElement[int]:
    return case((segment.c.state == state, 1), else_=0)


def purges(index: Index, findings: Findings) -> None:
    """Tombstones against the log's entries of purges: each names the other, segment by segment."""
    with index.database.read() as connection, index.database.read() as other:
        told = entries(other, Wanted(actions=[Action.PURGED, Action.PURGED_EARLY]))
        rest = iter(_buried(connection, index))
        number, files = next(rest, (None, set[str]()))
        for logged in told:
            while number is not None and number < logged.number:
                _silent(number, files, findings)
                number, files = next(rest, (None, set[str]()))
            named = logged.entry.details.get("files")
            wanted = {str(file) for file in named} if isinstance(named, list) else set[str]()
            if not _mine(connection, index, logged.entry.subject):
                continue
            if number == logged.number:
                found, (number, files) = files, next(rest, (None, set[str]()))
            else:
                found = set()
            for name in sorted(wanted - found):
                what = f"entry {logged.number} tells of its purge, its row does not"
                findings.found(Problem.UNRECORDED, name, what)
            for name in sorted(found - wanted):
                what = f"its row names entry {logged.number}, which does not tell of it"
                findings.found(Problem.UNRECORDED, name, what)
        while number is not None:
            _silent(number, files, findings)
            number, files = next(rest, (None, set[str]()))
        query = select(segment.c.path).where(
            segment.c.state == DELETED, segment.c.entry.is_(None), segment.c.digest != ""
        )
        for path in connection.scalars(query):
            findings.found(Problem.UNRECORDED, path, "it is marked as purged, and no entry tells of it")


def _silent(number: int, files: Collection[str], findings: Findings) -> None:
    for name in sorted(files):
        findings.found(Problem.UNRECORDED, name, f"its row names entry {number}, which tells of no purge")


def _mine(connection: Connection, index: Index, subject: str) -> bool:
    owner = connection.scalar(select(camera.c.recorder).where(camera.c.name == subject.removeprefix("camera/")))
    return owner is None or owner == index.recorder


def _buried(connection: Connection, index: Index) -> Iterator[tuple[int, set[str]]]:
    """Names of tombstones' files by the number of the entry that tells of them, in order."""
    mine = or_(camera.c.recorder == index.recorder, camera.c.recorder.is_(None))
    query = (
        select(segment.c.entry, segment.c.path)
        .join(camera)
        .where(segment.c.state == DELETED, segment.c.entry.is_not(None), mine)
        .order_by(segment.c.entry)
    )
    rows = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    for number, group in groupby(rows, key=lambda row: int(row[0])):
        yield number, {str(row[1]).rpartition("/")[2] for row in group}


def record(index: Index, findings: Findings, now: int) -> None:
    """Put the check on record, with the ends of the chains as it found them, and what it has repaired."""
    said = [str(finding) for finding in findings.all]
    mended = [str(finding) for finding in findings.all if finding.mended]
    heads: dict[str, Json] = dict(index.heads())
    made: dict[str, Json] = {
        "findings": len(said),
        "left": len(said) - len(mended),
        "what": said[:_MOST],
        "heads": heads,
        "recorder": index.recorder,
    }
    with index.database.write() as connection:
        append(connection, Entry(now, SYSTEM, Action.CHECKED, "site", made))
        if mended:
            repaired: dict[str, Json] = {"findings": len(mended), "left": 0, "what": mended[:_MOST]}
            append(connection, Entry(now, SYSTEM, Action.REPAIRED, "site", repaired))
