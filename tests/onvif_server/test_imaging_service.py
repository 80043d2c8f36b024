"""The Imaging service, asked by zeep's strict client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from zeep.exceptions import Fault

from onvif_server.imaging_service import beyond
from onvif_server.physical import Unavailable
from onvif_server.wsdl import DEVICE, IMAGING, MEDIA
from tests.support.physical import StandInImaging, StandInPhysical


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
def unit(physical: StandInPhysical) -> StandInImaging:
    assert physical.imaging is not None
    return physical.imaging


@pytest.fixture
async def imaging(running: Any, client: Any) -> Any:
    (source,) = await client(MEDIA)("GetVideoSources")
    service = client(IMAGING)

    async def ask(operation: str, **arguments: object) -> Any:
        return await service(operation, **{"VideoSourceToken": source.token, **arguments})

    return ask


async def test_settings_go_there_and_back(imaging: Any, unit: StandInImaging) -> None:
    settings = await imaging("GetImagingSettings")
    assert (settings.Brightness, settings.Sharpness, settings.IrCutFilter) == (50.0, 7.0, "AUTO")
    options = await imaging("GetOptions")
    assert options.Brightness.Max == 100.0
    assert list(options.IrCutFilterModes) == ["ON", "OFF", "AUTO"]
    # Sharpness has no options; who sends it back as it was told changes nothing.
    settings.Brightness = 60.0
    await imaging("SetImagingSettings", ImagingSettings=settings)
    assert unit.told == [("change", ({"Brightness": 60.0}, True))]
    await imaging("SetImagingSettings", ImagingSettings=settings, ForcePersistence=False)
    assert len(unit.told) == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"Brightness": 100.5},
        {"Sharpness": 8.0},
        {"Exposure": {"Mode": "MANUAL", "Gain": 31}},
        {"Exposure": {"Mode": "MANUAL", "Iris": 1}},
        {"WhiteBalance": {"Mode": "AUTO"}},
    ],
)
async def test_what_the_options_do_not_allow_is_refused(
    imaging: Any, unit: StandInImaging, settings: dict[str, Any]
) -> None:
    with pytest.raises(Fault) as caught:
        await imaging("SetImagingSettings", ImagingSettings=settings)
    assert str(caught.value.subcodes[-1].localname) == "SettingsInvalid"
    assert unit.told == []


async def test_the_focus_moves(imaging: Any, unit: StandInImaging) -> None:
    options = await imaging("GetMoveOptions")
    assert options.Absolute.Position.Max == 1.0
    await imaging("Move", Focus={"Continuous": {"Speed": -0.5}})
    await imaging("Stop")
    assert unit.told == [("move", {"Continuous": {"Speed": -0.5}}), ("stop", None)]
    assert (await imaging("GetStatus")).FocusStatus20.MoveStatus == "IDLE"
    for focus in ({"Continuous": {"Speed": 2}}, {"Absolute": {"Position": 0, "Speed": 1}}):
        with pytest.raises(Fault, match="out of bounds"):
            await imaging("Move", Focus=focus)
    with pytest.raises(Fault, match="not implemented"):
        await imaging("Move", Focus={"Relative": {"Distance": 0}})
    assert len(unit.told) == 2


async def test_a_camera_with_nothing_to_set_has_an_empty_service(
    imaging: Any, client: Any, physical: StandInPhysical
) -> None:
    physical.imaging = None
    services = await client(DEVICE)("GetServices", IncludeCapability=True)
    assert IMAGING in [one.Namespace for one in services]
    for operation in ("GetImagingSettings", "GetOptions", "GetMoveOptions", "GetStatus"):
        # An empty element is None to this client.
        assert await imaging(operation) is None
    with pytest.raises(Fault, match="Brightness"):
        await imaging("SetImagingSettings", ImagingSettings={"Brightness": 1})
    with pytest.raises(Fault, match="not implemented"):
        await imaging("Move", Focus={"Continuous": {"Speed": 0}})
    with pytest.raises(Fault, match="not implemented"):
        await imaging("Stop")


async def test_an_absent_camera_and_an_unknown_source_are_told(imaging: Any, unit: StandInImaging) -> None:
    unit.error = Unavailable("10.0.0.7")
    with pytest.raises(Fault, match="does not answer now"):
        await imaging("GetImagingSettings")
    for operation in ("GetImagingSettings", "GetOptions", "GetStatus", "GetMoveOptions"):
        with pytest.raises(Fault) as caught:
            await imaging(operation, VideoSourceToken="other")
        assert str(caught.value.subcodes[-1].localname) == "NoSource"


def test_options_of_other_names() -> None:
    options = {
        "Focus": {"AutoFocusModes": ["AUTO"]},
        "WhiteBalance": {"Mode": ["MANUAL"], "YrGain": {"Min": 0, "Max": 1}},
        "Exposure": {"Mode": ["AUTO"]},
    }
    allowed = {
        "Focus": {"AutoFocusMode": "AUTO"},
        "WhiteBalance": {"Mode": "MANUAL", "CrGain": 1},
        "Exposure": {"Mode": "AUTO", "Window": {"left": 0, "right": 1}},
    }
    assert list(beyond(allowed, options)) == []
    refused = {
        "Focus": {"AutoFocusMode": "MANUAL"},
        "WhiteBalance": {"Mode": "MANUAL", "CrGain": 2, "CbGain": 0},
    }
    assert list(beyond(refused, options)) == [
        "Focus/AutoFocusMode",
        "WhiteBalance/CrGain",
        "WhiteBalance/CbGain",
    ]
