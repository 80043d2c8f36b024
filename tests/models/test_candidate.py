from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from models import candidate as module
from models.candidate import SIDE, Candidate, choose, examine, read
from models.manifest import weights
from models.runtime import Runtime
from tests.support.yolonet import NOTES, model, network, save
from vcam.base.errors import WeightsError

ENGINES = pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])


@ENGINES
@pytest.mark.parametrize("layout", ["v8", "v5", "end"])
@pytest.mark.parametrize("size", [None, (640, 640), (640, 384), (416, 416)])
def test_what_a_network_is_is_found_out(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, layout: str, size: tuple[int, int] | None
) -> None:
    runtime: Runtime = request.getfixturevalue(engine)
    found = examine(save(network(layout, size), tmp_path / "n.onnx"), runtime)
    assert found == Candidate(
        layout=found.layout,
        output="output0",
        size=size,
        side=max(size) if size else 640,
        names={0: "magenta", 1: "green"},
        count=2,
        licence="AGPL-3.0",
    )
    assert found.layout == layout


def test_a_network_need_not_say_anything_of_itself(onnxruntime: Runtime, tmp_path: Path) -> None:
    found = examine(save(network("v5", notes={}, classes=1), tmp_path / "n.onnx"), onnxruntime)
    assert (found.layout, found.count, found.names, found.side, found.licence) == ("v5", 1, {}, SIDE, "")
    assert choose(found, None) == [0]
    end = examine(save(network("end", notes={}), tmp_path / "e.onnx"), onnxruntime)
    assert end.count == 0
    with pytest.raises(WeightsError, match="unknown number"):
        choose(end, None)
    assert choose(end, [7]) == [7]


def answer(value: np.ndarray[tuple[int, ...], np.dtype[np.float32]], times: float = 0.0) -> onnx.ModelProto:
    """A network that always says `value`, for pictures of 640 x 640, and that looks at its picture `times`."""
    nodes = [
        helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["mean", "times"], ["nothing"]),
        helper.make_node("Add", ["nothing", "value"], ["output0"]),
    ]
    constants = [
        numpy_helper.from_array(np.array(times, np.float32), "times"),
        numpy_helper.from_array(value, "value"),
    ]
    return model(nodes, constants, (640, 640), {})


def shaped(*shape: int, fill: float = 0.0) -> onnx.ModelProto:
    return answer(np.full(shape, fill, np.float32))


def other_input(kind: int, shape: list[int | str | None]) -> onnx.ModelProto:
    made = network("v8")
    made.graph.input[0].CopyFrom(helper.make_tensor_value_info("images", kind, shape))
    return made


def two_outputs() -> onnx.ModelProto:
    """As a network for segments has them."""
    made = network("v8", (640, 640), {})
    made.graph.node.append(helper.make_node("Identity", ["images"], ["proto"]))
    made.graph.output.append(helper.make_tensor_value_info("proto", TensorProto.FLOAT, [1, 3, 640, 640]))
    return made


def two_inputs() -> onnx.ModelProto:
    made = network("v8")
    made.graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, [1]))
    return made


WRONG = {
    "not a number": (answer(np.full((1, 6, 8400), np.nan, np.float32)), "not finite"),
    "no probability on noise alone": (answer(np.zeros((1, 6, 8400), np.float32), 10), "probabilities"),
    "no probability": (shaped(1, 6, 8400, fill=3.0), "probabilities"),
    "below zero": (shaped(1, 6, 8400, fill=-1.0), "probabilities"),
    "half a class": (shaped(1, 300, 6, fill=0.5), "whole numbers"),
    "another shape": (shaped(1, 6, 8399), "not known"),
    "a list": (shaped(300, 6), "not those of a detector"),
    "a classifier": (shaped(1, 1000), "not those of a detector"),
    "segments": (two_outputs(), "not those of a detector"),
    "two inputs": (two_inputs(), "2 inputs"),
    "half precision": (other_input(TensorProto.FLOAT16, [1, 3, "h", "w"]), "float32"),
    "bytes": (other_input(TensorProto.UINT8, [1, 3, "h", "w"]), "float32"),
    "grey": (other_input(TensorProto.FLOAT, [1, 1, "h", "w"]), "shape"),
    "channels last": (other_input(TensorProto.FLOAT, [1, 640, 640, 3]), "shape"),
    "four pictures": (other_input(TensorProto.FLOAT, [4, 3, 640, 640]), "shape"),
    "one side open": (other_input(TensorProto.FLOAT, [1, 3, 640, "w"]), "only one"),
    "an odd size": (other_input(TensorProto.FLOAT, [1, 3, 300, 300]), "300x300"),
    "a huge size": (other_input(TensorProto.FLOAT, [1, 3, 65536, 65536]), "65536x65536"),
    "poses": (network("v8", notes=NOTES | {"task": "pose"}), "pose"),
    "names that do not fit": (network("v8", notes=NOTES | {"names": "{0: 'a'}"}), "names 1"),
}


@ENGINES
@pytest.mark.parametrize("case", WRONG)
def test_a_network_that_is_no_detector_is_refused(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, case: str
) -> None:
    runtime: Runtime = request.getfixturevalue(engine)
    made, why = WRONG[case]
    with pytest.raises(WeightsError, match=why) as caught:
        examine(save(made, tmp_path / "n.onnx"), runtime)
    assert caught.value.mend


@ENGINES
@pytest.mark.parametrize("name", ["yunet", "centerface", "plates", "yolox_nano"])
def test_detectors_of_another_kind_are_refused(request: pytest.FixtureRequest, engine: str, name: str) -> None:
    with pytest.raises(WeightsError):
        examine(weights(name), request.getfixturevalue(engine))


@ENGINES
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_cut_file_is_refused(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, share: float
) -> None:
    content = network("v8").SerializeToString()
    path = tmp_path / "n.onnx"
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(WeightsError):
        examine(path, request.getfixturevalue(engine))


def test_a_huge_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "n.onnx"
    subprocess.run(["truncate", "-s", "1T", path], check=True)
    monkeypatch.setattr(module, "LARGEST", 1000)
    with pytest.raises(WeightsError, match="longer than 1000"):
        read(path)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        read(tmp_path / "none.onnx")
    with pytest.raises(WeightsError, match="cannot be read"):
        read(tmp_path)


@pytest.mark.parametrize(
    "names",
    ["", "{0: 'a'", "__import__('os').system('true')", "{1: 'a'}", "7", "(" * 5000, "{'x': 1}", "[[]]*9"],
)
def test_names_that_are_none_are_passed_over(onnxruntime: Runtime, tmp_path: Path, names: str) -> None:
    notes = NOTES | {"names": names}
    assert examine(save(network("v8", notes=notes), tmp_path / "n.onnx"), onnxruntime).names == {}


def test_what_strangers_write_is_made_plain(onnxruntime: Runtime, tmp_path: Path) -> None:
    notes = NOTES | {
        "names": "['a\\x1b[31m\\n', '" + "b" * 500 + "']",
        "license": "x\x1b]0;y\x07\n" + "z" * 900,
    }
    found = examine(save(network("v8", notes=notes), tmp_path / "n.onnx"), onnxruntime)
    assert found.names == {0: "a[31m", 1: "b" * 80}
    assert found.licence.startswith("x]0;yzzz")
    assert len(found.licence) == 80


@given(st.lists(st.integers(-2, 5), max_size=4))
def test_only_classes_that_there_are_can_be_chosen(classes: list[int]) -> None:
    two = Candidate("v8", "o", None, 640, {0: "car", 1: "bus"}, 2, "")
    if classes and all(0 <= one < 2 for one in classes):
        assert choose(two, classes) == sorted(set(classes))
    else:
        with pytest.raises(WeightsError, match=r"class"):
            choose(two, classes)
