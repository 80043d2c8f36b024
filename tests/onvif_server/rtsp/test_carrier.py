from __future__ import annotations

from onvif_server.rtsp.carrier import InterleavedCarrier
from onvif_server.rtsp.rtp import Burst, Numberer

HOST = "127.0.0.1"


class Spool:
    """A wire that keeps what is written."""

    peer = local = HOST

    def __init__(self) -> None:
        self.written = b""
        self.secure = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None: ...

    def abort(self) -> None: ...


def burst(packets: int) -> Burst:
    return Numberer(96).burst([bytes([number % 256]) * 1200 for number in range(packets)], 0, 0, key=True)


def test_interleaved_packets_go_to_their_channels() -> None:
    spool = Spool()
    carrier = InterleavedCarrier(spool, (4, 5))
    carrier.send(burst(1))
    carrier.control(b"\x80\xc8\x00\x00")
    assert spool.written[:4] == b"$\x04" + (1212).to_bytes(2, "big")
    assert spool.written[4 + 1212 :] == b"$\x05\x00\x04\x80\xc8\x00\x00"
