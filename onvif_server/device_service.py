"""The Device service (ONVIF Core, devicemgmt.wsdl): one method for each operation, named after it."""

# ruff: noqa: ARG002, N802, N803  Methods bear the names of the WSDL, and take what all of them take.

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from onvif_server.deviceio_service import DeviceIoService
from onvif_server.dispatch import Call
from onvif_server.identity import Identity
from onvif_server.interfaces import interfaces
from onvif_server.physical import unsupported
from onvif_server.plain import plain
from onvif_server.services import Service, Values
from onvif_server.soap import Fault
from onvif_server.wsdl import DEVICE, Types
from onvif_server.zone import Zone
from vcam.base.clock import Clock

MANUFACTURER = "Garim"
MODEL = "Garim virtual camera"

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
    "TLS1.0": False,
    "TLS1.1": False,
    "TLS1.2": False,
    "OnboardKeyGeneration": False,
    "UsernameToken": True,
    "HttpDigest": True,
}
_CAPABILITIES: dict[str, object] = {"Network": _NETWORK, "Security": _SECURITY, "System": _SYSTEM}
_VERSION = (2, 42)
_LEGACY: dict[str, object] = {
    "Network": _NETWORK,
    "System": {
        **_SYSTEM,
        "FirmwareUpgrade": False,
        "SupportedVersions": [{"Major": _VERSION[0], "Minor": _VERSION[1]}],
    },
    "Security": {
        "TLS1.1": False,
        "TLS1.2": False,
        "OnboardKeyGeneration": False,
        "AccessPolicyConfig": False,
        "X.509Token": False,
        "SAMLToken": False,
        "KerberosToken": False,
        "RELToken": False,
    },
}
"""What GetCapabilities tells of this service."""
_INTERFACE = "eth0"
_Told = tuple[str, str, Values, tuple[int, int]]
_WSDL = "http://www.onvif.org/ver10/device/wsdl/devicemgmt.wsdl"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the Device service tells of its device."""

    identity: Identity
    version: str
    scopes: tuple[str, ...]
    zone: Zone
    rtsp_url: Callable[[str], str]


def xaddr(call: Call, path: str) -> str:
    """Address of the service at `path` as this client can reach it."""
    return f"http://{call.authority}{path}"


def _moment(time: datetime) -> dict[str, dict[str, int]]:
    return {
        "Time": {"Hour": time.hour, "Minute": time.minute, "Second": time.second},
        "Date": {"Year": time.year, "Month": time.month, "Day": time.day},
    }


class DeviceService:
    """The Device service of one virtual device, which tells of all the other `services`."""

    def __init__(self, facts: Facts, types: Types, services: Sequence[Service], clock: Clock) -> None:
        self._facts = facts
        self._types = types
        self._services = tuple(services)
        self._clock = clock

    def _present(self) -> list[Service]:
        """The services that there are now; what the physical camera has shows when it first answers."""
        return [each for each in self._services if each.present()]

    def _connectors(self) -> DeviceIoService | None:
        handlers = (each.handler for each in self._services)
        return next((each for each in handlers if isinstance(each, DeviceIoService)), None)

    def _io(self) -> dict[str, object]:
        """What GetCapabilities tells of relays and inputs."""
        connectors = self._connectors()
        counts = connectors.capabilities() if connectors else {}
        return {
            "InputConnectors": counts.get("DigitalInputs", 0),
            "RelayOutputs": counts.get("RelayOutputs", 0),
        }

    async def SetRelayOutputSettings(
        self, call: Call, RelayOutputToken: str, Properties: Any
    ) -> dict[str, object]:
        connectors = self._connectors()
        if connectors is None:
            raise unsupported("this camera has no relay outputs")
        return await connectors.configure(call, RelayOutputToken, plain(Properties))

    async def GetServices(self, call: Call, IncludeCapability: bool) -> dict[str, object]:
        told: list[_Told] = [(DEVICE, PATH, _CAPABILITIES, _VERSION)]
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
        return {"Capabilities": _CAPABILITIES}

    async def GetCapabilities(self, call: Call, Category: list[str]) -> dict[str, object]:
        parts: dict[str, Any] = {"Device": {"XAddr": xaddr(call, PATH), **_LEGACY, "IO": self._io()}}
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

    async def GetEndpointReference(self, call: Call) -> dict[str, object]:
        return {"GUID": self._facts.identity.endpoint}

    async def GetHostname(self, call: Call) -> dict[str, object]:
        name = f"garim-{self._facts.identity.serial.lower()}"
        return {"HostnameInformation": {"FromDHCP": False, "Name": name}}

    async def GetSystemDateAndTime(self, call: Call) -> dict[str, object]:
        now = datetime.fromtimestamp(self._clock.utc() // 1_000_000, UTC)
        local = now.astimezone(self._facts.zone.info)
        return {
            "SystemDateAndTime": {
                "DateTimeType": "NTP",
                "DaylightSavings": bool(local.dst()),
                "TimeZone": {"TZ": self._facts.zone.posix},
                "UTCDateTime": _moment(now),
                "LocalDateTime": _moment(local),
            }
        }

    async def GetDeviceInformation(self, call: Call) -> dict[str, object]:
        return {
            "Manufacturer": MANUFACTURER,
            "Model": MODEL,
            "FirmwareVersion": self._facts.version,
            "SerialNumber": self._facts.identity.serial,
            "HardwareId": MODEL,
        }

    async def GetScopes(self, call: Call) -> dict[str, object]:
        return {"Scopes": [{"ScopeDef": "Fixed", "ScopeItem": scope} for scope in self._facts.scopes]}

    async def GetDiscoveryMode(self, call: Call) -> dict[str, object]:
        return {"DiscoveryMode": "Discoverable"}

    async def GetNetworkInterfaces(self, call: Call) -> dict[str, object]:
        interface: dict[str, object] = {
            "token": _INTERFACE,
            "Enabled": True,
            "Info": {"Name": _INTERFACE, "HwAddress": self._facts.identity.mac, "MTU": 1500},
        }
        try:
            address = ipaddress.IPv4Address(call.local)
        except ValueError:
            return {"NetworkInterfaces": [interface]}
        prefixes = [each.prefix for each in interfaces() if each.address == str(address)]
        manual = {"Address": str(address), "PrefixLength": prefixes[0] if prefixes else 32}
        interface["IPv4"] = {"Enabled": True, "Config": {"Manual": [manual], "DHCP": False}}
        return {"NetworkInterfaces": [interface]}

    async def GetNetworkProtocols(self, call: Call) -> dict[str, object]:
        http = urlsplit(f"http://{call.authority}").port or 80
        rtsp = urlsplit(self._facts.rtsp_url(call.host)).port or 554
        return {
            "NetworkProtocols": [
                {"Name": "HTTP", "Enabled": True, "Port": [http]},
                {"Name": "RTSP", "Enabled": True, "Port": [rtsp]},
            ]
        }
