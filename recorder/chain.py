"""Segment rows, signed and chained: each names the digest of its camera's row before (Ed25519, RFC 8032)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from recorder.descriptor import SegmentDescriptor
from recorder.segment import Segment
from recorder.signing import PublicKey, SigningKey
from vcam.base.canonical import canonical

FORM = "garim segment 1"
"""First word of what is signed, so that no signature of the same key over something else can pass for one."""


@dataclass(frozen=True, slots=True)
class Link:
    """What the chain adds to a row: the digest before it, its own (SHA-256, hexadecimal), and its signature."""

    previous: str
    digest: str
    signature: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a chain is broken: the segment, and what is wrong."""

    camera: str
    uid: str
    what: str


def digest(descriptor: SegmentDescriptor, previous: str) -> str:
    """SHA-256 over the canonical JSON (RFC 8785) of what a row vouches for."""
    signed = canonical(
        {
            "form": FORM,
            "uid": descriptor.id,
            "camera": descriptor.camera,
            "kind": descriptor.kind,
            "start": descriptor.start,
            "end": descriptor.end,
            "sha256": descriptor.sha256,
            "size": descriptor.size,
            "side_sha256": descriptor.side_sha256,
            "epoch": descriptor.epoch,
            "suite": descriptor.suite,
            "codec": descriptor.codec,
            "previous": previous,
        }
    )
    return hashlib.sha256(signed).hexdigest()


def link(descriptor: SegmentDescriptor, previous: str, key: SigningKey) -> Link:
    """The link of a new row after the one whose digest is `previous`; empty for a camera's first."""
    own = digest(descriptor, previous)
    return Link(previous, own, base64.b64encode(key.sign(bytes.fromhex(own))).decode())


def authentic(row: Segment, key: PublicKey) -> bool:
    """Whether a row is as it was signed. It says nothing of the rows around it."""
    try:
        signature = base64.b64decode(row.signature, validate=True)
    except binascii.Error:
        return False
    own = digest(row.descriptor(), row.previous)
    return own == row.digest and key.verify(signature, bytes.fromhex(own))


def verify(rows: Iterable[Segment], key: PublicKey, heads: Mapping[str, str] | None = None) -> list[Fault]:
    """Every fault in the chains of `rows`, which come in the order of their numbers, tombstones among them.

    A camera's rows from before rows were signed have no digest and come first. `heads` are the digests that each
    camera's last row was known to have before `rows` were read, for rows may join meanwhile; without them a chain
    that was cut at its end looks whole.
    """
    last: dict[str, str] = {}
    ends = {camera: head for camera, head in (heads or {}).items() if head}
    faults: list[Fault] = []
    for row in rows:
        before = last.get(row.camera, "")
        if not row.digest:
            if before:
                faults.append(Fault(row.camera, row.uid, "it is not signed, but rows before it are"))
            continue
        if row.previous != before:
            faults.append(
                Fault(
                    row.camera,
                    row.uid,
                    "the row before it is not the one that it names: rows are missing or moved",
                )
            )
        if not authentic(row, key):
            faults.append(Fault(row.camera, row.uid, "it is not as it was signed"))
        last[row.camera] = row.digest
        if ends.get(row.camera) == row.digest:
            del ends[row.camera]
    for camera in sorted(ends):
        faults.append(Fault(camera, "", "its last rows are missing: the chain ends before its known end"))
    return faults
