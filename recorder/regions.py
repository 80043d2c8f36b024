"""The tracked regions of every masked picture, one JSON object a line, compressed (gzip, RFC 1952).

    {"frame": 0, "time": 0.0, "regions": [[x1, y1, x2, y2, track, "face"], ...]}

`frame` counts from the segment's first picture, `time` is seconds from it, boxes are pixels.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

from vcam.base.media import Region

Line = dict[str, object]
_GZIP = 16 + zlib.MAX_WBITS
_TOGETHER = 8192
"""Bytes of lines that are compressed together: the compressor's tables do not stay in a processor's cache between
two pictures."""


class RegionsWriter:
    """Compresses lines. After `sync` everything so far can be read even if the rest is lost."""

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(wbits=_GZIP)
        self._lines = bytearray()

    def line(self, frame: int, time: float, regions: Sequence[Region]) -> bytes:
        """Add a line; return what is compressed by now, which may be nothing."""
        boxes = [
            [round(r.x1, 2), round(r.y1, 2), round(r.x2, 2), round(r.y2, 2), r.track, r.kind.value]
            for r in regions
        ]
        text = json.dumps({"frame": frame, "time": round(time, 6), "regions": boxes}, separators=(",", ":"))
        self._lines += text.encode() + b"\n"
        return self._compress() if len(self._lines) >= _TOGETHER else b""

    def sync(self) -> bytes:
        """What completes the lines so far."""
        return self._compress() + self._compressor.flush(zlib.Z_SYNC_FLUSH)

    def close(self) -> bytes:
        """What ends the file."""
        return self._compress() + self._compressor.flush(zlib.Z_FINISH)

    def _compress(self) -> bytes:
        done = self._compressor.compress(self._lines)
        self._lines.clear()
        return done


def load(data: bytes) -> list[Line]:
    """The complete lines of a file, also of one that was cut off or is damaged at its end."""
    decompressor = zlib.decompressobj(wbits=_GZIP)
    text = bytearray()
    for begin in range(0, len(data), 4096):
        try:
            text += decompressor.decompress(data[begin : begin + 4096])
        except zlib.error:
            break
    lines: list[Line] = []
    for line in bytes(text).split(b"\n")[:-1]:
        try:
            lines.append(json.loads(line))
        except ValueError:
            break
    return lines


def dump(lines: Sequence[Line]) -> bytes:
    """`lines` as a whole file."""
    text = b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)
    compressor = zlib.compressobj(wbits=_GZIP)
    return compressor.compress(text) + compressor.flush()
