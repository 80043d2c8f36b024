"""One original of a release: verified against its row, read chunk by chunk, cut to the scope by whole GOPs."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Self

from recorder import durable, units
from recorder.index import Segment
from recorder.layout import BODY, HEADER, UNITS, with_suffix
from recorder.vault.age import AGE
from recorder.vault.payload import CHUNK
from recorder.vault.suite import Opener
from vcam.base.errors import CustodyError, RecordError, VaultError
from vcam.base.media import TICKS, AccessUnit, StreamInfo

_STARTS = (b"\x00\x00\x01", b"\x00\x00\x00\x01")
_JPEG = b"\xff\xd8"


@dataclass(frozen=True, slots=True)
class Gop:
    """Rows [first, end) of a table of units, one GOP, shown in [start, stop) us UTC.

    `headless` is what a forced cut has left of a GOP that began in the segment before.
    """

    first: int
    end: int
    start: int
    stop: int
    headless: bool


def gops(table: units.Table, end: int) -> list[Gop]:
    """The GOPs of a table whose segment ends at `end` (us UTC), in order."""
    count = len(table)
    heads = [n for n in range(count) if table[n]["key"]]
    first = next((n for n in range(count) if not table[n]["added"]), count)
    begins = heads if heads and heads[0] == first else [first, *heads]
    spans = [(a, b) for a, b in pairwise([*begins, count]) if a < b]
    starts = [int(table["time"][a:b].min()) for a, b in spans]
    return [
        Gop(a, b, start, max(stop, start + 1), headless=not table[a]["key"])
        for (a, b), (start, stop) in zip(spans, pairwise([*starts, end]), strict=True)
    ]


class OpenSegment:
    """An original with its key. `note` says what is wrong with it, if something is.

    The table of units and the body are compared with the row's SHA-256. A body that lacks its end keeps its verified
    beginning; whatever else differs is refused. Raises CustodyError, VaultError.
    """

    def __init__(self, row: Segment, body: BinaryIO, opener: Opener, table: units.Table, note: str) -> None:
        self.row = row
        self.note = note
        self._body = body
        self._opener = opener
        self._table = table

    @classmethod
    def open(cls, folder: Path, row: Segment, identities: Sequence[str]) -> Self:
        """Open the segment of `row` under the media folder."""
        stem = folder / row.path
        try:
            side = with_suffix(stem, UNITS).read_bytes()
            header = with_suffix(stem, HEADER).read_bytes()
            whole = durable.sha256(with_suffix(stem, BODY)) == row.sha256
            body = with_suffix(stem, BODY).open("rb")
        except OSError as error:
            raise CustodyError(
                f"Segment {row.uid} cannot be read: {error.strerror}", mend="Run 'garim check'"
            ) from error
        try:
            if durable.digest(side) != row.side_sha256:
                raise _refused(row, "its table of units is not that of the index")
            opener = AGE.opener(header, body, identities)
            size = body.seek(0, os.SEEK_END)
            if not whole and (size >= row.size or not opener.truncated):
                raise _refused(row, "its body is not that of the index")
            note = "" if whole else f"its end is missing: {size} of {row.size} bytes are there"
            return cls(row, body, opener, units.load(side), note)
        except (CustodyError, RecordError):
            body.close()
            raise

    def close(self) -> None:
        """Close the body."""
        self._body.close()

    def info(self) -> StreamInfo:
        """Its stream. `fps` is what the time stamps give on the average."""
        row = self.row
        stamps = sorted(int(pts) for pts in self._table["pts"][~self._table["added"]])
        length = stamps[-1] - stamps[0] if len(stamps) > 1 else 0
        fps = round((len(stamps) - 1) * TICKS / length, 3) if length > 0 else 25.0
        return StreamInfo(row.codec, row.width, row.height, fps, base64.b64decode(row.parameter_sets))

    def gops(self) -> list[Gop]:
        """All its GOPs."""
        return gops(self._table, self.row.end)

    def units(self, gop: Gop) -> Iterator[AccessUnit]:
        """One GOP's access units in decoding order; only the chunks that hold them are read and decrypted.

        Ends early where the body's end is missing. Raises VaultError on damage.
        """
        window = _Window(self._opener)
        for row in self._table[gop.first : gop.end]:
            size = int(row["size"])
            try:
                data = window.read(int(row["offset"]), size)
            except VaultError:
                if self.note:
                    return
                raise
            if len(data) < size:
                return
            if not _begins(data, self.row.codec):
                raise _refused(self.row, "its body does not fit its table of units")
            yield AccessUnit(data, int(row["pts"]), int(row["time"]), bool(row["key"]))

    def rewrapped(self, identities: Sequence[str], recipients: Sequence[str], header: bytes) -> Iterator[bytes]:
        """The whole segment as an age file to `recipients`: another header, the same body."""
        yield AGE.rewrap(header, identities, recipients)
        self._body.seek(0)
        while piece := self._body.read(1 << 20):
            yield piece


def _refused(row: Segment, why: str) -> CustodyError:
    return CustodyError(f"Segment {row.uid}: {why}", mend="Run 'garim check'; restore it from a backup")


class _Window:
    """Reads forward through an opener, one chunk at a time, and decrypts none twice."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._number = -1
        self._chunk = b""

    def read(self, offset: int, size: int) -> bytes:
        """`size` bytes from `offset`, fewer at the end of the stream. Raises VaultError."""
        out = b""
        while size > 0:
            number, within = divmod(offset, CHUNK)
            if number != self._number:
                self._chunk = self._opener.read(number * CHUNK, CHUNK)
                self._number = number
            piece = self._chunk[within : within + size]
            if not piece:
                break
            out += piece
            offset, size = offset + len(piece), size - len(piece)
        return out


def _begins(data: bytes, codec: str) -> bool:
    """Whether an access unit begins as one of its codec does."""
    if codec in {"h264", "hevc"}:
        return data.startswith(_STARTS)
    return codec != "mjpeg" or data.startswith(_JPEG)
