"""Which settings differ from those of the last start. Values are compared by digest; none is kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vcam.base.errors import RecordError
from vcam.base.partfile import write_whole
from vcam.base.settings import Settings

_FILE = "settings.seen"


@dataclass(frozen=True, slots=True)
class Changes:
    """`names` are dotted, a camera's under its name; None when there is no earlier start to compare with."""

    names: tuple[str, ...] | None
    sha256: str
    """Of all settings as they are read, in hexadecimal."""


class Seen:
    """What the settings were at the last start: a digest of each, in the folder of site.state."""

    def __init__(self, state: Path, settings: Settings) -> None:
        self._path = state / _FILE
        self._now = {name: _digest(value) for name, value in _flat(settings.model_dump(mode="json"))}

    def changes(self) -> Changes:
        """What is otherwise now."""
        before = self._before()
        names = None
        if before is not None:
            every = before.keys() | self._now.keys()
            names = tuple(sorted(name for name in every if before.get(name) != self._now.get(name)))
        return Changes(names, _digest(self._now))

    def remember(self) -> None:
        """Let the next start compare with the settings of now. Raises RecordError."""
        try:
            write_whole(self._path, json.dumps(self._now, indent=1, sort_keys=True).encode(), mode=0o600)
        except OSError as error:
            raise RecordError(
                f"{self._path} cannot be written ({error.strerror})",
                mend="Let site.state name a folder that Garim's user may write to",
            ) from error

    def _before(self) -> dict[str, str] | None:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None


def _flat(table: Mapping[str, Any], head: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting by its dotted name."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{head}{name}.")
        elif head + name == "camera":
            for camera in value:
                yield from _flat(camera, f"camera.{camera['name']}.")
        else:
            yield head + name, value


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
