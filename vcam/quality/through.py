"""Whether pixels that are said to be masked were really changed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from vcam.mask.planes import Plane

_DETAIL = 3
"""Least difference of a sample to a neighbour at which it holds detail that a mask takes away."""
_KEPT = 0.5
"""Share of a box's detailed samples that stay as they were above which it shows through. Under a mask a few stay the
same by chance."""


def shows_through(
    before: Plane, after: Plane, box: Sequence[float], regions: Iterable[Sequence[float]]
) -> bool:
    """Whether what lies of `box` under `regions` is the same in `after` as in `before`, two luma planes.

    A box without detail shows nothing, changed or not.
    """
    x1, y1, x2, y2 = (max(0, round(edge)) for edge in box[:4])
    was = before[y1:y2, x1:x2].astype(np.int16)
    if not was.size:
        return False
    under = np.zeros(was.shape, np.bool_)
    for region in regions:
        left, top, right, bottom = (round(edge) for edge in region[:4])
        under[max(0, top - y1) : max(0, bottom - y1), max(0, left - x1) : max(0, right - x1)] = True
    detail = np.zeros(was.shape, np.bool_)
    detail[:, 1:] |= np.abs(np.diff(was, axis=1)) >= _DETAIL
    detail[1:] |= np.abs(np.diff(was, axis=0)) >= _DETAIL
    detail &= under
    kept = (was == after[y1:y2, x1:x2]) & detail
    return bool(np.count_nonzero(kept) > _KEPT * np.count_nonzero(detail))
