"""Compares the folders of exports with the register: what has left is as it was signed, and nothing lies beside."""

from __future__ import annotations

from pathlib import Path

from recorder.durable import sha256
from recorder.evidence.ids import EXPORT
from recorder.evidence.register import Export, Exports
from recorder.evidence.verifier.check import MANIFEST
from recorder.findings import Findings, Problem
from vcam.export.draft import CONTENT


def audit(folder: Path, register: Exports, findings: Findings) -> None:
    """Look at the manifest of every export in the register, and for folders in `folder` that it does not know.

    The files themselves are left to `garim verify`. Nothing is mended: an export is evidence.
    """
    known = set()
    for row in register.list():
        known.add(Path(row.folder))
        if (wrong := _wrong(row)) is not None:
            findings.found(Problem.EXPORT, row.id, wrong)
    if not folder.is_dir():
        return
    for path in sorted(folder.resolve().iterdir()):
        if path not in known and EXPORT.fullmatch(path.name):
            findings.found(Problem.EXPORT, path.name, "the register does not know it; it is left alone")


def _wrong(row: Export) -> str | None:
    folder = Path(row.folder)
    if row.destroyed is not None:
        return "it was destroyed, and its folder is there" if folder.exists() else None
    manifest = folder / CONTENT / MANIFEST
    try:
        digest = sha256(manifest)
    except OSError as error:
        return f"its manifest cannot be read ({error.strerror or type(error).__name__})"
    return None if digest == row.manifest_sha256 else "its manifest is not the one that was signed"
