"""Opens the input shape of an ONNX file, for runtimes that insist on the shape it was exported with.

Only the outer shell of the file, a Protocol Buffers message by onnx.proto3, is rewritten: ModelProto.graph = 7,
GraphProto.initializer = 5, .input = 11, .output = 12, .value_info = 13, ValueInfoProto.name = 1 and .type = 2,
TypeProto.tensor_type = 1, TensorProto.name = 8. Weights and nodes pass through untouched.
"""

from __future__ import annotations

from collections.abc import Iterator

from vcam.base.errors import WeightsError

_BYTES = 2
_MEND = "Run 'make install' to renew weights"


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _fields(data: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Each field of a message: its number, its payload (bytes fields only), its whole encoding."""
    at = 0
    while at < len(data):
        start = at
        tag, at = _varint(data, at)
        payload = data[:0]
        match tag & 7:
            case 0:
                _, at = _varint(data, at)
            case 1:
                at += 8
            case 2:
                size, at = _varint(data, at)
                payload = data[at : at + size]
                at += size
            case 5:
                at += 4
            case _:
                raise WeightsError("A network file is not valid ONNX", mend=_MEND)
        if at > len(data):
            raise WeightsError("A network file is cut short", mend=_MEND)
        yield tag >> 3, payload, data[start:at]


def _encode(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number: int, payload: bytes) -> bytes:
    return _encode(number << 3 | _BYTES) + _encode(len(payload)) + payload


def _named(data: memoryview, number: int) -> bytes:
    return next((bytes(payload) for field, payload, _ in _fields(data) if field == number), b"")


def _value(name: bytes, dims: tuple[bytes, ...] | None) -> bytes:
    """A ValueInfoProto of float32 with symbolic dimensions, a number standing for itself; no shape when None."""
    tensor = b"\x08\x01"
    if dims is not None:
        shape = b"".join(
            _field(1, b"\x08" + _encode(int(dim)) if dim.isdigit() else _field(2, dim)) for dim in dims
        )
        tensor += _field(2, shape)
    return _field(1, name) + _field(2, _field(1, tensor))


def open_shape(model: bytes) -> bytes:
    """`model` with its one picture input declared as float32 (batch, 3, height, width), all but 3 open.

    Initializers are no longer listed as inputs, output shapes and inner shape notes are dropped. Raises
    WeightsError when the bytes are no ONNX model with exactly one real input.
    """
    try:
        out = bytearray()
        for number, payload, whole in _fields(memoryview(model)):
            out += _field(7, _graph(payload)) if number == 7 else bytes(whole)
    except IndexError:
        raise WeightsError("A network file is cut short", mend=_MEND) from None
    return bytes(out)


def _graph(graph: memoryview) -> bytes:
    constants = {_named(payload, 8) for number, payload, _ in _fields(graph) if number == 5}
    out = bytearray()
    inputs = 0
    for number, payload, whole in _fields(graph):
        if number == 11:
            name = _named(payload, 1)
            if name not in constants:
                inputs += 1
                out += _field(11, _value(name, (b"batch", b"3", b"height", b"width")))
        elif number == 12:
            out += _field(12, _value(_named(payload, 1), None))
        elif number != 13:
            out += bytes(whole)
    if inputs != 1:
        raise WeightsError(f"A network has {inputs} inputs instead of one picture", mend=_MEND)
    return bytes(out)
