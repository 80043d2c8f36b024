"""In which line of a TOML file each key, table and element stands (TOML 1.0).

`tomllib` keeps no lines. This reads a text that `tomllib` has accepted, so it needs to find its way and not to judge.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

Path = tuple[str | int, ...]
"""Keys and positions from the top down: `("camera", 0, "source", "url")`."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\[\s\S])*?"{3,5}(?!")'
    r"|'''[\s\S]*?'{3,5}(?!')"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
)
_SCALAR = re.compile(r"[^,\]}#\n]+")


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.lines: dict[Path, int] = {}
        self._at = 0
        self._line = 1
        self._counted = 0
        self._arrays: dict[Path, int] = {}
        """For each array of tables, the position of its latest element."""

    def document(self) -> None:
        table: Path = ()
        while self._skip(_BLANK):
            if self._take("[["):
                table = self._array_table()
            elif self._take("["):
                table = self._resolve(self._keys())
                self._skip(_SPACE)
                self._take("]")
            else:
                self._pair(table)

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        """Skip what `pattern` matches; whether anything is left."""
        match = pattern.match(self.text, self._at)
        self._at = match.end() if match else self._at
        return self._at < len(self.text)

    def _take(self, token: str) -> bool:
        if not self.text.startswith(token, self._at):
            return False
        self._at += len(token)
        return True

    def _note(self, path: Path) -> None:
        self._line += self.text.count("\n", self._counted, self._at)
        self._counted = self._at
        self.lines.setdefault(path, self._line)

    def _key(self) -> str:
        self._skip(_SPACE)
        if match := _STRING.match(self.text, self._at):
            self._at = match.end()
            return str(tomllib.loads(f"key = {match[0]}")["key"])
        bare = _BARE_KEY.match(self.text, self._at)
        if bare is None:
            raise ValueError(f"no key at offset {self._at}")
        self._at = bare.end()
        return bare[0]

    def _keys(self) -> list[str]:
        keys = [self._key()]
        while self._skip(_SPACE) and self._take("."):
            keys.append(self._key())
        return keys

    def _resolve(self, keys: list[str]) -> Path:
        """The table that a header's keys name: of an array of tables, its latest element."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            self._note(path)
            if path in self._arrays:
                path = (*path, self._arrays[path])
        return path

    def _array_table(self) -> Path:
        keys = self._keys()
        path = (*self._resolve(keys[:-1]), keys[-1])
        self._skip(_SPACE)
        self._take("]]")
        self._arrays[path] = self._arrays.get(path, -1) + 1
        self._note(path)
        self._note((*path, self._arrays[path]))
        return (*path, self._arrays[path])

    def _pair(self, table: Path) -> None:
        path = table
        for key in self._keys():
            path = (*path, key)
            self._note(path)
        self._take("=")
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip(_SPACE)
        if self._take("["):
            self._array(path)
        elif self._take("{"):
            while self._skip(_BLANK) and not self._take("}"):
                self._pair(path)
                self._skip(_BLANK)
                self._take(",")
        elif match := _STRING.match(self.text, self._at) or _SCALAR.match(self.text, self._at):
            self._at = match.end()

    def _array(self, path: Path) -> None:
        position = 0
        while self._skip(_BLANK) and not self._take("]"):
            element = (*path, position)
            self._note(element)
            self._value(element)
            self._skip(_BLANK)
            self._take(",")
            position += 1


def lines(text: str) -> dict[Path, int]:
    """The line, counted from 1, in which each path of `text` first appears.

    Raises ValueError or RecursionError when `text` is not what `tomllib.loads` accepts.
    """
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


def nearest(found: Mapping[Path, int], path: Path) -> int:
    """The line of `path`, or of the innermost table around it that has one; 0 when none has."""
    for length in range(len(path), 0, -1):
        if line := found.get(path[:length]):
            return line
    return 0


def dotted(path: Path) -> str:
    """`path` as people write it: `camera[0].source.url`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if _BARE_KEY.fullmatch(part) else repr(part)
            text += f".{name}" if text else name
    return text
