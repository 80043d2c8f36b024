"""The network: what is in force is accepted, everything else is refused, and only the host name changes."""

from __future__ import annotations

from typing import Any

import pytest

from onvif_server.device_service import network
from onvif_server.device_service.network import NetworkOperations
from onvif_server.dispatch import Call
from onvif_server.host import Dns


@pytest.fixture(autouse=True)
def known_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host whose resolver and routes are known."""
    monkeypatch.setattr(network, "dns", lambda: Dns(("example.org",), ("192.0.2.53", "2001:db8::53")))
    monkeypatch.setattr(network, "gateways", lambda: ("192.0.2.1",))


async def test_the_interface_is_that_by_which_the_client_came(device: Any, running: Any) -> None:
    (interface,) = await device("GetNetworkInterfaces")
    assert interface.Enabled
    assert interface.Info.HwAddress == running.device.identity.mac
    assert interface.IPv4.Config.Manual[0].Address == "127.0.0.1"
    assert interface.IPv4.Config.Manual[0].PrefixLength == 8


async def test_a_client_by_ipv6_is_told_of_no_ipv4(running: Any) -> None:
    handlers = running.device._dispatcher._handlers.values()
    (service,) = {each.__self__ for _, each in handlers if isinstance(each.__self__, NetworkOperations)}
    reply: Any = await service.GetNetworkInterfaces(Call("[::1]:80", "[::1]", "::1"))
    assert "IPv4" not in reply["NetworkInterfaces"][0]


async def test_ports(device: Any, running: Any) -> None:
    found = {each.Name: each.Port for each in await device("GetNetworkProtocols")}
    assert found == {"HTTP": [running.port], "RTSP": [8554]}


async def test_what_an_nvr_has_read_it_may_write_back(device: Any, running: Any) -> None:
    found = await device("GetDNS")
    assert [each.IPv4Address or each.IPv6Address for each in found.DNSManual] == ["192.0.2.53", "2001:db8::53"]
    await device("SetDNS", FromDHCP=False, SearchDomain=found.SearchDomain, DNSManual=found.DNSManual)
    assert (await device("GetNTP")).FromDHCP is False
    await device("SetNTP", FromDHCP=False)
    gateway = await device("GetNetworkDefaultGateway")
    await device("SetNetworkDefaultGateway", IPv4Address=gateway.IPv4Address)
    await device("SetNetworkProtocols", NetworkProtocols=await device("GetNetworkProtocols"))
    closed = {"Name": "HTTPS", "Enabled": False, "Port": [443]}
    await device("SetNetworkProtocols", NetworkProtocols=[closed])
    manual = [{"Address": "127.0.0.1", "PrefixLength": 8}]
    wanted = {"Enabled": True, "MTU": 1500, "IPv4": {"Enabled": True, "Manual": manual, "DHCP": False}}
    assert await device("SetNetworkInterfaces", InterfaceToken="eth0", NetworkInterface=wanted) is False


FOUR = {"Type": "IPv4", "IPv4Address": "192.0.2.99"}
ETH0 = {"InterfaceToken": "eth0"}


@pytest.mark.parametrize(
    ("operation", "arguments", "fault"),
    [
        ("SetDNS", {"FromDHCP": True}, "OperationProhibited"),
        ("SetDNS", {"FromDHCP": False, "DNSManual": [FOUR]}, "OperationProhibited"),
        (
            "SetDNS",
            {"FromDHCP": False, "DNSManual": [{"Type": "IPv4", "IPv4Address": "192.0.2"}]},
            "InvalidArgVal/InvalidIPv4Address",
        ),
        (
            "SetDNS",
            {"FromDHCP": False, "DNSManual": [{"Type": "IPv6", "IPv6Address": "192.0.2.1"}]},
            "InvalidArgVal/InvalidIPv6Address",
        ),
        ("SetNTP", {"FromDHCP": False, "NTPManual": [FOUR]}, "OperationProhibited"),
        (
            "SetNTP",
            {"FromDHCP": False, "NTPManual": [{"Type": "DNS", "DNSname": "no name"}]},
            "InvalidArgVal/InvalidDnsName",
        ),
        ("SetNetworkDefaultGateway", {"IPv4Address": ["192.0.2.2"]}, "OperationProhibited"),
        ("SetNetworkDefaultGateway", {"IPv4Address": ["gate"]}, "InvalidArgVal/InvalidGatewayAddress"),
        (
            "SetNetworkProtocols",
            {"NetworkProtocols": [{"Name": "RTSP", "Enabled": True, "Port": [555]}]},
            "OperationProhibited",
        ),
        (
            "SetNetworkProtocols",
            {"NetworkProtocols": [{"Name": "RTSP", "Enabled": False, "Port": [8554]}]},
            "OperationProhibited",
        ),
        (
            "SetNetworkProtocols",
            {"NetworkProtocols": [{"Name": "HTTPS", "Enabled": True, "Port": [443]}]},
            "InvalidArgVal/ServiceNotSupported",
        ),
        (
            "SetNetworkInterfaces",
            {"InterfaceToken": "eth1", "NetworkInterface": {"Enabled": True}},
            "InvalidArgVal/InvalidNetworkInterface",
        ),
        ("SetNetworkInterfaces", {**ETH0, "NetworkInterface": {"MTU": 12}}, "InvalidArgVal/InvalidMtuValue"),
        ("SetNetworkInterfaces", {**ETH0, "NetworkInterface": {"MTU": 9000}}, "OperationProhibited"),
        ("SetNetworkInterfaces", {**ETH0, "NetworkInterface": {"Enabled": False}}, "OperationProhibited"),
        (
            "SetNetworkInterfaces",
            {**ETH0, "NetworkInterface": {"IPv4": {"Enabled": True, "DHCP": True}}},
            "OperationProhibited",
        ),
        (
            "SetNetworkInterfaces",
            {**ETH0, "NetworkInterface": {"IPv4": {"Manual": [{"Address": "192.0.2.9", "PrefixLength": 8}]}}},
            "OperationProhibited",
        ),
        (
            "SetNetworkInterfaces",
            {**ETH0, "NetworkInterface": {"IPv4": {"Manual": [{"Address": "x", "PrefixLength": 8}]}}},
            "InvalidArgVal/InvalidIPv4Address",
        ),
    ],
)
async def test_what_would_change_the_host_is_refused(
    refused: Any, operation: str, arguments: dict[str, Any], fault: str
) -> None:
    assert await refused(operation, **arguments) == fault


async def test_the_host_name_is_the_devices_own(device: Any, running: Any, refused: Any) -> None:
    serial = running.device.identity.serial.lower()
    assert (await device("GetHostname")).Name == f"garim-{serial}"
    await device("SetHostname", Name="yard-3.example.org")
    assert (await device("GetHostname")).Name == "yard-3.example.org"
    for wrong in ("-x", "a b", "x" * 64, "front_door", ".".join(["x" * 60] * 5), "앞문"):
        assert await refused("SetHostname", Name=wrong) == "InvalidArgVal/InvalidHostname"
    assert (await device("GetHostname")).Name == "yard-3.example.org"
