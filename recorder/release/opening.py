"""Joins k custodians' answers to the keys of the epochs in scope, and opens the originals of that scope."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from recorder.audit.append import append
from recorder.audit.entry import Action, Entry
from recorder.database import Database
from recorder.index import Index, Segment
from recorder.layout import HEADER, with_suffix
from recorder.release.asking import ROTATION, originals
from recorder.release.document import MOST, Case, unpack_shares
from recorder.release.runtime import Runtime
from recorder.release.segment import Gop, OpenSegment
from recorder.release.vetting import Vetted, vetted
from recorder.requests.book import Requests
from recorder.scope import Scope
from recorder.shares.store import ShareStore
from recorder.vault import epoch as vault
from recorder.vault.age import AGE
from recorder.vault.envelope import unseal
from recorder.vault.share import Share
from vcam.base.canonical import Json
from vcam.base.clock import Clock
from vcam.base.errors import CustodyError, GarimError, VaultError
from vcam.base.media import AccessUnit, StreamInfo


def shares_in(sealed: bytes, release: str, custodian: str, identity: str) -> list[Share]:
    """The shares of one answer. Raises CustodyError, VaultError."""
    plain = unseal(sealed, [identity], most=MOST)
    return [Share.parse(each) for each in unpack_shares(plain, release, custodian)]


def foreign(shares: Collection[Share], custodian: str, store: ShareStore) -> set[str]:
    """Living epochs of which `shares` are not `custodian`'s own: somebody else answers in that name."""
    epochs = {share.epoch for share in shares}
    own = {share.epoch: share.number for share in store.shares_of(custodian, epochs)}
    alive = store.alive(epochs)
    return {share.epoch for share in shares if share.epoch in alive and own.get(share.epoch) != share.number}


class Opened:
    """The opened originals of a scope, for an export. It holds the epochs' keys until `close`.

    Each camera's segments are opened when they are read, one at a time. What cannot be read stands in `notes`.
    """

    def __init__(
        self, scope: Scope, folder: Path, rows: Sequence[Segment], keys: dict[str, str], vetted: Vetted
    ) -> None:
        self.scope = scope
        self._folder = folder
        self._rows = tuple(rows)
        self._keys = keys
        self._refused = vetted.refused
        self._notes: dict[str, str] = vetted.refused | vetted.told

    @property
    def cameras(self) -> tuple[str, ...]:
        """The cameras in scope that have originals there."""
        return tuple(camera for camera in self.scope.cameras if any(row.camera == camera for row in self._rows))

    @property
    def notes(self) -> dict[str, str]:
        """What is wrong with segments in scope, by their uid: whose rows are not as they were signed, whose keys were
        not joined, and, once they were read, which are damaged or lack their end."""
        return dict(self._notes)

    def segments(self, camera: str) -> tuple[Segment, ...]:
        """The rows of the camera's originals in scope, in order of time."""
        return tuple(row for row in self._rows if row.camera == camera)

    def streams(self, camera: str) -> list[StreamInfo]:
        """The camera's streams in scope, a new one wherever size, codec or parameter sets change."""
        found: list[StreamInfo] = []
        for segment in self._each(camera):
            info = segment.info()
            if not found or _form(found[-1]) != _form(info):
                found.append(info)
        return found

    def units(self, camera: str) -> Iterator[AccessUnit]:
        """The access units of the GOPs that reach into the scope, in order; `pts` as the camera gave them.

        Begins with a key unit. Raises CustodyError when the camera is not in scope.
        """
        return (unit for _, units in self.parts(camera) for unit in units)

    def parts(self, camera: str) -> Iterator[tuple[OpenSegment, Iterator[AccessUnit]]]:
        """The same segment by segment; read each one's units before the next."""
        whole = False
        for segment in self._each(camera):
            chosen = self._chosen(segment, after=whole)
            yield segment, self._units(segment, chosen)
            all_gops = segment.gops()
            whole = bool(chosen and chosen[-1].end == all_gops[-1].end and not segment.note)

    def write_age(self, row: Segment, recipients: Sequence[str], out: BinaryIO) -> int:
        """Write what the scope holds of one segment as an age file to `recipients`; its bytes.

        A segment that lies wholly in scope gets another header to the same body. Of any other, the units of the GOPs
        in scope are sealed anew. Raises CustodyError, VaultError.
        """
        if row not in self._rows:
            raise CustodyError(f"Segment {row.uid} is not in scope", mend="Ask for a release of it")
        identities = [self._key(row)]
        segment = OpenSegment.open(self._folder, row, identities)
        try:
            chosen = self._chosen(segment, after=row.starts_with_key)
            if chosen == segment.gops() and not segment.note:
                header = with_suffix(self._folder / row.path, HEADER).read_bytes()
                return sum(map(out.write, segment.rewrapped(identities, recipients, header)))
            sealer = AGE.sealer(recipients)
            size = out.write(sealer.header)
            parameters = segment.info().parameter_sets
            pieces = (unit.data for unit in self._units(segment, chosen))
            for piece in (parameters, *pieces):
                size += out.write(sealer.write(piece))
            return size + out.write(sealer.close())
        finally:
            segment.close()

    def close(self) -> None:
        """Forget the keys. What was not read cannot be read any more."""
        self._keys.clear()

    def _key(self, row: Segment) -> str:
        if row.uid in self._refused:
            raise CustodyError(f"Segment {row.uid}: {self._refused[row.uid]}", mend="Run 'garim check'")
        key = self._keys.get(row.epoch)
        if key is None:
            raise CustodyError(
                f"Segment {row.uid}: its epoch {row.epoch or '(none)'} is not open",
                mend="Ask for a release whose scope holds it",
            )
        return key

    def _each(self, camera: str) -> Iterator[OpenSegment]:
        if camera not in self.scope.cameras:
            raise CustodyError(
                f"Camera {camera!r} is not in the release's scope", mend="Ask for a release of it"
            )
        for row in self.segments(camera):
            try:
                segment = OpenSegment.open(self._folder, row, [self._key(row)])
            except GarimError as error:
                self._notes.setdefault(row.uid, error.what)
                continue
            if segment.note:
                self._notes[row.uid] = segment.note
            try:
                yield segment
            finally:
                segment.close()

    def _chosen(self, segment: OpenSegment, *, after: bool) -> list[Gop]:
        """The GOPs in scope; what a forced cut has left of one only if its beginning came just before."""
        camera = segment.row.camera
        return [
            gop
            for gop in segment.gops()
            if self.scope.covers(camera, gop.start, gop.stop) and (after or not gop.headless)
        ]

    def _units(self, segment: OpenSegment, chosen: Sequence[Gop]) -> Iterator[AccessUnit]:
        try:
            for gop in chosen:
                yield from segment.units(gop)
        except (CustodyError, VaultError) as error:
            self._notes[segment.row.uid] = error.what


def open_release(
    release: str,
    *,
    by: str,
    database: Database,
    index: Index,
    store: ShareStore,
    runtime: Runtime,
    folder: Path,
    clock: Clock,
    book: Requests | None,
) -> Opened:
    """Open a release that enough custodians have answered, on record before anything can be read.

    Rows that are not as they were signed open nothing. Only epochs of originals in the release's scope are joined,
    each from exactly its own shares and checked against its public key. With `book` the case must allow it, and notes
    it. Raises CustodyError when not one of them opens, and says why; Forbidden.
    """
    kept = store.release(release)
    now = clock.utc()
    if kept.request == ROTATION:
        raise CustodyError(f"{release} is a rotation, which opens nothing", mend="See 'garim release status'")
    if now > kept.expires:
        raise CustodyError(f"Release {release} has expired", mend="Cancel it and ask again")
    scope = Case.parse(json.loads(kept.document)).scope
    rows = originals(index, scope)
    counted = answerers(store, release)
    if book is not None:
        counted &= book.answerers(kept.request)
    found = vetted(rows, index, store.recorder)
    wanted = {row.epoch for row in rows if row.epoch and row.uid not in found.refused}
    keys, failures = joined(release, wanted, store, runtime.identity(release), counted)
    if not keys:
        what = next(iter((failures | found.refused).values()), "there is no original in its scope any more")
        raise CustodyError(f"Release {release} cannot be opened: {what}", mend="See 'garim release status'")
    details: dict[str, Json] = {
        "release": release,
        "custodians": sorted(counted),
        "epochs": sorted(keys),
        "failed": sorted(failures),
        "segments": len(rows),
        "refused": sorted(found.refused),
    }
    with database.write() as connection:
        if book is not None:
            book.released(kept.request, by=by, details=details, connection=connection)
        else:
            reach: dict[str, Json] = {"cameras": list(scope.cameras), "start": scope.start, "end": scope.end}
            subject = f"request/{kept.request}"
            append(connection, Entry(now, by, Action.RELEASED, subject, reach | details, "host"))
    opened = Opened(scope, folder, rows, keys, found)
    for row in rows:
        if row.epoch not in keys and row.uid not in found.refused:
            opened._notes[row.uid] = failures.get(row.epoch, "it is sealed to recorder.recipients")
    return opened


def answerers(store: ShareStore, release: str) -> set[str]:
    """Who has answered a release and is a custodian still."""
    return {each.name for each in store.custodians() if each.active} & store.answers(release).keys()


def joined(
    release: str, wanted: Iterable[str], store: ShareStore, identity: str, counted: Collection[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The private keys of the `wanted` epochs out of a release's answers, and why the others do not open.

    Only answers of the custodians `counted` count, and of each only his own shares.
    """
    by_epoch: dict[str, list[Share]] = {}
    for custodian, sealed in store.answers(release).items():
        if custodian not in counted:
            continue
        shares = shares_in(sealed, release, custodian, identity)
        strange = foreign(shares, custodian, store)
        for share in shares:
            if share.epoch not in strange:
                by_epoch.setdefault(share.epoch, []).append(share)
    keys: dict[str, str] = {}
    failures: dict[str, str] = {}
    for name in sorted(wanted):
        epoch = store.epoch(name)
        if epoch is None or epoch.destroyed is not None:
            failures[name] = f"the shares of epoch {name} were destroyed"
            continue
        shares = by_epoch.get(name, [])
        if len({share.number for share in shares}) < epoch.threshold:
            failures[name] = f"epoch {name}: {len(shares)} of {epoch.threshold} custodians have answered"
            continue
        try:
            keys[name] = vault.join(name, epoch.recipient, shares).secret()
        except VaultError as error:
            failures[name] = error.what
    return keys, failures


def _form(info: StreamInfo) -> tuple[object, ...]:
    return info.codec, info.width, info.height, info.parameter_sets
