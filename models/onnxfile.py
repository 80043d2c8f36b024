"""Opens the input shape of an ONNX file, for runtimes that insist on the shape it was exported with.

Only the outer shell of the file, a Protocol Buffers message by onnx.proto3, is rewritten: ModelProto.graph = 7,
GraphProto.initializer = 5, .input = 11, .output = 12, .value_info = 13, ValueInfoProto.name = 1 and .type = 2,
TypeProto.tensor_type = 1, TensorProto.name = 8. Weights and nodes pass through untouched.
"""

from __future__ import annotations

from models.protobuf import encode, field, fields
from vcam.base.errors import WeightsError

_MEND = "Run 'make install' to renew weights"


def _named(data: memoryview, number: int) -> bytes:
    return next((bytes(payload) for tag, payload, _ in fields(data) if tag == number), b"")


def _value(name: bytes, dims: tuple[bytes, ...] | None) -> bytes:
    """A ValueInfoProto of float32 with symbolic dimensions, a number standing for itself; no shape when None."""
    tensor = b"\x08\x01"
    if dims is not None:
        shape = b"".join(
            field(1, b"\x08" + encode(int(dim)) if dim.isdigit() else field(2, dim)) for dim in dims
        )
        tensor += field(2, shape)
    return field(1, name) + field(2, field(1, tensor))


def open_shape(model: bytes) -> bytes:
    """`model` with its one picture input declared as float32 (batch, 3, height, width), all but 3 open.

    Initializers are no longer listed as inputs, output shapes and inner shape notes are dropped. Raises
    WeightsError when the bytes are no ONNX model with exactly one real input.
    """
    try:
        out = bytearray()
        for number, payload, whole in fields(memoryview(model)):
            out += field(7, _graph(payload)) if number == 7 else bytes(whole)
    except IndexError:
        raise WeightsError("A network file is cut short", mend=_MEND) from None
    return bytes(out)


def _graph(graph: memoryview) -> bytes:
    constants = {_named(payload, 8) for number, payload, _ in fields(graph) if number == 5}
    out = bytearray()
    inputs = 0
    for number, payload, whole in fields(graph):
        if number == 11:
            name = _named(payload, 1)
            if name not in constants:
                inputs += 1
                out += field(11, _value(name, (b"batch", b"3", b"height", b"width")))
        elif number == 12:
            out += field(12, _value(_named(payload, 1), None))
        elif number != 13:
            out += bytes(whole)
    if inputs != 1:
        raise WeightsError(f"A network has {inputs} inputs instead of one picture", mend=_MEND)
    return bytes(out)
