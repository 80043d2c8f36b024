from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.rtsp.transport import Offer, parse


@pytest.mark.parametrize(
    ("header", "offers"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=0-1", [Offer(tcp=True, interleaved=(0, 1))]),
        ("rtp/avp/tcp;interleaved=4", [Offer(tcp=True, interleaved=(4, 5))]),
        ("RTP/AVP;unicast;client_port=5000-5001", [Offer(tcp=False, client_port=(5000, 5001))]),
        ("RTP/AVP/UDP; unicast; client_port=5000", [Offer(tcp=False, client_port=(5000, 5001))]),
        ("RTP/AVP;multicast", [Offer(tcp=False, multicast=True)]),
        (
            'RTP/AVP;unicast;destination=10.0.0.1;client_port=5000-5001;mode="PLAY"',
            [Offer(tcp=False, client_port=(5000, 5001), destination="10.0.0.1")],
        ),
        ("RTP/AVP/TCP;mode=record", [Offer(tcp=True, record=True)]),
        (
            "RAW/RAW/UDP, RTP/AVP;client_port=1-2,RTP/AVP/TCP;interleaved=0-300,RTP/AVP/TCP",
            [Offer(tcp=True)],
        ),
        ("RTP/AVP;client_port=65535", []),
        ("RTP/AVP;client_port=5000-5000", []),
        ("RTP/AVP;client_port=22-23", []),
        ("", []),
    ],
)
def test_offers_are_read(header: str, offers: list[Offer]) -> None:
    assert parse(header) == offers


@given(st.text())
def test_no_header_breaks_it(header: str) -> None:
    assert len(parse(header)) <= 16
