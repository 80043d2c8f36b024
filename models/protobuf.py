"""Protocol Buffers on the wire, as far as ONNX files need it: fields are read and written, never interpreted."""

from __future__ import annotations

from collections.abc import Iterator

from vcam.base.errors import WeightsError

_BYTES = 2
_LONGEST = 63
"""Bits by which the last septet of a number of 64 bits is shifted."""
_MEND = "Run 'make install' to renew weights"


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """The number that begins at `at`, and where it ends. Raises IndexError at the end of `data`, WeightsError."""
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > _LONGEST:
            raise WeightsError("A network file is not valid ONNX", mend=_MEND)


def fields(data: memoryview) -> Iterator[tuple[int, memoryview, memoryview]]:
    """Each field of a message: its number, its payload (bytes fields only), its whole encoding.

    Raises WeightsError for bytes that are no message, IndexError for a number that is cut short.
    """
    at = 0
    while at < len(data):
        start = at
        tag, at = varint(data, at)
        payload = data[:0]
        match tag & 7:
            case 0:
                _, at = varint(data, at)
            case 1:
                at += 8
            case 2:
                size, at = varint(data, at)
                payload = data[at : at + size]
                at += size
            case 5:
                at += 4
            case _:
                raise WeightsError("A network file is not valid ONNX", mend=_MEND)
        if at > len(data):
            raise WeightsError("A network file is cut short", mend=_MEND)
        yield tag >> 3, payload, data[start:at]


def number(whole: memoryview) -> int:
    """The value of a field of numbers, from its whole encoding."""
    _, at = varint(whole, 0)
    return varint(whole, at)[0]


def encode(value: int) -> bytes:
    """`value` as a number."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(tag: int, payload: bytes) -> bytes:
    """A field of bytes with this number."""
    return encode(tag << 3 | _BYTES) + encode(len(payload)) + payload
