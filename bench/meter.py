"""CPU time of a process: user and system, every thread and every child that has ended."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from typing import Self


def busy() -> float:
    """Seconds of CPU that this process and its ended children have used."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds for a number of pictures, the start and the first pictures left out."""

    seconds: float
    pictures: int

    @property
    def milliseconds(self) -> float:
        """Of CPU a picture."""
        return 1000 * self.seconds / self.pictures if self.pictures else 0.0

    def plus(self, milliseconds: float) -> Self:
        """With what another process spends on each picture."""
        return type(self)(self.seconds + milliseconds * self.pictures / 1000, self.pictures)


class Meter:
    """Counts pictures, and begins to measure after the first `warm` of them."""

    def __init__(self, warm: int) -> None:
        self._warm = warm
        self._count = 0
        self._start = busy()

    def picture(self) -> bool:
        """One more picture is done; true when measuring begins with the next one."""
        self._count += 1
        if self._count == self._warm:
            self._start = busy()
            return True
        return False

    def cost(self) -> Cost:
        """What the pictures since the warm-up have cost."""
        return Cost(busy() - self._start, max(0, self._count - self._warm))
