"""Which pictures are proven to have been looked at closely enough, before and after."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping

from vcam.base.media import TICKS

SLACK = 2.25
"""Longest gap between proving analyses in periods: one may fail, and pictures may come a little late."""

MEMORY = 10.0
"""Seconds that analyses are remembered. A picture older than that is not proven."""


class Proof:
    """Remembers when each family of detectors has looked, and says which pictures that proves.

    The invariant: a picture at `t` is proven for a family if and only if either it was itself analysed by a
    proving pass of that family, or

    - there is an analysis by a proving pass at `a < t` and, when the delay is above 0, one at `b > t`;
    - `b - a <= slack * period` (with delay 0: `t - a <= slack * period`), and `b - t <= delay`;
    - no cut between scenes lies in `(a, t]` or `(t, b]`.

    It is proven when it is proven for every family. Whatever is forgotten, never came or came too late can only
    make fewer pictures proven. `families` maps each family to the passes of which any one proves it, `periods`
    to the seconds between its proving passes. With no family at all nothing is sought and everything is proven.
    """

    def __init__(
        self,
        families: Mapping[str, frozenset[str]],
        periods: Mapping[str, float],
        delay: float,
        *,
        slack: float = SLACK,
    ) -> None:
        self._families = dict(families)
        self._gaps = {family: round(periods[family] * slack * TICKS) for family in families}
        self._delay = round(delay * TICKS)
        self._seen: dict[str, list[int]] = {family: [] for family in families}
        self._cuts: list[int] = []

    def add(self, pts: int, passes: frozenset[str]) -> None:
        """The picture at `pts`, sound and whole, was analysed by `passes` without an error."""
        for family, seen in self._seen.items():
            if passes & self._families[family]:
                insort(seen, pts)
                self._forget(seen)

    def cut(self, pts: int) -> None:
        """A new scene begins with the picture at `pts`."""
        insort(self._cuts, pts)
        self._forget(self._cuts)

    def clear(self) -> None:
        """Forget everything."""
        self._cuts.clear()
        for seen in self._seen.values():
            seen.clear()

    def missing(self, pts: int) -> str:
        """The first family for which the picture at `pts` is not proven; empty when it is proven."""
        return next((family for family in self._families if not self._proven(family, pts)), "")

    def _proven(self, family: str, pts: int) -> bool:
        seen = self._seen[family]
        after = bisect_left(seen, pts)
        if after < len(seen) and seen[after] == pts:
            return True
        if after == 0:
            return False
        before = seen[after - 1]
        if not self._delay:
            return pts - before <= self._gaps[family] and self._scene(before) == self._scene(pts)
        if after == len(seen):
            return False
        return (
            seen[after] - before <= self._gaps[family]
            and seen[after] - pts <= self._delay
            and self._scene(before) == self._scene(seen[after])
        )

    def _scene(self, pts: int) -> int:
        return bisect_right(self._cuts, pts)

    @staticmethod
    def _forget(times: list[int]) -> None:
        del times[: bisect_left(times, times[-1] - round(MEMORY * TICKS))]
