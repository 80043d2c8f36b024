from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import StringStringEntryProto

from models.protobuf import encode, field, fields, number, varint
from vcam.base.errors import WeightsError


@given(st.integers(0, 2**64 - 1))
def test_numbers_come_back(value: int) -> None:
    data = encode(value)
    assert varint(memoryview(data), 0) == (value, len(data))
    ((tag, _, whole),) = fields(memoryview(encode(9 << 3) + data))
    assert (tag, number(whole)) == (9, value)


@given(st.text(), st.text())
def test_messages_are_as_protobuf_has_them(key: str, value: str) -> None:
    data = field(1, key.encode()) + field(2, value.encode())
    parsed = StringStringEntryProto.FromString(data)
    assert (parsed.key, parsed.value) == (key, value)
    assert [(tag, bytes(payload)) for tag, payload, _ in fields(memoryview(data))] == [
        (1, key.encode()),
        (2, value.encode()),
    ]


@pytest.mark.timeout(10)
def test_a_number_without_an_end_is_refused_at_once() -> None:
    with pytest.raises(WeightsError):
        varint(memoryview(b"\xff" * 10_000_000), 0)


@given(st.binary(max_size=200))
def test_any_bytes_are_fields_or_an_error(data: bytes) -> None:
    try:
        parts = list(fields(memoryview(data)))
    except (WeightsError, IndexError):
        return
    assert b"".join(bytes(whole) for _, _, whole in parts) == data
