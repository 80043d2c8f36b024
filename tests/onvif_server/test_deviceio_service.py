"""The Device IO service, asked by zeep's strict client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from zeep.exceptions import Fault

from onvif_server.deviceio_service import RELAY
from onvif_server.notice import Notice
from onvif_server.physical import Declined
from onvif_server.wsdl import DEVICE, DEVICEIO
from tests.support.physical import StandInIo, StandInPhysical


@pytest.fixture
def physical() -> StandInPhysical:
    return StandInPhysical()


@pytest.fixture
async def running(build: Any, physical: StandInPhysical) -> AsyncIterator[Any]:
    made = build(physical=physical)
    made.port = await made.device.start("127.0.0.1", 0)
    yield made
    await made.device.stop()


@pytest.fixture
def unit(physical: StandInPhysical) -> StandInIo:
    assert physical.io is not None
    return physical.io


@pytest.fixture
def connectors(running: Any, client: Any) -> Any:
    return client(DEVICEIO)


async def test_what_there_is(connectors: Any) -> None:
    found = await connectors("GetServiceCapabilities")
    assert (found.VideoSources, found.VideoOutputs, found.RelayOutputs, found.DigitalInputs) == (1, 0, 2, 1)
    assert await connectors("GetVideoOutputs") == []
    assert await connectors("GetVideoSources") == ["camera"]
    assert await connectors("GetAudioSources") == []
    assert await connectors("GetAudioOutputs") == []
    relays = await connectors("GetRelayOutputs")
    assert [(one.token, one.Properties.IdleState) for one in relays] == [
        ("relay_1", "open"),
        ("relay_2", "closed"),
    ]
    (options,) = await connectors("GetRelayOutputOptions")
    assert (options.token, options.Mode) == ("relay_2", ["Bistable", "Monostable"])
    assert await connectors("GetRelayOutputOptions", RelayOutputToken="relay_1") == []
    (single,) = await connectors("GetDigitalInputs")
    assert (single.token, single.IdleState) == ("input_1", "open")


async def test_relays_are_set(connectors: Any, unit: StandInIo, running: Any) -> None:
    notices: list[Notice] = []
    running.notices.listen(notices.append)
    await connectors("SetRelayOutputState", RelayOutputToken="relay_2", LogicalState="active")
    settings = {"Mode": "Monostable", "DelayTime": timedelta(seconds=3), "IdleState": "open"}
    wanted = {"token": "relay_1", "Properties": settings}
    await connectors("SetRelayOutputSettings", RelayOutput=wanted)
    assert unit.told == [("set", (1, "active")), ("configure", (0, settings))]
    (notice,) = notices
    assert (notice.topic, notice.source, notice.data) == (
        RELAY,
        {"RelayToken": "relay_2"},
        {"LogicalState": "active"},
    )


async def test_relays_are_set_over_the_device_service_too(client: Any, running: Any, unit: StandInIo) -> None:
    device = client(DEVICE)
    assert len(await device("GetRelayOutputs")) == 2
    await device("SetRelayOutputState", RelayOutputToken="relay_1", LogicalState="inactive")
    settings = {"Mode": "Bistable", "DelayTime": timedelta(seconds=3), "IdleState": "open"}
    await device("SetRelayOutputSettings", RelayOutputToken="relay_2", Properties=settings)
    assert unit.told == [("set", (0, "inactive")), ("configure", (1, settings))]


async def test_failures_are_told(connectors: Any, unit: StandInIo, physical: StandInPhysical) -> None:
    with pytest.raises(Fault, match="no relay output"):
        await connectors("SetRelayOutputState", RelayOutputToken="relay_3", LogicalState="active")
    unit.error = Declined(("ModeError",))
    with pytest.raises(Fault, match="does not work in that mode"):
        await connectors("SetRelayOutputState", RelayOutputToken="relay_1", LogicalState="active")
    physical.io = None
    with pytest.raises(Fault, match="not implemented"):
        await connectors("SetRelayOutputState", RelayOutputToken="relay_1", LogicalState="active")
    assert await connectors("GetRelayOutputs") == []
    assert await connectors("GetDigitalInputs") == []
    assert (await connectors("GetServiceCapabilities")).RelayOutputs == 0
