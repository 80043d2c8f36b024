from __future__ import annotations

from aiortc.codecs.h264 import H264PayloadDescriptor
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.rtsp.payload_h264 import H264Payload

_nal = st.tuples(
    st.integers(0, 3),
    st.integers(1, 23),
    st.binary(max_size=600).map(lambda raw: raw.replace(b"\x00", b"\x01")),
).map(lambda parts: bytes([parts[0] << 5 | parts[1]]) + parts[2] + b"\x80")


@given(st.lists(_nal, min_size=1, max_size=5), st.integers(10, 200))
def test_another_depacketiser_restores_the_unit(nals: list[bytes], limit: int) -> None:
    unit = b"".join(b"\x00\x00\x00\x01" + nal for nal in nals)
    payloads = list(H264Payload().payloads(unit, limit))
    assert all(len(payload) <= limit for payload in payloads)
    assert b"".join(H264PayloadDescriptor.parse(payload)[1] for payload in payloads) == unit


def test_fragments_are_marked_at_both_ends() -> None:
    payloads = list(H264Payload().payloads(b"\x00\x00\x01\x65" + b"\x55" * 25, 12))
    assert [payload[:2].hex() for payload in payloads] == ["7c85", "7c05", "7c45"]
    assert [len(payload) for payload in payloads] == [12, 12, 7]


def test_parameters_come_from_the_parameter_sets() -> None:
    sps, pps = bytes.fromhex("6742c0288c"), bytes.fromhex("68ce3c80")
    form = H264Payload()
    assert form.fmtp(b"\x00\x00\x01" + sps) is None
    assert form.fmtp(b"\x00\x00\x01" + sps + b"\x00\x00\x01" + pps + b"\x00\x00\x01\x65\x88") == (
        "packetization-mode=1;profile-level-id=42C028;sprop-parameter-sets=Z0LAKIw=,aM48gA=="
    )
