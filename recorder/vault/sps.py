"""Recognises plain video in a heap of bytes: sequence parameter sets and JPEG pictures that make sense."""

from __future__ import annotations

import re

_START = re.compile(rb"\x00\x00\x01(?=[\x27\x47\x67\x42])")
_JPEG = re.compile(rb"\xff\xd8\xff[\xdb\xe0\xe1\xc0\xc4]")
_H264_PROFILES = {44, 66, 77, 83, 86, 88, 100, 110, 118, 122, 128, 134, 138, 139, 144, 244}
_H264_HIGH = _H264_PROFILES - {66, 77, 88}
_LEVELS = {9, 10, 11, 12, 13, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51, 52, 60, 61, 62}
_REACH = 256
_LARGEST = 16384


class _Bits:
    """Reads an RBSP bit by bit (ITU-T H.264, 7.2 and 9.1). Raises EOFError at its end."""

    def __init__(self, data: bytes) -> None:
        self._bits = "".join(f"{byte:08b}" for byte in data.replace(b"\x00\x00\x03", b"\x00\x00"))
        self._at = 0

    def u(self, count: int) -> int:
        end = self._at + count
        if end > len(self._bits):
            raise EOFError
        value = int(self._bits[self._at : end] or "0", 2)
        self._at = end
        return value

    def ue(self) -> int:
        zeros = 0
        while self.u(1) == 0:
            zeros += 1
            if zeros > 31:
                raise EOFError
        return (1 << zeros) - 1 + self.u(zeros)


def _h264(bits: _Bits) -> bool:
    """seq_parameter_set_data (ITU-T H.264, 7.3.2.1.1) up to the picture's size."""
    profile, _, reserved, level = bits.u(8), bits.u(6), bits.u(2), bits.u(8)
    if profile not in _H264_PROFILES or reserved or level not in _LEVELS or bits.ue() > 31:
        return False
    if profile not in _H264_HIGH:
        return _h264_order_and_size(bits)
    chroma = bits.ue()
    if chroma == 3:
        bits.u(1)
    if chroma > 3 or bits.ue() > 6 or bits.ue() > 6:
        return False
    bits.u(1)
    # Scaling lists would follow a 1; what came before is proof enough then.
    return bits.u(1) == 1 or _h264_order_and_size(bits)


def _h264_order_and_size(bits: _Bits) -> bool:
    if bits.ue() > 12:
        return False
    order = bits.ue()
    if order == 1:
        return True  # a list of offsets follows
    if order > 2 or (order == 0 and bits.ue() > 12):
        return False
    references = bits.ue() <= 16
    bits.u(1)
    return references and all((bits.ue() + 1) * 16 <= _LARGEST for _ in range(2))


def _hevc(bits: _Bits) -> bool:
    _, layers, _ = bits.u(4), bits.u(3), bits.u(1)
    space, _, profile, compatible = bits.u(2), bits.u(1), bits.u(5), bits.u(32)
    if layers > 6 or space or not 1 <= profile <= 11 or not compatible >> 31 - profile & 1:
        return False
    bits.u(48)
    level = bits.u(8)
    if level % 3 or not 30 <= level <= 186:
        return False
    if layers:
        return True  # levels of the layers follow
    if bits.ue() > 15 or (chroma := bits.ue()) > 3:
        return False
    if chroma == 3:
        bits.u(1)
    return 8 <= bits.ue() <= _LARGEST and 8 <= bits.ue() <= _LARGEST


def _jpeg(data: bytes) -> bool:
    """Whether marker segments follow each other up to a scan (ITU-T T.81, B.1)."""
    at = 2
    frame = False
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xDA:
            return frame
        frame |= marker in {0xC0, 0xC1, 0xC2}
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return False


def holds_video(data: bytes) -> bool:
    """Whether `data` holds an Annex B sequence parameter set (H.264, H.265) or a JPEG picture in the clear."""
    for match in _START.finditer(data):
        unit = data[match.end() : match.end() + _REACH]
        try:
            if unit[0] & 0x1F == 7 and _h264(_Bits(unit[1:])):
                return True
            if unit[:2] == b"\x42\x01" and _hevc(_Bits(unit[2:])):
                return True
        except EOFError:
            continue
    return any(_jpeg(data[match.start() : match.start() + (1 << 16)]) for match in _JPEG.finditer(data))
