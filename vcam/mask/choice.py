"""Chooses what of all that is known of a picture is to be masked: kinds and zones, by the time of day."""

from __future__ import annotations

from collections.abc import Sequence

from vcam.base.media import Kind, Picture, Region
from vcam.base.settings import MaskSettings, Zone
from vcam.mask.never import Guard
from vcam.mask.rules import Rules, Scope


class Choice:
    """One stream's choice, picture by picture in order of time.

    A region is masked when any scope in force masks it: when its kind is not one that only other scopes name, and
    none of the scope's never-zones leaves it clear. `always` wins over `never`: a zone is masked whatever lies in it.
    """

    def __init__(self, settings: MaskSettings) -> None:
        self._rules = Rules(settings)
        every = [*settings.never, *(zone for rule in settings.rule for zone in rule.never)]
        self._guards = [(zone, Guard(zone)) for zone in every]
        kinds = [*settings.kinds, *(kind for rule in settings.rule for kind in rule.kinds or ())]
        self._named = frozenset(Kind(kind) for kind in kinds)

    def blind(self, picture: Picture) -> None:
        """`picture` is masked whole, for nobody knows what it shows."""
        for _, guard in self._guards:
            guard.blind(picture)

    def wanted(
        self, picture: Picture, regions: Sequence[Region]
    ) -> tuple[tuple[Region, ...], tuple[Zone, ...]]:
        """Those of `regions` that are masked in `picture`, and the zones that are."""
        scopes = self._rules.at(picture.time)
        clear = {id(zone): guard.clear(picture, regions) for zone, guard in self._guards}
        masked = tuple(one for one in regions if any(self._masks(scope, one, clear) for scope in scopes))
        zones = {id(zone): zone for scope in scopes for zone in scope.always}
        return masked, tuple(zones.values())

    def _masks(self, scope: Scope, region: Region, clear: dict[int, frozenset[int]]) -> bool:
        if region.kind in self._named and region.kind not in scope.kinds:
            return False
        return not any(region.track in clear[id(zone)] for zone in scope.never)
