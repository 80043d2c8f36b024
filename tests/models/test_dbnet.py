"""Text lines: drawn ones in Latin and Hangul, a real sign, and maps made by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models import detector as module
from models.boxes import Floats
from models.dbnet import DbNet
from models.manifest import Input
from models.runtime import Engine, Network, Outputs, Pixels, Runtime
from vcam.base.errors import DetectError
from vcam.base.media import Kind
from vcam.demo.hangul import draw

Box = tuple[float, float, float, float]


def wall(width: int, height: int) -> Pixels:
    """A dim picture with edges and light, but nothing to read."""
    rows, columns = np.mgrid[:height, :width]
    luma = 90 + 40 * np.sin(columns / 97) + 25 * np.cos(rows / 61)
    picture = np.repeat(luma[..., None], 3, axis=2).astype(np.uint8)
    cv2.rectangle(picture, (40, height // 2), (width // 3, height - 20), (60, 70, 90), cv2.FILLED)
    return picture


def paper(picture: Pixels, box: tuple[int, int, int, int]) -> None:
    cv2.rectangle(picture, box[:2], box[2:], (228, 232, 235), cv2.FILLED)


def written(picture: Pixels, text: str, x: int, y: int, scale: float) -> Box:
    """`text` on the base line at (x, y); its box."""
    (width, height), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
    cv2.putText(picture, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, scale, (40, 35, 30), 1, cv2.LINE_AA)
    return x, y - height, x + width, y + base / 2


def hangul(picture: Pixels, text: str, x: int, y: int, side: int) -> Box:
    for number, character in enumerate(text):
        left = x + number * side
        draw(picture, character, (left, y, left + side * 0.9, y + side), side * 0.09, (40, 35, 30))
    return x, y, x + len(text) * side, y + side


def covered(box: Box, boxes: Floats) -> float:
    """Share of `box` that lies under `boxes`."""
    x1, y1, x2, y2 = (round(edge) for edge in box)
    seen = np.zeros((y2 - y1, x2 - x1), np.bool_)
    for left, top, right, bottom in np.rint(boxes - (x1, y1, x1, y1)).astype(int).clip(0):
        seen[top:bottom, left:right] = True
    return float(seen.mean())


@pytest.fixture(scope="module")
def desk() -> tuple[Pixels, list[Box]]:
    """A sheet of paper with six lines of 12 to 30 pixels, and where they are."""
    picture = wall(960, 544)
    paper(picture, (380, 60, 860, 420))
    lines = [
        written(picture, "Application 2024-0815", 410, 110, 0.9),
        written(picture, "KIM Minsu, born 1984-03-27", 410, 150, 0.6),
        written(picture, "12 Sejong-daero, Jung-gu", 410, 185, 0.5),
        hangul(picture, "주민등록번호", 410, 220, 30),
        hangul(picture, "서울시중구세종대로", 410, 280, 20),
        hangul(picture, "주소서울시중구", 410, 330, 14),
    ]
    return picture, lines


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_finds_every_line_on_a_sheet_of_paper(
    request: pytest.FixtureRequest, engine: str, desk: tuple[Pixels, list[Box]]
) -> None:
    runtime: Runtime = request.getfixturevalue(engine)
    detector = DbNet(runtime)
    picture, lines = desk
    found = detector.detect(picture[None], 0.5)[0]
    assert {detector.kinds[label] for label in found.labels} == {Kind.TEXT}
    for line in lines:
        assert covered(line, found.boxes) > 0.9
    # and nothing beside the sheet
    assert (found.boxes[:, :2] > (380, 60)).all()
    assert (found.boxes[:, 2:] < (860, 420)).all()


def test_reads_nothing_off_a_wall(onnxruntime: Runtime) -> None:
    assert len(DbNet(onnxruntime).detect(wall(640, 384)[None], 0.25)[0]) == 0


def test_finds_the_lines_of_a_real_sign(openvino: Runtime, eval_folder: Path) -> None:
    pixels = cv2.imread(str(eval_folder / "faces" / "dev_maskraw_0035.jpg"))
    assert pixels is not None
    picture = np.asarray(cv2.resize(pixels, (960, 608), interpolation=cv2.INTER_AREA), np.uint8)
    found = DbNet(openvino).detect(picture[None], 0.5)[0]
    # what can be read of the airport's sign, measured by hand
    for line in ((195, 26, 540, 54), (195, 64, 425, 83), (195, 96, 585, 120), (195, 129, 468, 149)):
        assert covered(line, found.boxes) > 0.9


class Scripted:
    """A runtime whose network gives this map as its answer."""

    engine: Engine = "onnxruntime"

    def __init__(self, heat: NDArray[np.float32]) -> None:
        self.heat = heat

    def load(
        self, path: Path, convention: Input, shape: tuple[int, int, int], outputs: Sequence[str]
    ) -> Network:
        return self

    def run(self, batch: Pixels) -> Outputs:
        return {DbNet.outputs[0]: self.heat[None, None]}


@pytest.fixture
def _no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "weights", Path)


def decoded(heat: NDArray[np.float32], threshold: float = 0.5) -> tuple[Floats, Floats]:
    batch = np.zeros((1, *heat.shape, 3), np.uint8)
    found = DbNet(Scripted(heat)).detect(batch, threshold)[0]
    return found.boxes, found.scores


@pytest.mark.usefixtures("_no_weights")
@pytest.mark.parametrize(("width", "height"), [(100, 10), (30, 30), (200, 6)])
def test_a_core_grows_back_to_its_line(width: int, height: int) -> None:
    heat = np.zeros((128, 256), np.float32)
    heat[50 : 50 + height, 20 : 20 + width] = 0.8
    boxes, scores = decoded(heat)
    assert scores.tolist() == pytest.approx([0.8])
    edge = 2 * width * height / (2 * (width + height))
    wanted = [20 - edge, 50 - edge, 20 + width + edge, 50 + height + edge]
    assert boxes[0].tolist() == pytest.approx(wanted, abs=0.6)


@pytest.mark.usefixtures("_no_weights")
def test_a_slanted_core_gets_a_box_around_its_line() -> None:
    heat = np.zeros((256, 256), np.float32)
    corners = cv2.boxPoints(((128, 128), (140, 12), 30))
    cv2.fillPoly(heat, [np.rint(corners).astype(np.int32)], 0.9)
    ((x1, y1, x2, y2),) = decoded(heat)[0].tolist()
    wide, high = 140 * math.cos(math.radians(30)), 140 * math.sin(math.radians(30))
    assert wide < x2 - x1 < wide + 50
    assert high < y2 - y1 < high + 50


@pytest.mark.usefixtures("_no_weights")
def test_what_is_thin_or_weak_is_no_line() -> None:
    heat = np.zeros((96, 96), np.float32)
    heat[10:12, 10:80] = 0.9
    heat[40:60, 10:80] = 0.4
    assert len(decoded(heat)[0]) == 0
    assert len(decoded(heat, 0.25)[0]) == 1


@pytest.mark.usefixtures("_no_weights")
def test_what_is_high_is_a_line_when_it_is_long() -> None:
    blob = np.zeros((256, 512), np.float32)
    blob[40:160, 40:110] = 0.9
    assert len(decoded(blob)[0]) == 0
    banner = np.zeros((256, 512), np.float32)
    banner[100:150, 60:450] = 0.9
    assert len(decoded(banner)[0]) == 1
    assert len(decoded(banner.T.copy())[0]) == 1


@pytest.mark.usefixtures("_no_weights")
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_broken_map_is_an_error(value: float) -> None:
    heat = np.zeros((64, 64), np.float32)
    heat[3, 3] = value
    with pytest.raises(DetectError, match="finite"):
        decoded(heat)
