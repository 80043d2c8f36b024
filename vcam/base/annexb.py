"""The byte stream format of H.264 and H.265 (ITU-T H.264 and H.265, Annex B)."""

from __future__ import annotations

from collections.abc import Iterator

_PREFIX = b"\x00\x00\x01"


def nal_units(data: bytes) -> Iterator[bytes]:
    """The NAL units of a byte stream in order, without start codes and trailing zero bytes.

    Bytes before the first start code belong to no NAL unit and are left out, and so are empty units.
    """
    start = data.find(_PREFIX)
    while start >= 0:
        start += len(_PREFIX)
        end = data.find(_PREFIX, start)
        unit = (data[start:] if end < 0 else data[start:end]).rstrip(b"\x00")
        if unit:
            yield unit
        start = end
