"""Which settings hold at what time of day. Pure: the time is the picture's own."""

from __future__ import annotations

import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from vcam.base.media import Kind
from vcam.base.settings import MaskKind, MaskSettings, Rule, Zone

EDGE = 1.0
"""Least seconds before and after a change in which what holds before and what holds after both hold."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SAME = ({Kind.FACE, Kind.HEAD}, {Kind.PLATE, Kind.PLATE_BAND})
"""Kinds that stand for one another: a track of a face goes on as a head's."""


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """One state of the settings: kinds that are masked, zones that are and that are not."""

    kinds: frozenset[Kind]
    always: tuple[Zone, ...]
    never: tuple[Zone, ...]


class Rules:
    """The scopes that hold for a picture. All that any of them masks is masked."""

    def __init__(self, settings: MaskSettings) -> None:
        zone = settings.timezone
        self._zone: tzinfo | None = None if zone in {None, "local"} else zoneinfo.ZoneInfo(zone)
        self._edge = timedelta(seconds=max(EDGE, settings.delay))
        self._rules = settings.rule
        self._base = _scope(settings, None)
        self._scopes = [_scope(settings, rule) for rule in settings.rule]

    def at(self, time: int) -> tuple[Scope, ...]:
        """What holds at `time`, microseconds UTC, or within the delay of it: one scope for each rule in force.

        Where no rule is in force the camera's own settings are the scope. Hours are those of the wall clock: one that
        is skipped when clocks go forward does not come, one that comes twice counts twice.
        """
        if not self._rules:
            return (self._base,)
        instant = datetime.fromtimestamp(time // 1_000_000, UTC)
        held = [self._hold(instant + way * self._edge) for way in (-1, 0, 1)]
        return tuple(dict.fromkeys(scope for scopes in held for scope in scopes))

    def _hold(self, instant: datetime) -> Sequence[Scope]:
        local = instant.astimezone(self._zone)
        scopes = [
            scope for rule, scope in zip(self._rules, self._scopes, strict=True) if _in_force(rule, local)
        ]
        return scopes or [self._base]


def _in_force(rule: Rule, local: datetime) -> bool:
    start, end = rule.span
    minute = local.hour * 60 + local.minute
    today, yesterday = _DAYS[local.weekday()], _DAYS[local.weekday() - 1]
    if start < end:
        return today in rule.days and start <= minute < end
    return (today in rule.days and minute >= start) or (yesterday in rule.days and minute < end)


def _scope(settings: MaskSettings, rule: Rule | None) -> Scope:
    kinds: Sequence[MaskKind] = (rule.kinds if rule else None) or settings.kinds
    always = [*settings.always, *(rule.always if rule else ())]
    never = [*settings.never, *(rule.never if rule else ())]
    return Scope(_with_stand_ins(kinds), tuple(always), tuple(never))


def _with_stand_ins(kinds: Sequence[MaskKind]) -> frozenset[Kind]:
    named = frozenset(Kind(kind) for kind in kinds)
    return named.union(*(same for same in _SAME if same & named))
