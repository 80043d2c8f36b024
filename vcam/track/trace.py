"""What a first pass says of every region of every picture."""

from __future__ import annotations

from dataclasses import dataclass

from vcam.base.media import Kind
from vcam.track.box import Box


@dataclass(frozen=True, slots=True)
class Trace:
    """A region of one picture, in pixels before it is widened to blocks, with the number of its trail.

    `doubt` says why its place or its object is not certain, empty when it is. `beside` holds the trails with which it
    may be exchanged: it is certain only for one who treats all of them alike.
    """

    box: Box
    number: int
    kind: Kind
    score: float
    doubt: str = ""
    beside: frozenset[int] = frozenset()

    @property
    def certain(self) -> bool:
        return not self.doubt and not self.beside


@dataclass(frozen=True, slots=True)
class Traced:
    """The traces of one picture. `whole` says why it is masked whole, and then there are none."""

    index: int
    pts: int
    whole: str
    traces: tuple[Trace, ...]


def group_of(kind: Kind) -> str:
    """Kinds of one group may be one object: a head is what is left of a face turned away."""
    return "head" if kind is Kind.FACE else kind.value
