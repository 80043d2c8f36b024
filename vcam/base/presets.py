"""The presets' own defaults of settings. What their passes look like stands in `models.presets`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from vcam.base.settings import MaskKind

Preset = Literal["default", "service_centre", "car_park", "terminal", "roadside", "night", "overhead"]


@dataclass(frozen=True, slots=True)
class Own:
    """Defaults of the settings of a mask."""

    kinds: tuple[MaskKind, ...] = ("face", "head", "plate")
    delay: float = 1.0


_OWN: Mapping[str, Own] = {
    "night": Own(kinds=("face", "head", "plate", "motion")),
    "overhead": Own(kinds=("face", "head", "plate", "motion")),
}


def own(said: Mapping[str, Any]) -> Own:
    """The defaults that go with the preset among the settings `said`."""
    return _OWN.get(said.get("preset", "default"), Own())
