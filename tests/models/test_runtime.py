from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from models.manifest import Input, weights
from models.runtime import Runtime, open_runtime
from vcam.base.errors import DetectError, WeightsError

NETWORKS = {
    "yunet": ("cls_8", "obj_16", "bbox_32"),
    "centerface": ("537", "539"),
    "plates": ("score8", "box32"),
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(
    "convention", [Input(), Input(order="rgb"), Input(mean=(104, 117, 123)), Input(order="rgb", mean=(9, 5, 1))]
)
def test_runtimes_agree(openvino: Runtime, onnxruntime: Runtime, name: str, convention: Input) -> None:
    rng = np.random.default_rng(3)
    # smooth noise in which the channels differ, so that a swapped channel or mean would show
    coarse = rng.integers(0, 255, (2, 6, 10, 3)).astype(np.uint8)
    batch = np.ascontiguousarray(coarse.repeat(16, axis=1).repeat(16, axis=2))
    outputs = NETWORKS[name]
    ours, other = (
        runtime.load(weights(name), convention, (2, 96, 160), outputs).run(batch)
        for runtime in (openvino, onnxruntime)
    )
    assert list(ours) == list(other) == list(outputs)
    for key in outputs:
        assert ours[key].shape == other[key].shape
        # bfloat16 keeps 8 bits
        spread = float(np.std(other[key])) + 0.02
        assert float(np.abs(ours[key] - other[key]).mean()) < 0.1 * spread


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_a_broken_file_is_an_error(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> None:
    runtime: Runtime = request.getfixturevalue(engine)
    for content in (b"", b"nonsense " * 50, weights("yunet").read_bytes()[:50_000]):
        path = tmp_path / f"{len(content)}.onnx"
        path.write_bytes(content)
        with pytest.raises(WeightsError, match="make install"):
            runtime.load(path, Input(), (1, 64, 64), ("cls_8",))


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_an_unknown_output_is_an_error(request: pytest.FixtureRequest, engine: str) -> None:
    runtime: Runtime = request.getfixturevalue(engine)
    with pytest.raises(WeightsError):
        runtime.load(weights("yunet"), Input(), (1, 64, 64), ("no_such_output",))


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_a_batch_of_another_shape_is_an_error(request: pytest.FixtureRequest, engine: str) -> None:
    runtime: Runtime = request.getfixturevalue(engine)
    network = runtime.load(weights("yunet"), Input(), (1, 64, 64), ("cls_8",))
    with pytest.raises(DetectError):
        network.run(np.zeros((1, 64, 50, 3), np.uint8))


def test_openvino_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    pytest.importorskip("openvino", reason="OpenVINO is not installed here")
    assert open_runtime().engine == "openvino"
    assert open_runtime("onnxruntime").engine == "onnxruntime"
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "openvino" else real(name))
    assert open_runtime().engine == "onnxruntime"
    with pytest.raises(DetectError, match="not installed"):
        open_runtime("openvino")
