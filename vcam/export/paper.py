"""The papers of an export: its manifest, its row in the register, and what the log says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from recorder.evidence.manifest import Basis, File, Kind, Manifest, Receiver, Reviewed, Source, Staff
from recorder.evidence.minisign import key_line
from recorder.evidence.register import Export
from recorder.scope import Scope
from vcam.base.canonical import Json
from vcam.export.house import House
from vcam.export.order import Order
from vcam.export.review import Review, Reviews

ITEMS: dict[Kind, str] = {
    "original": "video, unmasked",
    "masked": "video, masked",
    "selective": "video, masked but for what was chosen",
    "stills": "still pictures",
    "share": "video, masked",
}
"""What personal data each kind holds, for the provision register."""
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Paper:
    """The name of an export, its mark, and when it is made (us UTC)."""

    name: str
    mark: int
    created: int
    marks: tuple[str, ...] = field(default=())

    def manifest(
        self,
        house: House,
        *,
        kind: Kind,
        scope: Scope,
        files: tuple[File, ...],
        sources: tuple[Source, ...],
        staff: Staff,
        receiver: Receiver,
        request: Basis | None = None,
        reason: str = "",
        clear: dict[str, Json] | None = None,
        review: Review | None = None,
        gaps: Mapping[str, str] | None = None,
    ) -> Manifest:
        """The manifest over `files`."""
        return Manifest(
            export=self.name,
            kind=kind,
            created=self.created,
            institution=house.institution,
            scope=scope,
            files=files,
            segments=sources,
            staff=staff,
            receiver=receiver,
            masked=kind != "original",
            signer=key_line(house.signing.public),
            recorder=key_line(house.recorder),
            software=house.software(),
            detectors={} if kind in {"original", "share"} else house.detectors(),
            request=request,
            reason=reason,
            clear=clear or {},
            marks=self.marks,
            review=None if review is None else _reviewed(review),
            gaps=gaps or {},
        )

    def row(self, manifest: Manifest, folder: Path) -> Export:
        """Its row in the register."""
        return Export(
            id=self.name,
            mark=self.mark,
            kind=manifest.kind,
            request=None if manifest.request is None else manifest.request.number,
            reason=manifest.reason,
            scope=manifest.scope,
            created=self.created,
            created_by=manifest.staff.exporter,
            manifest_sha256=manifest.sha256,
            reviewed_by=None if manifest.review is None else manifest.review.reviewer,
            receiver=manifest.receiver.body,
            folder=str(folder),
        )


def _reviewed(review: Review) -> Reviewed:
    return Reviewed(review.reviewer, review.time, review.changes, review.sha256)


def details(manifest: Manifest, house: House, *, form: str = "file") -> dict[str, Json]:
    """What the log's entry says of an export beside whose case it is; the ledger's forms are made from it."""
    told: dict[str, Json] = {
        "cameras": list(manifest.scope.cameras),
        "start": manifest.scope.start,
        "end": manifest.scope.end,
        "kind": manifest.kind,
        "items": ITEMS[manifest.kind],
        "form": form,
        "files": [file.delivered.json() for file in manifest.files],
    }
    if manifest.review is not None:
        told["reviewer"] = manifest.review.reviewer
    if house.officer:
        told["person_in_charge"] = house.officer
    return told


def clear(order: Order) -> dict[str, Json]:
    """What stays clear, for the manifest: tracks by camera, the zone's corners in millionths of width and height.

    Tracks that a reviewer removed, as masking nobody, are told apart from those that were chosen.
    """
    told: dict[str, Json] = {}
    if isinstance(order.review, Reviews):
        removed = {camera: sorted(order.review.removed(camera)[0]) for camera in sorted(order.scope.cameras)}
        if any(removed.values()):
            told["removed"] = {camera: tracks for camera, tracks in removed.items() if tracks}
    if order.choices:
        told["tracks"] = {camera: sorted(choice.tracks) for camera, choice in sorted(order.choices.items())}
    if order.zone is not None:
        told["zone"] = [[round(x * _MILLION), round(y * _MILLION)] for x, y in order.zone.points]
    return told
