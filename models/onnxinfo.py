"""What an ONNX file says of itself, read without running it and without any package.

By onnx.proto3. A file whose tensors lie in other files is refused: what was checked would not be what is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass

from models.protobuf import fields, number
from vcam.base.errors import WeightsError

FLOAT32 = 1
"""TensorProto.DataType.FLOAT."""

_MEND = "Export the network as one ONNX file"
_DEEPEST = 16
"""Graphs within graphs beyond this are no detector."""

_INNER: dict[str, dict[int, str]] = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "training": {1: "graph", 2: "graph"},
    "function": {7: "node", 11: "attribute"},
    "tensor": {},
}
"""For each message in which tensors can lie, the fields that lead to them."""


@dataclass(frozen=True, slots=True)
class Value:
    """An input or output. `type` is TensorProto.DataType, 0 when it is none; `dims` has None where a side is open."""

    name: str
    type: int
    dims: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Info:
    """A network's inputs without its constants, its outputs, and the notes its exporter left."""

    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    notes: dict[str, str]


def inspect(model: bytes) -> Info:
    """What `model` says of itself. Raises WeightsError when it is no ONNX or not one whole file."""
    try:
        return _info(memoryview(model))
    except (IndexError, UnicodeDecodeError):
        raise WeightsError("The file is cut short or no ONNX", mend=_MEND) from None
    except WeightsError as error:
        raise WeightsError(error.what, mend=_MEND) from None


def _info(model: memoryview) -> Info:
    graphs = [payload for tag, payload, _ in fields(model) if tag == 7]
    if len(graphs) != 1:
        raise WeightsError("The file is no ONNX network")
    _refuse_external(model, "model", 0)
    notes = [payload for tag, payload, _ in fields(model) if tag == 14]
    graph = list(fields(graphs[0]))
    constants = {_text(payload, 8) for tag, payload, _ in graph if tag == 5}
    inputs = [_value(payload) for tag, payload, _ in graph if tag == 11]
    return Info(
        tuple(value for value in inputs if value.name not in constants),
        tuple(_value(payload) for tag, payload, _ in graph if tag == 12),
        {_text(note, 1): _text(note, 2) for note in notes},
    )


def _refuse_external(message: memoryview, form: str, depth: int) -> None:
    if depth > _DEEPEST * 3:  # a graph, a node and an attribute each
        raise WeightsError("The network's graphs are nested too deep")
    inner = _INNER[form]
    for tag, payload, whole in fields(message):
        if tag in inner:
            _refuse_external(payload, inner[tag], depth + 1)
        elif form == "tensor" and (tag == 13 or (tag == 14 and number(whole))):
            raise WeightsError("The network's weights lie in another file")


def _text(message: memoryview, tag: int) -> str:
    return next((bytes(payload).decode() for found, payload, _ in fields(message) if found == tag), "")


def _value(message: memoryview) -> Value:
    """A ValueInfoProto: name = 1, type = 2; in it tensor_type = 1 with elem_type = 1 and shape = 2."""
    kind, dims = 0, list[int | None]()
    for part in _within(message, 2):
        for tensor in _within(part, 1):
            for tag, payload, whole in fields(tensor):
                if tag == 1:
                    kind = number(whole)
                elif tag == 2:
                    dims = [_dim(dim) for dim in _within(payload, 1)]
    return Value(_text(message, 1), kind, tuple(dims))


def _within(message: memoryview, tag: int) -> list[memoryview]:
    return [payload for found, payload, _ in fields(message) if found == tag]


def _dim(message: memoryview) -> int | None:
    """A Dimension: dim_value = 1, or anything else for an open one."""
    return next((number(whole) for tag, _, whole in fields(message) if tag == 1), None)
