"""File operations that are on the disk once they return (POSIX fsync on files and folders)."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_MODE = 0o600


class HashingFile:
    """A new file, written from front to back, readable by the owner only; it knows its size and SHA-256.

    Raises OSError when the file exists or cannot be written.
    """

    def __init__(self, path: Path, *, lock: bool = False) -> None:
        self.path = path
        self.size = 0
        self._hash = hashlib.sha256()
        self._descriptor = os.open(path, _NEW, _MODE)
        while lock:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            if os.fstat(self._descriptor).st_nlink:
                break
            # A check took it for a left-over before it was locked.
            os.close(self._descriptor)
            self._descriptor = os.open(path, _NEW, _MODE)

    @property
    def sha256(self) -> str:
        """Of what has been written, in hexadecimal."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> int:
        """Write all of `data` without a buffer of our own."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        self._hash.update(data)
        self.size += len(data)
        return len(data)

    def sync(self) -> None:
        """Wait until the content is on the disk."""
        os.fsync(self._descriptor)

    def close(self) -> None:
        """Close the file, which gives up the lock. Twice does no harm."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)


@contextmanager
def claimed(path: Path) -> Iterator[bool]:
    """Whether no living writer holds the file at `path`; if so, none can come to hold it within this context."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield True
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(descriptor)


def write(path: Path, data: bytes) -> None:
    """Write a new file and wait until its content is on the disk."""
    file = HashingFile(path)
    try:
        file.write(data)
        file.sync()
    finally:
        file.close()


def sync(path: Path) -> None:
    """Wait until a file's content is on the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def rename(source: Path, target: Path) -> None:
    """Rename within a folder; durable after `sync_folder`."""
    source.replace(target)


def unlink(path: Path) -> bool:
    """Remove a file; durable after `sync_folder`. False when it was not there."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def sync_folder(path: Path) -> None:
    """Wait until the folder's entries are on the disk."""
    sync(path)


def make_folders(root: Path, path: Path) -> None:
    """Make `path`, which lies below `root`, and wait until every new folder on the way is on the disk."""
    missing = []
    while not path.is_dir():
        missing.append(path)
        if path == root:
            break
        path = path.parent
    for folder in reversed(missing):
        folder.mkdir(mode=0o700, parents=folder == root, exist_ok=True)
        sync_folder(folder.parent)


def sha256(path: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(data: bytes) -> str:
    """SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
