"""Aiming cameras that describe themselves badly."""

from __future__ import annotations

from datetime import timedelta

import pytest

from onvif_server.physical import Unavailable
from vcam.physical.ptz import LONGEST, Ptz

from .conftest import Connect, Odd

OWN = "http://www.onvif.org/ver10/tptz/PanTiltSpaces/"
MAKER = "http://10.0.0.7/spaces/"
PLANE = (
    "<tt:{0}><tt:URI>{1}</tt:URI><tt:XRange><tt:Min>{2}</tt:Min><tt:Max>{3}</tt:Max></tt:XRange>"
    "<tt:YRange><tt:Min>-1</tt:Min><tt:Max>1</tt:Max></tt:YRange></tt:{0}>"
)
VELOCITY = PLANE.format("ContinuousPanTiltVelocitySpace", f"{OWN}VelocityGenericSpace", -1, 1)
FOREIGN = PLANE.format("AbsolutePanTiltPositionSpace", f"{MAKER}degrees", 0, 360)
REVERSED = PLANE.format("RelativePanTiltTranslationSpace", f"{OWN}TranslationGenericSpace", 1, -1)


def node(spaces: str) -> tuple[int, str]:
    return 200, (
        '<x:GetNodesResponse><x:PTZNode token="n"><tt:Name>10.0.0.7</tt:Name><tt:SupportedPTZSpaces>'
        f"{spaces}</tt:SupportedPTZSpaces><tt:AuxiliaryCommands>wiper</tt:AuxiliaryCommands></x:PTZNode>"
        "</x:GetNodesResponse>"
    )


def configurations(*inner: str) -> tuple[int, str]:
    each = "".join(
        f'<x:PTZConfiguration token="c{number}"><tt:Name>10.0.0.7</tt:Name><tt:NodeToken>other</tt:NodeToken>{one}'
        "</x:PTZConfiguration>"
        for number, one in enumerate(inner)
    )
    return 200, f"<x:GetConfigurationsResponse>{each}</x:GetConfigurationsResponse>"


SPEED = (
    f"<tt:DefaultContinuousPanTiltVelocitySpace>{MAKER}v</tt:DefaultContinuousPanTiltVelocitySpace>"
    f'<tt:DefaultPTZSpeed><tt:PanTilt x="1" y="1" space="{MAKER}v"/><tt:Zoom x=".5"/></tt:DefaultPTZSpeed>'
    "<tt:DefaultPTZTimeout>soon</tt:DefaultPTZTimeout><tt:PanTiltLimits><tt:Range><tt:URI>"
    f"{MAKER}degrees</tt:URI></tt:Range></tt:PanTiltLimits>"
)


async def test_makers_own_spaces_and_words_stay_there(odd: Odd, client: Connect) -> None:
    odd.replies["GetNodes"] = node(VELOCITY + FOREIGN + REVERSED)
    odd.replies["GetConfigurations"] = configurations("", SPEED)
    odd.replies["GetPresets"] = (
        200,
        '<x:GetPresetsResponse><x:Preset/><x:Preset token="7"><tt:PTZPosition>'
        f'<tt:PanTilt x="1" y="1" space="{MAKER}degrees"/></tt:PTZPosition></x:Preset></x:GetPresetsResponse>',
    )
    odd.replies["GetStatus"] = (
        200,
        f'<x:GetStatusResponse><x:PTZStatus><tt:Position><tt:PanTilt x="1" y="1" space="{MAKER}degrees"/>'
        "</tt:Position><tt:MoveStatus><tt:PanTilt>MOVING</tt:PanTilt></tt:MoveStatus><tt:Error>10.0.0.7</tt:Error>"
        "</x:PTZStatus></x:GetStatusResponse>",
    )
    async with client(odd.port) as camera:
        unit = await Ptz.open(camera, "p", "c1")
        assert unit is not None
        assert list(unit.options["Spaces"]) == ["ContinuousPanTiltVelocitySpace"]
        assert unit.node["SupportedPTZSpaces"] == unit.options["Spaces"]
        assert unit.options["PTZTimeout"] == {"Min": timedelta(seconds=1), "Max": LONGEST}
        assert unit.node["MaximumNumberOfPresets"] == 0
        assert unit.configuration == {
            "DefaultContinuousPanTiltVelocitySpace": f"{OWN}VelocityGenericSpace",
            "DefaultPTZSpeed": {"Zoom": {"x": 0.5}},
        }
        assert await unit.status() == {"MoveStatus": {"PanTilt": "MOVING"}}
        (preset,) = await unit.presets()
        assert (preset.token, preset.name, preset.position) == ("7", "", None)
        told = f"{unit.node}{unit.options}{unit.configuration}{await unit.status()}{await unit.presets()}"
        assert "10.0.0.7" not in told


@pytest.mark.parametrize(
    ("nodes", "found"),
    [
        (node(""), configurations("")),
        (node(FOREIGN), configurations("")),
        (node(VELOCITY), configurations()),
        ((200, "<x:GetNodesResponse/>"), configurations("")),
    ],
)
async def test_nothing_that_turns(
    odd: Odd, client: Connect, nodes: tuple[int, str], found: tuple[int, str]
) -> None:
    odd.replies |= {"GetNodes": nodes, "GetConfigurations": found}
    async with client(odd.port) as camera:
        assert await Ptz.open(camera, "p", "") is None


async def test_a_preset_without_a_token(odd: Odd, client: Connect) -> None:
    odd.replies |= {"GetNodes": node(VELOCITY), "GetConfigurations": configurations("")}
    odd.replies["SetPreset"] = (200, "<x:SetPresetResponse/>")
    async with client(odd.port) as camera:
        unit = await Ptz.open(camera, "p", "")
        assert unit is not None
        with pytest.raises(Unavailable):
            await unit.set_preset("door", None)
        assert await unit.set_preset("door", "7") == "7"
