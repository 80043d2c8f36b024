"""The manifest of an export: everything that its receiver, or a court, may ask about the files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from recorder.evidence.verifier.listing import FORMAT
from recorder.scope import Scope
from vcam.base.canonical import Json, canonical

Kind = Literal["original", "masked", "selective", "stills", "share"]
KINDS: tuple[Kind, ...] = ("original", "masked", "selective", "stills", "share")

Role = Literal["bitstream", "video", "times", "viewing", "masked", "selective", "still"]
"""What a file is: the untouched bitstream, the same in a container, when each picture was captured, and so on."""


@dataclass(frozen=True, slots=True)
class Digest:
    """A file's name (relative, with slashes), its size in bytes and its SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str

    def json(self) -> dict[str, Json]:
        return {"name": self.name, "size": self.size, "sha256": self.sha256}


@dataclass(frozen=True, slots=True)
class File:
    """A file as delivered. `opened` is what it is once decrypted, when it was encrypted to the receiver."""

    delivered: Digest
    role: Role
    camera: str
    opened: Digest | None = None

    def json(self) -> dict[str, Json]:
        opened = None if self.opened is None else self.opened.json()
        return {**self.delivered.json(), "role": self.role, "camera": self.camera, "opened": opened}


@dataclass(frozen=True, slots=True)
class Source:
    """A segment that the files were made from, as its row in the index has it. Times in us UTC."""

    id: str
    camera: str
    start: int
    end: int
    sha256: str
    previous: str
    digest: str
    signature: str

    def json(self) -> dict[str, Json]:
        return {
            "id": self.id,
            "camera": self.camera,
            "start": self.start,
            "end": self.end,
            "sha256": self.sha256,
            "previous": self.previous,
            "digest": self.digest,
            "signature": self.signature,
        }


@dataclass(frozen=True, slots=True)
class Basis:
    """The request that the export answers, and its ground: a value of the closed list, and the article."""

    number: str
    basis: str
    article: str
    purpose: str = ""

    def json(self) -> dict[str, Json]:
        return {"number": self.number, "basis": self.basis, "article": self.article, "purpose": self.purpose}


@dataclass(frozen=True, slots=True)
class Staff:
    """Who did what, by their names in the register. Empty where nobody had that part."""

    exporter: str
    requester: str = ""
    approver: str = ""
    custodians: tuple[str, ...] = ()

    def json(self) -> dict[str, Json]:
        return {
            "exporter": self.exporter,
            "requester": self.requester,
            "approver": self.approver,
            "custodians": self.custodians,
        }


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets it, with which key (empty when it is not encrypted), and the limits asked of them."""

    body: str
    recipient: str
    limits: str

    def json(self) -> dict[str, Json]:
        return {"body": self.body, "recipient": self.recipient, "limits": self.limits}


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Who looked through the masked pictures before they left. `sha256` is of the reviewed changes, or empty."""

    reviewer: str
    time: int
    changes: int
    sha256: str

    def json(self) -> dict[str, Json]:
        return {
            "reviewer": self.reviewer,
            "time": self.time,
            "changes": self.changes,
            "sha256": self.sha256,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One export. `created` in us UTC; `signer` and `recorder` are public keys on one line, as minisign writes them.

    `masked` says whether everybody was to be masked but what `clear` names: tracks by camera, those that a reviewer
    removed, or a zone. It promises nothing about what can be recognised. `gaps` says of segments in scope, by their
    uid, what could not be read.
    `software` gives versions, `detectors` the SHA-256 of each network's file.
    """

    export: str
    kind: Kind
    created: int
    institution: str
    scope: Scope
    files: tuple[File, ...]
    segments: tuple[Source, ...]
    staff: Staff
    receiver: Receiver
    masked: bool
    signer: str
    recorder: str
    software: Mapping[str, str]
    detectors: Mapping[str, str] = field(default_factory=dict)
    request: Basis | None = None
    reason: str = ""
    clear: Mapping[str, Json] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    review: Reviewed | None = None
    gaps: Mapping[str, str] = field(default_factory=dict)

    def canonical(self) -> bytes:
        """The manifest's bytes, which are what is signed."""
        return canonical(
            {
                "format": FORMAT,
                "export": self.export,
                "kind": self.kind,
                "created": self.created,
                "institution": self.institution,
                "request": None if self.request is None else self.request.json(),
                "reason": self.reason,
                "scope": {
                    "cameras": self.scope.cameras,
                    "from": self.scope.start,
                    "to": self.scope.end,
                },
                "files": [each.json() for each in self.files],
                "segments": [each.json() for each in self.segments],
                "gaps": self.gaps,
                "people": self.staff.json(),
                "receiver": self.receiver.json(),
                "masked": self.masked,
                "clear": self.clear,
                "marks": self.marks,
                "review": None if self.review is None else self.review.json(),
                "software": {"versions": self.software, "detectors": self.detectors},
                "signer": {"key": self.signer},
                "recorder": {"key": self.recorder},
            }
        )

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes, in hexadecimal."""
        return hashlib.sha256(self.canonical()).hexdigest()
