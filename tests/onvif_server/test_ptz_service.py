"""The PTZ service, asked by zeep's strict client, before a camera that notes its orders."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import structlog
from zeep.exceptions import Fault

from onvif_server.notice import Notice
from onvif_server.physical import Declined, Unavailable
from onvif_server.ptz_service import REAIMED
from onvif_server.store import Store
from onvif_server.wsdl import DEVICE, MEDIA, PTZ
from tests.support.physical import TPTZ, StandInPhysical, StandInPtz

SECRET = "10.0.0.7"


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
def unit(physical: StandInPhysical) -> StandInPtz:
    assert physical.ptz is not None
    return physical.ptz


@pytest.fixture
def ptz(running: Any, client: Any) -> Any:
    return client(PTZ)


async def test_node_configuration_and_options(ptz: Any) -> None:
    (node,) = await ptz("GetNodes")
    assert (await ptz("GetNode", NodeToken=node.token)).MaximumNumberOfPresets == 8
    assert len(node.SupportedPTZSpaces.ContinuousPanTiltVelocitySpace) == 1
    (configuration,) = await ptz("GetConfigurations")
    assert configuration.NodeToken == node.token
    assert (await ptz("GetConfiguration", PTZConfigurationToken=configuration.token)).UseCount == 1
    (fitting,) = await ptz("GetCompatibleConfigurations", ProfileToken="main")
    assert fitting.DefaultPTZTimeout == timedelta(seconds=10)
    options = await ptz("GetConfigurationOptions", ConfigurationToken=configuration.token)
    assert options.PTZTimeout.Max == timedelta(seconds=30)
    capabilities = await ptz("GetServiceCapabilities")
    assert capabilities.MoveStatus is True
    for operation, arguments, told in (
        ("GetNode", {"NodeToken": "x"}, "NoEntity"),
        ("GetConfiguration", {"PTZConfigurationToken": "x"}, "NoConfig"),
        ("GetConfigurationOptions", {"ConfigurationToken": "x"}, "NoConfig"),
        ("GetCompatibleConfigurations", {"ProfileToken": "x"}, "NoProfile"),
    ):
        with pytest.raises(Fault) as caught:
            await ptz(operation, **arguments)
        assert told in [code.rpartition(":")[2] for code in subcodes(caught.value)]


def subcodes(fault: Fault) -> list[str]:
    return [str(getattr(code, "localname", code)) for code in fault.subcodes or []]


async def test_movements_reach_the_camera_and_are_on_record(ptz: Any, unit: StandInPtz, running: Any) -> None:
    notices: list[Notice] = []
    running.notices.listen(notices.append)
    pan = {"x": 0.5, "y": -0.25}
    vector = {"PanTilt": pan, "Zoom": {"x": 0.5}}
    with structlog.testing.capture_logs() as logs:
        await ptz(
            "ContinuousMove", ProfileToken="main", Velocity={"PanTilt": pan}, Timeout=timedelta(seconds=2)
        )
        await ptz("AbsoluteMove", ProfileToken="main", Position=vector, Speed={"PanTilt": {"x": 1, "y": 1}})
        await ptz("RelativeMove", ProfileToken="main", Translation={"Zoom": {"x": -0.5}})
        await ptz("GotoHomePosition", ProfileToken="main")
        await ptz("Stop", ProfileToken="main", PanTilt=True, Zoom=False)
        await ptz("Stop", ProfileToken="main")
    assert unit.told == [
        ("continuous", ({"PanTilt": pan}, timedelta(seconds=2))),
        ("absolute", (vector, {"PanTilt": {"x": 1.0, "y": 1.0}})),
        ("relative", ({"Zoom": {"x": -0.5}}, None)),
        ("go home", None),
        ("stop", (True, False)),
        ("stop", (True, True)),
    ]
    moves = ["ContinuousMove", "AbsoluteMove", "RelativeMove", "GotoHomePosition"]
    aimed = [entry for entry in logs if entry["event"] == "re-aimed"]
    assert [(one["user"], one["profile"], one["operation"]) for one in aimed] == [
        ("operator", "main", move) for move in moves
    ]
    assert [(one.topic, one.data["Operation"]) for one in notices] == [(REAIMED, move) for move in moves]


BEYOND: list[tuple[str, dict[str, Any], str]] = [
    ("ContinuousMove", {"Velocity": {"PanTilt": {"x": 1.5, "y": 0}}}, "InvalidVelocity"),
    ("ContinuousMove", {"Velocity": {"Zoom": {"x": -1.01}}}, "InvalidVelocity"),
    ("ContinuousMove", {"Velocity": {"Zoom": {"x": 0, "space": "urn:other"}}}, "SpaceNotSupported"),
    (
        "ContinuousMove",
        {"Velocity": {"Zoom": {"x": 1}}, "Timeout": timedelta(seconds=31)},
        "TimeoutNotSupported",
    ),
    ("AbsoluteMove", {"Position": {"PanTilt": {"x": 0, "y": 1.5}}}, "InvalidPosition"),
    ("AbsoluteMove", {"Position": {"Zoom": {"x": -0.5}}}, "InvalidPosition"),
    ("AbsoluteMove", {"Position": {"Zoom": {"x": 1}}, "Speed": {"Zoom": {"x": 2}}}, "InvalidSpeed"),
    ("RelativeMove", {"Translation": {"PanTilt": {"x": 2, "y": 0}}}, "InvalidTranslation"),
    ("GotoPreset", {"PresetToken": "77"}, "NoToken"),
    ("RemovePreset", {"PresetToken": "77"}, "NoToken"),
    ("SetPreset", {"PresetName": "x" * 65}, "InvalidPresetName"),
    ("SetPreset", {"PresetName": "x", "PresetToken": "77"}, "NoToken"),
]


async def test_what_is_out_of_bounds_never_reaches_the_camera(ptz: Any, unit: StandInPtz) -> None:
    for operation, arguments, code in BEYOND:
        for profile, told in (("main", code), ("nobody", "NoProfile")):
            with pytest.raises(Fault) as caught:
                await ptz(operation, ProfileToken=profile, **arguments)
            assert told in subcodes(caught.value)
    assert unit.told == []


async def test_a_camera_without_speeds_keeps_its_own(ptz: Any, unit: StandInPtz) -> None:
    spaces = {kind: value for kind, value in unit.options["Spaces"].items() if "Speed" not in kind}
    unit.options = {**unit.options, "Spaces": spaces}
    position = {"Zoom": {"x": 0.5}}
    await ptz("AbsoluteMove", ProfileToken="main", Position=position, Speed={"Zoom": {"x": 7}})
    assert unit.told == [("absolute", (position, None))]


async def test_a_node_that_only_zooms_does_not_pan(ptz: Any, unit: StandInPtz) -> None:
    spaces = {"ContinuousZoomVelocitySpace": unit.options["Spaces"]["ContinuousZoomVelocitySpace"]}
    unit.options = {**unit.options, "Spaces": spaces}
    unit.node = {**unit.node, "SupportedPTZSpaces": spaces, "HomeSupported": False}
    with pytest.raises(Fault, match="not implemented"):
        await ptz("ContinuousMove", ProfileToken="main", Velocity={"PanTilt": {"x": 0, "y": 0}})
    for operation in ("GotoHomePosition", "SetHomePosition"):
        with pytest.raises(Fault, match="not implemented"):
            await ptz(operation, ProfileToken="main")
    status = await ptz("GetStatus", ProfileToken="main")
    assert (status.MoveStatus.PanTilt, status.MoveStatus.Zoom) == (None, "MOVING")
    assert unit.told == []


async def test_status_tells_where_it_is_and_when(ptz: Any) -> None:
    status = await ptz("GetStatus", ProfileToken="main")
    assert (status.Position.PanTilt.x, status.Position.PanTilt.y, status.Position.Zoom.x) == (0.25, -0.5, 0.125)
    assert (status.MoveStatus.PanTilt, status.MoveStatus.Zoom) == ("IDLE", "MOVING")
    assert status.UtcTime.isoformat() == "2026-01-01T00:00:00+00:00"


async def test_presets_have_tokens_of_our_own_that_last(ptz: Any, unit: StandInPtz, running: Any) -> None:
    door = await ptz("SetPreset", ProfileToken="main", PresetName="door")
    gate = await ptz("SetPreset", ProfileToken="main", PresetName="gate")
    assert (door, gate) == ("1", "2")
    found = await ptz("GetPresets", ProfileToken="main")
    assert [(one.token, one.Name, one.PTZPosition.Zoom.x) for one in found] == [
        ("1", "door", 0.125),
        ("2", "gate", 0.125),
    ]
    await ptz("GotoPreset", ProfileToken="main", PresetToken=gate)
    assert unit.told[-1] == ("go to preset", (f"at {SECRET} number 1", None))
    await ptz("SetPreset", ProfileToken="main", PresetName="yard", PresetToken=gate)
    order: tuple[str, object] = ("set preset", ("yard", f"at {SECRET} number 1"))
    assert unit.told[-1] == order
    await ptz("RemovePreset", ProfileToken="main", PresetToken=door)
    found = await ptz("GetPresets", ProfileToken="main")
    assert [(one.token, one.Name) for one in found] == [("2", "yard")]
    again = Store(running.store._path)
    assert again.read("ptz presets") == {f"at {SECRET} number 1": 2}


async def test_the_configuration_can_be_changed_within_the_options(ptz: Any, unit: StandInPtz) -> None:
    (wanted,) = await ptz("GetConfigurations")
    wanted.DefaultPTZTimeout = timedelta(seconds=20)
    await ptz("SetConfiguration", PTZConfiguration=wanted, ForcePersistence=True)
    assert (await ptz("GetConfigurations"))[0].DefaultPTZTimeout == timedelta(seconds=20)
    assert {"token", "NodeToken", "Name", "UseCount"} & set(unit.told[-1][1]) == set()
    for field, value, code in (
        ("DefaultPTZTimeout", timedelta(hours=1), "TimeoutNotSupported"),
        ("DefaultContinuousZoomVelocitySpace", f"{TPTZ}/other", "ConfigModify"),
        ("DefaultPTZSpeed", {"Zoom": {"x": 9}}, "InvalidSpeed"),
        ("NodeToken", "other", "ConfigModify"),
        ("token", "other", "NoConfig"),
    ):
        (changed,) = await ptz("GetConfigurations")
        changed[field] = value
        with pytest.raises(Fault) as caught:
            await ptz("SetConfiguration", PTZConfiguration=changed, ForcePersistence=True)
        assert code in subcodes(caught.value)
    assert len(unit.told) == 1


async def test_home(ptz: Any, unit: StandInPtz) -> None:
    await ptz("SetHomePosition", ProfileToken="main")
    assert unit.told == [("set home", None)]
    unit.node = {**unit.node, "FixedHomePosition": True}
    with pytest.raises(Fault) as caught:
        await ptz("SetHomePosition", ProfileToken="main")
    assert "CannotOverwriteHome" in subcodes(caught.value)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Unavailable(f"http://{SECRET} timed out"), "Action"),
        (Declined(("InvalidArgVal", "NoToken")), "NoToken"),
        (Declined(("Action", "MovingPTZ")), "MovingPTZ"),
        (Declined(("ActionNotSupported",)), "ActionNotSupported"),
        (Declined((f"admin@{SECRET}",)), "Action"),
    ],
)
async def test_a_camera_that_fails_is_told_in_our_words(
    ptz: Any, unit: StandInPtz, error: Unavailable | Declined, code: str
) -> None:
    unit.error = error
    with structlog.testing.capture_logs() as logs:
        for operation, arguments in (
            ("GetStatus", {}),
            ("GetPresets", {}),
            ("ContinuousMove", {"Velocity": {"Zoom": {"x": 1}}}),
        ):
            with pytest.raises(Fault) as caught:
                await ptz(operation, ProfileToken="main", **arguments)
            assert subcodes(caught.value)[-1] == code
            assert SECRET not in str(caught.value.message) + str(caught.value.detail)
    # A movement whose answer was lost may have been made; one that was declined was not.
    reaimed = [entry["operation"] for entry in logs if entry["event"] == "re-aimed"]
    assert reaimed == (["ContinuousMove"] if isinstance(error, Unavailable) else [])
    assert SECRET not in str(logs)


async def test_media_profiles_hold_it(
    ptz: Any, client: Any, physical: StandInPhysical, unit: StandInPtz
) -> None:
    media = client(MEDIA)
    (profile,) = await media("GetProfiles")
    spaces = profile.PTZConfiguration
    assert spaces.DefaultContinuousPanTiltVelocitySpace == f"{TPTZ}/PanTiltSpaces/VelocityGenericSpace"
    assert (spaces.token, spaces.NodeToken) == ("ptz", (await ptz("GetNodes"))[0].token)
    await media("RemovePTZConfiguration", ProfileToken=profile.token)
    with pytest.raises(Fault) as caught:
        await ptz("Stop", ProfileToken=profile.token)
    assert "NoPTZProfile" in subcodes(caught.value)
    await media("AddPTZConfiguration", ProfileToken=profile.token, ConfigurationToken=spaces.token)
    await ptz("Stop", ProfileToken=profile.token)
    physical.ptz = None
    assert (await media("GetProfiles"))[0].PTZConfiguration is None
    physical.ptz, unit.error = unit, Unavailable()
    assert (await media("GetProfiles"))[0].PTZConfiguration is not None


async def test_the_service_comes_and_goes_with_the_camera(
    ptz: Any, client: Any, physical: StandInPhysical, unit: StandInPtz
) -> None:
    device = client(DEVICE)

    async def told() -> tuple[bool, bool]:
        services = await device("GetServices", IncludeCapability=True)
        capabilities = await device("GetCapabilities")
        return PTZ in [one.Namespace for one in services], capabilities.PTZ is not None

    assert await told() == (True, True)
    physical.ptz = None
    assert await told() == (False, False)
    for operation in ("GetServiceCapabilities", "GetNodes", "GetConfigurations"):
        with pytest.raises(Fault, match="not implemented"):
            await ptz(operation)
    with pytest.raises(Fault, match="not implemented"):
        await ptz("GetStatus", ProfileToken="main")
    physical.ptz = unit
    assert await told() == (True, True)
