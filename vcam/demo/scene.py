"""A drawn scene whose every face and plate is known to the pixel.

People walk past the front of a service centre and cars come and go on its forecourt, in a loop of 20 s. The same
index always gives the same picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from vcam.base.media import Kind
from vcam.demo import backdrop, stamp
from vcam.demo.backdrop import HEDGE, HEIGHT, WIDTH
from vcam.demo.car import HEIGHT as CAR_HEIGHT
from vcam.demo.car import PIXELS as CAR_PIXELS
from vcam.demo.car import WIDTH as CAR_WIDTH
from vcam.demo.car import car
from vcam.demo.person import Wardrobe
from vcam.demo.plate import Plate
from vcam.demo.sprite import Picture, Pose, Sprite

FPS: Final = 25
LENGTH: Final = 500
"""Frames of the loop."""

_HORIZON: Final = 190.0
_FOCUS: Final = 900.0
_EYE: Final = 2.2
"""Height of the camera above the ground in metres."""

_WAIST: Final = 390
"""Rows of the portrait that show above the hedge or are hidden by it."""

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Truth:
    """A face or plate in one frame: tight box in pixels, cut at the picture's edges.

    `visible` is the share of the whole face or plate that is in the picture and not hidden by anything nearer.
    """

    kind: Kind
    x1: float
    y1: float
    x2: float
    y2: float
    visible: float


@dataclass(frozen=True, slots=True)
class Actor:
    """Something that moves: what it shows, and where it is when.

    `path` holds (frame, x, y, size): for a person the middle of the head's top in pixels of 1280 x 720 and the
    portrait's scale; for a car the place on the ground in metres right of the camera and before it (size unused).
    """

    sprite: Sprite
    kind: Kind
    target: Box
    path: tuple[tuple[float, float, float, float], ...]
    layer: int

    def at(self, index: float) -> tuple[float, float, float] | None:
        """Where it is in frame `index`; None when it is not there."""
        times = [step[0] for step in self.path]
        if not times[0] <= index <= times[-1]:
            return None
        x, y, size = (float(np.interp(index, times, [step[axis] for step in self.path])) for axis in (1, 2, 3))
        return x, y, size

    def pose(self, index: float) -> Pose | None:
        """Its pose in pixels of 1280 x 720; None when it is not there."""
        place = self.at(index)
        if place is None:
            return None
        x, y, size = place
        if self.kind is Kind.PLATE:
            metre = _FOCUS / y
            scale = metre / (1000 * CAR_PIXELS)
            ground = _HORIZON + metre * _EYE
            left = WIDTH / 2 + metre * x - CAR_WIDTH * CAR_PIXELS / 2 * scale
            return Pose(left, ground - CAR_HEIGHT * CAR_PIXELS * scale, scale)
        step = math.sin(index * 2 * math.pi / 13)
        return Pose(x - 228 * size, y + 4 * size * abs(step), size)


def _cars() -> Iterator[Actor]:
    come = ((0, 5.1, 5.3, 0), (60, 2.2, 5.0, 0), (130, 0.8, 3.6, 0), (165, 0.4, 2.45, 0))
    go = ((0, 1.2, 2.4, 0), (50, 1.6, 4.0, 0), (110, 3.4, 5.6, 0), (160, 6.4, 6.4, 0))

    def path(
        start: float, steps: tuple[tuple[float, float, float, float], ...], shift: float = 0.0
    ) -> tuple[tuple[float, float, float, float], ...]:
        return tuple((start + at, x + shift, z, size) for at, x, z, size in steps)

    specimens = (
        (car("sedan", "front", (176, 178, 176), Plate("white", "123가4568")), path(12, come, -0.2)),
        (car("suv", "rear", (132, 88, 40), Plate("electric", "387나2091")), path(150, go)),
        (
            car("sedan", "front", (40, 122, 226), Plate("yellow", "33바7146", "서울"), taxi=True),
            path(268, come, -1.1),
        ),
        (car("truck", "rear", (206, 200, 190), Plate("yellow", "86아5307", "경기")), path(336, go, 0.3)),
    )
    for (sprite, plate), steps in specimens:
        yield Actor(sprite, Kind.PLATE, plate, steps, 2)


def _people(wardrobe: Wardrobe) -> Iterator[Actor]:
    sprite, face = wardrobe.person(height=_WAIST)
    yield Actor(sprite, Kind.FACE, face, ((20, -190, 196, 0.62), (205, 1480, 190, 0.62)), 0)
    sprite, face = wardrobe.person(mirrored=True, hue=112, light=0.7, height=_WAIST)
    yield Actor(sprite, Kind.FACE, face, ((232, 1490, 176, 0.74), (440, -230, 184, 0.74)), 0)
    sprite, face = wardrobe.person(mirrored=True, hue=64, light=0.55)
    yield Actor(
        sprite, Kind.FACE, face, ((50, -380, 176, 1.2), (150, 330, 166, 1.24), (246, -390, 176, 1.2)), 3
    )
    sprite, face = wardrobe.person(hue=150, light=0.6)
    yield Actor(
        sprite, Kind.FACE, face, ((340, -460, 150, 1.45), (425, 330, 140, 1.5), (494, -460, 150, 1.45)), 3
    )


class Scene:
    """The scene at `scale` times 1280 x 720.

    `portrait` is scikit-image's astronaut.png. `noise` is the standard deviation, in grey levels, of a sensor noise
    that changes from frame to frame. Raises WeightsError when the portrait cannot be read.
    """

    def __init__(self, portrait: Path, *, scale: float = 1.0, noise: float = 0.0) -> None:
        self.scale = scale
        self.width, self.height = round(WIDTH * scale), round(HEIGHT * scale)
        self.background = backdrop.backdrop(scale)
        hedge = Actor(
            backdrop.hedge(scale), Kind.ZONE, (0, 0, 0, 0), ((0, 0, HEDGE[0], 1), (LENGTH, 0, HEDGE[0], 1)), 1
        )
        self._hedge = hedge.sprite
        self._actors = sorted([*_people(Wardrobe(portrait)), *_cars()], key=lambda actor: actor.layer)
        random = np.random.default_rng(3)
        size = (self.height + 64, self.width + 64)
        self._noise = random.normal(0, noise, size).astype(np.int8) if noise else None

    def _staged(self, index: int) -> list[tuple[Actor | None, Sprite, Pose]]:
        """What is in frame `index`, the farthest first. The hedge has no actor."""
        here: list[tuple[tuple[float, float], Actor | None, Sprite, Pose]] = [
            ((1, 0), None, self._hedge, Pose(0, HEDGE[0] * self.scale, 1.0))
        ]
        for actor in self._actors:
            pose = actor.pose(index)
            if pose is not None:
                scaled = Pose(pose.x * self.scale, pose.y * self.scale, pose.scale * self.scale)
                here.append(((actor.layer, pose.scale), actor, actor.sprite, scaled))
        here.sort(key=lambda staged: staged[0])
        return [(actor, sprite, pose) for _, actor, sprite, pose in here]

    def render(self, index: int) -> Picture:
        """Frame `index` of the loop: BGR, (height, width, 3), uint8."""
        index %= LENGTH
        picture = self.background.copy()
        for _, sprite, pose in self._staged(index):
            sprite.set_into(picture, pose)
        if self._noise is not None:
            y, x = index * 37 % 64, index * 23 % 64
            noise = self._noise[y : y + self.height, x : x + self.width, None]
            picture = np.clip(picture.astype(np.int16) + noise, 0, 255).astype(np.uint8)
        stamp.paint(picture, index)
        return picture

    def truth(self, index: int) -> tuple[Truth, ...]:
        """The faces and plates that frame `index` of the loop shows at least in part."""
        staged = self._staged(index % LENGTH)
        found = []
        for place, (actor, _, pose) in enumerate(staged):
            if actor is not None:
                box = pose.box(*actor.target)
                visible = self._visible(box, [(sprite, over) for _, sprite, over in staged[place + 1 :]])
                if visible > 0:
                    x1, y1, x2, y2 = box
                    found.append(
                        Truth(
                            actor.kind,
                            max(0.0, x1),
                            max(0.0, y1),
                            min(float(self.width), x2),
                            min(float(self.height), y2),
                            visible,
                        )
                    )
        return tuple(found)

    def _visible(self, box: Box, nearer: list[tuple[Sprite, Pose]]) -> float:
        x1, y1, x2, y2 = (round(side) for side in box)
        area = (max(0, x1), max(0, y1), min(self.width, x2), min(self.height, y2))
        if area[2] <= area[0] or area[3] <= area[1]:
            return 0.0
        hidden = np.zeros((area[3] - area[1], area[2] - area[0]), bool)
        for sprite, pose in nearer:
            hidden |= sprite.cover(pose, area) > 127
        return float((~hidden).sum()) / ((x2 - x1) * (y2 - y1))
