"""Accelerators. What the packages would bring is stood in for at the boundary; the processor is real."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from models.accelerator import AGAIN, DEVICES, PROVIDERS, Accelerated, Candidate, agree, available, picture
from models.manifest import Input, weights
from models.runtime import Engine, Network, OnnxRuntime, OpenVino, Outputs, Pixels, Runtime, open_runtime
from vcam.base.errors import DetectError, WeightsError

NETWORKS = {
    "yunet": tuple(f"{head}_{stride}" for head in ("cls", "obj", "bbox") for stride in (8, 16, 32)),
    "centerface": ("537", "538", "539"),
    "plates": tuple(f"{what}{stride}" for what in ("score", "box") for stride in (8, 16, 32)),
    "yolox_nano": ("output",),
}
OUTPUTS = NETWORKS["yunet"]
SHAPE = (1, 96, 160)

Twist = Callable[[dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]], int], Outputs]


class Stand:
    """A runtime that stands in for an accelerator: the real processor's answers, twisted."""

    engine: Engine = "onnxruntime"

    def __init__(self, real: Runtime, twist: Twist) -> None:
        self._real = real
        self._twist = twist
        self.runs = 0

    def load(
        self, path: Path, convention: Input, shape: tuple[int, int, int], outputs: Sequence[str]
    ) -> Network:
        network = self._real.load(path, convention, shape, outputs)
        stand = self

        class Twisted:
            def run(self, batch: Pixels) -> Outputs:
                stand.runs += 1
                answer = {name: np.array(array) for name, array in network.run(batch).items()}
                return stand._twist(answer, stand.runs)

        return Twisted()


def honest(answer: Outputs, run: int) -> Outputs:
    """Rounded as half precision rounds."""
    return {name: array.astype(np.float16).astype(np.float32) for name, array in answer.items()}


def zeros(answer: Outputs, run: int) -> Outputs:
    return {name: np.zeros_like(array) for name, array in answer.items()}


def not_a_number(answer: Outputs, run: int) -> Outputs:
    return {name: np.where(array > array.mean(), np.nan, array) for name, array in answer.items()}


def one_wrong(answer: Outputs, run: int) -> Outputs:
    return {**answer, "bbox_8": -answer["bbox_8"]}


def other_shape(answer: Outputs, run: int) -> Outputs:
    return {name: array[:, :-1] for name, array in answer.items()}


def turns_bad(answer: Outputs, run: int) -> Outputs:
    return zeros(answer, run) if run > AGAIN // 2 else honest(answer, run)


def fails(answer: Outputs, run: int) -> Outputs:
    raise DetectError("The device is gone")


def fails_later(answer: Outputs, run: int) -> Outputs:
    return fails(answer, run) if run > 3 else answer


def load(runtime: Accelerated) -> Network:
    return runtime.load(weights("yunet"), Input(), SHAPE, OUTPUTS)


def noise(seed: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, 256, (*SHAPE, 3)).astype(np.uint8)


def same(said: Outputs, right: Outputs) -> None:
    for name, array in right.items():
        np.testing.assert_array_equal(said[name], array)


def test_one_that_agrees_answers(onnxruntime: Runtime) -> None:
    stand = Stand(onnxruntime, honest)
    runtime = Accelerated(onnxruntime, [Candidate("GPU", lambda: stand)], wanted=False)
    network = load(runtime)
    assert runtime.accelerator == "GPU"
    before = stand.runs
    for seed in range(2 * AGAIN):
        network.run(noise(seed % 2))
    # its own runs, and the test twice
    assert stand.runs - before == 2 * AGAIN + 2
    assert runtime.accelerator == "GPU"


@pytest.mark.parametrize("twist", [zeros, not_a_number, one_wrong, other_shape, fails])
def test_one_that_says_something_else_is_refused(onnxruntime: Runtime, twist: Twist) -> None:
    stand = Stand(onnxruntime, twist)
    with structlog.testing.capture_logs() as logs:
        runtime = Accelerated(onnxruntime, [Candidate("GPU", lambda: stand)], wanted=False)
        network = load(runtime)
    assert runtime.accelerator is None
    (line,) = logs
    assert line["log_level"] == "warning"
    assert (line["accelerator"], line["next"]) == ("GPU", "CPU")
    right = onnxruntime.load(weights("yunet"), Input(), SHAPE, OUTPUTS)
    same(network.run(noise(1)), right.run(noise(1)))


def test_the_next_one_is_tried(onnxruntime: Runtime) -> None:
    def absent() -> Runtime:
        raise WeightsError("The driver is too old")

    def broken() -> Runtime:
        raise RuntimeError("no device")

    candidates = [
        Candidate("first", absent),
        Candidate("second", broken),
        Candidate("third", lambda: Stand(onnxruntime, zeros)),
        Candidate("fourth", lambda: Stand(onnxruntime, honest)),
    ]
    with structlog.testing.capture_logs() as logs:
        runtime = Accelerated(onnxruntime, candidates, wanted=False)
        load(runtime)
    assert runtime.accelerator == "fourth"
    assert [line["accelerator"] for line in logs] == ["first", "second", "third"]


@pytest.mark.parametrize("twist", [turns_bad, fails_later])
def test_one_that_turns_bad_is_given_up_for_every_network(onnxruntime: Runtime, twist: Twist) -> None:
    stand = Stand(onnxruntime, twist)
    runtime = Accelerated(onnxruntime, [Candidate("GPU", lambda: stand)], wanted=False)
    one, other = load(runtime), load(runtime)
    with structlog.testing.capture_logs() as logs:
        for _ in range(AGAIN):
            last = one.run(noise(1))
    assert runtime.accelerator is None
    assert len(logs) == 1
    right = onnxruntime.load(weights("yunet"), Input(), SHAPE, OUTPUTS).run(noise(1))
    same(last, right)
    runs = stand.runs
    same(other.run(noise(1)), right)
    same(load(runtime).run(noise(1)), right)
    assert stand.runs == runs


def test_a_network_that_the_processor_cannot_load_is_an_error(onnxruntime: Runtime, tmp_path: Path) -> None:
    runtime = Accelerated(onnxruntime, [Candidate("GPU", lambda: Stand(onnxruntime, honest))], wanted=False)
    with pytest.raises(WeightsError):
        runtime.load(tmp_path / "none.onnx", Input(), SHAPE, OUTPUTS)
    assert runtime.accelerator == "GPU"


@pytest.mark.parametrize("name", NETWORKS)
def test_both_runtimes_agree_by_this_measure(openvino: Runtime, onnxruntime: Runtime, name: str) -> None:
    for shape in (SHAPE, (1, 384, 640)):
        said, right = (
            {key: np.array(array) for key, array in network.run(picture(shape)).items()}
            for network in (
                runtime.load(weights(name), Input(), shape, NETWORKS[name])
                for runtime in (openvino, onnxruntime)
            )
        )
        assert agree(said, right)
        assert not agree(zeros(said, 0), right)


@given(st.integers(0, 5), st.floats(0.5, 1))
def test_scores_beside_large_boxes_are_compared_on_their_own_scale(channel: int, wrong: float) -> None:
    right = np.random.default_rng(3).uniform(0, 1, (1, 6, 500)).astype(np.float32)
    right[:, :4] *= 1280
    said = right.copy()
    assert agree({"output0": said}, {"output0": right})
    said[0, channel] *= 1 - wrong
    assert not agree({"output0": said}, {"output0": right})
    assert not agree({"output0": said.transpose(0, 2, 1)}, {"output0": right.transpose(0, 2, 1)})


def test_the_test_picture_is_always_the_same() -> None:
    one = picture((2, 64, 96))
    np.testing.assert_array_equal(one, picture((2, 64, 96)))
    assert one.shape == (2, 64, 96, 3)
    assert one.std() > 50


def test_what_the_packages_know_of_is_offered_best_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    openvino = pytest.importorskip("openvino", reason="OpenVINO is not installed here")
    known = ["AzureExecutionProvider", *reversed(PROVIDERS), "CPUExecutionProvider"]
    monkeypatch.setattr(ort, "get_available_providers", lambda: known)

    class Core:
        available_devices = ("CPU", "NPU", "GPU.1", "GPU.0")

    monkeypatch.setattr(openvino, "Core", Core)
    if sys.platform == "linux":
        assert available(1, tmp_path) == []
    (tmp_path / "dri").mkdir()
    (tmp_path / "dri" / "renderD128").touch()
    assert [one.name for one in available(1, tmp_path)] == [*PROVIDERS, "GPU.0", "GPU.1", "NPU"]
    assert DEVICES == ("GPU", "NPU")


@pytest.mark.filterwarnings("ignore")
def test_a_provider_that_is_not_there_is_given_up(onnxruntime: Runtime) -> None:
    # ONNX Runtime leaves a provider out in silence; this must not pass for an accelerator
    candidate = Candidate("CUDA", lambda: OnnxRuntime(1, "CUDAExecutionProvider"))
    runtime = Accelerated(onnxruntime, [candidate], wanted=False)
    if "CUDAExecutionProvider" in ort.get_available_providers():
        pytest.skip("here it is there")
    load(runtime)
    assert runtime.accelerator is None


def test_a_device_that_is_not_there_is_given_up(openvino: Runtime) -> None:
    runtime = Accelerated(openvino, [Candidate("GPU", lambda: OpenVino(1, "GPU.7"))], wanted=False)
    load(runtime)
    assert runtime.accelerator is None


def test_the_setting_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.accelerator.available", lambda threads: [])
    with structlog.testing.capture_logs() as logs:
        assert not isinstance(open_runtime(), Accelerated)
        assert not isinstance(open_runtime(device="cpu"), Accelerated)
        assert isinstance(open_runtime(device="auto"), Accelerated)
        assert not logs
        assert isinstance(open_runtime("onnxruntime", device="gpu"), Accelerated)
    assert [line["log_level"] for line in logs] == ["warning"]
