from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import detector as module
from models.manifest import Input
from models.platenet import PlateNet
from models.runtime import Engine, Network, Outputs, Pixels, Runtime

WIDTH, HEIGHT = 320, 192


class Says:
    """A runtime whose network answers with one plate, at `row` and `column` of the level of `stride`."""

    engine: Engine = "onnxruntime"

    def __init__(self, stride: int, row: int, column: int, numbers: Sequence[float]) -> None:
        self._answer: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]] = {}
        for level in (8, 16, 32):
            shape = HEIGHT // level, WIDTH // level
            self._answer[f"score{level}"] = np.zeros((1, 1, *shape), np.float32)
            self._answer[f"box{level}"] = np.zeros((1, 4, *shape), np.float32)
        self._answer[f"score{stride}"][0, 0, row, column] = 0.75
        self._answer[f"box{stride}"][0, :, row, column] = numbers

    def load(
        self, path: Path, convention: Input, shape: tuple[int, int, int], outputs: Sequence[str]
    ) -> Network:
        return self

    def run(self, batch: Pixels) -> Outputs:
        return self._answer


@given(
    stride=st.sampled_from([8, 16, 32]),
    row=st.integers(0, HEIGHT // 32 - 1),
    column=st.integers(0, WIDTH // 32 - 1),
    middle=st.tuples(st.floats(-1, 1, width=32), st.floats(-1, 1, width=32)),
    sides=st.tuples(st.floats(8, 300), st.floats(4, 200)),
)
def test_a_cell_is_decoded(
    stride: int, row: int, column: int, middle: tuple[float, float], sides: tuple[float, float]
) -> None:
    logs = np.log(sides[0] / (4 * stride)), np.log(sides[1] / (1.5 * stride))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "weights", Path)
        detector = PlateNet(Says(stride, row, column, (*middle, *logs)))
        found = detector.detect(np.zeros((1, HEIGHT, WIDTH, 3), np.uint8), 0.3)[0]
    assert found.scores.tolist() == [0.75]
    x, y = (column + 0.5 + middle[0]) * stride, (row + 0.5 + middle[1]) * stride
    expected = x - sides[0] / 2, y - sides[1] / 2, x + sides[0] / 2, y + sides[1] / 2
    np.testing.assert_allclose(found.boxes[0], expected, atol=0.01)


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
@pytest.mark.parametrize("name", ["dev_krweb_0004.jpg", "dev_krweb_0006.jpg", "dev_krweb_0012.jpg"])
def test_finds_the_labelled_plate(
    request: pytest.FixtureRequest, engine: str, name: str, eval_folder: Path
) -> None:
    runtime: Runtime = request.getfixturevalue(engine)
    pixels = cv2.imread(str(eval_folder / "plates" / name))
    assert pixels is not None
    height, width = pixels.shape[:2]
    small = np.asarray(cv2.resize(pixels, (640, 480), interpolation=cv2.INTER_AREA), np.uint8)
    found = PlateNet(runtime).detect(small[None], 0.5)[0]
    label = json.loads((eval_folder / "plates" / "labels.json").read_text())[name][0]
    centre = (label[0] + label[2]) / 2 * 640 / width, (label[1] + label[3]) / 2 * 480 / height
    hits = [
        box
        for box in found.boxes
        if box[0] < centre[0] < box[2] and box[1] < centre[1] < box[3] and box[2] - box[0] < 250
    ]
    assert len(hits) == 1


def test_sees_no_plate_in_a_portrait(
    onnxruntime: Runtime, portrait: np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]
) -> None:
    assert len(PlateNet(onnxruntime).detect(portrait[None], 0.6)[0]) == 0
