"""The network of a device.

It is the host's, which no client may set through a camera: what is in force is accepted, so that an NVR that writes
back what it has read succeeds, and everything else is refused. Only the host name is the device's own.
"""

# ruff: noqa: ARG002, N802, N803  Methods bear the names of the WSDL, and take what all of them take.

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from onvif_server.device_service.facts import Facts
from onvif_server.dispatch import Call
from onvif_server.host import dns, gateways
from onvif_server.interfaces import interfaces
from onvif_server.soap import Fault, invalid
from onvif_server.store import kept

HOSTNAME = "hostname"
"""The store's section of the host name."""

_INTERFACE = "eth0"
_MTU = 1500
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOSTNAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def _prohibited() -> Fault:
    reason = "The network is that of the host that runs Garim, and is not set through a camera"
    return Fault("Sender", ("OperationProhibited",), reason)


def _in_force(same: bool) -> dict[str, object]:
    """The reply to a request that sets what is so already. Raises Fault for another."""
    if not same:
        raise _prohibited()
    return {}


def _ip(text: str | None, version: int, subcode: str) -> str:
    """An address in its usual spelling. Raises Fault with `subcode`."""
    try:
        address = ipaddress.ip_address((text or "").strip())
    except ValueError:
        raise invalid(f"{text!r} is no IPv{version} address", subcode) from None
    if address.version != version:
        raise invalid(f"{text!r} is no IPv{version} address", subcode)
    return str(address)


def _host(value: Any) -> str:
    """The address of a tt:IPAddress. Raises Fault."""
    if value.Type == "IPv4":
        return _ip(value.IPv4Address, 4, "InvalidIPv4Address")
    return _ip(value.IPv6Address, 6, "InvalidIPv6Address")


def _told(address: str) -> dict[str, object]:
    kind = f"IPv{ipaddress.ip_address(address).version}"
    return {"Type": kind, f"{kind}Address": address}


class NetworkOperations:
    """Operations on the network."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts

    async def GetHostname(self, call: Call) -> dict[str, object]:
        first = f"garim-{self._facts.identity.serial.lower()}"
        name = kept(self._facts.store, HOSTNAME, str, first)
        return {"HostnameInformation": {"FromDHCP": False, "Name": name}}

    async def SetHostname(self, call: Call, Name: str | None) -> dict[str, object]:
        name = (Name or "").strip()
        if len(name) > 253 or not _HOSTNAME.fullmatch(name):
            raise invalid(f"{name!r} is no host name", "InvalidHostname")
        self._facts.store.write(HOSTNAME, name)
        return {}

    async def GetDNS(self, call: Call) -> dict[str, object]:
        found = dns()
        return {
            "DNSInformation": {
                "FromDHCP": False,
                "SearchDomain": list(found.domains),
                "DNSManual": [_told(server) for server in found.servers],
            }
        }

    async def SetDNS(
        self, call: Call, FromDHCP: bool, SearchDomain: Sequence[str], DNSManual: Sequence[Any]
    ) -> dict[str, object]:
        servers, found = tuple(_host(each) for each in DNSManual or ()), dns()
        return _in_force(
            (FromDHCP, tuple(SearchDomain or ()), servers) == (False, found.domains, found.servers)
        )

    async def GetNTP(self, call: Call) -> dict[str, object]:
        """The host keeps its clock as it was set up to; Garim knows no server."""
        return {"NTPInformation": {"FromDHCP": False}}

    async def SetNTP(self, call: Call, FromDHCP: bool, NTPManual: Sequence[Any]) -> dict[str, object]:
        for each in NTPManual or ():
            if each.Type == "DNS":
                if not _HOSTNAME.fullmatch((each.DNSname or "").strip()):
                    raise invalid(f"{each.DNSname!r} is no host name", "InvalidDnsName")
            else:
                _host(each)
        return _in_force(not FromDHCP and not NTPManual)

    async def GetNetworkInterfaces(self, call: Call) -> dict[str, object]:
        interface: dict[str, object] = {
            "token": _INTERFACE,
            "Enabled": True,
            "Info": {"Name": _INTERFACE, "HwAddress": self._facts.identity.mac, "MTU": _MTU},
        }
        manual = self._address(call)
        if manual is not None:
            told = {"Address": manual[0], "PrefixLength": manual[1]}
            interface["IPv4"] = {"Enabled": True, "Config": {"Manual": [told], "DHCP": False}}
        return {"NetworkInterfaces": [interface]}

    async def SetNetworkInterfaces(
        self, call: Call, InterfaceToken: str, NetworkInterface: Any
    ) -> dict[str, object]:
        if InterfaceToken != _INTERFACE:
            raise invalid(f"There is no interface {InterfaceToken}", "InvalidNetworkInterface")
        wanted, four = NetworkInterface, NetworkInterface.IPv4
        if wanted.MTU is not None and not 68 <= wanted.MTU <= 65535:
            raise invalid("The MTU is out of range", "InvalidMtuValue")
        manual = self._address(call)
        same = wanted.Enabled is not False and wanted.MTU in {None, _MTU} and wanted.Link is None
        same = same and (wanted.IPv6 is None or not wanted.IPv6.Enabled)
        if four is not None:
            given = [
                (_ip(each.Address, 4, "InvalidIPv4Address"), each.PrefixLength) for each in four.Manual or ()
            ]
            same = same and four.Enabled is not False and not four.DHCP and given in ([], [manual])
        _in_force(same)
        return {"RebootNeeded": False}

    async def GetNetworkProtocols(self, call: Call) -> dict[str, object]:
        return {
            "NetworkProtocols": [
                {"Name": name, "Enabled": True, "Port": [port]} for name, port in self._ports(call).items()
            ]
        }

    async def SetNetworkProtocols(self, call: Call, NetworkProtocols: Sequence[Any]) -> dict[str, object]:
        ports = self._ports(call)
        same = True
        for each in NetworkProtocols:
            if each.Name in ports:
                same = (
                    same and bool(each.Enabled) and list(each.Port or [ports[each.Name]]) == [ports[each.Name]]
                )
            elif each.Enabled:
                raise invalid(f"{each.Name} is not supported", "ServiceNotSupported")
        return _in_force(same)

    async def GetNetworkDefaultGateway(self, call: Call) -> dict[str, object]:
        return {"NetworkGateway": {"IPv4Address": list(gateways())}}

    async def SetNetworkDefaultGateway(
        self, call: Call, IPv4Address: Sequence[str], IPv6Address: Sequence[str]
    ) -> dict[str, object]:
        four = {_ip(each, 4, "InvalidGatewayAddress") for each in IPv4Address or ()}
        six = {_ip(each, 6, "InvalidGatewayAddress") for each in IPv6Address or ()}
        return _in_force(four == set(gateways()) and not six)

    def _ports(self, call: Call) -> dict[str, int]:
        default = 443 if call.scheme == "https" else 80
        web = urlsplit(f"//{call.authority}").port or default
        rtsp = urlsplit(self._facts.rtsp_url(call.host)).port or 554
        # The client's own way in may have another port than ours, where something forwards it.
        return {**self._facts.ports(), call.scheme.upper(): web, "RTSP": rtsp}

    def _address(self, call: Call) -> tuple[str, int] | None:
        """IPv4 address and length of its prefix, by which this client reaches us; None for one who uses IPv6."""
        try:
            address = str(ipaddress.IPv4Address(call.local))
        except ValueError:
            return None
        prefixes = [each.prefix for each in interfaces() if each.address == address]
        return address, prefixes[0] if prefixes else 32
