"""A physical camera behind a virtual device, for tests: it turns, focuses and switches, and notes every order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from onvif_server.physical import Declined, Preset, Unavailable, Values

TPTZ = "http://www.onvif.org/ver10/tptz"
ONE = {"Min": -1.0, "Max": 1.0}
POSITIVE = {"Min": 0.0, "Max": 1.0}


def _plane(kind: str) -> list[dict[str, Any]]:
    return [{"URI": f"{TPTZ}/PanTiltSpaces/{kind}", "XRange": ONE, "YRange": ONE}]


def _line(kind: str, extent: Mapping[str, float]) -> list[dict[str, Any]]:
    return [{"URI": f"{TPTZ}/{kind}", "XRange": extent}]


SPACES: dict[str, Any] = {
    "AbsolutePanTiltPositionSpace": _plane("PositionGenericSpace"),
    "AbsoluteZoomPositionSpace": _line("ZoomSpaces/PositionGenericSpace", POSITIVE),
    "RelativePanTiltTranslationSpace": _plane("TranslationGenericSpace"),
    "RelativeZoomTranslationSpace": _line("ZoomSpaces/TranslationGenericSpace", ONE),
    "ContinuousPanTiltVelocitySpace": _plane("VelocityGenericSpace"),
    "ContinuousZoomVelocitySpace": _line("ZoomSpaces/VelocityGenericSpace", ONE),
    "PanTiltSpeedSpace": _line("PanTiltSpaces/GenericSpeedSpace", POSITIVE),
    "ZoomSpeedSpace": _line("ZoomSpaces/ZoomGenericSpeedSpace", POSITIVE),
}
Told = list[tuple[str, Any]]


@dataclass
class StandInPtz:
    """A `PtzUnit`. `told` holds every order in turn; `error` is what the next ones raise, while it is set."""

    told: Told = field(default_factory=list)
    error: Unavailable | Declined | None = None
    kept: dict[str, Preset] = field(default_factory=dict)
    node: Values = field(
        default_factory=lambda: {
            "SupportedPTZSpaces": SPACES,
            "MaximumNumberOfPresets": 8,
            "HomeSupported": True,
            "FixedHomePosition": False,
        }
    )
    options: Values = field(
        default_factory=lambda: {
            "Spaces": SPACES,
            "PTZTimeout": {"Min": timedelta(seconds=1), "Max": timedelta(seconds=30)},
        }
    )
    configuration: Values = field(
        default_factory=lambda: {
            "DefaultAbsolutePantTiltPositionSpace": f"{TPTZ}/PanTiltSpaces/PositionGenericSpace",
            "DefaultContinuousPanTiltVelocitySpace": f"{TPTZ}/PanTiltSpaces/VelocityGenericSpace",
            "DefaultContinuousZoomVelocitySpace": f"{TPTZ}/ZoomSpaces/VelocityGenericSpace",
            "DefaultPTZTimeout": timedelta(seconds=10),
        }
    )
    position: Values = field(default_factory=lambda: {"PanTilt": {"x": 0.25, "y": -0.5}, "Zoom": {"x": 0.125}})

    def _note(self, order: str, what: Any = None) -> None:
        if self.error is not None:
            raise self.error
        self.told.append((order, what))

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    async def configure(self, configuration: Values) -> None:
        self._note("configure", configuration)
        self.configuration = {**self.configuration, **configuration}

    async def continuous(self, velocity: Values, timeout: timedelta | None) -> None:
        self._note("continuous", (velocity, timeout))

    async def absolute(self, position: Values, speed: Values | None) -> None:
        self._note("absolute", (position, speed))
        self.position = position

    async def relative(self, translation: Values, speed: Values | None) -> None:
        self._note("relative", (translation, speed))

    async def stop(self, pan_tilt: bool, zoom: bool) -> None:
        self._note("stop", (pan_tilt, zoom))

    async def status(self) -> Values:
        self._check()
        return {"Position": self.position, "MoveStatus": {"PanTilt": "IDLE", "Zoom": "MOVING"}}

    async def presets(self) -> Sequence[Preset]:
        self._check()
        return list(self.kept.values())

    async def set_preset(self, name: str | None, token: str | None) -> str:
        self._note("set preset", (name, token))
        given = token or f"at 10.0.0.7 number {len(self.kept)}"
        self.kept[given] = Preset(given, name or given[-8:], self.position)
        return given

    async def goto_preset(self, token: str, speed: Values | None) -> None:
        self._note("go to preset", (token, speed))

    async def remove_preset(self, token: str) -> None:
        self._note("remove preset", token)
        self.kept.pop(token, None)

    async def go_home(self, speed: Values | None) -> None:
        self._note("go home", speed)

    async def set_home(self) -> None:
        self._note("set home")


@dataclass
class StandInImaging:
    """An `ImagingUnit`."""

    told: Told = field(default_factory=list)
    error: Unavailable | Declined | None = None
    options: Values = field(
        default_factory=lambda: {
            "Brightness": {"Min": 0.0, "Max": 100.0},
            "IrCutFilterModes": ["ON", "OFF", "AUTO"],
            "Exposure": {"Mode": ["AUTO", "MANUAL"], "Gain": {"Min": 0.0, "Max": 30.0}},
        }
    )
    move_options: Values = field(
        default_factory=lambda: {"Continuous": {"Speed": ONE}, "Absolute": {"Position": POSITIVE}}
    )
    values: dict[str, Any] = field(
        default_factory=lambda: {"Brightness": 50.0, "Sharpness": 7.0, "IrCutFilter": "AUTO"}
    )

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    async def settings(self) -> Values:
        self._check()
        return self.values

    async def change(self, settings: Values, persist: bool) -> None:
        self._check()
        self.told.append(("change", (settings, persist)))
        self.values.update(settings)

    async def status(self) -> Values:
        self._check()
        return {"FocusStatus20": {"Position": 0.5, "MoveStatus": "IDLE"}}

    async def move(self, focus: Values) -> None:
        self._check()
        self.told.append(("move", focus))

    async def stop(self) -> None:
        self._check()
        self.told.append(("stop", None))


@dataclass
class StandInIo:
    """An `IoUnit` with two relays and one input."""

    told: Told = field(default_factory=list)
    error: Unavailable | Declined | None = None
    relay_count: int = 2
    input_count: int = 1
    kept: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"Mode": "Bistable", "DelayTime": timedelta(seconds=1), "IdleState": state}
            for state in ("open", "closed")
        ]
    )

    def _check(self) -> None:
        if self.error is not None:
            raise self.error

    async def relays(self) -> Sequence[Values]:
        self._check()
        return self.kept

    async def relay_options(self) -> Sequence[Values]:
        self._check()
        return [{"number": 1, "Mode": ["Bistable", "Monostable"], "DelayTimes": [0.5, 10.0]}]

    async def set_relay(self, number: int, state: str) -> None:
        self._check()
        self.told.append(("set", (number, state)))

    async def configure_relay(self, number: int, settings: Values) -> None:
        self._check()
        self.told.append(("configure", (number, settings)))
        self.kept[number] = dict(settings)

    async def inputs(self) -> Sequence[Values]:
        self._check()
        return [{"IdleState": "open"}]


@dataclass
class StandInPhysical:
    """A `Physical` that has everything; set a part to None to take it away."""

    ptz: StandInPtz | None = field(default_factory=StandInPtz)
    imaging: StandInImaging | None = field(default_factory=StandInImaging)
    io: StandInIo | None = field(default_factory=StandInIo)
