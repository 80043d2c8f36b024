"""Presets: the passes for a kind of scene, as changes to the default's, so that they follow when that changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from models.detector import STRIDE
from models.manifest import shipped
from models.passes import PASSES, Family, Pass
from vcam.base.presets import Preset

Passes = tuple[Pass, ...]
Change = Callable[[Pass], Pass]


def passes_of(preset: Preset, passes: Iterable[Pass] = PASSES) -> Passes:
    """What `preset` makes of the default's `passes`."""
    changed = tuple(passes)
    for change in CHANGES[preset]:
        changed = tuple(change(one) for one in changed)
    return changed


def sized(family: Family, factor: float) -> Change:
    """Passes of `family` at analysis sizes larger by `factor`, their thresholds as they were."""

    def change(one: Pass) -> Pass:
        if one.family != family:
            return one
        side = max(1, round(one.side * factor / STRIDE)) * STRIDE
        name = one.name.replace(f":{one.side}", f":{side}")
        threshold = one.threshold or shipped().entry(one.detector).threshold(one.side)
        return replace(one, side=side, name=name, threshold=threshold)

    return change


def oftener(family: Family, times: int) -> Change:
    """Passes of `family` that have slots run through them `times` in a cycle, not once."""

    def change(one: Pass) -> Pass:
        if one.family != family:
            return one
        return replace(one, slots=tuple((slot + turn) / times for turn in range(times) for slot in one.slots))

    return change


CHANGES: Mapping[Preset, tuple[Change, ...]] = {
    "default": (),
    "service_centre": (sized("plate", 0.5),),
    "car_park": (sized("plate", 1.25),),
    "terminal": (sized("face", 4 / 3), sized("plate", 0.5)),
    "roadside": (sized("plate", 1.5), oftener("plate", 2)),
    "night": (oftener("face", 2),),
    "overhead": (),
}
"""What each preset changes; docs/presets.md says why, with figures. Kinds and delay are in `vcam.base.presets`."""
