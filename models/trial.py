"""Puts detectors to the test on labelled pictures: how much is found, how much is masked too much."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import av
import cv2
import numpy as np
from pydantic import Field, TypeAdapter, ValidationError

from models.analyst import COUNTS, Analyst
from models.boxes import Floats, areas, overlaps
from models.imported import Imported
from models.shelf import Figures
from vcam.base.errors import ConfigError
from vcam.base.media import Detection, Picture
from vcam.base.settings import ModelKind

LABELS = "labels.json"
COVER = 0.7
"""Share of a label that boxes must cover together for it to count as found."""
_BESIDE = 0.1
"""Share of a box that lies on labels, up to which it counts as false."""
_GRID = 64
"""A label's cover is counted on a grid of so many points each way."""
_STEPS = 25
"""Steps of the analysts' plan in its cycle."""
_LARGE = (1920, 1080)
"""Size of a picture that gets the passes with slots alone."""

_Number = Annotated[float, Field(allow_inf_nan=False)]
Labels = dict[str, list[Annotated[list[_Number], Field(min_length=4, max_length=5)]]]
"""For each picture, its labels: x1, y1, x2, y2 in pixels, and 1 when it is to be ignored."""

_FORM = "It holds {file: [[x1, y1, x2, y2, ignore], ...]}, in pixels; ignore is 0 or 1 and may be left out"


def read_labels(folder: Path) -> Labels:
    """The labels of the pictures in `folder`. Raises ConfigError when there are none or a picture is absent."""
    path = folder / LABELS
    try:
        labels = TypeAdapter(Labels).validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror or type(error).__name__})",
            mend=f"Name a folder of pictures with their labels in {LABELS}",
        ) from None
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise ConfigError(f"{path} is wrong{' at ' if where else ''}{where}", mend=_FORM) from None
    for name in labels:
        if Path(name).name != name or not (folder / name).is_file():
            raise ConfigError(f"{path} names {name}, which is not in the folder", mend=_FORM)
    if not any(_judged(rows).size for rows in labels.values()):
        raise ConfigError(f"{path} holds no label that counts", mend=_FORM)
    return labels


def shipped_figures(
    kind: ModelKind, folder: Path, labels: Labels, progress: Callable[[], None] | None = None
) -> Figures:
    """What the detectors that come with Garim reach, all passes of that kind on every picture."""
    analyst = Analyst([kind])
    steps = range(_STEPS + 1)
    passes = sorted({name for step in steps for name in analyst.plan(step, _STEPS, _LARGE)})
    return measure(analyst, passes, folder, labels, progress)


def imported_figures(
    one: Imported, folder: Path, labels: Labels, progress: Callable[[], None] | None = None
) -> Figures:
    """What an imported detector reaches alone."""
    analyst = Analyst([one.entry.kind], extra=[one])
    return measure(analyst, [one.name], folder, labels, progress)


def measure(
    analyst: Analyst,
    passes: Sequence[str],
    folder: Path,
    labels: Labels,
    progress: Callable[[], None] | None = None,
) -> Figures:
    """Run `passes` on every labelled picture in `folder`. `progress` is called after each.

    Raises ConfigError for what is no picture, DetectError.
    """
    found = count = false = 0
    boxed = labelled = 0.0
    for name, picture in _pictures(folder, labels):
        seen = analyst.analyse(picture, tuple(passes), ()).detections
        boxes = _array([one for one in seen if one.score >= COUNTS])
        judged, every = _judged(labels[name]), _rows(labels[name])
        found += sum(covered(label, boxes) >= COVER for label in judged)
        count += len(judged)
        boxed += float(areas(boxes).sum())
        labelled += float(areas(every).sum())
        on_labels = overlaps(boxes, every).sum(axis=1)
        false += int((on_labels <= _BESIDE * areas(boxes)).sum())
        if progress is not None:
            progress()
    return Figures(
        pictures=len(labels), labels=count, found=found, area=boxed / labelled, false=false / len(labels)
    )


def covered(label: Floats, boxes: Floats) -> float:
    """Share of `label` (4,) that `boxes` (n, 4) cover together."""
    hit = np.zeros((_GRID, _GRID), np.bool_)
    corner, sides = label[:2], label[2:] - label[:2]
    cells = np.rint(np.clip((boxes.reshape(-1, 2, 2) - corner) / sides, 0, 1) * _GRID).astype(int)
    for (x1, y1), (x2, y2) in cells:
        hit[y1:y2, x1:x2] = True
    return float(hit.mean())


def interval(figures: Figures) -> tuple[float, float]:
    """Wilson's interval of 95% for the recall (E. B. Wilson, 1927)."""
    n, z = figures.labels, 1.96
    middle = (figures.recall + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(figures.recall * (1 - figures.recall) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def _pictures(folder: Path, labels: Labels) -> Iterator[tuple[str, Picture]]:
    for index, name in enumerate(labels):
        pixels = cv2.imread(str(folder / name), cv2.IMREAD_COLOR)
        if pixels is None or min(pixels.shape[:2]) < 2:
            raise ConfigError(
                f"{folder / name} is no picture that can be read", mend=f"Take it out of {LABELS}"
            )
        even = np.ascontiguousarray(pixels[: pixels.shape[0] & ~1, : pixels.shape[1] & ~1], np.uint8)
        frame = av.VideoFrame.from_ndarray(even, format="bgr24").reformat(format="yuv420p")
        yield name, Picture(frame, index, index, 0)


def _array(detections: Sequence[Detection]) -> Floats:
    return np.array([(one.x1, one.y1, one.x2, one.y2) for one in detections], np.float32).reshape(-1, 4)


def _rows(labels: Sequence[Sequence[float]]) -> Floats:
    return np.array([label[:4] for label in labels], np.float32).reshape(-1, 4)


def _judged(labels: Sequence[Sequence[float]]) -> Floats:
    """The labels that count: not to be ignored, and at least a pixel wide and high."""
    rows = _rows([label for label in labels if not any(label[4:])])
    return rows[(rows[:, 2:] - rows[:, :2] >= 1).all(axis=1)]
