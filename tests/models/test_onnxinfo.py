from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from models.manifest import weights
from models.onnxinfo import FLOAT32, Info, inspect
from tests.support.yolonet import NOTES, model, network
from vcam.base.errors import WeightsError


def test_inputs_outputs_and_notes_are_read() -> None:
    info = inspect(network("v8", (640, 384)).SerializeToString())
    assert [(one.name, one.type, one.dims) for one in info.inputs] == [("images", FLOAT32, (1, 3, 384, 640))]
    assert [(one.name, one.dims) for one in info.outputs] == [("output0", (None, None, None))]
    assert info.notes == NOTES
    assert inspect(network("v8").SerializeToString()).inputs[0].dims == (1, 3, None, None)


@pytest.mark.usefixtures("onnxruntime")
@pytest.mark.parametrize("name", ["yunet", "centerface", "plates", "yolox_nano"])
def test_it_says_what_onnx_says(name: str) -> None:
    content = weights(name).read_bytes()
    graph = onnx.load_from_string(content).graph
    info = inspect(content)
    constants = {one.name for one in graph.initializer}
    assert [one.name for one in info.inputs] == [one.name for one in graph.input if one.name not in constants]
    assert [one.name for one in info.outputs] == [one.name for one in graph.output]
    assert [one.type for one in info.outputs] == [one.type.tensor_type.elem_type for one in graph.output]


def external(where: str) -> onnx.ModelProto:
    """A network one of whose tensors lies in another file."""
    tensor = numpy_helper.from_array(np.ones(4, np.float32), "w")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    made = network("v8")
    if where == "initializer":
        made.graph.initializer.append(tensor)
    elif where == "attribute":
        made.graph.node.append(helper.make_node("Constant", [], ["x"], value=tensor))
    elif where == "sparse":
        made.graph.sparse_initializer.append(
            helper.make_sparse_tensor(tensor, numpy_helper.from_array(np.arange(4)), [4])
        )
    elif where == "branch":
        inner = helper.make_graph([], "inner", [], [], [tensor])
        made.graph.node.append(helper.make_node("If", ["c"], ["x"], then_branch=inner, else_branch=inner))
    elif where == "function":
        node = helper.make_node("Constant", [], ["x"], value=tensor)
        made.functions.append(helper.make_function("own", "f", [], ["x"], [node], []))
    return made


@pytest.mark.parametrize("where", ["initializer", "attribute", "sparse", "branch", "function"])
def test_weights_in_another_file_are_refused(where: str) -> None:
    with pytest.raises(WeightsError, match="another file"):
        inspect(external(where).SerializeToString())


def test_graphs_without_end_are_refused() -> None:
    inner = helper.make_graph([], "g", [], [], [])
    for _ in range(20):
        node = helper.make_node("If", ["c"], ["x"], then_branch=inner)
        inner = helper.make_graph([node], "g", [], [], [])
    with pytest.raises(WeightsError, match="deep"):
        inspect(model(list(inner.node), []).SerializeToString())


def test_two_graphs_are_refused() -> None:
    content = network("v8").SerializeToString()
    with pytest.raises(WeightsError, match="no ONNX"):
        inspect(content + content)


@given(st.data())
def test_a_cut_or_damaged_file_is_an_error_or_read(data: st.DataObject) -> None:
    content = bytearray(network("end").SerializeToString())
    content = content[: data.draw(st.integers(0, len(content)))]
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=5)):
        if at < len(content):
            content[at] = value
    with contextlib.suppress(WeightsError):
        assert isinstance(inspect(bytes(content)), Info)


def test_text_is_no_network() -> None:
    with pytest.raises(WeightsError):
        inspect(Path(__file__).read_bytes())
