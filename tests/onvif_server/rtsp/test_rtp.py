from __future__ import annotations

from aiortc.rtp import RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.rtsp.rtp import Numberer, interleave


@given(
    st.lists(st.lists(st.binary(min_size=1, max_size=100), min_size=1, max_size=5), max_size=5),
    st.integers(0, 2**32 - 1),
    st.integers(0, 2**17),
)
def test_another_parser_reads_the_packets(units: list[list[bytes]], timestamp: int, sequence: int) -> None:
    numberer = Numberer(96)
    numberer.sequence = sequence
    for payloads in units:
        burst = numberer.burst(payloads, timestamp, 5, key=True)
        assert burst.sequence == sequence
        assert burst.octets == sum(map(len, payloads))
        packets = [RtpPacket.parse(packet) for packet in burst.packets]
        assert [packet.payload for packet in packets] == payloads
        assert [packet.marker for packet in packets] == [0] * (len(payloads) - 1) + [1]
        assert [packet.sequence_number for packet in packets] == [
            (sequence + number) % 65_536 for number in range(len(payloads))
        ]
        assert {(p.timestamp, p.ssrc, p.payload_type) for p in packets} == {(timestamp, numberer.ssrc, 96)}
        sequence += len(payloads)


def test_framing_is_made_once_a_channel() -> None:
    burst = Numberer(96).burst([b"one", b"three"], 0, 0, key=False)
    assert burst.framed(2) == b"".join(interleave(2, packet) for packet in burst.packets)
    assert burst.framed(2)[:4] == b"$\x02\x00\x0f"
    assert burst.framed(2) is burst.framed(2)
    assert burst.framed(0) != burst.framed(2)
