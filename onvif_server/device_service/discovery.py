"""How a device is found: scopes, discovery mode, endpoint reference."""

# ruff: noqa: ARG002, N802, N803  Methods bear the names of the WSDL, and take what all of them take.

from __future__ import annotations

from onvif_server.device_service.facts import Facts
from onvif_server.dispatch import Call
from onvif_server.presence import Mode


class DiscoveryOperations:
    """Operations on what WS-Discovery tells."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    async def GetScopes(self, call: Call) -> dict[str, object]:
        presence = self._facts.presence
        told = [("Fixed", scope) for scope in presence.fixed]
        told += [("Configurable", scope) for scope in presence.configurable]
        return {"Scopes": [{"ScopeDef": kind, "ScopeItem": scope} for kind, scope in told]}

    async def SetScopes(self, call: Call, Scopes: list[str]) -> dict[str, object]:
        self._facts.presence.replace(Scopes)
        return {}

    async def AddScopes(self, call: Call, ScopeItem: list[str]) -> dict[str, object]:
        self._facts.presence.add(ScopeItem)
        return {}

    async def RemoveScopes(self, call: Call, ScopeItem: list[str]) -> dict[str, object]:
        self._facts.presence.remove(ScopeItem)
        return {"ScopeItem": ScopeItem}

    async def GetDiscoveryMode(self, call: Call) -> dict[str, object]:
        return {"DiscoveryMode": self._facts.presence.mode}

    async def SetDiscoveryMode(self, call: Call, DiscoveryMode: Mode) -> dict[str, object]:
        self._facts.presence.set_mode(DiscoveryMode)
        return {}

    async def GetEndpointReference(self, call: Call) -> dict[str, object]:
        return {"GUID": self._facts.identity.endpoint}
