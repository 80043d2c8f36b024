from __future__ import annotations

from typing import TYPE_CHECKING

from aiortc.rtp import RtpPacket
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.rtsp.metadata_track import MetadataTrack
from onvif_server.rtsp.rtp import PACKET_LIMIT, Burst
from vcam.base.clock import ManualClock

if TYPE_CHECKING:
    from tests.onvif_server.rtsp.conftest import Tape

NOW = 1_700_000_000_000_000


class Keep:
    def __init__(self) -> None:
        self.bursts: list[Burst] = []

    def deliver(self, burst: Burst) -> None:
        self.bursts.append(burst)


@given(st.binary(min_size=1, max_size=10_000))
def test_a_document_is_whole_between_markers(data: bytes) -> None:
    track, keep = MetadataTrack(ManualClock()), Keep()
    track.attach(keep)
    track.publish(b"<first/>", NOW)
    track.publish(data, NOW + 200_000)
    packets = [RtpPacket.parse(packet) for packet in keep.bursts[1].packets]
    assert b"".join(packet.payload for packet in packets) == data
    assert [packet.marker for packet in packets] == [0] * (len(packets) - 1) + [1]
    assert {packet.payload_type for packet in packets} == {107}
    assert all(len(packet) <= PACKET_LIMIT for packet in keep.bursts[1].packets)
    assert (keep.bursts[1].timestamp - keep.bursts[0].timestamp) % 2**32 == 18_000


def test_it_costs_nothing_while_nobody_plays_it(tape: Tape) -> None:
    track = MetadataTrack(ManualClock())
    first = track.start(None)
    assert not track.wanted
    track.publish(b"<a/>" * 1000, NOW)
    assert track.start(None) == first
    track.attach(tape)
    assert track.wanted
    track.publish(b"", NOW)
    track.publish(b"<a/>", NOW)
    assert [burst.sequence for burst in tape.bursts] == [first.sequence]


def test_time_goes_on_when_the_wall_clock_is_set(tape: Tape) -> None:
    clock = ManualClock()
    track = MetadataTrack(clock)
    track.attach(tape)
    for time in (NOW, NOW - 5 * 10**6, NOW + 3600 * 10**6):
        track.publish(b"<a/>", time)
        clock.advance(2)
    stamps = [burst.timestamp for burst in tape.bursts]
    assert [(stamp - stamps[0]) % 2**32 for stamp in stamps] == [0, 180_000, 360_000]


def test_it_is_described_as_onvif_names_it() -> None:
    media = MetadataTrack(ManualClock()).media
    assert (media.kind, media.rtpmap, media.fmtp) == ("application", "vnd.onvif.metadata/90000", "")
