"""Which pictures are proven to have been looked at closely enough, before and after."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping

from vcam.base.media import TICKS

SLACK = 2.25
"""Longest gap between proving analyses in periods, however seldom pictures come."""

LATE = 1.25
"""Periods after an analysis when the next is late: from then on the first picture that comes must be analysed. What
moves fast is not found again after a longer gap, and nobody knows where it was meanwhile."""

RETRY = 0.25
"""Seconds within which a pass that failed may succeed after all, and nothing is lost by it."""

MEMORY = 10.0
"""Seconds that analyses are remembered. A picture older than that is not proven."""

_NEVER = -(1 << 62)


class Proof:
    """Remembers when each family of detectors has looked, and says which pictures that proves.

    The invariant: a picture at `t` is proven for a family if and only if either it was itself analysed by a
    proving pass of that family, or

    - there is an analysis by a proving pass at `a < t` and, when the delay is above 0, one at `b > t`;
    - `b - a <= slack * period` (with delay 0: `t - a <= slack * period`), and `b - t <= delay`;
    - no picture came after `a + late * period` and before `b` (with delay 0: before `t`);
    - no cut between scenes lies in `(a, t]` or `(t, b]`.

    It is proven when it is proven for every family, and when no pass, proving or not, has failed around it: a pass
    sees what others do not, so a look that failed is no look that came late. When it succeeds again within `RETRY`
    seconds nothing is lost; else no picture is proven from after its last success until its next.

    Whatever is forgotten, never came or came too late can only make fewer pictures proven. `families` maps each
    family to the passes of which any one proves it, `periods` to the seconds between its proving passes. With no
    family at all nothing is sought and everything is proven.
    """

    def __init__(
        self,
        families: Mapping[str, frozenset[str]],
        periods: Mapping[str, float],
        delay: float,
        *,
        slack: float = SLACK,
        late: float = LATE,
    ) -> None:
        self._families = dict(families)
        self._late = {family: round(periods[family] * late * TICKS) for family in families}
        self._pictures: list[int] = []
        self._gaps = {family: round(periods[family] * slack * TICKS) for family in families}
        self._delay = round(delay * TICKS)
        self._seen: dict[str, list[int]] = {family: [] for family in families}
        self._cuts: list[int] = []
        self._succeeded: dict[str, int] = {}
        self._failing: dict[str, tuple[int, int]] = {}
        """For each pass that fails, its last success and its first failure since."""
        self._lapses: list[tuple[int, int]] = []
        """Times between two successes of a pass that had failed for too long."""

    def came(self, pts: int) -> None:
        """There is a picture at `pts`."""
        insort(self._pictures, pts)
        self._forget(self._pictures)

    def add(self, pts: int, passes: frozenset[str]) -> None:
        """The picture at `pts`, sound and whole, was analysed by `passes` without an error."""
        for family, seen in self._seen.items():
            if passes & self._families[family]:
                insort(seen, pts)
                self._forget(seen)
        for name in passes:
            self._recover(name, pts)

    def fail(self, pts: int, passes: frozenset[str]) -> frozenset[str]:
        """The picture at `pts` was to be analysed by `passes`, but nothing came of it.

        Returns those that had not been failing before.
        """
        fresh = passes - self._failing.keys()
        for name in fresh:
            self._failing[name] = (self._succeeded.get(name, _NEVER), pts)
        return fresh

    def cut(self, pts: int) -> None:
        """A new scene begins with the picture at `pts`."""
        insort(self._cuts, pts)
        self._forget(self._cuts)

    def clear(self) -> None:
        """Forget everything."""
        self._pictures.clear()
        self._cuts.clear()
        self._succeeded.clear()
        self._failing.clear()
        self._lapses.clear()
        for seen in self._seen.values():
            seen.clear()

    def missing(self, pts: int) -> str:
        """The first family, or pass that failed, for which the picture at `pts` is not proven; empty when it is."""
        for name, (before, _) in self._failing.items():
            if before < pts:
                return name
        if any(before < pts < after for before, after in self._lapses):
            return "complete"
        return next((family for family in self._families if not self._proven(family, pts)), "")

    def _recover(self, name: str, pts: int) -> None:
        before, failed = self._failing.get(name, (pts, pts))
        if pts >= failed:
            self._failing.pop(name, None)
            if pts - failed > RETRY * TICKS:
                self._lapses.append((before, pts))
                oldest = pts - round(MEMORY * TICKS)
                self._lapses = [lapse for lapse in self._lapses if lapse[1] >= oldest]
        self._succeeded[name] = max(pts, self._succeeded.get(name, pts))

    def _proven(self, family: str, pts: int) -> bool:
        seen = self._seen[family]
        after = bisect_left(seen, pts)
        if after < len(seen) and seen[after] == pts:
            return True
        if after == 0:
            return False
        before = seen[after - 1]
        if not self._delay:
            return self._close(family, before, pts)
        return (
            after < len(seen) and seen[after] - pts <= self._delay and self._close(family, before, seen[after])
        )

    def _close(self, family: str, before: int, after: int) -> bool:
        """Whether what was seen at `before` tells of all times up to `after`."""
        late = bisect_right(self._pictures, before + self._late[family])
        in_time = late == len(self._pictures) or self._pictures[late] >= after
        near = after - before <= self._gaps[family]
        return in_time and near and self._scene(before) == self._scene(after)

    def _scene(self, pts: int) -> int:
        return bisect_right(self._cuts, pts)

    @staticmethod
    def _forget(times: list[int]) -> None:
        del times[: bisect_left(times, times[-1] - round(MEMORY * TICKS))]
