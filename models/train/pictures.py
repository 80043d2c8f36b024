"""The labelled pictures, decoded once and kept in memory at three sizes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.train.drawn import Bgr
from vcam.base.errors import WeightsError

_LEVELS: Final = 3
_COMPLETE: Final = "ro_"
"""Prefix of the pictures in which every plate is labelled."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A picture at full, half and quarter size, and its plates.

    `boxes` (n, 4) float32 in pixels of the full size. `complete` says that no other plate is to be seen.
    """

    levels: tuple[Bgr, ...]
    boxes: NDArray[np.float32]
    complete: bool


def load(folder: Path) -> list[Labelled]:
    """The pictures in `folder`/images that `folder`/labels.json lists, in the order of their names.

    Raises WeightsError when the folder holds none.
    """
    try:
        labels: dict[str, list[list[float]]] = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise WeightsError(
            f"{folder} holds no labels.json", mend="Name the folder of labelled plates by --data"
        ) from None
    pictures: list[Labelled] = []
    for name in sorted(labels):
        picture = cv2.imread(str(folder / "images" / name), cv2.IMREAD_COLOR)
        boxes = np.array(labels[name], np.float32).reshape(-1, 4)
        if picture is None or not len(boxes):
            continue
        levels = [np.asarray(picture, np.uint8)]
        while len(levels) < _LEVELS:
            half = cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            levels.append(np.asarray(half, np.uint8))
        pictures.append(Labelled(tuple(levels), boxes, name.startswith(_COMPLETE)))
    if not pictures:
        raise WeightsError(f"{folder} holds no labelled pictures", mend="Name another folder by --data")
    return pictures
