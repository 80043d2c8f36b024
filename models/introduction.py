"""Takes in a detector that somebody brings along: exported, examined, checked beside the shipped ones, kept.

Nothing of the site changes before the last step.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from models.candidate import choose, examine, read
from models.detector import STRIDE
from models.export import export
from models.imported import Imported, shelf_of
from models.runtime import open_runtime
from models.shelf import Entry, Figures, Shelf
from models.trial import imported_figures, read_labels, shipped_figures
from vcam.base.clock import Clock
from vcam.base.errors import ConfigError, WeightsError
from vcam.base.settings import ModelKind, SiteSettings

MOST_AREA = 10.0
"""Area of the boxes over that of the labels beyond which finding is no merit: a box over all finds all."""

Report = Callable[[int, int], None]
"""Told the pictures looked at, and how many there are to look at."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be imported, and how; see `garim models import`."""

    file: Path
    kind: ModelKind
    check: Path
    name: str | None = None
    classes: list[int] | None = None
    threshold: float = 0.25
    side: int | None = None
    least: float = 0.9
    licence: str = ""
    force: bool = False


@dataclass(frozen=True, slots=True)
class Introduced:
    """What came of it. `doubts` says why it should not be imported, `taken` whether it was."""

    entry: Entry
    doubts: tuple[str, ...]
    taken: bool


def introduce(wish: Wish, site: SiteSettings, clock: Clock, report: Report) -> Introduced:
    """Check the network of `wish` and, unless there are doubts that it does not override, keep it for `site`.

    Raises ConfigError for a wish that makes no sense, WeightsError for a file that is no usable detector, DetectError
    when a shipped detector cannot be run.
    """
    name = wish.name or _slug(wish.file)
    _sensible(wish)
    shelf = shelf_of(site)
    shelf.vacant(name)
    labels = read_labels(wish.check)
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        report(done, 2 * len(labels))

    with tempfile.TemporaryDirectory(prefix="model-") as folder:
        # what is examined and checked is a copy that nobody else changes
        content = _network(wish.file, Path(folder))
        (Path(folder) / f"{name}.onnx").write_bytes(content)
        entry = _entry(wish, name, Path(folder) / f"{name}.onnx", clock)
        try:
            check = imported_figures(Imported(entry, Shelf(Path(folder))), wish.check, labels, step)
        except WeightsError as error:
            raise _named(wish.file, error) from None
    entry = entry.model_copy(
        update={"check": check, "shipped": shipped_figures(wish.kind, wish.check, labels, step)}
    )
    doubts = _doubts(entry, wish.least)
    if doubts and not wish.force:
        return Introduced(entry, doubts, taken=False)
    shelf.add(entry, content)
    return Introduced(entry, doubts, taken=True)


def _slug(file: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "-", file.stem.lower()).strip("-")[:40].strip("-")


def _sensible(wish: Wish) -> None:
    if not 0 < wish.threshold < 1:
        raise ConfigError(f"A threshold of {wish.threshold} is none", mend="Choose one between 0 and 1")
    if not 0 <= wish.least <= 1:
        raise ConfigError(f"A recall of {wish.least} is none", mend="Choose one from 0 to 1, as in --least 0.9")
    if wish.side is not None and (wish.side % STRIDE or not STRIDE <= wish.side <= 4096):
        raise ConfigError(
            f"Pictures cannot be analysed at {wish.side} pixels",
            mend=f"Choose a multiple of {STRIDE} up to 4096, as in --side 1280",
        )


def _network(file: Path, folder: Path) -> bytes:
    """The ONNX file's content, of a checkpoint once it is exported."""
    match file.suffix.lower():
        case ".onnx":
            return read(file)
        case ".pt":
            read(file)
            out = folder / "exported.onnx"
            export(file, out)
            return read(out)
    raise WeightsError(f"{file.name} is neither .onnx nor .pt", mend="Export the network to ONNX")


def _entry(wish: Wish, name: str, path: Path, clock: Clock) -> Entry:
    try:
        found = examine(path, open_runtime())
        classes = choose(found, wish.classes)
    except WeightsError as error:
        raise _named(wish.file, error) from None
    if found.size is not None and wish.side not in {None, found.side}:
        raise ConfigError(
            f"{wish.file.name} takes pictures of {found.size[0]}x{found.size[1]} only",
            mend="Leave --side out, or export it with dynamic=True",
        )
    nothing = Figures(pictures=0, labels=0, found=0, area=0, false=0)
    try:
        return Entry(
            name=name,
            source=wish.file.name,
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
            licence=wish.licence or found.licence or "not stated",
            kind=wish.kind,
            layout=found.layout,
            output=found.output,
            side=wish.side or found.side,
            size=found.size,
            classes=classes,
            names=found.called(classes),
            threshold=wish.threshold,
            date=datetime.fromtimestamp(clock.utc() // 1_000_000, UTC),
            check=nothing,
            shipped=nothing,
        )
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"The {where} of {wish.file.name} cannot be kept: {first['msg']}", mend="Use plain, short text"
        ) from None


def _named(file: Path, error: WeightsError) -> WeightsError:
    return WeightsError(f"{file.name}: {error.what}", mend=error.mend)


def _doubts(entry: Entry, least: float) -> tuple[str, ...]:
    check, shipped = entry.check, entry.shipped
    doubts = []
    if check.recall < least:
        doubts.append(f"its recall of {100 * check.recall:.1f}% is below {100 * least:.1f}%")
    if check.recall < shipped.recall:
        doubts.append(f"the shipped detectors reach {100 * shipped.recall:.1f}%, it {100 * check.recall:.1f}%")
    if check.area > MOST_AREA:
        doubts.append(f"its boxes cover {check.area:.1f} times the labels' area, more than {MOST_AREA:.0f}")
    return tuple(doubts)
