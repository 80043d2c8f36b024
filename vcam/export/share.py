"""Kind (e): masked footage as it was recorded, joined into one file. Nobody's request is needed, a reason is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from recorder.audit.append import append
from recorder.audit.entry import Action, Entry
from recorder.durable import sha256
from recorder.evidence.manifest import Receiver, Source, Staff
from recorder.evidence.register import Export, Exports
from recorder.evidence.sealing import check_receiver
from recorder.footage import find_finished, join_masked
from recorder.index import Index
from recorder.requests.people import person_of
from recorder.requests.role import Role
from recorder.scope import Scope
from vcam.base.canonical import Json
from vcam.base.errors import CustodyError
from vcam.base.settings import EncodeSettings
from vcam.export.draft import CONTENT, Draft
from vcam.export.footage import source
from vcam.export.house import House
from vcam.export.marks import Marker
from vcam.export.order import check_reason, check_review
from vcam.export.paper import Paper, details
from vcam.export.recovery import recover
from vcam.export.review import Added, Review, Reviews, added
from vcam.export.review import entry as reviewed
from vcam.offline import cover_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What is shared, why, with whom. `by` is an officer; `form` is "file" or "link"."""

    scope: Scope
    by: str
    reason: str
    review: Review
    receiving_body: str = ""
    limits: str = ""
    recipient: str | None = None
    form: str = "file"
    marked: bool = True
    """Whether pictures carry the export's marks, for which they are encoded again."""
    origin: str = "host"


@dataclass(frozen=True, slots=True)
class Shared:
    """A share that was made. `pictures` counts those of all its files; `file` is the first of them."""

    row: Export
    pictures: int
    file: Path


def share(asked: Share, index: Index, house: House) -> Shared:
    """Make a share of masked footage: whole GOPs, gaps kept, with what a review has masked besides, and marked.

    What needs neither marks nor more masks is not encoded again.

    Raises CustodyError, Forbidden or RecordError; then nothing is left behind, and nothing is on record.
    """
    reason = _check(asked)
    register = Exports(house.database)
    recover(house.exports, register)
    now = house.clock.utc()
    name, mark = register.new_name(now)
    with Draft(house.exports, name, asked.recipient) as draft:
        marker = house.marking(name, mark, now) if asked.marked else None
        pictures, sources = _joined(asked, index, house, draft, marker)
        paper = Paper(name, mark, now, () if marker is None else marker.names)
        manifest = paper.manifest(
            house,
            kind="share",
            scope=asked.scope,
            files=draft.files,
            sources=sources,
            staff=Staff(asked.by),
            receiver=Receiver(asked.receiving_body, asked.recipient or "", asked.limits),
            reason=reason,
            review=asked.review,
        )
        draft.sign(manifest, house.signing)
        row = paper.row(manifest, draft.final)
        told: dict[str, Json] = {
            "basis": "masked",
            "purpose": reason,
            "receiving_body": asked.receiving_body,
            "limits": asked.limits,
            **details(manifest, house, form=asked.form),
        }
        entries = (
            Entry(now, asked.by, Action.SHARED, f"export/{name}", told, asked.origin),
            reviewed(asked.review, name, asked.by, now, origin=asked.origin),
        )

        def log(connection: Connection) -> None:
            for person in (asked.by, asked.review.reviewer):
                person_of(connection, person, Role.OFFICER)
            append(connection, *entries)

        register.record(row, log)
        draft.recorded()
        draft.publish()
    return Shared(row, pictures, draft.final / CONTENT / draft.files[0].delivered.name)


def _check(asked: Share) -> str:
    """The reason. Raises CustodyError, ConfigError or Forbidden for what may not be, or makes no sense."""
    reason = check_reason(asked.reason)
    check_review(asked.review)
    if isinstance(asked.review, Reviews):
        asked.review.check(asked.scope.cameras)
        if asked.review.counts()[1]:
            raise CustodyError(
                "A share never shows what the recording has masked",
                mend="Take the removals back: 'garim review undo'",
            )
    if asked.recipient is not None:
        check_receiver(asked.recipient)
    return reason


def _joined(
    asked: Share, index: Index, house: House, draft: Draft, marker: Marker | None
) -> tuple[int, tuple[Source, ...]]:
    pictures, sources = 0, []
    for camera in asked.scope.cameras:
        segments = find_finished(
            index,
            camera,
            asked.scope.start,
            asked.scope.end,
            now=house.clock.utc(),
            longest=house.segment_seconds,
        )
        if not segments:
            raise CustodyError(
                f"There is no masked footage of {camera} in that time", mend="See 'garim footage list'"
            )
        path = draft.spool / f"{camera}-masked.mp4"
        pictures += join_masked(house.media, segments, path, start=asked.scope.start, end=asked.scope.end)
        more = added(asked.review, camera, sha256(path))
        if more or marker is not None:
            path = _covered(path, more, marker, house.again(camera))
        draft.take(path, f"{camera}-masked.mp4", "masked", camera)
        sources += [source(each) for each in segments]
    return pictures, tuple(sources)


def _covered(path: Path, more: Added, marker: Marker | None, encode: EncodeSettings) -> Path:
    """`path` with more masks and with marks, in its place: it is gone."""
    out = path.with_name(f"covered-{path.name}")
    cover_file(path, out, more, encode=encode, mark=None if marker is None else marker.mark)
    path.unlink()
    return out
