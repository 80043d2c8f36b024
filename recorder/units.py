"""The table of access units beside an encrypted original: where each lies in the plaintext, and when it was.

It holds no picture and no key, so it is not encrypted: it lets a release open only the chunks that it needs.
"""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt

from vcam.base.errors import RecordError
from vcam.base.media import AccessUnit

DTYPE = np.dtype(
    [
        ("offset", "<u8"),  # of the first byte in the plaintext
        ("size", "<u4"),  # in bytes
        ("pts", "<i8"),  # in 1/90000 s
        ("time", "<i8"),  # of capture, in microseconds UTC
        ("key", "?"),  # decodes without what came before
        ("added", "?"),  # no access unit: parameter sets that the recorder put in front
    ]
)
Table = npt.NDArray[np.void]


class UnitTable:
    """Grows by one row an access unit."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, int, int, int, bool, bool]] = []
        self._offset = 0

    @property
    def plain_size(self) -> int:
        """Bytes of plaintext so far."""
        return self._offset

    @property
    def frames(self) -> int:
        """Access units so far."""
        return sum(not row[5] for row in self._rows)

    def add(self, unit: AccessUnit) -> None:
        """Count in an access unit that follows in the plaintext."""
        self._append(len(unit.data), unit.pts, unit.time, unit.key, added=False)

    def put_in_front(self, size: int, unit: AccessUnit) -> None:
        """Count in parameter sets of `size` bytes that the recorder puts before `unit`."""
        self._append(size, unit.pts, unit.time, key=False, added=True)

    def dump(self) -> bytes:
        """The table as an NPY file (format version 1.0)."""
        out = io.BytesIO()
        np.save(out, np.array(self._rows, dtype=DTYPE), allow_pickle=False)
        return out.getvalue()

    def _append(self, size: int, pts: int, time: int, key: bool, *, added: bool) -> None:
        self._rows.append((self._offset, size, pts, time, key, added))
        self._offset += size


def load(data: bytes) -> Table:
    """Read a table. Raises RecordError when it is none."""
    try:
        table: Table = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise RecordError("A table of access units cannot be read", mend="Run 'garim check'") from error
    if table.dtype != DTYPE or table.ndim != 1:
        raise RecordError("A table of access units has the wrong columns", mend="Run 'garim check'")
    return table
