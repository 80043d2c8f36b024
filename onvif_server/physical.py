"""What a virtual device asks of the physical camera behind it: to be aimed and set, and its relays.

Values are in the shape of ONVIF's types, by the names of their elements and attributes, without tokens: those of
the physical camera stay on its side. Every method raises Unavailable or Declined, which hold nothing that the
camera said.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, TypeVar

from onvif_server.soap import Fault

Values = Mapping[str, Any]
_T = TypeVar("_T")


class Unavailable(Exception):
    """The camera does not answer, refuses our credentials, or answers what cannot be understood."""


class Declined(Exception):
    """The camera has answered that it will not. `subcodes` are those it gave, of ONVIF's error namespace."""

    def __init__(self, subcodes: Sequence[str] = ()) -> None:
        super().__init__("declined")
        self.subcodes = tuple(subcodes)


@dataclass(frozen=True, slots=True)
class Preset:
    """A position that the camera keeps. `token` is the camera's own; `position` is a tt:PTZVector if known."""

    token: str
    name: str
    position: Values | None = None


class PtzUnit(Protocol):
    """What turns and zooms."""

    @property
    def node(self) -> Values:
        """tt:PTZNode."""

    @property
    def options(self) -> Values:
        """tt:PTZConfigurationOptions."""

    @property
    def configuration(self) -> Values:
        """tt:PTZConfiguration as it was last seen."""

    async def configure(self, configuration: Values) -> None:
        """Change it."""

    async def continuous(self, velocity: Values, timeout: timedelta | None) -> None:
        """Move until stopped, or for as long as `timeout`."""

    async def absolute(self, position: Values, speed: Values | None) -> None:
        """Move to `position`."""

    async def relative(self, translation: Values, speed: Values | None) -> None:
        """Move by `translation`."""

    async def stop(self, pan_tilt: bool, zoom: bool) -> None:
        """Stop moving."""

    async def status(self) -> Values:
        """Position and MoveStatus of tt:PTZStatus, as far as the camera tells them."""

    async def presets(self) -> Sequence[Preset]:
        """What it keeps."""

    async def set_preset(self, name: str | None, token: str | None) -> str:
        """Keep the present position, in place of preset `token` if given. Its token."""

    async def goto_preset(self, token: str, speed: Values | None) -> None:
        """Move to a preset."""

    async def remove_preset(self, token: str) -> None:
        """Forget a preset."""

    async def go_home(self, speed: Values | None) -> None:
        """Move to the home position."""

    async def set_home(self) -> None:
        """Let the present position be the home position."""


class ImagingUnit(Protocol):
    """What exposes and focuses."""

    @property
    def options(self) -> Values:
        """tt:ImagingOptions20."""

    @property
    def move_options(self) -> Values:
        """tt:MoveOptions20, empty without a focus that moves."""

    async def settings(self) -> Values:
        """tt:ImagingSettings20 as they are now."""

    async def change(self, settings: Values, persist: bool) -> None:
        """Change those that `settings` names."""

    async def status(self) -> Values:
        """tt:ImagingStatus20."""

    async def move(self, focus: Values) -> None:
        """Move the focus by a tt:FocusMove."""

    async def stop(self) -> None:
        """Stop the focus."""


class IoUnit(Protocol):
    """Relay outputs and digital inputs, each by its number from 0."""

    @property
    def relay_count(self) -> int:
        """How many relay outputs there are."""

    @property
    def input_count(self) -> int:
        """How many digital inputs there are."""

    async def relays(self) -> Sequence[Values]:
        """tt:RelayOutputSettings of each relay."""

    async def relay_options(self) -> Sequence[Values]:
        """tmd:RelayOutputOptions of those relays that have any, with their "number"."""

    async def set_relay(self, number: int, state: str) -> None:
        """Let it be `state` (tt:RelayLogicalState)."""

    async def configure_relay(self, number: int, settings: Values) -> None:
        """Change its tt:RelayOutputSettings."""

    async def inputs(self) -> Sequence[Values]:
        """Attributes of each tt:DigitalInput, without its token."""


class Physical(Protocol):
    """The physical camera. A part is None as long as it is not known that the camera has it."""

    @property
    def ptz(self) -> PtzUnit | None:
        """What turns it."""

    @property
    def imaging(self) -> ImagingUnit | None:
        """What sets its picture."""

    @property
    def io(self) -> IoUnit | None:
        """Its connectors."""


class NothingPhysical:
    """A camera of which nothing can be passed through."""

    ptz: PtzUnit | None = None
    imaging: ImagingUnit | None = None
    io: IoUnit | None = None


_SENDER = {
    "InvalidPosition": "The position is out of bounds",
    "InvalidTranslation": "The translation is out of bounds",
    "InvalidVelocity": "The velocity is out of bounds",
    "InvalidSpeed": "The speed is out of bounds",
    "SpaceNotSupported": "The space is not supported",
    "TimeoutNotSupported": "The time-out is out of bounds",
    "NoToken": "There is no such preset",
    "InvalidPresetName": "The name is too long or holds characters that are not allowed",
    "PresetExist": "There is a preset of that name already",
    "NoHomePosition": "No home position has been set",
    "SettingsInvalid": "The settings are not supported",
    "RelayToken": "There is no such relay output",
    "ModeError": "The relay output does not work in that mode",
}
_RECEIVER = {
    "MovingPTZ": "Not while it moves",
    "TooManyPresets": "There is no room for another preset",
    "CannotOverwriteHome": "The home position is fixed",
    "NoStatus": "The position is not known",
}
"""Faults of the camera that are told on, in words of our own."""


def fault(error: Unavailable | Declined) -> Fault:
    """What a client is told when the physical camera could not or would not."""
    if isinstance(error, Declined):
        for code in reversed(error.subcodes):
            if code in _SENDER:
                return Fault("Sender", ("InvalidArgVal", code), _SENDER[code])
            if code in _RECEIVER:
                return Fault("Receiver", ("Action", code), _RECEIVER[code])
        if "ActionNotSupported" in error.subcodes:
            return unsupported("The camera does not support this")
        return Fault("Receiver", ("Action",), "The camera has declined")
    return Fault("Receiver", ("Action",), "The camera does not answer now")


async def passed(answer: Awaitable[_T]) -> _T:
    """What the physical camera answers. Raises Fault where it does not, or will not."""
    try:
        return await answer
    except (Unavailable, Declined) as error:
        raise fault(error) from error


def unsupported(reason: str, *subcodes: str) -> Fault:
    """The fault for what this device has not got."""
    return Fault("Receiver", ("ActionNotSupported", *subcodes), f"Optional action not implemented: {reason}")
