from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from models import detector as module
from models.centerface import CenterFace
from models.detector import Bank, Detector
from models.manifest import Input
from models.platenet import PlateNet
from models.runtime import Engine, Network, Outputs, Pixels, Runtime
from models.yolox import YoloX
from models.yunet import YuNet
from vcam.base.errors import DetectError

Shapes = Mapping[str, tuple[int, ...]]

SIDE = 640
CASES: list[tuple[Callable[[Runtime], Detector], Shapes]] = [
    (
        YuNet,
        {
            f"{head}_{stride}": (1, (SIDE // stride) ** 2, depth)
            for head, depth in (("cls", 1), ("obj", 1), ("bbox", 4))
            for stride in (8, 16, 32)
        },
    ),
    (CenterFace, {"537": (1, 1, 160, 160), "538": (1, 2, 160, 160), "539": (1, 2, 160, 160)}),
    (
        PlateNet,
        {
            f"{what}{stride}": (1, depth, SIDE // stride, SIDE // stride)
            for what, depth in (("score", 1), ("box", 4))
            for stride in (8, 16, 32)
        },
    ),
    (YoloX, {"output": (1, 8400, 85)}),
]
SCORES = {"537", "conf", "output"} | {
    name for stride in (8, 16, 32) for name in (f"cls_{stride}", f"obj_{stride}", f"score{stride}")
}
"""Outputs that scores come from. Boxes of cells without a score are never looked at."""


class Broken:
    """A runtime whose networks answer what they are told."""

    engine: Engine = "onnxruntime"

    def __init__(self, shapes: Shapes, fill: float, where: str | None = None) -> None:
        self._answer = {
            name: np.full(shape, fill if where in (None, name) else 0.0, np.float32)
            for name, shape in shapes.items()
        }
        self.loaded: list[tuple[int, int, int]] = []

    def load(
        self, path: Path, convention: Input, shape: tuple[int, int, int], outputs: Sequence[str]
    ) -> Network:
        self.loaded.append(shape)
        return self

    def run(self, batch: Pixels) -> Outputs:
        return self._answer


@pytest.fixture(autouse=True)
def _no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "weights", Path)


@pytest.mark.parametrize(("build", "shapes"), CASES)
def test_silence_is_no_detection(build: Callable[[Runtime], Detector], shapes: Shapes) -> None:
    assert len(build(Broken(shapes, 0.0)).detect(np.zeros((1, SIDE, SIDE, 3), np.uint8), 0.3)[0]) == 0


@pytest.mark.parametrize(("build", "shapes"), CASES)
@pytest.mark.parametrize("fill", [np.nan, np.inf, 1.0, 100.0])
def test_nonsense_is_an_error(build: Callable[[Runtime], Detector], shapes: Shapes, fill: float) -> None:
    with pytest.raises(DetectError):
        build(Broken(shapes, fill)).detect(np.zeros((1, SIDE, SIDE, 3), np.uint8), 0.3)


@pytest.mark.parametrize(
    ("build", "shapes", "where"),
    [(build, shapes, name) for build, shapes in CASES for name in shapes if name in SCORES],
)
def test_one_nan_output_is_never_silence(
    build: Callable[[Runtime], Detector], shapes: Shapes, where: str
) -> None:
    with pytest.raises(DetectError):
        build(Broken(shapes, np.nan, where)).detect(np.zeros((1, SIDE, SIDE, 3), np.uint8), 0.3)


@pytest.mark.parametrize(
    "batch",
    [
        np.zeros((1, 33, 64, 3), np.uint8),
        np.zeros((1, 64, 48, 3), np.uint8),
        np.zeros((0, 64, 64, 3), np.uint8),
        np.zeros((1, 64, 64), np.uint8),
        np.zeros((1, 64, 64, 3), np.float32),
        np.zeros((1, 0, 64, 3), np.uint8),
    ],
)
def test_pictures_of_another_form_are_refused(batch: Pixels) -> None:
    with pytest.raises(DetectError):
        Bank(Broken({}, 0.0), "yunet", ()).run(batch)


def test_a_size_is_loaded_once_and_few_are_kept() -> None:
    runtime = Broken({}, 0.0)
    bank = Bank(runtime, "yunet", ())

    def run(side: int) -> None:
        bank.run(np.zeros((1, side, side, 3), np.uint8))

    for side in (32, 64, 32, 64):
        run(side)
    assert runtime.loaded == [(1, 32, 32), (1, 64, 64)]
    for side in range(96, 96 + 32 * 7, 32):
        run(side)
    run(64)
    assert len(runtime.loaded) == 9
    run(32)
    assert len(runtime.loaded) == 10


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
@pytest.mark.parametrize("build", [YuNet, CenterFace, YoloX])
def test_a_batch_is_its_pictures(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    engine: str,
    build: Callable[[Runtime], Detector],
    portrait: Pixels,
) -> None:
    monkeypatch.undo()
    detector = build(request.getfixturevalue(engine))
    turned = np.ascontiguousarray(portrait[:, ::-1])
    together = detector.detect(np.stack((portrait, np.zeros_like(portrait), turned)), 0.5)
    assert [len(found) for found in together] == [1, 0, 1]
    for found, picture in zip(together, (portrait, None, turned), strict=True):
        if picture is not None:
            np.testing.assert_allclose(found.boxes, detector.detect(picture[None], 0.5)[0].boxes, atol=3)
