"""What one judge's boxes in the pictures of one clip come to: leaks, their longest run, flicker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vcam.quality.cover import COVERED
from vcam.quality.judge import Seen
from vcam.track.box import overlap

SAME = 0.3
"""Least overlap (IoU) of boxes, of two judges or in two judged pictures, that are taken for one object."""
_PATIENCE = 3
"""Judged pictures after which an object that was not seen again counts as gone."""


@dataclass(frozen=True, slots=True)
class Look:
    """One box that a judge saw: in which picture, how much of it is covered, and whether it shows through.

    It is `agreed` when another judge of the same kind sees it too.
    """

    picture: int
    box: Seen
    share: float
    through: bool = False
    agreed: bool = False

    @property
    def leaked(self) -> bool:
        return self.share < COVERED or self.through


@dataclass(frozen=True, slots=True)
class Tally:
    """`seen` boxes in `pictures` judged; how many `leaked`, in how many pictures, in how long a run of pictures.

    `through` of the leaked ones were covered but not changed, `agreed` of them are seen by another judge too.
    `dropped` of the `tracked` boxes, which belong to an object over several pictures, leaked between two pictures in
    which the object was covered: flicker.
    """

    pictures: int
    seen: int
    leaked: int
    through: int
    agreed: int
    leaky_pictures: int
    longest_run: int
    dropped: int
    tracked: int

    @property
    def per_thousand(self) -> float:
        """Leaked boxes in a thousand seen."""
        return 1000 * self.leaked / self.seen if self.seen else 0.0

    @property
    def flicker(self) -> float:
        """Share of tracked boxes that dropped out."""
        return self.dropped / self.tracked if self.tracked else 0.0


def tally(pictures: Sequence[Sequence[Look]]) -> Tally:
    """Count the looks of one judge, given for each judged picture in order."""
    leaky = [any(look.leaked for look in looks) for looks in pictures]
    every = [look for looks in pictures for look in looks]
    lives = [life for life in link(pictures) if len(life) > 1]
    return Tally(
        pictures=len(pictures),
        seen=len(every),
        leaked=sum(look.leaked for look in every),
        through=sum(look.through and look.share >= COVERED for look in every),
        agreed=sum(look.leaked and look.agreed for look in every),
        leaky_pictures=sum(leaky),
        longest_run=_longest(leaky),
        dropped=sum(map(_dropped, lives)),
        tracked=sum(map(len, lives)),
    )


def link(pictures: Sequence[Sequence[Look]]) -> list[list[Look]]:
    """The looks by object: each is joined to the one of the latest pictures that it overlaps most."""
    lives: list[list[Look]] = []
    active: list[tuple[int, list[Look]]] = []
    for number, looks in enumerate(pictures):
        active = [one for one in active if number - one[0] <= _PATIENCE]
        pairs = sorted(
            (
                (overlap(life[-1].box[:4], look.box[:4]), a, b)
                for a, (_, life) in enumerate(active)
                for b, look in enumerate(looks)
            ),
            reverse=True,
        )
        taken: set[int] = set()
        grown: set[int] = set()
        for iou, a, b in pairs:
            if iou >= SAME and a not in taken and b not in grown:
                active[a][1].append(looks[b])
                active[a] = (number, active[a][1])
                taken.add(a)
                grown.add(b)
        for b, look in enumerate(looks):
            if b not in grown:
                lives.append([look])
                active.append((number, lives[-1]))
    return lives


def _longest(flags: Sequence[bool]) -> int:
    best = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        best = max(best, run)
    return best


def _dropped(life: Sequence[Look]) -> int:
    """Leaked looks between the first and the last that are covered."""
    fine = [number for number, look in enumerate(life) if not look.leaked]
    return sum(look.leaked for look in life[fine[0] : fine[-1]]) if fine else 0
