"""What a manifest says of the files, read with suspicion."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

FORMAT = "garim-export/1"
_PART = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,118}[A-Za-z0-9_-])?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DEPTH = 3
_NEEDED = ("export", "kind", "created", "scope", "files", "segments", "people", "software", "signer")


class NoManifest(ValueError):
    """The value is no manifest. `args[0]` names the field."""


class Listed(NamedTuple):
    """One file. `name` is relative, with slashes; `size` in bytes; `sha256` in lower-case hexadecimal."""

    name: str
    size: int
    sha256: str


class Entry(NamedTuple):
    """A file that was delivered, and what it is once decrypted when it was encrypted to the receiver."""

    delivered: Listed
    opened: Listed | None


def entries(manifest: Any) -> list[Entry]:
    """The files that `manifest` lists. Raises NoManifest for anything that is no manifest of this format."""
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise NoManifest("format")
    for field in _NEEDED:
        if field not in manifest:
            raise NoManifest(field)
    files = manifest["files"]
    if not isinstance(files, list) or not files:
        raise NoManifest("files")
    found = [_entry(each, at) for at, each in enumerate(files)]
    names = [one.name.lower() for entry in found for one in entry if one is not None]
    if len(set(names)) != len(names):
        raise NoManifest("files: a name twice")
    return found


def safe(name: Any) -> bool:
    """Whether `name` can only mean a file inside the folder, on any system."""
    if not isinstance(name, str):
        return False
    parts = name.split("/")
    return len(parts) <= _DEPTH and all(_PART.fullmatch(part) for part in parts)


def _entry(value: Any, at: int) -> Entry:
    where = f"files[{at}]"
    delivered = _listed(value, where)
    opened = value.get("opened")
    return Entry(delivered, None if opened is None else _listed(opened, where + ".opened"))


def _listed(value: Any, where: str) -> Listed:
    if not isinstance(value, dict):
        raise NoManifest(where)
    table: dict[str, Any] = value
    name, size, digest = table.get("name"), table.get("size"), table.get("sha256")
    if not isinstance(name, str) or not safe(name):
        raise NoManifest(where + ".name")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise NoManifest(where + ".size")
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        raise NoManifest(where + ".sha256")
    return Listed(name, size, digest)
