"""Plaintext on its way into an export: files in memory, gone when the export is made, failed or the power is cut."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
from pathlib import Path
from typing import Self

from recorder.release.runtime import kind_of, own
from vcam.base.errors import CustodyError

_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
SPARE = 64 << 20
"""Bytes of memory that are left to others."""


class Workspace:
    """A folder of one's own in `runtime`, which must lie in memory. Leave it to remove all that is in it.

    What a killed export has left behind there is removed first. Raises CustodyError.
    """

    def __init__(self, runtime: Path) -> None:
        try:
            runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
            own(runtime)
            kind = kind_of(runtime)
            if kind not in _IN_MEMORY:
                raise CustodyError(
                    f"{runtime} lies on {kind or 'a disk'}, and originals must never reach a disk",
                    mend="Let custody.runtime name a folder in memory, such as /dev/shm/garim",
                )
            _clear(runtime)
            self.folder = runtime / f"export-{secrets.token_hex(8)}"
            self.folder.mkdir(mode=0o700)
            self._lock = _locked(self.folder)
        except OSError as error:
            raise CustodyError(
                f"{runtime} cannot be used ({error.strerror})",
                mend="Let custody.runtime name a folder in memory that Garim's user may write to",
            ) from error

    @staticmethod
    def clear(runtime: Path) -> None:
        """Remove what killed exports have left behind in `runtime`, if it is there. Raises CustodyError."""
        if runtime.is_dir():
            own(runtime)
            _clear(runtime)

    def need(self, size: int) -> None:
        """Raise CustodyError unless `size` more bytes have room."""
        room = shutil.disk_usage(self.folder).free
        if size + SPARE > room:
            raise CustodyError(
                f"This takes {size >> 20} MiB of memory, and {self.folder.parent} has {room >> 20}",
                mend="Export a shorter time at once, or give custody.runtime a larger tmpfs",
            )

    def close(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _locked(folder: Path) -> int:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor


def _clear(runtime: Path) -> None:
    """Remove workspaces that no living process holds."""
    for folder in runtime.glob("export-*"):
        with contextlib.suppress(OSError):
            descriptor = _locked(folder)
            try:
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(descriptor)
