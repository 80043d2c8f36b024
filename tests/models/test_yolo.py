from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.manifest import Input
from models.runtime import Engine, Network, Outputs, Pixels, Runtime
from models.yolo import Layout, Yolo, layout_of
from tests.support.yolonet import GREEN, network, save, scene
from vcam.base.errors import DetectError
from vcam.base.media import Kind

PATCH = (96, 64, 224, 160)
"""Whole cells of 32 pixels."""


def detector(
    runtime: Runtime,
    path: Path,
    layout: Layout,
    *,
    classes: Sequence[int] = (0,),
    size: tuple[int, int] | None = None,
) -> Yolo:
    return Yolo(
        runtime,
        "imported/x",
        lambda: path,
        layout=layout,
        output="output0",
        kind=Kind.PLATE,
        classes=classes,
        size=size,
    )


def hull(boxes: NDArray[np.float32]) -> list[float]:
    return [*boxes[:, :2].min(axis=0), *boxes[:, 2:].max(axis=0)]


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
@pytest.mark.parametrize("layout", ["v8", "v5", "end"])
@pytest.mark.parametrize("size", [None, (640, 640), (640, 384)])
def test_every_layout_finds_its_colour(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    engine: str,
    layout: Layout,
    size: tuple[int, int] | None,
) -> None:
    runtime: Runtime = request.getfixturevalue(engine)
    yolo = detector(runtime, save(network(layout, size), tmp_path / "n.onnx"), layout, size=size)
    seen = scene(640, 352, [PATCH])
    green = scene(640, 352, [PATCH], GREEN)
    found, none = yolo.detect(np.stack((seen, green)), 0.25)
    assert len(none) == 0
    assert yolo.kinds == (Kind.PLATE,)
    assert found.scores.max() == pytest.approx(1, abs=0.01)
    # boxes of 64 x 40 around the middles of the patch's cells
    assert hull(found.boxes) == pytest.approx([80, 60, 240, 164], abs=1)


def test_classes_are_chosen(onnxruntime: Runtime, tmp_path: Path) -> None:
    seen = scene(352, 224, [(32, 32, 96, 96)])
    seen[128:192, 224:288] = GREEN[::-1]
    for layout in ("v8", "v5", "end"):
        path = save(network(layout), tmp_path / f"{layout}.onnx")
        sides = {
            classes: hull(detector(onnxruntime, path, layout, classes=classes).detect(seen[None], 0.5)[0].boxes)
            for classes in ((0,), (1,), (0, 1))
        }
        assert sides[0,][2] < 160 < sides[1,][0]
        assert sides[0, 1] == pytest.approx([*sides[0,][:2], *sides[1,][2:]])


@given(
    width=st.integers(7, 60).map(lambda n: 32 * n),
    height=st.integers(7, 60).map(lambda n: 32 * n),
    classes=st.integers(1, 100),
)
def test_layouts_are_told_apart_by_shape(width: int, height: int, classes: int) -> None:
    cells = sum((width // s) * (height // s) for s in (8, 16, 32))
    assert layout_of((1, 4 + classes, cells), width, height) == ("v8", classes)
    assert layout_of((1, 3 * cells, 5 + classes), width, height) == ("v5", classes)
    assert layout_of((1, 300, 6), width, height) == ("end", 0)
    for shape in (
        (1, cells),
        (2, 84, cells),
        (1, cells - 1, 85),
        (1, 84, cells + 1),
        (1, 300, 7),
        (1, 4, cells),
    ):
        assert layout_of(shape, width, height) is None


class Says:
    """A runtime whose network answers what it is told."""

    engine: Engine = "onnxruntime"

    def __init__(self, answer: NDArray[np.float32]) -> None:
        self._answer = answer

    def load(
        self, path: Path, convention: Input, shape: tuple[int, int, int], outputs: Sequence[str]
    ) -> Network:
        return self

    def run(self, batch: Pixels) -> Outputs:
        return {"output0": self._answer}


@pytest.mark.parametrize("layout", ["v8", "v5", "end"])
@pytest.mark.parametrize("column", range(6))
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_an_error(layout: Layout, column: int, bad: float) -> None:
    rows = np.zeros((1, 63, 6) if layout == "v5" else (1, 5, 6), np.float32)
    rows[0, 3] = [16, 16, 8, 8, 0.9, 0.9 if layout == "v5" else 0]
    rows[0, 3, column] = bad
    if layout == "v8":
        answer = np.zeros((1, 6, 21), np.float32)
        answer[0, :, 3] = rows[0, 3]
    else:
        answer = rows
    classes = (0, 1) if layout == "v8" else (0,)
    yolo = detector(Says(answer), Path("x"), layout, classes=classes)
    with pytest.raises(DetectError, match="finite"):
        yolo.detect(np.zeros((1, 32, 32, 3), np.uint8), 0.25)


def test_another_shape_than_when_it_was_imported_is_an_error() -> None:
    yolo = detector(Says(np.zeros((1, 84, 20), np.float32)), Path("x"), "v8")
    with pytest.raises(DetectError, match="shape"):
        yolo.detect(np.zeros((1, 32, 32, 3), np.uint8), 0.25)


def test_a_picture_larger_than_the_network_is_refused() -> None:
    yolo = detector(Says(np.zeros((1, 6, 21), np.float32)), Path("x"), "v8", size=(32, 32))
    with pytest.raises(DetectError, match="at most 32x32"):
        yolo.detect(np.zeros((1, 64, 32, 3), np.uint8), 0.25)
