"""What goes wrong in a run, and when: every kind of fault, drawn at random from a seed."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

Damage = Literal["bits flipped", "packets lost", "units lost"]
DAMAGES: Final[tuple[Damage, ...]] = ("bits flipped", "packets lost", "units lost")
"""What is done to the camera's stream before it is decoded."""

CAMERA: Final = (
    "pictures dropped",
    "variable rate",
    "new rate",
    "time stamps leap ahead",
    "time stamps leap back",
    "time stamps stand still",
    "wall clock set",
    "silence",
    "silence and a burst",
    "reconnect",
    "scene cut",
    "size announced",
    "size unannounced",
)
ANALYST: Final = (
    "detector fails",
    "one pass fails",
    "boxes not finite",
    "boxes absurd",
    "flood of boxes",
    "answer to an earlier picture",
    "answer of another stream",
    "late answer",
    "slow analyst",
    "weights missing",
)
OUTPUT: Final = ("slow encoder", "slow sink", "queue overflow")
FATAL: Final = (
    "detector hangs",
    "analyst dies",
    "masker out of memory",
    "masker breaks half-way",
    "encoder fails",
    "sink fails",
    "camera lost in mid-GOP",
)
"""Faults that end the run."""
_SPANS: Final = {
    "pictures dropped": (1, 20),
    "variable rate": (10, 60),
    "time stamps stand still": (1, 6),
    "detector fails": (1, 40),
    "one pass fails": (10, 120),
    "late answer": (1, 30),
    "slow analyst": (20, 60),
    "weights missing": (20, 80),
    "slow encoder": (2, 10),
    "slow sink": (2, 10),
}
"""Pictures for which a fault lasts, least and most; others happen once, or for a few pictures."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`name`, from picture `at` of the run for `span` pictures; `size` from 0 to 1 says how bad."""

    name: str
    at: int
    span: int
    size: float


class Troubles:
    """The faults of one run, and which of them have come true."""

    def __init__(self, faults: tuple[Fault, ...] = ()) -> None:
        self.faults = faults
        self.now = 0
        """Number of the picture that the camera gives now."""
        self.counts: Counter[str] = Counter()
        self.story: list[str] = []

    def here(self, name: str) -> Fault | None:
        """The fault of that name that is on now. It counts as come true the first time that somebody asks."""
        for fault in self.faults:
            if fault.name == name and fault.at <= self.now < fault.at + fault.span:
                self._tell(fault)
                return fault
        return None

    def _tell(self, fault: Fault) -> None:
        line = f"from picture {fault.at}, {fault.span} long, size {fault.size:.3f}: {fault.name}"
        if line not in self.story:
            self.story.append(line)
            self.counts[fault.name] += 1


def draw(dice: random.Random, length: int) -> tuple[Fault, ...]:
    """Some faults for a run of `length` pictures; at most the last of them is fatal."""
    names = [dice.choice(dice.choice((CAMERA, ANALYST, ANALYST, OUTPUT))) for _ in range(dice.randint(1, 5))]
    faults = [_fault(dice, name, dice.randrange(length)) for name in names]
    if dice.random() < 0.25:
        faults.append(_fault(dice, dice.choice(FATAL), dice.randrange(length // 4, length)))
    return tuple(sorted(faults, key=lambda fault: fault.at))


def _fault(dice: random.Random, name: str, at: int) -> Fault:
    return Fault(name, at, dice.randint(*_SPANS.get(name, (1, 1))), dice.random())
