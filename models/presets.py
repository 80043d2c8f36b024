"""Presets: the passes of a kind of scene, as changes to the default's, so that they follow when that changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from models.passes import PASSES, Pass
from vcam.base.presets import Preset

Passes = tuple[Pass, ...]
Change = Callable[[Passes], Passes]


def passes_of(preset: Preset) -> Passes:
    """Every pass of `preset`."""
    passes = PASSES
    for change in _CHANGES[preset]:
        passes = change(passes)
    return passes


_CHANGES: Mapping[Preset, tuple[Change, ...]] = {
    "default": (),
    "service_centre": (),
    "car_park": (),
    "terminal": (),
    "roadside": (),
    "night": (),
    "overhead": (),
}
