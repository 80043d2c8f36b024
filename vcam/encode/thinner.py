"""Lets so many pictures a second through."""

from __future__ import annotations

from vcam.base.media import TICKS


class Thinner:
    """Chooses pictures by their `pts`, evenly, at most `fps` a second in the long run; 0 takes every picture.

    A picture may come half a step early, so pictures that come at the wanted rate but not quite evenly all pass.
    """

    def __init__(self, fps: float) -> None:
        self._step = round(TICKS / fps) if fps > 0 else 0
        self._due: int | None = None

    def take(self, pts: int) -> bool:
        """Whether the picture at `pts` (1/90000 s, growing) is one of them."""
        step = self._step
        if step == 0:
            return True
        due = self._due
        if due is None or pts >= due + step:
            due = pts
        if pts < due - step // 2:
            return False
        self._due = due + step
        return True
