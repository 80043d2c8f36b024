from __future__ import annotations

import pytest

from models.runtime import Pixels, Runtime
from models.yolox import YoloX
from vcam.base.media import Kind


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_finds_the_person_in_the_portrait(
    request: pytest.FixtureRequest, engine: str, portrait: Pixels
) -> None:
    runtime: Runtime = request.getfixturevalue(engine)
    detector = YoloX(runtime)
    found = detector.detect(portrait[None], 0.5)[0]
    assert [detector.kinds[label] for label in found.labels] == [Kind.PERSON]
    x1, y1, x2, y2 = found.boxes[0].tolist()
    # she fills the picture from the top left to the bottom
    assert x1 < 60
    assert y1 < 60
    assert 300 < x2 < 480
    assert y2 > 450
