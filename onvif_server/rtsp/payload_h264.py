"""RTP payload format for H.264, packetisation mode 1 (RFC 6184)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator

from vcam.base.annexb import nal_units
from vcam.encode.h264 import ParameterSets

_FU_A = 28
_FIRST = 0x80
_LAST = 0x40


class H264Payload:
    """Single NAL unit packets, and FU-A for those that are too large (RFC 6184, 5.6 and 5.8)."""

    encoding = "H264"
    payload_type = 96

    def fmtp(self, unit: bytes) -> str | None:
        """`profile-level-id` and `sprop-parameter-sets` (RFC 6184, 8.1)."""
        sets = ParameterSets.of(unit)
        if sets is None:
            return None
        sprop = ",".join(b64encode(part).decode() for part in (sets.sps, sets.pps))
        return f"packetization-mode=1;profile-level-id={sets.profile_level_id};sprop-parameter-sets={sprop}"

    def payloads(self, unit: bytes, limit: int) -> Iterator[bytes]:
        """The payloads of one access unit in Annex B."""
        for nal in nal_units(unit):
            if len(nal) <= limit:
                yield nal
            else:
                yield from _fragments(nal, limit - 2)


def _fragments(nal: bytes, size: int) -> Iterator[bytes]:
    indicator = (nal[0] & 0xE0) | _FU_A
    kind = nal[0] & 0x1F
    for start in range(1, len(nal), size):
        edge = (_FIRST if start == 1 else 0) | (_LAST if start + size >= len(nal) else 0)
        yield bytes((indicator, edge | kind)) + nal[start : start + size]
