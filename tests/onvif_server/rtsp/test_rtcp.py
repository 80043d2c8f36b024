from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from aiortc.clock import datetime_from_ntp
from aiortc.rtp import RtcpByePacket, RtcpPacket, RtcpPsfbPacket, RtcpSdesPacket, RtcpSrPacket
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.rtsp.rtcp import bye, is_rtcp, ntp, sender_report, wants_key


@given(st.integers(0, 2_085_978_495_999_999))
def test_ntp_is_the_same_instant(time: int) -> None:
    error = datetime_from_ntp(ntp(time)) - (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time))
    assert abs(error) <= timedelta(microseconds=1)


def test_another_parser_reads_a_report() -> None:
    raw = sender_report(77, "a@garim", time=1_700_000_000_250_000, timestamp=9, packets=2**32 + 3, octets=4)
    assert is_rtcp(raw)
    report, description = RtcpPacket.parse(raw)
    assert isinstance(report, RtcpSrPacket)
    assert report.ssrc == 77
    info = report.sender_info
    assert (info.ntp_timestamp, info.rtp_timestamp) == (ntp(1_700_000_000_250_000), 9)
    assert (info.packet_count, info.octet_count) == (3, 4)
    assert isinstance(description, RtcpSdesPacket)
    assert [(chunk.ssrc, chunk.items) for chunk in description.chunks] == [(77, [(1, b"a@garim")])]


def test_another_parser_reads_a_farewell() -> None:
    raw = bye(77, "a@garim")
    assert is_rtcp(raw)
    farewell = RtcpPacket.parse(raw)[-1]
    assert isinstance(farewell, RtcpByePacket)
    assert farewell.sources == [77]


def test_what_is_no_rtcp() -> None:
    assert not any(
        map(is_rtcp, [b"", b"\x80\xc9\x00", b"\x80\x60\x00\x00", b"\x40\xc9\x00\x00", b"\x80\xc9\x00\x00\x00"])
    )


@given(st.binary(max_size=200))
def test_no_bytes_break_the_search_for_feedback(data: bytes) -> None:
    assert wants_key(data) in {True, False}


@pytest.mark.parametrize(("fmt", "told"), [(1, True), (4, True), (15, False)])
def test_feedback_that_asks_for_a_picture(fmt: int, told: bool) -> None:
    report = bytes.fromhex("80c9000100000001")
    feedback = bytes(RtcpPsfbPacket(fmt=fmt, ssrc=1, media_ssrc=2))
    assert wants_key(report + feedback) is told
    assert not wants_key(report)
