"""What a camera's worker tells of the scene beside its pictures: objects without identity, and tampering."""

from __future__ import annotations

from dataclasses import dataclass

from vcam.base.media import Region


@dataclass(frozen=True, slots=True)
class Scene:
    """What is masked in one picture, and why. `regions` are in pixels of a picture of `width` x `height`.

    `time` is the instant of capture in microseconds UTC, `pts` as in `vcam.base.media`. An empty `regions` says that
    nothing was seen; a picture masked whole says so by one region of kind `whole`.
    """

    time: int
    pts: int
    width: int
    height: int
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True)
class Tampering:
    """Whether somebody has covered the camera or aims it elsewhere, from `time` (microseconds UTC) on."""

    time: int
    covered: bool
    moved: bool
