"""Reads a settings file and lists every mistake in it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from vcam.base.conflicts import Conflict
from vcam.base.errors import ConfigError, Mistake
from vcam.base.mistakes import find_mistakes
from vcam.base.redaction import redact
from vcam.base.settings import Settings, SourceSettings
from vcam.base.settings_section import Section
from vcam.base.toml_lines import dotted, lines, nearest

LARGEST = 1 << 20
"""Bytes of the longest settings file that is read."""

Check = Callable[[Settings], Iterable[Conflict]]
"""A further check of settings that are otherwise right, by a part above this one."""

SectionT = TypeVar("SectionT", bound=Section)

_PLACE = re.compile(r" \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)$")


def load(path: Path, checks: Iterable[Check] = ()) -> Settings:
    """The settings in the TOML file `path`; relative paths in it are taken from the file's own folder.

    Raises ConfigError whose `mistakes` lists every mistake, of syntax only the first.
    """
    text = _text(path)
    data = _parsed(path, text)
    found = lines(text)
    if mistakes := find_mistakes(data, found):
        raise _wrong(path, mistakes)
    settings = _resolved(Settings.model_validate(data), path.resolve().parent)
    mistakes = [
        Mistake(nearest(found, c.path), dotted(c.path), "", c.what, c.mend)
        for check in checks
        for c in check(settings)
    ]
    if mistakes:
        raise _wrong(path, mistakes)
    return settings


def _wrong(path: Path, mistakes: list[Mistake]) -> ConfigError:
    number = "a mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    details = "".join(f"\n  {mistake}" for mistake in mistakes)
    return ConfigError(f"{path} has {number}:{details}", mistakes=mistakes)


def _one(path: Path, line: int, what: str, mend: str) -> ConfigError:
    return _wrong(path, [Mistake(line, "", "", what, mend)])


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise ConfigError(
            f"There is no file {path}", mend="Write one with 'garim config example > FILE', or name another"
        ) from None
    except IsADirectoryError:
        raise ConfigError(f"{path} is a folder", mend="Name the settings file in it") from None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror or type(error).__name__}",
            mend="Give Garim's user the right to read it",
        ) from None
    if len(data) > LARGEST:
        raise ConfigError(f"{path} is longer than {LARGEST} bytes", mend="Name a settings file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _one(path, line, "is not UTF-8", "Save the file in the encoding UTF-8") from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _one(path, 0, "lists or tables are nested too deep", "Write them flat") from None
    except ValueError as error:
        what = str(error)
        place = _PLACE.search(what)
        line = int(place["line"]) if place and place["line"] else text.count("\n") + 1
        column = f" in column {place['column']}" if place and place["column"] else ""
        what = redact(_PLACE.sub("", what))
        raise _one(
            path, line, f"is not TOML{column}: {what}", "Text stands in quotes, a table's name in [ ]"
        ) from None


def _resolved(section: SectionT, folder: Path) -> SectionT:
    """`section` with every relative path taken from `folder`."""
    paths = {name: _absolute(value, folder) for name, value in section}
    return section.model_copy(update=paths | _url(section, folder))


def _absolute(value: Any, folder: Path) -> Any:
    if isinstance(value, Path):
        return folder / value.expanduser()
    if isinstance(value, Section):
        return _resolved(value, folder)
    if isinstance(value, list):
        return [_absolute(item, folder) for item in value]
    return value


def _url(section: Section, folder: Path) -> dict[str, str]:
    if not isinstance(section, SourceSettings):
        return {}
    scheme, _, rest = section.url.partition(":")
    if scheme.lower() != "file" or rest.startswith("//"):
        return {}
    return {"url": f"file:{folder / Path(rest).expanduser()}"}
