from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.clp_det import ClpDet
from models.runtime import Runtime


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
@pytest.mark.parametrize("name", ["dev_krweb_0004.jpg", "dev_krweb_0006.jpg", "dev_krweb_0012.jpg"])
def test_finds_the_labelled_plate(
    request: pytest.FixtureRequest, engine: str, name: str, eval_folder: Path
) -> None:
    runtime: Runtime = request.getfixturevalue(engine)
    pixels = cv2.imread(str(eval_folder / "plates" / name))
    assert pixels is not None
    height, width = pixels.shape[:2]
    small = np.asarray(cv2.resize(pixels, (960, 736), interpolation=cv2.INTER_AREA), np.uint8)
    found = ClpDet(runtime).detect(small[None], 0.5)[0]
    label = json.loads((eval_folder / "plates" / "labels.json").read_text())[name][0]
    centre = (label[0] + label[2]) / 2 * 960 / width, (label[1] + label[3]) / 2 * 736 / height
    hits = [
        box
        for box in found.boxes
        if box[0] < centre[0] < box[2] and box[1] < centre[1] < box[3] and box[2] - box[0] < 300
    ]
    assert len(hits) == 1


def test_sees_no_plate_in_a_portrait(
    onnxruntime: Runtime, portrait: np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]
) -> None:
    assert len(ClpDet(onnxruntime).detect(portrait[None], 0.3)[0]) == 0
