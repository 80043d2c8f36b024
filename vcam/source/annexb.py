"""H.264 and H.265 framing: Annex B byte streams, `avcC` and `hvcC` records (ISO/IEC 14496-15)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vcam.base.annexb import nal_units

START_CODE = b"\x00\x00\x00\x01"
_H264_SETS = frozenset({7, 8, 13, 15})  # SPS, PPS, SPS extension, subset SPS
_H265_SETS = frozenset({32, 33, 34})  # VPS, SPS, PPS


@dataclass(frozen=True, slots=True)
class Framing:
    """How a stream frames its NAL units.

    `length_size` is the size in octets of the length before each NAL unit, 0 when the stream is Annex B
    already. `parameter_sets` are those that came outside the stream, as Annex B.
    """

    length_size: int = 0
    parameter_sets: bytes = b""


def framing(codec: str, extradata: bytes) -> Framing:
    """What `extradata` says of a stream of `codec` ("h264" or "hevc"); any other codec has no framing.

    Takes Annex B (from SDP or an elementary stream), `avcC` or `hvcC`. A record that is cut off gives the
    sets that are whole.
    """
    if codec not in {"h264", "hevc"} or not extradata:
        return Framing()
    if extradata[0] != 1:
        return Framing(0, _annexb(codec, nal_units(extradata)))
    if codec == "h264":
        return Framing((_octet(extradata, 4) & 3) + 1, _annexb(codec, _avcc(extradata)))
    return Framing((_octet(extradata, 21) & 3) + 1, _annexb(codec, _hvcc(extradata)))


def to_annexb(data: bytes, length_size: int) -> bytes:
    """An access unit whose NAL units follow their lengths, as Annex B; no octet of a NAL unit is changed.

    A length that runs past the end gives what there is.
    """
    parts: list[bytes] = []
    at = 0
    while at + length_size < len(data):
        start = at + length_size
        at = start + int.from_bytes(data[at:start], "big")
        if at > start:
            parts += (START_CODE, data[start:at])
    return b"".join(parts)


def _annexb(codec: str, units: Iterator[bytes]) -> bytes:
    sets = (unit for unit in units if _is_set(codec, unit))
    return b"".join(START_CODE + unit for unit in sets)


def _is_set(codec: str, unit: bytes) -> bool:
    if codec == "h264":
        return unit[0] & 0x1F in _H264_SETS
    return (unit[0] >> 1) & 0x3F in _H265_SETS


def _octet(data: bytes, at: int) -> int:
    return data[at] if at < len(data) else 0xFF


def _avcc(record: bytes) -> Iterator[bytes]:
    at = 5
    for mask in (0x1F, 0xFF):
        if at >= len(record):
            return
        count = record[at] & mask
        at += 1
        for _ in range(count):
            at, unit = _sized(record, at)
            if unit:
                yield unit


def _hvcc(record: bytes) -> Iterator[bytes]:
    at = 23
    for _ in range(_octet(record, 22) if len(record) > 22 else 0):
        count = int.from_bytes(record[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            if at >= len(record):
                return
            at, unit = _sized(record, at)
            if unit:
                yield unit


def _sized(record: bytes, at: int) -> tuple[int, bytes]:
    end = at + 2 + int.from_bytes(record[at : at + 2], "big")
    return end, record[at + 2 : end] if end <= len(record) else b""
