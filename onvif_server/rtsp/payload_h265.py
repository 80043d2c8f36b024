"""RTP payload format for H.265 (RFC 7798), without decoding order numbers."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from vcam.base.annexb import nal_units

_FU = 49
_FIRST = 0x80
_LAST = 0x40
_SETS = {32: "sprop-vps", 33: "sprop-sps", 34: "sprop-pps"}


def _nal_type(nal: bytes) -> int:
    return nal[0] >> 1 & 0x3F


class H265Payload:
    """Single NAL unit packets, and fragmentation units for those that are too large (RFC 7798, 4.4)."""

    encoding = "H265"
    payload_type = 96

    def fmtp(self, unit: bytes) -> str | None:
        """`sprop-vps`, `sprop-sps` and `sprop-pps` (RFC 7798, 7.1)."""
        found: dict[str, str] = {}
        for nal in nal_units(unit):
            name = _SETS.get(_nal_type(nal))
            if name is not None:
                found.setdefault(name, b64encode(nal).decode())
        if len(found) < len(_SETS):
            return None
        return ";".join(f"{name}={found[name]}" for name in _SETS.values())

    def payloads(self, unit: bytes, limit: int) -> Iterator[bytes]:
        """The payloads of one access unit in Annex B."""
        for nal in nal_units(unit):
            if len(nal) <= limit:
                yield nal
            else:
                yield from _fragments(nal, limit - 3)


def _fragments(nal: bytes, size: int) -> Iterator[bytes]:
    head = bytes(((nal[0] & 0x81) | _FU << 1, nal[1]))
    for start in range(2, len(nal), size):
        edge = (_FIRST if start == 2 else 0) | (_LAST if start + size >= len(nal) else 0)
        yield head + bytes((edge | _nal_type(nal),)) + nal[start : start + size]
