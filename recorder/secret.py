"""Secrets that the product makes for itself and keeps in files of their own."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from recorder import durable
from vcam.base.errors import RecordError


def kept(path: Path, size: int, role: str = "") -> bytes:
    """The secret of `size` random bytes at `path`, readable by its owner only; made when it is not there.

    However many processes come at once, all get the same. Raises RecordError, which says `role`, what the key is for.
    """
    file = f"Key file {path}, {role}," if role else f"Key file {path}"
    try:
        if not path.exists():
            once(path, secrets.token_bytes(size))
        data = path.read_bytes()
    except OSError as error:
        raise RecordError(
            f"{file} cannot be used: {error.strerror}",
            mend="Let Garim's user read and write the folder of site.state",
        ) from error
    if len(data) != size:
        raise RecordError(
            f"{file} is damaged",
            mend="Restore it from a backup; a new one does not answer for what the old one signed or marked",
        )
    return data


def once(path: Path, data: bytes) -> None:
    """Make the file at `path`, whole from its first instant, unless another process is first. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    durable.write(part, data)
    try:
        os.link(part, path)  # fails where another process was first, whose secret then counts
    except FileExistsError:
        pass
    finally:
        durable.unlink(part)
    durable.sync_folder(path.parent)
