"""The first packets of a live stream."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest
from av.packet import Packet
from av.stream import Stream

from vcam.base.clock import ManualClock
from vcam.base.errors import StreamLost
from vcam.source.leadin import DRAINED, fill_stamps, read_lead_in

PERIOD = Fraction(1, 25)


def packets(*stamps: int | None) -> list[Packet[Stream]]:
    made = []
    for stamp in stamps:
        packet: Packet[Stream] = Packet(b"x")
        packet.pts = stamp
        packet.time_base = Fraction(1, 90_000)
        made.append(packet)
    return made


@pytest.mark.parametrize(
    ("stamps", "wanted"),
    [
        ((None, 3600, 7200), (0, 3600, 7200)),
        ((None, 10_800, 3600), (0, 10_800, 3600)),
        ((None, None, 9_000_000), (8_992_800, 8_996_400, 9_000_000)),
        ((None, 0, 3600), (0, 0, 3600)),
        ((0, 3600), (0, 3600)),
        ((None, None), (None, None)),
        ((), ()),
    ],
)
def test_stamps_left_out_are_filled_in(stamps: tuple[int | None, ...], wanted: tuple[int | None, ...]) -> None:
    made = packets(*stamps)
    fill_stamps(made, PERIOD)
    assert tuple(packet.pts for packet in made) == wanted


def test_reading_stops_once_a_packet_had_to_be_waited_for() -> None:
    clock = ManualClock(utc=1000)

    def arriving() -> Iterator[Packet[Stream]]:
        for number, packet in enumerate(packets(None, 3600, 7200, 10_800, 14_400)):
            if number == 3:
                clock.advance(DRAINED * 2)
            yield packet

    source = arriving()
    lead_in = read_lead_in(source, 0, PERIOD, clock)
    assert [packet.pts for packet, _ in lead_in.packets] == [0, 3600, 7200, 10_800]
    assert [utc for _, utc in lead_in.packets] == [1000, 1000, 1000, 11_000]
    assert [packet.pts for packet in source] == [14_400]


def test_what_came_before_an_error_is_kept() -> None:
    def arriving() -> Iterator[Packet[Stream]]:
        yield from packets(0, 3600)
        raise StreamLost("gone")

    lead_in = read_lead_in(arriving(), 0, PERIOD, ManualClock())
    assert len(lead_in.packets) == 2
    assert isinstance(lead_in.error, StreamLost)
