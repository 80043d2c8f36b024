"""The regions of one picture of a video under review, as they were masked. Read from lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vcam.base.errors import ConfigError
from vcam.base.media import Kind
from vcam.track.box import Box


@dataclass(frozen=True, slots=True)
class Shown:
    """One masked box of a picture, in pixels."""

    box: Box
    track: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Line:
    """One picture: its number from 0, seconds from the first, and what was masked in it."""

    frame: int
    time: float
    shown: tuple[Shown, ...]

    @property
    def whole(self) -> bool:
        """Whether all of it is masked."""
        return any(each.kind is Kind.WHOLE for each in self.shown)


def lines(data: Iterable[Mapping[str, Any]], name: str) -> Iterator[Line]:
    """The lines of a file of regions, such as `garim mask --regions` and the recorder write.

    Raises ConfigError, naming the file `name`, when one is none or they do not count on from 0.
    """
    for frame, line in enumerate(data):
        try:
            found = _line(line)
        except (KeyError, TypeError, ValueError, OverflowError):
            found = None
        if found is None or found.frame != frame:
            raise ConfigError(
                f"{name}, line {frame + 1}: this is no line of regions",
                mend="Name the file of regions that was written with this video",
            )
        yield found


def _line(line: Mapping[str, Any]) -> Line:
    shown = tuple(
        Shown((float(x1), float(y1), float(x2), float(y2)), int(track), Kind(kind))
        for x1, y1, x2, y2, track, kind in line["regions"]
    )
    return Line(int(line["frame"]), float(line["time"]), shown)


def read(path: Path) -> list[Line]:
    """Every line of a file of regions (JSON lines). Raises ConfigError."""
    try:
        with path.open(encoding="utf-8") as file:
            return list(lines(map(json.loads, file), path.name))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ConfigError(
            f"{path} cannot be read ({type(error).__name__})",
            mend="Name the file of regions that was written with this video",
        ) from error
