"""Frames between worker and parent survive any cutting, and nothing else is taken for one."""

from __future__ import annotations

import contextlib
import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.channel import (
    LIMIT,
    Aim,
    Demand,
    Encode,
    ForceKey,
    Keys,
    Message,
    Segment,
    Setup,
    State,
    Stats,
    Stop,
    Unit,
    Unpacker,
    pack,
)
from vcam.base.errors import WorkerError
from vcam.base.media import Kind, MaskedUnit, Region
from vcam.base.rendition import Overlay, Rendition
from vcam.base.scene import Scene, Tampering

numbers = st.integers(-(2**62), 2**62)
units = st.builds(
    MaskedUnit,
    data=st.binary(max_size=2000),
    pts=numbers,
    dts=numbers,
    time=numbers,
    key=st.booleans(),
    index=st.integers(0, 2**40),
    width=st.integers(1, 8192),
    height=st.integers(1, 8192),
    stream=st.sampled_from(["main", "sub", "jpeg"]),
    codec=st.sampled_from(["h264", "h265", "mjpeg"]),
)
places = st.floats(-1e6, 1e6)
regions = st.builds(
    Region,
    places,
    places,
    places,
    places,
    st.sampled_from(list(Kind)),
    st.integers(0, 2**40),
    st.floats(0, 1),
    st.none() | st.tuples(places, places, places, places),
)
renditions = st.builds(Rendition, st.text(max_size=5), width=st.integers(0, 4000), fps=st.floats(0, 240))
overlays = st.builds(Overlay, st.text(max_size=5), text=st.text(max_size=9), x=st.floats(-1, 1))
messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(Unit, units),
    st.builds(Stats, frames_in=st.integers(0, 2**40), whole=st.integers(0, 2**40)),
    st.builds(State, state=st.sampled_from(["starting", "running", "lost"]), error=st.text(max_size=80)),
    st.builds(Segment, st.dictionaries(st.text(max_size=9), st.integers(), max_size=4)),
    st.builds(ForceKey, st.sampled_from(["main", "sub"])),
    st.builds(
        Encode,
        st.lists(renditions, max_size=3).map(tuple),
        st.lists(overlays, max_size=3).map(tuple),
    ),
    st.just(Aim()),
    st.builds(Keys, st.text(max_size=80), st.text(max_size=80)),
    st.builds(Demand, st.lists(st.text(max_size=5), max_size=3).map(tuple)),
    st.builds(Scene, numbers, numbers, numbers, numbers, st.lists(regions, max_size=3).map(tuple)),
    st.builds(Tampering, numbers, st.booleans(), st.booleans()),
    st.just(Stop()),
    st.just(Setup({"name": "a"}, {}, {"level": "info"})),
)


@given(st.lists(messages, max_size=6), st.lists(st.integers(1, 997), min_size=1, max_size=20))
def test_any_cutting_gives_the_same_messages(sent: list[Message], cuts: list[int]) -> None:
    stream = b"".join(pack(message) for message in sent)
    unpacker = Unpacker()
    received: list[Message] = []
    position = 0
    for number in range(len(stream) + 1):
        if position >= len(stream):
            break
        size = cuts[number % len(cuts)]
        received += unpacker.feed(stream[position : position + size])
        position += size
    assert received == sent


def test_regions_stay_with_the_worker() -> None:
    unit = MaskedUnit(b"\0\0\1\x65", 0, 0, 0, True, 0, 64, 64)
    region = Region(1.0, 2.0, 3.0, 4.0, Kind.FACE, 5)
    assert list(Unpacker().feed(pack(Unit(replace(unit, regions=(region,)))))) == [Unit(unit)]


@given(st.binary(min_size=1, max_size=200))
def test_garbage_is_refused_or_waited_for_but_never_taken_for_a_unit(data: bytes) -> None:
    unpacker = Unpacker()
    try:
        received = list(unpacker.feed(struct.pack("!IB", len(data), 6) + data))
    except WorkerError:
        return
    assert all(isinstance(message, Unit) for message in received)
    assert b"".join(pack(message) for message in received) or not received


@given(st.binary(max_size=200), st.integers(0, 20))
def test_garbage_of_any_kind_is_refused_or_a_message(data: bytes, kind: int) -> None:
    unpacker = Unpacker()
    with contextlib.suppress(WorkerError):
        list(unpacker.feed(struct.pack("!IB", len(data), kind) + data))


@pytest.mark.parametrize(
    ("kind", "head"),
    [
        (7, b'{"renditions": [1]}'),
        (7, b'{"renditions": [{"name": "sub", "secret": 1}]}'),
        (9, b'{"regions": [[]]}'),
    ],
)
def test_a_part_that_is_none_is_refused(kind: int, head: bytes) -> None:
    body = struct.pack("!I", len(head)) + head
    with pytest.raises(WorkerError, match="cannot be read"):
        list(Unpacker().feed(struct.pack("!IB", len(body), kind) + body))


def test_a_frame_over_the_limit_is_refused() -> None:
    with pytest.raises(WorkerError, match="exceeds the limit"):
        list(Unpacker().feed(struct.pack("!IB", LIMIT + 1, 0)))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(WorkerError, match="cannot be read"):
        list(Unpacker().feed(struct.pack("!IBI", 6, 99, 2) + b"{}"))
