"""A file that only takes room, given up when the disk is full: even marking a row as purged needs some."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog

from recorder import durable

_log = structlog.get_logger()

MIB = 1 << 20


def free_bytes(folder: Path) -> int:
    """Bytes that Garim's user may still write on the disk of `folder`. Raises OSError."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


class Ballast:
    """`size` bytes in the file at `path`, on the disk of the index and the shares; none at all for 0 bytes."""

    def __init__(self, path: Path, size: int, free: Callable[[Path], int] = free_bytes) -> None:
        self._path = path
        self._size = size
        self._free = free

    def make(self) -> bool:
        """Take the room, unless it is taken already. False, with a warning, when there is not enough."""
        if self._size == 0:
            return False
        try:
            if self._path.exists() and self._path.stat().st_blocks * 512 >= self._size:
                return True
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(handle, 0, self._size)
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            with contextlib.suppress(OSError):
                durable.unlink(self._path)
            _log.warning(
                "no room for the ballast", path=str(self._path), bytes=self._size, error=error.strerror
            )
            return False
        return True

    def give_up(self) -> None:
        """Free the room."""
        with contextlib.suppress(OSError):
            if durable.unlink(self._path):
                durable.sync_folder(self._path.parent)
                _log.warning("the ballast is given up: the disk is full", path=str(self._path))

    @contextlib.contextmanager
    def lent(self) -> Iterator[None]:
        """Within this context its room is free for others where the disk has less left than that."""
        if self._size == 0:
            yield
            return
        with contextlib.suppress(OSError):
            if self._free(self._path.parent) < self._size:
                self.give_up()
        try:
            yield
        finally:
            self.make()
