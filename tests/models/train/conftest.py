"""Fixtures of the training's tests: a folder of drawn cars with drawn plates."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.train.drawn import draw_bank


@pytest.fixture(scope="session")
def drawn_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve pictures of boxes on wheels, a plate on each, half of them under names that say all is labelled."""
    folder = tmp_path_factory.mktemp("plates")
    (folder / "images").mkdir()
    rng = np.random.default_rng(5)
    labels: dict[str, list[list[int]]] = {}
    for number, plate in enumerate(draw_bank(12, rng)):
        picture = np.full((320, 480, 3), rng.integers(60, 200, 3), np.uint8)
        left, top = (int(value) for value in rng.integers(60, 120, 2))
        paint = tuple(int(value) for value in rng.integers(0, 255, 3))
        cv2.rectangle(picture, (left, top), (left + 260, top + 160), paint, -1)
        small = cv2.resize(plate, (80, round(80 * plate.shape[0] / plate.shape[1])))
        x, y = left + 90, top + 100
        picture[y : y + small.shape[0], x : x + 80] = small
        name = f"{'ro_' if number % 2 else ''}drawn_{number}.png"
        cv2.imwrite(str(folder / "images" / name), picture)
        labels[name] = [[x, y, x + 80, y + small.shape[0]]]
    (folder / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    return folder
