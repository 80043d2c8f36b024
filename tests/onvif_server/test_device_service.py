"""The Device service, asked by zeep's strict client."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import TZPATH

import pytest
from zeep.exceptions import Fault

from onvif_server import zone
from onvif_server.device_service import DeviceService, Facts
from onvif_server.dispatch import Call
from onvif_server.wsdl import DEVICE, DEVICEIO, IMAGING, MEDIA, types


@pytest.fixture
def device(client: Any) -> Any:
    return client(DEVICE)


async def test_who_it_is(device: Any, running: Any) -> None:
    found = await device("GetDeviceInformation")
    identity = running.device.identity
    assert (found.Manufacturer, found.SerialNumber) == ("Garim", identity.serial)
    assert found.FirmwareVersion
    guid = (await device("GetEndpointReference")).GUID
    assert guid == identity.endpoint
    (interface,) = await device("GetNetworkInterfaces")
    assert interface.Enabled
    assert interface.Info.HwAddress == identity.mac
    assert interface.IPv4.Config.Manual[0].Address == "127.0.0.1"
    assert interface.IPv4.Config.Manual[0].PrefixLength == 8
    assert identity.serial.lower() in (await device("GetHostname")).Name


async def test_what_it_says_of_itself(device: Any, running: Any) -> None:
    scopes = await device("GetScopes")
    assert tuple(scope.ScopeItem for scope in scopes) == running.device.scopes
    assert await device("GetDiscoveryMode") == "Discoverable"


async def test_services_are_where_the_client_is(device: Any, running: Any) -> None:
    services = await device("GetServices", IncludeCapability=False)
    assert [service.Namespace for service in services] == [DEVICE, MEDIA, IMAGING, DEVICEIO]
    assert all(service.XAddr.startswith(f"{running.url}/onvif/") for service in services)
    assert all(service.Capabilities is None for service in services)
    full = await device("GetServices", IncludeCapability=True)
    assert full[0].Capabilities._value_1.Security.HttpDigest is True
    assert full[1].Capabilities._value_1.get("SnapshotUri") == "true"


async def test_capabilities(device: Any, running: Any) -> None:
    every = await device("GetCapabilities")
    assert every.Media.XAddr == f"{running.url}/onvif/media_service"
    assert every.Media.StreamingCapabilities.RTP_RTSP_TCP is True
    assert every.Events is None
    one = await device("GetCapabilities", Category=["Device"])
    assert one.Device.XAddr == f"{running.url}/onvif/device_service"
    assert one.Media is None
    with pytest.raises(Fault, match="not implemented"):
        await device("GetCapabilities", Category=["PTZ"])
    assert (await device("GetServiceCapabilities")).System.DiscoveryResolve is True
    assert (await device("GetWsdlUrl")).endswith(".wsdl")


async def test_the_time_is_utc(device: Any, running: Any) -> None:
    running.clock.advance(3723)
    found = await device("GetSystemDateAndTime")
    assert (found.UTCDateTime.Time.Hour, found.UTCDateTime.Time.Minute, found.UTCDateTime.Time.Second) == (
        1,
        2,
        3,
    )
    assert (found.UTCDateTime.Date.Year, found.UTCDateTime.Date.Month, found.UTCDateTime.Date.Day) == (
        2026,
        1,
        1,
    )
    assert found.TimeZone.TZ


@pytest.mark.parametrize(
    ("name", "hour", "saving", "posix"),
    [("Asia/Seoul", 21, False, "KST-9"), ("America/New_York", 8, True, "EST5EDT,M3.2.0,M11.1.0")],
)
async def test_local_time_is_said_beside_it(
    running: Any, name: str, hour: int, saving: bool, posix: str
) -> None:
    paths = [Path(folder, name) for folder in TZPATH if Path(folder, name).is_file()]
    if not paths:
        pytest.skip("this host has no time zone files")
    facts = Facts(running.device.identity, "1", (), zone.read_zone(paths[0]), str)
    running.clock.advance(181 * 86400 + 12 * 3600)  # noon UTC of 1 July 2026
    service = DeviceService(facts, types(), (), running.clock)
    reply: Any = await service.GetSystemDateAndTime(Call("h:1", "h", "127.0.0.1"))
    time = reply["SystemDateAndTime"]
    assert (time["UTCDateTime"]["Time"]["Hour"], time["LocalDateTime"]["Time"]["Hour"]) == (12, hour)
    assert (time["DaylightSavings"], time["TimeZone"]["TZ"]) == (saving, posix)


async def test_ports(device: Any, running: Any) -> None:
    found = {each.Name: each.Port for each in await device("GetNetworkProtocols")}
    assert found == {"HTTP": [running.port], "RTSP": [8554]}


async def test_a_client_by_ipv6_is_told_of_no_ipv4(running: Any) -> None:
    facts = Facts(running.device.identity, "1", (), zone.host_zone(), str)
    service = DeviceService(facts, types(), (), running.clock)
    reply: Any = await service.GetNetworkInterfaces(Call("[::1]:80", "[::1]", "::1"))
    assert "IPv4" not in reply["NetworkInterfaces"][0]


@pytest.mark.parametrize("operation", ["GetUsers", "SystemReboot", "GetDNS"])
async def test_what_is_absent_is_not_implemented(device: Any, operation: str) -> None:
    with pytest.raises(Fault, match="not implemented") as caught:
        await device(operation)
    assert [each.localname for each in caught.value.subcodes] == ["ActionNotSupported"]
