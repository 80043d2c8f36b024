"""Access units in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.packet import Packet
from av.stream import Stream
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.errors import StreamLost
from vcam.source.joiner import Joiner, splits


def packets(stamps: list[int | None]) -> list[Packet[Stream]]:
    made = []
    for number, stamp in enumerate(stamps):
        packet: Packet[Stream] = Packet(bytes([number % 251]))
        packet.pts, packet.time_base = stamp, Fraction(1, 90_000)
        made.append(packet)
    return made


@given(st.lists(st.integers(1, 4), min_size=1, max_size=30))
def test_pieces_of_one_time_stamp_become_one(sizes: list[int]) -> None:
    stamps: list[int | None] = [at * 3600 for at, size in enumerate(sizes) for _ in range(size)]
    with av.open("/dev/null", "w", format="h264") as container:
        stream = container.add_stream("libx264", rate=25)
        joined = list(Joiner(stream, splits=True).joined(iter(packets(stamps))))
    assert [len(bytes(packet)) for packet in joined] == sizes
    assert [packet.pts for packet in joined] == [at * 3600 for at in range(len(sizes))]
    whole = b"".join(bytes(packet) for packet in joined)
    assert whole == b"".join(bytes(packet) for packet in packets(stamps))
    assert splits(packets(stamps)) == any(size > 1 for size in sizes)


def test_a_stream_that_does_not_split_is_not_delayed(clip: Path) -> None:
    with av.open(str(clip)) as container:
        stream = container.streams.video[0]
        asked: list[int] = []

        def arriving() -> list[Packet[Stream]]:
            return packets([0, 3600, 7200, None, None])

        source = iter(arriving())
        joiner = Joiner(stream, splits=False)
        for packet in joiner.joined(source):
            asked.append(packet.pts if packet.pts is not None else -1)
            if len(asked) == 2:
                assert next(source).pts == 7200
    assert asked == [0, 3600, -1, -1]


def test_a_split_seen_late_is_joined_from_then_on(clip: Path) -> None:
    with av.open(str(clip)) as container:
        joiner = Joiner(container.streams.video[0], splits=False)
        joined = list(joiner.joined(iter(packets([0, 3600, 3600, 7200, 7200, 10_800]))))
    assert [packet.pts for packet in joined] == [0, 3600, 3600, 7200, 10_800]


def test_what_is_held_comes_out_before_an_error(clip: Path) -> None:
    def arriving() -> Iterator[Packet[Stream]]:
        yield from packets([0, 0])
        raise StreamLost("gone")

    with av.open(str(clip)) as container:
        joined = Joiner(container.streams.video[0], splits=True).joined(arriving())
        assert len(bytes(next(joined))) == 2
        with pytest.raises(StreamLost):
            next(joined)
