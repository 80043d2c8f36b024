"""The Analytics service (analytics.wsdl): one method for each operation, named after it."""

# ruff: noqa: ARG002, N802, N803  Methods bear the names of the WSDL, and take what all of them take.

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from onvif_server.analytics.engine import MODULES, RULES, TRACKER, Part
from onvif_server.dispatch import Call
from onvif_server.media.tokens import ANALYTICS_CONFIGURATION
from onvif_server.metadata import OBJECT_TYPES, frame
from onvif_server.soap import Fault, invalid
from onvif_server.wsdl import raw
from vcam.base.clock import Clock
from vcam.base.media import Kind, Region
from vcam.base.scene import Scene

PATH = "/onvif/analytics_service"
"""Path of this service."""
CAPABILITIES: dict[str, object] = {
    "RuleSupport": True,
    "AnalyticsModuleSupport": True,
    "CellBasedSceneDescriptionSupported": False,
    "RuleOptionsSupported": False,
    "AnalyticsModuleOptionsSupported": False,
    "SupportedMetadata": True,
}
LEGACY: dict[str, object] = {"RuleSupport": True, "AnalyticsModuleSupport": True}
"""What GetCapabilities tells of this service."""

_SAMPLE = 1000
"""Width and height of the sample frame's picture in pixels."""


class AnalyticsService:
    """The Analytics service of one virtual device. Modules and rules are there, and nobody changes them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def GetServiceCapabilities(self, call: Call) -> dict[str, object]:
        return {"Capabilities": CAPABILITIES}

    async def GetSupportedMetadata(self, call: Call, Type: str | None) -> dict[str, object]:
        if Type and not _is(Type, TRACKER.type):
            raise invalid(f"There is no module of type {Type!r}", "TypeNotExistent")
        sample = raw(frame(_sample(self._clock.utc())))
        return {"AnalyticsModule": [{"Type": TRACKER.type, "SampleFrame": sample}]}

    async def GetSupportedRules(self, call: Call, ConfigurationToken: str) -> dict[str, object]:
        _known(ConfigurationToken)
        described = [rule.described() for rule in RULES]
        return {"SupportedRules": {"Limit": len(RULES), "RuleDescription": described}}

    async def GetRules(self, call: Call, ConfigurationToken: str) -> dict[str, object]:
        _known(ConfigurationToken)
        return {"Rule": [rule.written() for rule in RULES]}

    async def CreateRules(self, call: Call, ConfigurationToken: str, Rule: list[Any]) -> dict[str, object]:
        _known(ConfigurationToken)
        raise _fixed("FixedRules")

    async def DeleteRules(self, call: Call, ConfigurationToken: str, RuleName: list[str]) -> dict[str, object]:
        _known(ConfigurationToken)
        _find(RULES, RuleName, "RuleNotExistent")
        raise _fixed("FixedRules")

    async def ModifyRules(self, call: Call, ConfigurationToken: str, Rule: list[Any]) -> dict[str, object]:
        _known(ConfigurationToken)
        _unchanged(RULES, Rule, "RuleNotExistent")
        return {}

    async def GetSupportedAnalyticsModules(self, call: Call, ConfigurationToken: str) -> dict[str, object]:
        _known(ConfigurationToken)
        described = [module.described() for module in MODULES]
        return {"SupportedAnalyticsModules": {"Limit": len(MODULES), "AnalyticsModuleDescription": described}}

    async def GetAnalyticsModules(self, call: Call, ConfigurationToken: str) -> dict[str, object]:
        _known(ConfigurationToken)
        return {"AnalyticsModule": [module.written() for module in MODULES]}

    async def CreateAnalyticsModules(
        self, call: Call, ConfigurationToken: str, AnalyticsModule: list[Any]
    ) -> dict[str, object]:
        _known(ConfigurationToken)
        raise _fixed("FixedModules")

    async def DeleteAnalyticsModules(
        self, call: Call, ConfigurationToken: str, AnalyticsModuleName: list[str]
    ) -> dict[str, object]:
        _known(ConfigurationToken)
        _find(MODULES, AnalyticsModuleName, "NameNotExistent")
        raise _fixed("FixedModules")

    async def ModifyAnalyticsModules(
        self, call: Call, ConfigurationToken: str, AnalyticsModule: list[Any]
    ) -> dict[str, object]:
        _known(ConfigurationToken)
        _unchanged(MODULES, AnalyticsModule, "NameNotExistent")
        return {}


def _known(token: str) -> None:
    if token != ANALYTICS_CONFIGURATION:
        raise invalid(f"There is no video analytics configuration {token!r}", "NoConfig")


def _is(told: str, kind: str) -> bool:
    """Whether a QName of a request means a type, whatever its prefix."""
    return told.rpartition(":")[2] == kind.rpartition(":")[2]


def _find(parts: Sequence[Part], names: Iterable[str], missing: str) -> list[Part]:
    """The parts of these names. Raises Fault."""
    by_name = {part.name: part for part in parts}
    for name in names:
        if name not in by_name:
            raise invalid(f"There is no {name!r}", missing)
    return [by_name[name] for name in names]


def _fixed(subcode: str) -> Fault:
    return Fault("Sender", ("Action", subcode), "Modules and rules of this device are fixed")


def _unchanged(parts: Sequence[Part], wanted: Sequence[Any], missing: str) -> None:
    """Let pass what would change nothing. Raises Fault."""
    found = _find(parts, [each.Name for each in wanted], missing)
    for part, each in zip(found, wanted, strict=True):
        if not _is(str(each.Type), part.type):
            raise Fault("Receiver", ("Action", "TypeChangeProhibited"), f"{part.name!r} is of type {part.type}")
        items = each.Parameters.SimpleItem if each.Parameters is not None else []
        if any(part.parameters.get(item.Name) != item.Value for item in items):
            reason = f"The parameters of {part.name!r} are fixed"
            raise Fault("Receiver", ("Action", "ConfigurationConflict"), reason)


def _sample(now: int) -> Scene:
    """A scene with an object of every type, in the upper left quarter of the picture."""
    kinds = {OBJECT_TYPES[kind]: kind for kind in (Kind.PERSON, Kind.FACE, Kind.VEHICLE, Kind.PLATE)}
    regions = tuple(
        Region(10 + 100 * place, 10, 90 + 100 * place, 90, kind, place + 1, 0.9)
        for place, kind in enumerate(kinds.values())
    )
    return Scene(now, 0, _SAMPLE, _SAMPLE, regions)
