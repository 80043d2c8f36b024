"""What judges saw in a clip, kept on disk for the next time: numbers only, never a picture.

One JSON file for each clip's SHA-256, judge and judge's key, so that nothing stale is ever read.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from models.scaler import Scaler
from vcam.base.errors import ConfigError, NotVideo
from vcam.base.media import Picture
from vcam.quality.judge import Judge, JudgedKind, Seen, View
from vcam.source import FileSource

_SAVE_EVERY = 30.0
"""Seconds of judging that are lost at the most when it is interrupted."""


def default_folder() -> Path:
    """Where verdicts are kept unless another folder is named."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "garim" / "verdicts"


@dataclass(slots=True)
class Verdicts:
    """What one judge saw of a kind in one clip. `pictures` is how many the clip has, None until that is known."""

    kind: JudgedKind
    seen: dict[int, list[Seen]] = field(default_factory=dict)
    pictures: int | None = None

    def complete(self, every: int) -> bool:
        """Whether every `every`-th picture has been judged."""
        return self.pictures is not None and all(n in self.seen for n in range(0, self.pictures, every))


class Cache:
    """A folder of verdicts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"{folder} cannot be used as a cache ({error.strerror})", mend="Name another folder by --cache"
            ) from None

    def load(self, digest: str, judge: Judge) -> Verdicts:
        """What is known; a file that cannot be read counts as none."""
        try:
            held = json.loads(self._path(digest, judge).read_text(encoding="utf-8"))
            seen = {int(n): [_box(box) for box in boxes] for n, boxes in held["seen"].items()}
            return Verdicts(judge.kind, seen, held["pictures"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return Verdicts(judge.kind)

    def save(self, digest: str, judge: Judge, verdicts: Verdicts) -> None:
        """Keep what is known."""
        path = self._path(digest, judge)
        part = path.with_suffix(f".{os.getpid()}.part")
        held = {"judge": judge.about, "pictures": verdicts.pictures, "seen": verdicts.seen}
        part.write_text(json.dumps(held, separators=(",", ":")), encoding="utf-8")
        part.replace(path)

    def _path(self, digest: str, judge: Judge) -> Path:
        return self._folder / f"{digest[:32]}-{judge.name}-{judge.key}.json"


def _box(numbers: Sequence[float]) -> Seen:
    x1, y1, x2, y2, score = map(float, numbers)
    return (x1, y1, x2, y2, score)


def judge_clip(path: Path, judges: Sequence[Judge], cache: Cache, every: int = 1) -> dict[str, Verdicts]:
    """What each of `judges` sees in every `every`-th picture of the clip, by the judge's name.

    Only what the cache does not hold is looked at. Raises SourceError, DetectError.
    """
    digest = _digest(path)
    known = {judge.name: cache.load(digest, judge) for judge in judges}
    asked = [judge for judge in judges if not known[judge.name].complete(every)]
    if asked:
        hearing = _Hearing(digest, asked, known, cache)
        try:
            hearing.run(path, every)
        finally:
            hearing.save()
    return known


class _Hearing:
    """Some judges before one clip."""

    def __init__(self, digest: str, judges: Sequence[Judge], known: dict[str, Verdicts], cache: Cache) -> None:
        self._digest = digest
        self._judges = [(judge, known[judge.name]) for judge in judges]
        self._cache = cache
        self._saved = monotonic()

    def run(self, path: Path, every: int) -> None:
        scaler, count = Scaler(), 0
        for count, picture in enumerate(_pictures(path), 1):
            if (count - 1) % every == 0:
                self._look(count - 1, View(picture, scaler))
        if not count:
            raise NotVideo(f"{path} holds no picture", mend="Check that it plays in another program")
        for _, verdicts in self._judges:
            verdicts.pictures = count

    def save(self) -> None:
        """Keep what is known so far."""
        for judge, verdicts in self._judges:
            self._cache.save(self._digest, judge, verdicts)
        self._saved = monotonic()

    def _look(self, number: int, view: View) -> None:
        for judge, verdicts in self._judges:
            if number not in verdicts.seen:
                verdicts.seen[number] = judge.look(view)
        if monotonic() - self._saved > _SAVE_EVERY:
            self.save()


def _pictures(path: Path) -> Iterator[Picture]:
    return (event for event in FileSource(path).events() if isinstance(event, Picture))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
