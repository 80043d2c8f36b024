"""All that any scope in force masks is masked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from vcam.base.media import Kind, Picture, Region
from vcam.base.settings import MaskSettings
from vcam.mask.choice import Choice

Noise = Callable[..., Picture]

LEFT = {"name": "left", "points": [(0, 0), (0.5, 0), (0.5, 1), (0, 1)]}
EVENING = {"name": "evening", "hours": "18:00-20:00"}
FACE = Region(10, 10, 40, 40, Kind.FACE, 1, 0.9, (10, 10, 40, 40))
PERSON = Region(200, 10, 240, 140, Kind.PERSON, 2, 0.9, (200, 10, 240, 140))
HEAD = Region(200, 10, 240, 40, Kind.HEAD, 3, 0.9, (200, 10, 240, 40))


def wanted(noise: Noise, when: str, *regions: Region, **settings: Any) -> tuple[set[Kind], list[str]]:
    picture = noise(320, 180)
    picture.time = round(datetime.fromisoformat(f"2026-03-06T{when}").replace(tzinfo=UTC).timestamp() * 1e6)
    choice = Choice(MaskSettings.model_validate({"timezone": "UTC", **settings}))
    masked, zones = choice.wanted(picture, regions)
    return {one.kind for one in masked}, [zone.name for zone in zones]


@pytest.mark.parametrize(
    ("when", "kinds"),
    [("12:00:00", {Kind.FACE}), ("18:30:00", {Kind.PERSON}), ("18:00:00", {Kind.FACE, Kind.PERSON})],
)
def test_kinds_by_the_hour(noise: Noise, when: str, kinds: set[Kind]) -> None:
    rule = EVENING | {"kinds": ["person"]}
    assert wanted(noise, when, FACE, PERSON, kinds=["face"], rule=[rule])[0] == kinds


def test_a_head_stands_for_its_face_and_what_nobody_names_is_masked(noise: Noise) -> None:
    rule = EVENING | {"kinds": ["head", "person"]}
    assert wanted(noise, "12:00:00", HEAD, PERSON, kinds=["face"], rule=[rule])[0] == {Kind.HEAD}
    other = Region(0, 0, 20, 20, Kind.MOTION, 7)
    assert wanted(noise, "12:00:00", other, kinds=["face"])[0] == {Kind.MOTION}


def test_zones_by_the_hour(noise: Noise) -> None:
    rule = EVENING | {"always": [LEFT]}
    own = LEFT | {"name": "own"}
    assert wanted(noise, "12:00:00", always=[own], rule=[rule])[1] == ["own"]
    assert wanted(noise, "19:00:00", always=[own], rule=[rule])[1] == ["own", "left"]
    assert wanted(noise, "20:00:00", always=[own], rule=[rule])[1] == ["own", "left"]


@pytest.mark.parametrize(
    ("when", "masked"), [("12:00:00", True), ("19:00:00", False), ("18:00:00", True), ("20:00:00", True)]
)
def test_a_rules_never_zone_clears_in_its_hours_alone(noise: Noise, when: str, masked: bool) -> None:
    inner = {"name": "screen", "points": [(0.01, 0.01), (0.5, 0.01), (0.5, 0.9), (0.01, 0.9)]}
    kinds, _ = wanted(noise, when, FACE, PERSON, kinds=["face", "person"], rule=[EVENING | {"never": [inner]}])
    assert kinds == ({Kind.FACE, Kind.PERSON} if masked else {Kind.PERSON})


def test_one_scope_that_masks_is_enough(noise: Noise) -> None:
    inner = {"name": "screen", "points": [(0.01, 0.01), (0.5, 0.01), (0.5, 0.9), (0.01, 0.9)]}
    clearing, plain = EVENING | {"never": [inner]}, EVENING | {"name": "other", "kinds": ["face"]}
    assert wanted(noise, "19:00:00", FACE, rule=[clearing])[0] == set()
    assert wanted(noise, "19:00:00", FACE, rule=[clearing, plain])[0] == {Kind.FACE}
