"""An export's folder for tests: files, a manifest over them, and its signature."""

from __future__ import annotations

import hashlib
from pathlib import Path

from recorder.evidence import minisign
from recorder.evidence.manifest import Basis, Digest, File, Manifest, Receiver, Source, Staff
from recorder.evidence.verifier.check import MANIFEST, SIGNATURE
from recorder.scope import Scope
from recorder.signing import SigningKey

KEY = SigningKey(bytes(range(8)), bytes(range(32)))
OTHER = SigningKey(bytes(8), bytes(32))
EXPORT = "E20260101-00c0ffee"
HOUR = 3_600_000_000


def digest(name: str, data: bytes) -> Digest:
    return Digest(name, len(data), hashlib.sha256(data).hexdigest())


def manifest(*files: File) -> Manifest:
    """A manifest over `files`, as an export of the original would have it."""
    return Manifest(
        export=EXPORT,
        kind="original",
        created=1_767_225_600_000_000,
        institution="가림 시험",
        scope=Scope(("gate",), HOUR, 2 * HOUR),
        files=files,
        segments=(Source("00" * 8, "gate", HOUR, HOUR + 60, "ab" * 32, "", "cd" * 32, "sig"),),
        staff=Staff("officer-1", "officer-2", "approver-1", ("custodian-1", "custodian-2")),
        receiver=Receiver("police", "", "return or destroy after use"),
        masked=False,
        signer=minisign.key_line(KEY.public),
        recorder=minisign.key_line(OTHER.public),
        software={"garim": "0"},
        request=Basis("2026-0001", "warrant", "Criminal Procedure Act 215"),
    )


def write(
    folder: Path, contents: dict[str, bytes], *, key: SigningKey = KEY, made: Manifest | None = None
) -> Path:
    """Write an export of these files below `folder`; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    files = (File(digest(name, data), "bitstream", "gate") for name, data in contents.items())
    sign(folder, (made or manifest(*files)).canonical(), key)
    return folder


def sign(folder: Path, data: bytes, key: SigningKey = KEY) -> None:
    """Put these bytes in as the manifest, whatever they are, with a signature that fits."""
    (folder / MANIFEST).write_bytes(data)
    (folder / SIGNATURE).write_text(minisign.sign(key, data, comment=f"export:{EXPORT}"), encoding="utf-8")
