"""How sure a share is that was counted."""

from __future__ import annotations

from math import sqrt

_Z = 1.959963984540054
"""Standard deviations that hold 95 % of a normal distribution."""


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (Wilson, 1927), both ends from 0 to 1; nothing is known of none.

    It takes each count as independent of the others, which objects in one picture are not quite.
    """
    if not 0 <= hits <= total:
        raise ValueError(f"{hits} of {total} is no share")
    if not total:
        return 0.0, 1.0
    share, spread = hits / total, _Z * _Z / total
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    # An end of no hit, or of no miss, is exact; rounding must not push it off.
    return (0.0 if hits == 0 else middle - half, 1.0 if hits == total else middle + half)
