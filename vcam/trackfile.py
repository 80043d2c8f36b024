"""The file of tracks: what the first pass over a video found, for a second one that leaves some of it clear.

One JSON object a line: a header with the video's SHA-256 and how it was analysed, one line for each picture, and a
last line with every trail. It holds no picture, but tells when somebody was where: keep it as the original is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from vcam.base.errors import ConfigError, Unreachable
from vcam.base.media import TICKS, Kind
from vcam.base.partfile import part_of, writing
from vcam.base.settings import MaskKind, MaskSettings
from vcam.track.trace import Trace, Traced
from vcam.track.trail import Trail

VERSION = 1


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Header(_Line):
    """Of which file the tracks are, and how it was analysed."""

    tracks: int
    sha256: str
    kinds: list[MaskKind]
    delay: float

    @classmethod
    def of(cls, source: Path, settings: MaskSettings) -> Self:
        """The header for tracks of the file `source`. Raises ConfigError when it cannot be read."""
        return cls(tracks=VERSION, sha256=_sha256(source), kinds=sorted(settings.kinds), delay=settings.delay)


class _Region(_Line):
    box: tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat]
    track: int
    kind: Kind
    score: FiniteFloat
    doubt: str
    beside: list[int]


class _Picture(_Line):
    frame: int
    time: float
    pts: int
    whole: str
    regions: list[_Region]


class _Trail(_Line):
    track: int
    kind: Kind
    start: float = Field(alias="from")
    end: float = Field(alias="to")
    best: float
    frames: int
    certain: int
    follows: int
    within: list[int]


class _End(_Line):
    frames: int
    found: list[_Trail]


_Model = TypeVar("_Model", bound=_Line)


class TrackWriter:
    """Writes a file of tracks, which appears under its name when kept. Raises EncodeError when that fails."""

    def __init__(self, path: Path, header: Header) -> None:
        self._path = path
        self._frames = 0
        with writing(path):
            self._file: IO[str] = part_of(path).open("w", encoding="utf-8")
        self._write(header)

    def add(self, traced: Traced) -> None:
        """Append one picture."""
        regions = [
            _Region(
                box=_rounded(one),
                track=one.number,
                kind=one.kind,
                score=round(one.score, 3),
                doubt=one.doubt,
                beside=sorted(one.beside),
            )
            for one in traced.traces
        ]
        time = round(traced.pts / TICKS, 6)
        self._write(
            _Picture(frame=traced.index, time=time, pts=traced.pts, whole=traced.whole, regions=regions)
        )
        self._frames += 1

    def keep(self, trails: Sequence[Trail]) -> None:
        """Write the last line, and give the complete file its name."""
        found = [
            _Trail.model_validate(
                {
                    "track": one.number,
                    "kind": one.kind,
                    "from": one.start,
                    "to": one.end,
                    "best": one.best,
                    "frames": one.pictures,
                    "certain": one.certain,
                    "follows": one.follows,
                    "within": list(one.within),
                }
            )
            for one in trails
        ]
        self._write(_End(frames=self._frames, found=found))
        with writing(self._path):
            self._file.close()
            part_of(self._path).replace(self._path)

    def discard(self) -> None:
        """Remove the incomplete file."""
        with contextlib.suppress(OSError):  # what made it incomplete has been told already
            self._file.close()
        part_of(self._path).unlink(missing_ok=True)

    def _write(self, line: _Line) -> None:
        with writing(self._path):
            self._file.write(line.model_dump_json(by_alias=True) + "\n")


class TrackReader:
    """Reads a file of tracks of the video `source`, which must have been analysed as `settings` say.

    Raises ConfigError when it is no such file, is not complete, or belongs to another video or other settings.
    """

    def __init__(self, path: Path, source: Path, settings: MaskSettings) -> None:
        self._path = path
        self.trails: tuple[Trail, ...] = ()
        self._check(Header.of(source, settings), source)

    def pictures(self) -> Iterator[Traced]:
        """Every picture, in order; when they have all been read, `trails` is known."""
        lines = self._lines()
        next(lines)
        for frame, (number, line) in enumerate(lines):
            if line.startswith('{"frames"'):
                end = self._parsed(_End, number, line)
                if end.frames == frame and next(lines, None) is None:
                    self.trails = tuple(map(_trail, end.found))
                    return
                break
            picture = self._parsed(_Picture, number, line)
            if picture.frame != frame:
                break
            yield _traced(picture)
        raise ConfigError(f"{self._path} is not complete", mend="Make it again with 'garim tracks'")

    def _check(self, wanted: Header, source: Path) -> None:
        number, line = next(self._lines(), (1, ""))
        header = self._parsed(Header, number, line)
        again = "Make it again with 'garim tracks'"
        if header.tracks != VERSION:
            raise ConfigError(f"{self._path} is of another version of Garim", mend=again)
        if header.sha256 != wanted.sha256:
            raise ConfigError(f"{self._path} does not belong to {source}", mend=f"{again} for this video")
        if header != wanted:
            raise ConfigError(
                f"{self._path} was made for other kinds or with another delay",
                mend="Give the same --config and --camera to 'garim tracks' and 'garim mask'",
            )

    def _lines(self) -> Iterator[tuple[int, str]]:
        try:
            with self._path.open(encoding="utf-8") as file:
                yield from enumerate(file, 1)
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"{self._path} cannot be read ({type(error).__name__})",
                mend="Name a file that 'garim tracks' wrote",
            ) from error

    def _parsed(self, model: type[_Model], number: int, line: str) -> _Model:
        try:
            return model.model_validate_json(line)
        except ValidationError as error:
            raise ConfigError(
                f"{self._path}, line {number}: this is no file of tracks",
                mend="Name a file that 'garim tracks' wrote",
            ) from error


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Unreachable(
            f"{path} cannot be read ({error.strerror or type(error).__name__})",
            mend="Check the path and the file's rights",
        ) from error


def _rounded(trace: Trace) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = (round(edge, 2) for edge in trace.box)
    return x1, y1, x2, y2


def _traced(picture: _Picture) -> Traced:
    traces = tuple(
        Trace(one.box, one.track, one.kind, one.score, one.doubt, frozenset(one.beside))
        for one in picture.regions
    )
    return Traced(picture.frame, picture.pts, picture.whole, traces)


def _trail(one: _Trail) -> Trail:
    return Trail(
        one.track,
        one.kind,
        one.start,
        one.end,
        one.best,
        one.frames,
        one.certain,
        one.follows,
        tuple(one.within),
    )
