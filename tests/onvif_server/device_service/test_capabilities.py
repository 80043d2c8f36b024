"""What a device can do and where its services are."""

from __future__ import annotations

from typing import Any

import pytest
from zeep.exceptions import Fault

from onvif_server.accounts import MAX_USERS
from onvif_server.device_service.capabilities import CapabilityOperations
from onvif_server.dispatch import Call
from onvif_server.services import Service
from onvif_server.wsdl import DEVICE, DEVICEIO, IMAGING, MEDIA, types


async def test_services_are_where_the_client_is(device: Any, running: Any) -> None:
    services = await device("GetServices", IncludeCapability=False)
    assert [service.Namespace for service in services][:2] == [DEVICE, MEDIA]
    assert all(service.XAddr.startswith(f"{running.url}/onvif/") for service in services)
    assert all(service.Capabilities is None for service in services)
    full = await device("GetServices", IncludeCapability=True)
    assert full[0].Capabilities._value_1.Security.HttpDigest is True
    assert full[0].Capabilities._value_1.Security.MaxUsers == MAX_USERS
    assert full[1].Capabilities._value_1.get("SnapshotUri") == "true"


async def test_capabilities(device: Any, running: Any) -> None:
    every = await device("GetCapabilities")
    assert every.Media.XAddr == f"{running.url}/onvif/media_service"
    assert every.Media.StreamingCapabilities.RTP_RTSP_TCP is True
    one = await device("GetCapabilities", Category=["Device"])
    assert one.Device.XAddr == f"{running.url}/onvif/device_service"
    assert one.Media is None
    assert (await device("GetServiceCapabilities")).System.DiscoveryResolve is True
    assert (await device("GetWsdlUrl")).endswith(".wsdl")


async def test_a_category_without_a_service_is_not_implemented(device: Any) -> None:
    with pytest.raises(Fault, match="not implemented"):
        await device("GetCapabilities", Category=["Analytics", "PTZ"])


async def test_what_is_not_present_is_not_told_of() -> None:
    present: list[str] = []
    operations = CapabilityOperations(
        types(),
        [
            Service(
                DEVICEIO,
                "/io",
                object(),
                lambda: {"RelayOutputs": 2, "DigitalInputs": 1},
                (1, 0),
                present=lambda: "io" in present,
            ),
            Service(IMAGING, "/imaging", object(), dict, (1, 0), "Imaging"),
        ],
    )
    call = Call("h:1", "h", "127.0.0.1", scheme="https")
    replies: list[Any] = []
    for _ in range(2):
        services: Any = await operations.GetServices(call, False)
        capabilities: Any = await operations.GetCapabilities(call, [])
        replies.append((services["Service"], capabilities["Capabilities"]))
        present.append("io")
    assert [each["Namespace"] for each in replies[0][0]] == [DEVICE, IMAGING]
    assert replies[0][1]["Device"]["IO"] == {"InputConnectors": 0, "RelayOutputs": 0}
    assert [each["Namespace"] for each in replies[1][0]] == [DEVICE, DEVICEIO, IMAGING]
    assert replies[1][1]["Device"]["IO"] == {"InputConnectors": 1, "RelayOutputs": 2}
    assert replies[1][1]["Imaging"]["XAddr"] == "https://h:1/imaging"
