"""Aiming the physical camera (ONVIF PTZ service)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from onvif_server.physical import Declined, Preset, Unavailable, Values
from onvif_server.wsdl import PTZ
from vcam.physical import reply
from vcam.physical.client import Client, Nonsense

SPACES = "http://www.onvif.org/ver10/tptz/"
"""How the names of ONVIF's own spaces begin; those of makers are not passed on."""
LONGEST = timedelta(seconds=60)
"""Time-out of a movement where the camera tells no limit."""

_NODE = {"MaximumNumberOfPresets": 0, "HomeSupported": False, "SupportedPTZSpaces": {}}
_CONFIGURATION = {"Name": "", "UseCount": 1, "NodeToken": ""}
_TIMEOUT = {"Min": timedelta(seconds=1), "Max": LONGEST}
_STATUS = {"UtcTime": datetime(2000, 1, 1, tzinfo=UTC)}
_KEPT_OF_NODE = ("MaximumNumberOfPresets", "HomeSupported", "FixedHomePosition")
_DEFAULTS = {
    "DefaultAbsolutePantTiltPositionSpace": "AbsolutePanTiltPositionSpace",
    "DefaultAbsoluteZoomPositionSpace": "AbsoluteZoomPositionSpace",
    "DefaultRelativePanTiltTranslationSpace": "RelativePanTiltTranslationSpace",
    "DefaultRelativeZoomTranslationSpace": "RelativeZoomTranslationSpace",
    "DefaultContinuousPanTiltVelocitySpace": "ContinuousPanTiltVelocitySpace",
    "DefaultContinuousZoomVelocitySpace": "ContinuousZoomVelocitySpace",
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """Whom to name at the camera."""

    profile: str
    configuration: str
    node: str


def _spaces(spaces: Mapping[str, object]) -> dict[str, list[Values]]:
    """Those of tt:PTZSpaces that are ONVIF's own and wide enough to hold a value."""
    kept = {}
    for kind, described in spaces.items():
        if isinstance(described, list):
            fit = [one for one in described if one["URI"].startswith(SPACES) and _ordered(one)]
            if fit:
                kept[kind] = fit
    return kept


def _ordered(space: Values) -> bool:
    return all(space[each]["Min"] <= space[each]["Max"] for each in ("XRange", "YRange") if each in space)


def _own(vector: Values) -> dict[str, Values]:
    """Those axes of a tt:PTZVector or tt:PTZSpeed that are in no space of a maker's own."""
    return {axis: value for axis, value in vector.items() if (value.get("space") or SPACES).startswith(SPACES)}


class Ptz:
    """The physical `onvif_server.physical.PtzUnit`; see there for its methods."""

    def __init__(
        self, client: Client, tokens: Tokens, node: Values, options: Values, configuration: Values
    ) -> None:
        self._client = client
        self._tokens = tokens
        self._profile = {"ProfileToken": tokens.profile}
        spaces = _spaces(options.get("Spaces") or {}) or _spaces(node.get("SupportedPTZSpaces") or {})
        timeout = options.get("PTZTimeout") or _TIMEOUT
        self.node: Values = {
            **{name: node[name] for name in _KEPT_OF_NODE if name in node},
            "SupportedPTZSpaces": spaces,
        }
        self.options: Values = {"Spaces": spaces, "PTZTimeout": timeout}
        self.configuration: Values = self._known(configuration)

    @classmethod
    async def open(cls, client: Client, profile: str, configuration: str) -> Ptz | None:
        """What turns the camera that `profile` shows; None when nothing does.

        `configuration` is the token of the profile's PTZ configuration, empty when it names none.
        """
        found = await client.call(PTZ, "GetConfigurations", defaults=_CONFIGURATION)
        all_of_them = found.get("PTZConfiguration") or []
        mine = [one for one in all_of_them if not configuration or one["token"] == configuration]
        nodes = (await client.call(PTZ, "GetNodes", defaults=_NODE)).get("PTZNode") or []
        if not mine or not nodes:
            return None
        node = next((each for each in nodes if each["token"] == mine[0]["NodeToken"]), nodes[0])
        try:
            asked = {"ConfigurationToken": mine[0]["token"]}
            answer = await client.call(PTZ, "GetConfigurationOptions", asked, {"PTZTimeout": _TIMEOUT})
            options = answer["PTZConfigurationOptions"]
        except (Declined, Nonsense):
            # The node tells the same, but for the time-outs.
            options = {}
        unit = cls(client, Tokens(profile, mine[0]["token"], node["token"]), node, options, mine[0])
        return unit if unit.node["SupportedPTZSpaces"] else None

    def _known(self, configuration: Values) -> Values:
        """The parts of tt:PTZConfiguration that stand without the camera's tokens and words."""
        spaces: Mapping[str, list[Values]] = self.options["Spaces"]
        kept: dict[str, object] = {}
        for name, kind in _DEFAULTS.items():
            uris = [space["URI"] for space in spaces.get(kind, [])]
            if uris:
                told = configuration.get(name)
                kept[name] = told if told in uris else uris[0]
        speed = _own(configuration.get("DefaultPTZSpeed") or {})
        if speed:
            kept["DefaultPTZSpeed"] = speed
        if "DefaultPTZTimeout" in configuration:
            kept["DefaultPTZTimeout"] = configuration["DefaultPTZTimeout"]
        for name in ("PanTiltLimits", "ZoomLimits"):
            limits = configuration.get(name)
            if limits is not None and limits["Range"]["URI"].startswith(SPACES):
                kept[name] = limits
        return kept

    async def configure(self, configuration: Values) -> None:
        values = {
            **configuration,
            "token": self._tokens.configuration,
            "Name": "PTZ",
            "UseCount": 1,
            "NodeToken": self._tokens.node,
        }
        await self._do("SetConfiguration", {"PTZConfiguration": values, "ForcePersistence": True})
        self.configuration = {**self.configuration, **configuration}

    async def continuous(self, velocity: Values, timeout: timedelta | None) -> None:
        values: dict[str, object] = {**self._profile, "Velocity": velocity}
        if timeout is not None:
            values["Timeout"] = timeout
        await self._do("ContinuousMove", values)

    async def absolute(self, position: Values, speed: Values | None) -> None:
        await self._do("AbsoluteMove", {**self._profile, "Position": position, **_at(speed)})

    async def relative(self, translation: Values, speed: Values | None) -> None:
        await self._do("RelativeMove", {**self._profile, "Translation": translation, **_at(speed)})

    async def stop(self, pan_tilt: bool, zoom: bool) -> None:
        await self._do("Stop", {**self._profile, "PanTilt": pan_tilt, "Zoom": zoom})

    async def status(self) -> Values:
        found = (await self._client.call(PTZ, "GetStatus", self._profile, _STATUS))["PTZStatus"]
        told = {"Position": _own(found.get("Position") or {}), "MoveStatus": found.get("MoveStatus")}
        return {name: value for name, value in told.items() if value}

    async def presets(self) -> Sequence[Preset]:
        found = (await self._client.call(PTZ, "GetPresets", self._profile)).get("Preset") or []
        return [
            Preset(one["token"], one.get("Name") or "", _own(one.get("PTZPosition") or {}) or None)
            for one in found
            if one.get("token")
        ]

    async def set_preset(self, name: str | None, token: str | None) -> str:
        values: dict[str, object] = dict(self._profile)
        if name is not None:
            values["PresetName"] = name
        if token is not None:
            values["PresetToken"] = token
        answer = await self._client.ask(PTZ, "SetPreset", values)
        given = reply.text(answer, "PresetToken") or token
        if not given:
            raise Unavailable
        return given[:64]

    async def goto_preset(self, token: str, speed: Values | None) -> None:
        await self._do("GotoPreset", {**self._profile, "PresetToken": token, **_at(speed)})

    async def remove_preset(self, token: str) -> None:
        await self._do("RemovePreset", {**self._profile, "PresetToken": token})

    async def go_home(self, speed: Values | None) -> None:
        await self._do("GotoHomePosition", {**self._profile, **_at(speed)})

    async def set_home(self) -> None:
        await self._do("SetHomePosition", self._profile)

    async def _do(self, operation: str, values: Mapping[str, object]) -> None:
        await self._client.ask(PTZ, operation, values)


def _at(speed: Values | None) -> dict[str, Values]:
    return {} if speed is None else {"Speed": speed}
