"""Annex B byte streams of H.264: NAL units, parameter sets (ITU-T H.264, 7.3, 7.4 and Annex B)."""

from __future__ import annotations

from dataclasses import dataclass

from vcam.base.annexb import nal_units

NAL_SLICE = 1
NAL_IDR = 5
NAL_SPS = 7
NAL_PPS = 8


def nal_type(unit: bytes) -> int:
    """`nal_unit_type` of one NAL unit of H.264."""
    return unit[0] & 0x1F


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """One sequence and one picture parameter set, each a NAL unit without start code."""

    sps: bytes
    pps: bytes

    @classmethod
    def of(cls, data: bytes) -> ParameterSets | None:
        """The first parameter sets of an Annex B access unit; None when it does not hold both."""
        sps = pps = b""
        for unit in nal_units(data):
            kind = nal_type(unit)
            if kind == NAL_SPS and not sps and len(unit) >= 4:
                sps = unit
            elif kind == NAL_PPS and not pps:
                pps = unit
            elif NAL_SLICE <= kind <= NAL_IDR:
                break
        return cls(sps, pps) if sps and pps else None

    @property
    def profile_level_id(self) -> str:
        """`profile_idc`, constraint flags and `level_idc` in hexadecimal (RFC 6184, 8.1), such as 42C028."""
        return self.sps[1:4].hex().upper()

    @property
    def codec(self) -> str:
        """The `codecs` parameter of RFC 6381 for samples with in-band parameter sets, such as avc3.42C028."""
        return f"avc3.{self.profile_level_id}"

    @property
    def annex_b(self) -> bytes:
        """Both sets as an Annex B byte stream."""
        return b"\x00\x00\x00\x01" + self.sps + b"\x00\x00\x00\x01" + self.pps
