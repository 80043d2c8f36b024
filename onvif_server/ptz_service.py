"""The PTZ service (ptz.wsdl): one method for each operation, named after it.

Every profile is turned by the one PTZ unit of the physical camera, whose tokens stay on its side. What goes out of
the bounds that the options tell is refused here and never reaches the camera. Whatever may turn the camera is logged
as re-aiming, for zones lie where they lay when it looked elsewhere.
"""

# ruff: noqa: ARG002, N802, N803  Methods bear the names of the WSDL, and take what all of them take.

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from onvif_server.dispatch import Call
from onvif_server.media import PTZ_CONFIGURATION
from onvif_server.notice import Notice, Notices
from onvif_server.physical import Physical, PtzUnit, Unavailable, Values, passed, unsupported
from onvif_server.plain import plain
from onvif_server.presets import PresetTokens
from onvif_server.soap import Fault, invalid
from onvif_server.spaces import ABSOLUTE, CONTINUOUS, RELATIVE, SPEED, Measure, within
from onvif_server.store import Store
from onvif_server.topic import STRING, TOKEN, Topic
from vcam.base.clock import Clock
from vcam.base.ports import NoWitness, Witness

NODE = "ptz_node"
"""Token of the one node."""
REAIMED = "PTZController/Reaimed"
"""The camera has been told to look elsewhere. A topic of our own: ONVIF has one for presets only."""
REAIMED_TOPIC = Topic(REAIMED, {"PTZConfigurationToken": TOKEN}, {"Operation": STRING})
CAPABILITIES: dict[str, object] = {
    "EFlip": False,
    "Reverse": False,
    "GetCompatibleConfigurations": True,
    "MoveStatus": True,
    "StatusPosition": True,
}
"""What GetServiceCapabilities tells."""

_NAME = "Pan, tilt and zoom"
_AXES = ("PanTilt", "Zoom")
_OURS = ("token", "Name", "UseCount", "NodeToken", "Extension")
_LONGEST_NAME = 64
_log = structlog.get_logger()

Aimed = Callable[[], Mapping[str, bool]]
"""Tells of every media profile, by its token, whether it holds the PTZ configuration."""


def _known(token: str, own: str, fault: str) -> None:
    if token != own:
        raise invalid(f"There is no {token!r}", fault)


def _lasting(timeout: timedelta, limits: Values) -> None:
    """Refuse a time-out beyond tt:DurationRange `limits`."""
    # A duration of years or months is none that zeep gives as a timedelta.
    if not isinstance(timeout, timedelta) or not limits["Min"] <= timeout <= limits["Max"]:
        raise invalid("The time-out is out of bounds", "TimeoutNotSupported")


class PtzService:
    """The PTZ service of one virtual device; it has one only while `physical` has what turns it."""

    def __init__(
        self,
        physical: Physical,
        aimed: Aimed,
        store: Store,
        notices: Notices,
        clock: Clock,
        *,
        witness: Witness | None = None,
    ) -> None:
        self._physical = physical
        self._aimed = aimed
        self._presets = PresetTokens(store)
        self._notices = notices
        self._clock = clock
        self._witness = witness or NoWitness()

    @property
    def present(self) -> bool:
        """Whether there is something to turn."""
        return self._physical.ptz is not None

    def _unit(self) -> PtzUnit:
        unit = self._physical.ptz
        if unit is None:
            raise unsupported("this camera cannot be turned", "PTZNotSupported")
        return unit

    def _by(self, profile: str) -> PtzUnit:
        """The unit that `profile` turns."""
        unit = self._unit()
        aimed = self._aimed().get(profile)
        if aimed is None:
            raise invalid(f"There is no profile {profile!r}", "NoProfile")
        if not aimed:
            raise invalid(f"Profile {profile!r} holds no PTZ configuration", "NoPTZProfile")
        return unit

    def _configuration(self, unit: PtzUnit) -> dict[str, object]:
        used = sum(self._aimed().values())
        ours = {"token": PTZ_CONFIGURATION, "Name": _NAME, "UseCount": used, "NodeToken": NODE}
        return {**ours, **unit.configuration}

    def configuration(self) -> dict[str, object] | None:
        """tt:PTZConfiguration for media profiles; None while there is nothing to turn."""
        unit = self._physical.ptz
        return None if unit is None else self._configuration(unit)

    def _node(self, unit: PtzUnit) -> dict[str, object]:
        return {"token": NODE, "Name": _NAME, **unit.node}

    async def _reaim(self, call: Call, profile: str, operation: str, moving: Awaitable[None]) -> None:
        """Let the camera move, and put on record who made it, also where it may have moved though no answer came."""

        async def moved() -> None:
            try:
                await moving
            except Unavailable:
                self._record(call, profile, operation)
                raise

        await passed(moved())
        self._record(call, profile, operation)

    def _record(self, call: Call, profile: str, operation: str) -> None:
        _log.info("re-aimed", user=call.user, profile=profile, operation=operation)
        self._witness.reaimed(call.user, call.peer, profile, operation)
        self._notices.publish(
            Notice(
                REAIMED,
                self._clock.utc(),
                source={"PTZConfigurationToken": PTZ_CONFIGURATION},
                data={"Operation": operation},
            )
        )

    def _fits(self, unit: PtzUnit, value: Any, measure: Measure) -> Values:
        """The parsed `value` as plain values. Raises Fault when it is out of bounds."""
        found: Values = plain(value) or {}
        within(found, measure, unit.options["Spaces"], unit.configuration)
        return found

    def _speed(self, unit: PtzUnit, speed: Any) -> Values | None:
        """A speed within its bounds. Where the camera tells none for an axis, its own speed holds there."""
        spaces = unit.options["Spaces"]
        kinds = {"PanTilt": SPEED.pan_tilt, "Zoom": SPEED.zoom}
        found = {axis: value for axis, value in (plain(speed) or {}).items() if spaces.get(kinds[axis])}
        if not found:
            return None
        within(found, SPEED, spaces, {})
        return found

    async def GetServiceCapabilities(self, call: Call) -> dict[str, object]:
        self._unit()
        return {"Capabilities": CAPABILITIES}

    async def GetNodes(self, call: Call) -> dict[str, object]:
        return {"PTZNode": [self._node(self._unit())]}

    async def GetNode(self, call: Call, NodeToken: str) -> dict[str, object]:
        unit = self._unit()
        _known(NodeToken, NODE, "NoEntity")
        return {"PTZNode": self._node(unit)}

    async def GetConfigurations(self, call: Call) -> dict[str, object]:
        return {"PTZConfiguration": [self._configuration(self._unit())]}

    async def GetConfiguration(self, call: Call, PTZConfigurationToken: str) -> dict[str, object]:
        unit = self._unit()
        _known(PTZConfigurationToken, PTZ_CONFIGURATION, "NoConfig")
        return {"PTZConfiguration": self._configuration(unit)}

    async def GetConfigurationOptions(self, call: Call, ConfigurationToken: str) -> dict[str, object]:
        unit = self._unit()
        _known(ConfigurationToken, PTZ_CONFIGURATION, "NoConfig")
        return {"PTZConfigurationOptions": unit.options}

    async def GetCompatibleConfigurations(self, call: Call, ProfileToken: str) -> dict[str, object]:
        unit = self._unit()
        if ProfileToken not in self._aimed():
            raise invalid(f"There is no profile {ProfileToken!r}", "NoProfile")
        return {"PTZConfiguration": [self._configuration(unit)]}

    async def SetConfiguration(
        self, call: Call, PTZConfiguration: Any, ForcePersistence: bool
    ) -> dict[str, object]:
        unit = self._unit()
        wanted = plain(PTZConfiguration)
        _known(wanted["token"], PTZ_CONFIGURATION, "NoConfig")
        _known(wanted["NodeToken"], NODE, "ConfigModify")
        changed = {name: value for name, value in wanted.items() if name not in _OURS}
        speed = self._speed(unit, changed.pop("DefaultPTZSpeed", None))
        if speed is not None:
            changed["DefaultPTZSpeed"] = speed
        self._bounded(unit, changed)
        await passed(unit.configure(changed))
        _log.info("PTZ configuration changed", user=call.user)
        return {}

    def _bounded(self, unit: PtzUnit, wanted: Values) -> None:
        """Refuse a configuration that goes beyond the options."""
        spaces: Values = unit.options["Spaces"]
        for measure in (ABSOLUTE, RELATIVE, CONTINUOUS):
            pairs = ((measure.default_pan_tilt, measure.pan_tilt), (measure.default_zoom, measure.zoom))
            for default, kind in pairs:
                if default in wanted and wanted[default] not in [one["URI"] for one in spaces.get(kind) or []]:
                    raise invalid(f"{default} is not supported", "ConfigModify")
        if "DefaultPTZTimeout" in wanted:
            _lasting(wanted["DefaultPTZTimeout"], unit.options["PTZTimeout"])

    async def ContinuousMove(
        self, call: Call, ProfileToken: str, Velocity: Any, Timeout: timedelta | None
    ) -> dict[str, object]:
        unit = self._by(ProfileToken)
        velocity = self._fits(unit, Velocity, CONTINUOUS)
        if Timeout is not None:
            _lasting(Timeout, unit.options["PTZTimeout"])
        await self._reaim(call, ProfileToken, "ContinuousMove", unit.continuous(velocity, Timeout))
        return {}

    async def AbsoluteMove(self, call: Call, ProfileToken: str, Position: Any, Speed: Any) -> dict[str, object]:
        unit = self._by(ProfileToken)
        position = self._fits(unit, Position, ABSOLUTE)
        speed = self._speed(unit, Speed)
        await self._reaim(call, ProfileToken, "AbsoluteMove", unit.absolute(position, speed))
        return {}

    async def RelativeMove(
        self, call: Call, ProfileToken: str, Translation: Any, Speed: Any
    ) -> dict[str, object]:
        unit = self._by(ProfileToken)
        translation = self._fits(unit, Translation, RELATIVE)
        speed = self._speed(unit, Speed)
        await self._reaim(call, ProfileToken, "RelativeMove", unit.relative(translation, speed))
        return {}

    async def Stop(
        self, call: Call, ProfileToken: str, PanTilt: bool | None, Zoom: bool | None
    ) -> dict[str, object]:
        unit = self._by(ProfileToken)
        await passed(unit.stop(PanTilt is not False, Zoom is not False))
        return {}

    async def GetStatus(self, call: Call, ProfileToken: str) -> dict[str, object]:
        unit = self._by(ProfileToken)
        status = await passed(unit.status())
        moving = status.get("MoveStatus") or {}
        kinds = unit.node["SupportedPTZSpaces"]
        axes = [axis for axis in _AXES if any(axis in kind for kind in kinds)]
        told: dict[str, object] = {
            "MoveStatus": {axis: moving.get(axis, "UNKNOWN") for axis in axes},
            "UtcTime": datetime.fromtimestamp(self._clock.utc() / 1_000_000, UTC),
        }
        if "Position" in status:
            told["Position"] = status["Position"]
        return {"PTZStatus": told}

    async def GetPresets(self, call: Call, ProfileToken: str) -> dict[str, object]:
        found = await passed(self._by(ProfileToken).presets())
        self._presets.settle(preset.token for preset in found)
        told: list[dict[str, object]] = []
        for preset in found:
            one: dict[str, object] = {"token": self._presets.virtual(preset.token), "Name": preset.name}
            if preset.position:
                one["PTZPosition"] = preset.position
            told.append(one)
        return {"Preset": told}

    async def SetPreset(
        self, call: Call, ProfileToken: str, PresetName: str | None, PresetToken: str | None
    ) -> dict[str, object]:
        unit = self._by(ProfileToken)
        if PresetName is not None and len(PresetName) > _LONGEST_NAME:
            raise invalid("The name is too long", "InvalidPresetName")
        token = self._presets.physical(PresetToken) if PresetToken else None
        given = self._presets.virtual(await passed(unit.set_preset(PresetName, token)))
        _log.info("PTZ preset set", user=call.user, profile=ProfileToken, preset=given)
        return {"PresetToken": given}

    async def GotoPreset(
        self, call: Call, ProfileToken: str, PresetToken: str, Speed: Any
    ) -> dict[str, object]:
        unit = self._by(ProfileToken)
        token = self._presets.physical(PresetToken)
        speed = self._speed(unit, Speed)
        await self._reaim(call, ProfileToken, "GotoPreset", unit.goto_preset(token, speed))
        return {}

    async def RemovePreset(self, call: Call, ProfileToken: str, PresetToken: str) -> dict[str, object]:
        unit = self._by(ProfileToken)
        token = self._presets.physical(PresetToken)
        await passed(unit.remove_preset(token))
        _log.info("PTZ preset removed", user=call.user, profile=ProfileToken, preset=PresetToken)
        return {}

    async def GotoHomePosition(self, call: Call, ProfileToken: str, Speed: Any) -> dict[str, object]:
        unit = self._by(ProfileToken)
        if not unit.node.get("HomeSupported"):
            raise unsupported("the camera has no home position", "PTZNotSupported")
        speed = self._speed(unit, Speed)
        await self._reaim(call, ProfileToken, "GotoHomePosition", unit.go_home(speed))
        return {}

    async def SetHomePosition(self, call: Call, ProfileToken: str) -> dict[str, object]:
        unit = self._by(ProfileToken)
        if not unit.node.get("HomeSupported"):
            raise unsupported("the camera has no home position", "PTZNotSupported")
        if unit.node.get("FixedHomePosition", True):
            raise Fault("Receiver", ("Action", "CannotOverwriteHome"), "The home position is fixed")
        await passed(unit.set_home())
        _log.info("PTZ home position set", user=call.user, profile=ProfileToken)
        return {}
