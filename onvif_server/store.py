"""What clients have set on a virtual device, kept over restarts in one JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from vcam.base.errors import ConfigError
from vcam.base.partfile import write_whole

_VERSION = 1
_T = TypeVar("_T")


class Store:
    """Sections of plain JSON values, by name. Each belongs to one module, which checks what it reads.

    The file holds passwords of users made over ONVIF, so its owner alone may read it. Raises ConfigError when it
    cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sections: dict[str, Any] = {}
        try:
            read = json.loads(path.read_text(encoding="utf-8"))
            self._sections = dict(read[f"version {_VERSION}"])
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"{path} cannot be read ({type(error).__name__})",
                mend="Restore it from a backup; when it is removed, the device has its first settings again",
            ) from error

    def read(self, section: str) -> Any:
        """A section's value; None when it was never written."""
        return self._sections.get(section)

    def write(self, section: str, value: Any) -> None:
        """Replace a section, on disk before this returns. Raises ConfigError; the old value is kept then."""
        sections = {**self._sections, section: value}
        self._save(sections)
        self._sections = sections

    def clear(self, keep: Mapping[str, Any] | None = None) -> None:
        """Forget all sections but those of `keep`, as a factory reset does."""
        self._save(dict(keep or {}))
        self._sections = dict(keep or {})

    def _save(self, sections: Mapping[str, Any]) -> None:
        text = json.dumps({f"version {_VERSION}": sections}, ensure_ascii=False, indent=1)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, text.encode(), mode=0o600)
        except OSError as error:
            raise ConfigError(
                f"{self._path} cannot be written ({error.strerror})",
                mend="Let site.state name a folder that Garim's user may write to",
            ) from error


def kept(store: Store, section: str, kind: type[_T], otherwise: _T) -> _T:
    """A section's value as pydantic reads the type `kind`; `otherwise` when it was never written.

    Raises ConfigError when something else was written.
    """
    value = store.read(section)
    if value is None:
        return otherwise
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        raise ConfigError(
            f"The section {section!r} of a device's file in site.state is damaged ({error.error_count()} mistakes)",
            mend="Restore the file from a backup; when it is removed, the device has its first settings again",
        ) from None
