from __future__ import annotations

import contextlib

import numpy as np
import onnxruntime as ort
import pytest

from models.manifest import weights
from models.onnxfile import open_shape
from vcam.base.errors import WeightsError


@pytest.mark.usefixtures("onnxruntime")
@pytest.mark.parametrize("name", ["yunet", "centerface", "plates", "yolox_nano"])
def test_networks_then_take_any_size(name: str) -> None:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    original = weights(name).read_bytes()
    session = ort.InferenceSession(open_shape(original), options, providers=["CPUExecutionProvider"])
    (entry,) = session.get_inputs()
    assert entry.shape == ["batch", 3, "height", "width"]
    before = ort.InferenceSession(original, options, providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_outputs()] == [one.name for one in before.get_outputs()]
    size = 1, 3, 96, 160
    outputs = session.run(None, {entry.name: np.zeros(size, np.float32)})
    assert all(np.isfinite(output).all() for output in outputs)


@pytest.mark.usefixtures("onnxruntime")
def test_weights_pass_through_untouched() -> None:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    original = weights("yunet").read_bytes()
    picture = {"input": np.random.default_rng(1).uniform(0, 255, (1, 3, 640, 640)).astype(np.float32)}
    runs = [
        ort.InferenceSession(model, options, providers=["CPUExecutionProvider"]).run(None, picture)
        for model in (original, open_shape(original))
    ]
    for one, other in zip(*runs, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "data", [b"", b"\x3a", b"\x3a\x05abc", b"\x07", b"\xff" * 30, b"\x3a\x00", b"hello world"]
)
def test_other_bytes_are_refused_or_left_alone(data: bytes) -> None:
    # bytes without a graph are a valid, empty message; the runtime refuses those
    with contextlib.suppress(WeightsError):
        assert b"height" not in open_shape(data)
