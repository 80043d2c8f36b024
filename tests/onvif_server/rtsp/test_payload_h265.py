from __future__ import annotations

from base64 import b64decode
from fractions import Fraction

import pytest
from av.codec.context import CodecContext
from av.video.frame import VideoFrame
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.rtsp.payload_h265 import H265Payload
from vcam.base.annexb import nal_units

_nal = st.tuples(
    st.integers(0, 40),
    st.integers(1, 7),
    st.binary(max_size=600).map(lambda raw: raw.replace(b"\x00", b"\x01")),
).map(lambda parts: bytes([parts[0] << 1, parts[1]]) + parts[2] + b"\x80")


def _joined(payloads: list[bytes]) -> list[bytes]:
    """The receiver's part of RFC 7798, 4.4.3."""
    nals: list[bytes] = []
    for payload in payloads:
        if payload[0] >> 1 & 0x3F != 49:
            nals.append(payload)
        elif payload[2] & 0x80:
            nals.append(bytes([(payload[0] & 0x81) | (payload[2] & 0x3F) << 1, payload[1]]) + payload[3:])
        else:
            nals[-1] += payload[3:]
    return nals


@given(st.lists(_nal, min_size=1, max_size=5), st.integers(10, 200))
def test_units_can_be_restored(nals: list[bytes], limit: int) -> None:
    unit = b"".join(b"\x00\x00\x00\x01" + nal for nal in nals)
    payloads = list(H265Payload().payloads(unit, limit))
    assert all(len(payload) <= limit for payload in payloads)
    assert _joined(payloads) == nals


def test_parameters_are_those_of_a_real_encoder() -> None:
    encoder = CodecContext.create("libx265", "w")
    encoder.width, encoder.height, encoder.pix_fmt = 128, 96, "yuv420p"
    encoder.time_base = Fraction(1, 25)
    encoder.options = {"preset": "ultrafast", "x265-params": "log-level=none:pools=none"}
    packets = [*encoder.encode(VideoFrame(128, 96, "yuv420p")), *encoder.encode(None)]
    data = bytes(packets[0])
    fmtp = H265Payload().fmtp(data)
    assert fmtp is not None
    sent = [b64decode(part.partition("=")[2]) for part in fmtp.split(";")]
    assert [name.partition("=")[0] for name in fmtp.split(";")] == ["sprop-vps", "sprop-sps", "sprop-pps"]
    assert sent == list(nal_units(data))[:3]


@pytest.mark.parametrize("data", [b"", b"\x00\x00\x01\x40\x01\x0c", b"\x00\x00\x01\x26\x01\xaf"])
def test_no_parameters_without_all_sets(data: bytes) -> None:
    assert H265Payload().fmtp(data) is None
