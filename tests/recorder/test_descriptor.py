"""Descriptors survive every way that they travel, and nonsense is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from recorder.descriptor import SegmentDescriptor
from recorder.layout import LONGEST
from vcam.base.channel import Segment, Unpacker, pack
from vcam.base.errors import RecordError

GOOD: dict[str, Any] = {
    "version": 1,
    "id": "0123456789abcdef",
    "camera": "gate",
    "kind": "original",
    "start": 1_750_000_000_000_000,
    "end": 1_750_000_060_000_000,
    "suite": "age-v1",
    "recipients": ["age1x"],
    "epoch": "gate/2025-06-15/15",
    "sha256": "0" * 64,
    "size": 10,
    "header_size": 200,
    "plain_size": 5,
    "side_sha256": "1" * 64,
    "side_size": 20,
    "codec": "h264",
    "width": 1920,
    "height": 1080,
    "frames": 1500,
    "starts_with_key": True,
    "origin": -3600,
    "parameter_sets": "AAAAAWc=",
}


def test_it_travels_as_json_and_over_the_channel() -> None:
    descriptor = SegmentDescriptor.from_json(GOOD)
    assert descriptor.to_json() == GOOD
    assert SegmentDescriptor.load(descriptor.dump()) == descriptor
    (message,) = Unpacker().feed(pack(Segment(descriptor.to_json())))
    assert isinstance(message, Segment)
    assert SegmentDescriptor.from_json(message.descriptor) == descriptor


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"id": "../../etc"},
        {"camera": "../gate"},
        {"camera": "gate\n"},
        {"kind": "plain"},
        {"end": GOOD["start"]},
        {"end": GOOD["start"] + LONGEST + 1},
        {"sha256": "0"},
        {"size": -1},
        {"size": "10"},
        {"parameter_sets": "no base64!"},
        {"surprise": 1},
    ],
)
def test_nonsense_is_refused_with_its_place(change: dict[str, Any]) -> None:
    with pytest.raises(RecordError, match="descriptor cannot be read"):
        SegmentDescriptor.from_json(GOOD | change)
    with pytest.raises(RecordError):
        SegmentDescriptor.load(json.dumps(GOOD | change).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"\xff\xfe"])
def test_what_is_no_descriptor_is_refused(data: bytes) -> None:
    with pytest.raises(RecordError):
        SegmentDescriptor.load(data)
