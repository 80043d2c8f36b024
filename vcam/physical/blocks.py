"""Cameras that were found, as blocks of a settings file."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

from vcam.physical.sighting import Sighting

_LETTERS = 8


def blocks(sightings: Sequence[Sighting], user: str | None, password: Path | None) -> str:
    """A [[camera]] block for each camera that can be used, and a comment for each that cannot."""
    taken: set[str] = set()
    parts = []
    for sighting in sightings:
        if sighting.problem:
            parts.append(f"# {_title(sighting)} at {sighting.address} {sighting.problem}.\n")
        else:
            parts.append(_block(sighting, _name(sighting, taken), user, password))
    return "\n".join(parts)


def _block(sighting: Sighting, name: str, user: str | None, password: Path | None) -> str:
    lines = [
        f"# {_title(sighting)}: {sighting.streams}",
        "[[camera]]",
        f"name = {_text(name)}",
        "",
        "[camera.source]",
        f"url = {_text(sighting.url)}",
    ]
    if user is not None:
        lines.append(f"user = {_text(user)}")
        if password is not None:
            lines.append(f"password = {{ file = {_text(str(password))} }}")
    return "\n".join(lines) + "\n"


def _title(sighting: Sighting) -> str:
    words: Iterable[str] = (sighting.vendor, sighting.model)
    return " ".join(word for word in words if word) or "A camera"


def _name(sighting: Sighting, taken: set[str]) -> str:
    """A name that no other block has, the same each time for a camera that has a lasting name of its own.

    It says neither where nor what the camera is: NVRs read it in the device's scopes, streams and certificate.
    """
    endpoint = sighting.candidate.endpoint
    name = f"camera-{hashlib.sha256(endpoint.encode()).hexdigest()[:_LETTERS]}" if endpoint else ""
    while not name or name in taken:
        name = f"camera-{secrets.token_hex(_LETTERS // 2)}"
    taken.add(name)
    return name


def _text(value: str) -> str:
    """A basic string of TOML, whose escapes are those of JSON but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
