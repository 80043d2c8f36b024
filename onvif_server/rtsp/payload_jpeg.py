"""RTP payload format for JPEG (RFC 2435), quantisation tables in band."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator

from onvif_server.rtsp.payload import Unpackable

MOST = 2040
"""Pixels of width and of height at the most: the header counts blocks of 8 in one byte."""

_MAIN = struct.Struct("!IBBBB")
_RESTART = struct.Struct("!HH")
_TABLES = struct.Struct("!BBH")
_IN_BAND = 255
_WHOLE = 0xFFFF
"""First and last bit set and the highest count: the interval lies wherever the packets were cut (3.1.7)."""
_RESTARTING = 64
"""Added to the type of pictures with restart markers."""

_SOF0, _DHT, _SOS, _DQT, _DRI = 0xC0, 0xC4, 0xDA, 0xDB, 0xDD
_OTHER_FRAMES = frozenset(range(0xC1, 0xD0)) - {_DHT, 0xC8, 0xCC}
_SAMPLINGS = {b"\x21\x11\x11": 0, b"\x22\x11\x11": 1}

# Receivers decode with the Huffman tables of ITU-T T.81, K.3, for these are not sent. SHA-256 of each table's
# lengths and values, by its class and identifier.
_HUFFMAN = {
    0x00: "2f66814c875b53173f057d784a16a34d0d1f9aa91cdfa7143c41be02c9c7b005",
    0x01: "602f734c8c12c1d9d049a18fd91d9ef3d3d8c402665f90db3d97721fc49e4804",
    0x10: "a6283a08f5d97906b66adcc812e32396ea83059e55dd4cc91934cf447559aeb6",
    0x11: "13f90e3c9dc476c66f24347f6ad29cea93262e99faed279970c2f74e0557f445",
}


class JpegPayload:
    """Baseline pictures of three components, 4:2:2 or 4:2:0 (types 0 and 1), with or without restart markers."""

    encoding = "JPEG"
    payload_type = 26

    def fmtp(self, unit: bytes) -> str:  # noqa: ARG002
        """There are no parameters: every picture tells its own."""
        return ""

    def payloads(self, unit: bytes, limit: int) -> Iterator[bytes]:
        """The payloads of one JPEG. Raises Unpackable for one that RFC 2435 cannot carry."""
        picture = _Picture(unit)
        kind = picture.kind + (_RESTARTING if picture.interval else 0)
        restart = _RESTART.pack(picture.interval, _WHOLE) if picture.interval else b""
        tables = _TABLES.pack(0, 0, len(picture.tables)) + picture.tables
        scan, at = picture.scan, 0
        while at < len(scan):
            head = _MAIN.pack(at, kind, _IN_BAND, *picture.blocks) + restart + (b"" if at else tables)
            part = scan[at : at + limit - len(head)]
            yield head + part
            at += len(part)


class _Picture:
    """What RFC 2435 needs of a JPEG."""

    def __init__(self, data: bytes) -> None:
        self.interval = 0
        self._quantisers: dict[int, bytes] = {}
        self._frame = b""
        self.scan = data[self._headers(data) :]
        end = self.scan.rfind(b"\xff\xd9")
        self.scan = self.scan if end < 0 else self.scan[:end]
        if len(self._frame) != 15 or self._frame[0] != 8 or self._frame[5] != 3:
            raise Unpackable("A JPEG has no three components of 8 bits")
        height, width = struct.unpack_from("!HH", self._frame, 1)
        if not (0 < width <= MOST and 0 < height <= MOST):
            raise Unpackable(f"A JPEG of {width}x{height} pixels passes RFC 2435's {MOST}")
        kind = _SAMPLINGS.get(self._frame[7::3])
        if kind is None:
            raise Unpackable("A JPEG is sampled neither 4:2:0 nor 4:2:2")
        self.kind = kind
        self.blocks = (width + 7) // 8, (height + 7) // 8
        luma, blue, red = self._frame[8::3]
        if blue != red or not {luma, blue} <= self._quantisers.keys():
            raise Unpackable("A JPEG lacks quantisation tables")
        self.tables = self._quantisers[luma] + self._quantisers[blue]

    def _headers(self, data: bytes) -> int:
        """Read the segments up to the scan, and tell where it begins."""
        if data[:2] != b"\xff\xd8":
            raise Unpackable("A picture is no JPEG")
        at = 2
        while at + 4 <= len(data) and data[at] == 0xFF:
            marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
            self._segment(marker, data[at + 4 : at + 2 + length])
            at += 2 + length
            if marker == _SOS:
                return at
        raise Unpackable("A JPEG has no scan")

    def _segment(self, marker: int, body: bytes) -> None:
        if marker == _SOF0:
            self._frame = body
        elif marker in _OTHER_FRAMES:
            raise Unpackable("A JPEG is not baseline")
        elif marker == _DQT:
            self._quantise(body)
        elif marker == _DHT:
            _check_huffman(body)
        elif marker == _DRI:
            self.interval = int.from_bytes(body[:2], "big")
        elif marker == _SOS and (body[:1] + body[2:7:2] != b"\x03\x00\x11\x11"):
            raise Unpackable("A JPEG is not one scan of three components")

    def _quantise(self, body: bytes) -> None:
        for at in range(0, len(body), 65):
            if body[at] >> 4 or len(body) < at + 65:
                raise Unpackable("A JPEG's quantisation tables are not of 8 bits")
            self._quantisers[body[at]] = body[at + 1 : at + 65]


def _check_huffman(body: bytes) -> None:
    while body:
        length = 16 + sum(body[1:17])
        if hashlib.sha256(body[1 : 1 + length]).hexdigest() != _HUFFMAN.get(body[0]):
            raise Unpackable("A JPEG is coded with Huffman tables of its own")
        body = body[1 + length :]
