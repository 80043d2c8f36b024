from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.boxes import iou
from models.centerface import CenterFace
from models.runtime import Pixels, Runtime
from models.yunet import YuNet


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_finds_the_face_that_yunet_finds(request: pytest.FixtureRequest, engine: str, portrait: Pixels) -> None:
    runtime: Runtime = request.getfixturevalue(engine)
    found = CenterFace(runtime).detect(portrait[None], 0.5)[0]
    other = YuNet(runtime).detect(portrait[None], 0.5)[0]
    assert len(found) == len(other) == 1
    assert iou(found.boxes, other.boxes)[0, 0] > 0.8


def test_sees_a_face_of_sixteen_pixels(onnxruntime: Runtime, portrait: Pixels) -> None:
    small = np.full((128, 128, 3), 128, np.uint8)
    small[40:114, 20:94] = cv2.resize(portrait, (74, 74), interpolation=cv2.INTER_AREA)
    found = CenterFace(onnxruntime).detect(small[None], 0.3)[0]
    assert len(found) >= 1
    assert found.boxes[0].tolist() == pytest.approx([45.5, 48.5, 58.5, 65.5], abs=3)
