"""Every preset can be planned and proven like the default, and costs what it is meant to."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import get_args

import pytest

from models.analyst import Analyst
from models.passes import CYCLE, KINDS, PASSES, Pass, longest_gap
from models.presets import CHANGES, oftener, passes_of, sized
from vcam.base.presets import Preset, own

PRESETS: tuple[Preset, ...] = get_args(Preset)


def of(family: str, passes: tuple[Pass, ...]) -> list[Pass]:
    return [one for one in passes if one.family == family]


def test_the_default_is_the_default() -> None:
    assert passes_of("default") == PASSES
    assert set(CHANGES) == set(PRESETS)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_family_stays_proven(preset: Preset) -> None:
    passes = passes_of(preset)
    assert len({one.name for one in passes}) == len(passes)
    for family in KINDS:
        proving = [one for one in of(family, passes) if one.proving]
        assert longest_gap(proving, 25) <= 0.6 * CYCLE + 1 / 25
        assert all(0 <= slot < 1 for one in proving for slot in one.slots)


@pytest.mark.parametrize("preset", PRESETS)
def test_an_analyst_can_be_made_of_a_preset(preset: Preset) -> None:
    analyst = Analyst(own({"preset": preset}).kinds, preset=preset)
    assert {"face", "plate"} <= set(analyst.families)
    assert ("motion" in analyst.families) is (preset in {"night", "overhead"})


def test_sizes_change_in_one_family_alone() -> None:
    change = sized("plate", 1.5)
    for one in PASSES:
        changed = change(one)
        if one.family == "plate":
            assert math.isclose(changed.side, one.side * 1.5, rel_tol=0.03)
            assert str(changed.side) in changed.name
        else:
            assert changed is one


def test_looks_come_as_much_oftener() -> None:
    change = oftener("plate", 2)
    for one in of("plate", PASSES):
        slots = sorted(change(one).slots)
        assert len(slots) == 2 * len(one.slots)
        assert all(later > earlier for earlier, later in pairwise(slots))
    proving = [one for one in of("plate", PASSES) if one.proving]
    assert longest_gap([change(one) for one in proving], 25) < longest_gap(proving, 25)
