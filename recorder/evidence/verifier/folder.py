"""The folder of an export as it lies on the disk. No link is followed."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
_PIECE = 1 << 20
_DEEPEST = 8


class Unfit(OSError):
    """It is no plain file."""


def contents(folder: str) -> tuple[list[str], list[str]]:
    """Names of the plain files below `folder`, and of what is neither a plain file nor a folder that holds some.

    Names are relative, with slashes. Raises OSError.
    """
    files: list[str] = []
    others: list[str] = []
    _walk(folder, "", files, others, 0)
    return sorted(files), sorted(others)


def _walk(folder: str, below: str, files: list[str], others: list[str], depth: int) -> None:
    before = len(files) + len(others)
    with os.scandir(folder) as found:
        for each in sorted(found, key=lambda one: one.name):
            name = below + each.name
            if each.is_file(follow_symlinks=False):
                files.append(name)
            elif each.is_dir(follow_symlinks=False) and depth < _DEEPEST:
                _walk(each.path, name + "/", files, others, depth + 1)
            else:
                others.append(name)
    if below and len(files) + len(others) == before:
        others.append(below.rstrip("/"))


def read(folder: str, name: str, most: int) -> bytes:
    """The file's first `most` + 1 bytes. Raises OSError."""
    with os.fdopen(_open(folder, name), "rb") as file:
        return file.read(most + 1)


def measure(folder: str, name: str) -> tuple[int, str]:
    """The file's size in bytes and its SHA-256 in hexadecimal. Raises OSError."""
    digest, size = hashlib.sha256(), 0
    with os.fdopen(_open(folder, name), "rb") as file:
        while True:
            piece = file.read(_PIECE)
            if not piece:
                return size, digest.hexdigest()
            digest.update(piece)
            size += len(piece)


def _open(folder: str, name: str) -> int:
    path = Path(folder, *name.split("/"))
    before = path.lstat()
    if not stat.S_ISREG(before.st_mode):
        raise Unfit(name)
    descriptor = os.open(path, _FLAGS)
    after = os.fstat(descriptor)
    if not os.path.samestat(before, after):
        os.close(descriptor)
        raise Unfit(name)
    return descriptor
