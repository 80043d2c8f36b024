"""What persons and vehicles say of the heads and plates that nobody saw on them.

A head is sought where persons' faces were measured to be: the face's place in the box of a person, in widths of that
box, hardly depends on whether somebody stands, sits or is cut off by the picture's edge.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from vcam.base.media import Detection, Kind, Region

_HEAD: Final = (0.3, 0.05, 0.55, 0.5)
"""A head reaches from this share of a person's width, left and right, and this above the box, to this share of the
width below its top, but no further than this share of the height."""
_PLACE: Final = (0.5, 0.15)
"""Middle of a face and its spread, in widths of the person..."""
_CHIN: Final = (0.53, 0.2)
"""...lower edge of a face below the person's top..."""
_BREADTH: Final = (0.3, 0.4)
"""...and its width, whose spread is that of its logarithm."""
_CLAIM: Final = 3.0
"""Sum of deviations, in spreads, up to which a face is that of a person."""
_BAND_TOP: Final = 1 / 3
"""Plates begin below this share of a vehicle's height."""
_CUT: Final = 0.2
"""By this share of its height a vehicle that the picture's edge cuts may reach on."""


Margins = tuple[float, float, float]
"""By how much of its width (each side) and height (up, down) a detector's box has been widened."""


def as_wanted(
    seen: Sequence[Detection],
    tracked: Iterable[Region],
    kinds: Collection[Kind],
    size: tuple[int, int],
    margins: Mapping[Kind, Margins],
) -> list[Detection]:
    """Detections of the `kinds` that are looked for; `size` is the picture's, boxes have been widened by `margins`.

    A person whose face is neither seen nor `tracked` gets a head, a vehicle without a plate a band where it hangs.
    """
    out = [one for one in seen if one.kind in kinds]
    if Kind.HEAD in kinds:
        faces = [_narrowed(one, margins[Kind.FACE]) for one in seen if one.kind is Kind.FACE]
        held = [_detection(one) for one in tracked if one.kind is Kind.FACE]
        persons = [one for one in seen if one.kind is Kind.PERSON]
        bodies = [_narrowed(one, margins[Kind.PERSON]) for one in persons]
        out += _heads(bodies, _distinct([*faces, *(_narrowed(one, margins[Kind.FACE]) for one in held)]), size)
    if Kind.PLATE_BAND in kinds:
        plates = [_middle(one) for one in seen if one.kind is Kind.PLATE]
        plates += [_middle(one) for one in tracked if one.kind is Kind.PLATE]
        vehicles = [one for one in seen if one.kind is Kind.VEHICLE]
        out += [_band(one, size) for one in vehicles if not any(_inside(plate, one) for plate in plates)]
    return out


def _distinct(faces: Iterable[Detection]) -> list[Detection]:
    # A face that is seen and tracked, or tracked twice, must not claim a second person.
    apart: list[Detection] = []
    for one in faces:
        if not any(_inside(_middle(one), other) or _inside(_middle(other), one) for other in apart):
            apart.append(one)
    return apart


def _heads(persons: Sequence[Detection], faces: Sequence[Detection], size: tuple[int, int]) -> list[Detection]:
    # One face claims one person at the most: in a crowd a neighbour's face lies in the same box.
    costs = sorted(
        (cost, face, person)
        for face, one in enumerate(faces)
        for person, body in enumerate(persons)
        if (cost := _cost(one, body)) <= _CLAIM
    )
    claimed: set[int] = set()
    used: set[int] = set()
    for _, face, person in costs:
        if face not in used and person not in claimed:
            used.add(face)
            claimed.add(person)
    heads = [_head(one, size) for at, one in enumerate(persons) if at not in claimed]
    return [one for one in heads if one.x1 < one.x2 and one.y1 < one.y2]


def _cost(face: Detection, person: Detection) -> float:
    width = max(person.x2 - person.x1, 1.0)
    place = ((face.x1 + face.x2) / 2 - person.x1) / width
    chin = (face.y2 - person.y1) / width
    breadth = max(face.x2 - face.x1, 1.0) / width
    return (
        abs(place - _PLACE[0]) / _PLACE[1]
        + abs(chin - _CHIN[0]) / _CHIN[1]
        + abs(math.log(breadth / _BREADTH[0])) / _BREADTH[1]
    )


def _head(person: Detection, size: tuple[int, int]) -> Detection:
    width, height = person.x2 - person.x1, person.y2 - person.y1
    inset, above, down, most = _HEAD
    return replace(
        person,
        x1=person.x1 + inset * width,
        y1=max(0.0, person.y1 - above * width),
        x2=person.x2 - inset * width,
        y2=min(float(size[1]), person.y1 + min(down * width, most * height)),
        kind=Kind.HEAD,
    )


def _band(vehicle: Detection, size: tuple[int, int]) -> Detection:
    height = vehicle.y2 - vehicle.y1
    cut = vehicle.y2 >= size[1] - 1
    bottom = min(float(size[1]), vehicle.y2 + (_CUT * height if cut else 0.0))
    return replace(vehicle, y1=vehicle.y1 + height * _BAND_TOP, y2=bottom, kind=Kind.PLATE_BAND)


def _narrowed(one: Detection, margins: Margins) -> Detection:
    """`one` before it was widened."""
    beside, up, down = margins
    width = (one.x2 - one.x1) / (1 + 2 * beside)
    height = (one.y2 - one.y1) / (1 + up + down)
    return replace(
        one,
        x1=one.x1 + beside * width,
        y1=one.y1 + up * height,
        x2=one.x2 - beside * width,
        y2=one.y2 - down * height,
    )


def _detection(region: Region) -> Detection:
    return Detection(region.x1, region.y1, region.x2, region.y2, region.score, region.kind)


def _middle(one: Detection | Region) -> tuple[float, float]:
    return (one.x1 + one.x2) / 2, (one.y1 + one.y2) / 2


def _inside(point: tuple[float, float], one: Detection) -> bool:
    return one.x1 <= point[0] <= one.x2 and one.y1 <= point[1] <= one.y2
