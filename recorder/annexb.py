"""NAL units in Annex B byte streams (ITU-T H.264 and H.265, Annex B), as far as parameter sets need it."""

from __future__ import annotations

from vcam.base.annexb import nal_units

_PARAMETERS = {"h264": frozenset({7, 8}), "hevc": frozenset({32, 33, 34})}
"""nal_unit_type of the parameter sets: H.264 SPS and PPS; H.265 VPS, SPS and PPS."""

_SEQUENCE = {"h264": 7, "hevc": 33}


def nal_type(unit: bytes, codec: str) -> int:
    """nal_unit_type of a NAL unit of "h264" or "hevc"."""
    return unit[0] & 0x1F if codec == "h264" else unit[0] >> 1 & 0x3F


def parameter_sets(data: bytes, codec: str) -> bytes:
    """The parameter sets in `data` as Annex B; empty for a codec that has none."""
    types = _PARAMETERS.get(codec, frozenset())
    if not types:
        return b""
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in nal_units(data) if nal_type(unit, codec) in types)


def carries_parameter_sets(data: bytes, codec: str) -> bool:
    """Whether an access unit brings its own sequence and picture parameter sets."""
    types = {nal_type(unit, codec) for unit in nal_units(data)} if codec in _PARAMETERS else set()
    return codec in _PARAMETERS and {_SEQUENCE[codec], max(_PARAMETERS[codec])} <= types
