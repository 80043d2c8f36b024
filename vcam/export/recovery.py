"""Ends what a crash cut short: an export on record gets its name, one that is not is removed."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import structlog

from recorder.evidence.register import Export, Exports
from recorder.evidence.verifier.check import MANIFEST
from vcam.base.errors import CustodyError
from vcam.export.draft import CONTENT, left_behind, publish, writing

_log = structlog.get_logger()


def remove(row: Export) -> None:
    """Remove what is left of an export's files. Raises CustodyError when they stay, or lie where no export does."""
    folder = Path(row.folder)
    if folder.name != row.id:
        raise CustodyError(
            f"The register has export {row.id} in a folder of another name", mend="See 'garim check'"
        )
    if not folder.exists():
        return
    with writing(folder):
        shutil.rmtree(folder)
    _log.info("an export's files were removed", export=row.id)


def recover(folder: Path, register: Exports) -> None:
    """Look through `folder` for exports that were cut short, in the making or in being destroyed.

    Raises CustodyError when one cannot be ended.
    """
    for gone in register.list():
        if gone.destroyed is not None and Path(gone.folder) == folder.resolve() / gone.id:
            remove(gone)
    for name, part in left_behind(folder):
        row = register.find(name)
        if row is None or row.destroyed is not None:
            shutil.rmtree(part, ignore_errors=True)
            _log.warning("an export that was cut short was removed", export=name)
            continue
        with writing(part):
            digest = hashlib.sha256((part / CONTENT / MANIFEST).read_bytes()).hexdigest()
            if digest != row.manifest_sha256:
                raise CustodyError(
                    f"What was left of export {name} does not fit the register",
                    mend="Look into it, then remove the hidden folder, and make the export again",
                )
            publish(part, folder / name)
        _log.warning("an export that was cut short is whole", export=name)
