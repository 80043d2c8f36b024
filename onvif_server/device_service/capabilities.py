"""What a device can do and where its services are."""

# ruff: noqa: ARG002, N802, N803  Methods bear the names of the WSDL, and take what all of them take.

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from onvif_server.accounts import MAX_NAME, MAX_PASSWORD, MAX_USERS
from onvif_server.dispatch import Call
from onvif_server.services import Service, Values
from onvif_server.soap import Fault
from onvif_server.wsdl import DEVICE, DEVICEIO, Types

PATH = "/onvif/device_service"
"""Path of this service."""

_NETWORK = {"IPFilter": False, "ZeroConfiguration": False, "IPVersion6": False, "DynDNS": False}
_SYSTEM = {
    "DiscoveryResolve": True,
    "DiscoveryBye": True,
    "RemoteDiscovery": False,
    "SystemBackup": False,
    "SystemLogging": False,
}
_SECURITY = {
    "TLS1.1": False,
    "OnboardKeyGeneration": False,
    "AccessPolicyConfig": False,
    "X.509Token": False,
    "SAMLToken": False,
    "KerberosToken": False,
    "RELToken": False,
}
_CAPABILITIES: dict[str, Any] = {
    "Network": {**_NETWORK, "Dot11Configuration": False, "HostnameFromDHCP": False, "NTP": 0, "DHCPv6": False},
    "Security": {
        **_SECURITY,
        "TLS1.0": False,
        "DefaultAccessPolicy": True,
        "Dot1X": False,
        "RemoteUserHandling": False,
        "UsernameToken": True,
        "HttpDigest": True,
        "MaxUsers": MAX_USERS,
        "MaxUserNameLength": MAX_NAME,
        "MaxPasswordLength": MAX_PASSWORD,
    },
    "System": {
        **_SYSTEM,
        "HttpFirmwareUpgrade": False,
        "HttpSystemBackup": False,
        "HttpSystemLogging": False,
        "HttpSupportInformation": False,
        "StorageConfiguration": False,
    },
    # None, which some clients want to be told.
    "Misc": {"AuxiliaryCommands": []},
}
_VERSION = (25, 12)
_LEGACY: dict[str, Any] = {
    "Network": _NETWORK,
    "System": {
        **_SYSTEM,
        "FirmwareUpgrade": False,
        "SupportedVersions": [{"Major": _VERSION[0], "Minor": _VERSION[1]}],
    },
    "Security": _SECURITY,
}
"""What GetCapabilities tells of this service."""
_Told = tuple[str, str, Values, tuple[int, int]]
_WSDL = "http://www.onvif.org/ver10/device/wsdl/devicemgmt.wsdl"


def xaddr(call: Call, path: str) -> str:
    """Address of the service at `path` as this client can reach it."""
    return f"{call.scheme}://{call.authority}{path}"


class CapabilityOperations:
    """Operations that tell of all services; `services` are all but this one. `ports` are those of `Facts`."""

    def __init__(
        self, types: Types, services: Sequence[Service], ports: Callable[[], Mapping[str, int]] = dict
    ) -> None:
        self._ports = ports
        self._types = types
        self._services = tuple(services)

    async def GetServices(self, call: Call, IncludeCapability: bool) -> dict[str, object]:
        told: list[_Told] = [(DEVICE, PATH, self._secured(_CAPABILITIES), _VERSION)]
        told += [(each.namespace, each.path, each.capabilities(), each.version) for each in self._present()]
        entries: list[dict[str, object]] = []
        for namespace, path, values, (major, minor) in told:
            entry: dict[str, object] = {
                "Namespace": namespace,
                "XAddr": xaddr(call, path),
                "Version": {"Major": major, "Minor": minor},
            }
            if IncludeCapability:
                name = "Capabilities"
                entry[name] = {"_value_1": self._types.element(namespace, name, values)}
            entries.append(entry)
        return {"Service": entries}

    async def GetServiceCapabilities(self, call: Call) -> dict[str, object]:
        return {"Capabilities": self._secured(_CAPABILITIES)}

    async def GetCapabilities(self, call: Call, Category: list[str]) -> dict[str, object]:
        legacy = self._secured(_LEGACY)
        parts: dict[str, Any] = {"Device": {"XAddr": xaddr(call, PATH), **legacy, "IO": self._io()}}
        for service in self._present():
            if service.category:
                *outer, name = service.category.split("/")
                place = parts
                for each in outer:
                    place = place.setdefault(each, {})
                place[name] = {"XAddr": xaddr(call, service.path), **service.legacy()}
        wanted = set(Category or ["All"])
        if "All" in wanted:
            return {"Capabilities": parts}
        if wanted - set(parts):
            raise Fault("Receiver", ("ActionNotSupported", "NoSuchService"), "That service is not implemented")
        return {"Capabilities": {name: parts[name] for name in parts if name in wanted}}

    async def GetWsdlUrl(self, call: Call) -> dict[str, object]:
        return {"WsdlUrl": _WSDL}

    def _secured(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """`told` with what is so of TLS."""
        return {**told, "Security": {**told["Security"], "TLS1.2": "HTTPS" in self._ports()}}

    def _present(self) -> list[Service]:
        """The services that there are now; what the physical camera has shows when it first answers."""
        return [each for each in self._services if each.present()]

    def _io(self) -> dict[str, object]:
        """How many inputs and relays there are, as the Device IO service tells it."""
        told = next((each.capabilities() for each in self._present() if each.namespace == DEVICEIO), {})
        return {
            "InputConnectors": told.get("DigitalInputs", 0),
            "RelayOutputs": told.get("RelayOutputs", 0),
        }
