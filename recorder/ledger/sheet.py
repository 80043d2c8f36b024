"""CSV that spreadsheets open as text and nothing else (RFC 4180)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

BOM = "\ufeff"
"""What makes spreadsheets read UTF-8, and so show Hangul."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def cell(text: str) -> str:
    """`text` such that no spreadsheet takes it for a formula: what begins like one gets an apostrophe in front."""
    # Full-width forms are folded to ASCII by some spreadsheets, blanks are passed over.
    begins = text.lstrip().translate(_NARROW)[:1]
    return f"'{text}" if text[:1] in _FORMULA or (begins in _FORMULA and begins) else text


_NARROW = {ord(wide): narrow for wide, narrow in zip("＝＋－＠｜％", "=+-@|%", strict=True)}


def sheet(rows: Iterable[Sequence[str]]) -> str:
    """The rows as CSV, with lines ended by CR LF."""
    out = io.StringIO()
    csv.writer(out).writerows([cell(each) for each in row] for row in rows)
    return out.getvalue()
