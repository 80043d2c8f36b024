"""The Device IO service (deviceio.wsdl): one method for each operation, named after it.

The requests of GetRelayOutputs and SetRelayOutputState belong to the Device service; the dispatcher answers them
whatever their service.
"""

# ruff: noqa: ARG002, N802, N803  Methods bear the names of the WSDL, and take what all of them take.

from __future__ import annotations

from typing import Any

import structlog

from onvif_server.dispatch import Call
from onvif_server.notice import Notice, Notices
from onvif_server.physical import IoUnit, Physical, Values, passed, unsupported
from onvif_server.plain import plain
from onvif_server.soap import invalid
from onvif_server.topic import TOKEN, Topic
from vcam.base.clock import Clock

RELAY = "Device/Trigger/Relay"
"""A relay output has been set (ONVIF Device IO)."""
RELAY_TOPIC = Topic(RELAY, {"RelayToken": TOKEN}, {"LogicalState": "tt:RelayLogicalState"}, property=True)

_LEGACY = ("VideoSources", "VideoOutputs", "AudioSources", "AudioOutputs", "RelayOutputs")
_RELAY_PREFIX = "relay_"
_INPUT_PREFIX = "input_"
_log = structlog.get_logger()


class DeviceIoService:
    """The Device IO service of one virtual device. `source` is the token of its one video source."""

    def __init__(self, physical: Physical, source: str, notices: Notices, clock: Clock) -> None:
        self._physical = physical
        self._source = source
        self._notices = notices
        self._clock = clock

    def capabilities(self) -> dict[str, object]:
        """What GetServiceCapabilities tells."""
        unit = self._physical.io
        return {
            "VideoSources": 1,
            "VideoOutputs": 0,
            "AudioSources": 0,
            "AudioOutputs": 0,
            "RelayOutputs": unit.relay_count if unit else 0,
            "DigitalInputs": unit.input_count if unit else 0,
            "SerialPorts": 0,
        }

    def legacy(self) -> dict[str, object]:
        """What GetCapabilities tells of it."""
        return {name: self.capabilities()[name] for name in _LEGACY}

    def _relay(self, token: str) -> tuple[IoUnit, int]:
        """The unit, and the number of its relay `token`."""
        unit = self._physical.io
        if unit is None or not unit.relay_count:
            raise unsupported("this camera has no relay outputs")
        for number in range(unit.relay_count):
            if token == f"{_RELAY_PREFIX}{number + 1}":
                return unit, number
        raise invalid(f"There is no relay output {token!r}", "RelayToken")

    async def GetServiceCapabilities(self, call: Call) -> dict[str, object]:
        return {"Capabilities": self.capabilities()}

    async def GetVideoSources(self, call: Call) -> dict[str, object]:
        return {"Token": [self._source]}

    async def GetAudioSources(self, call: Call) -> dict[str, object]:
        return {"Token": []}

    async def GetAudioOutputs(self, call: Call) -> dict[str, object]:
        return {"Token": []}

    async def GetVideoOutputs(self, call: Call) -> dict[str, object]:
        return {"VideoOutputs": []}

    async def GetRelayOutputs(self, call: Call) -> dict[str, object]:
        unit = self._physical.io
        relays = await passed(unit.relays()) if unit and unit.relay_count else ()
        return {
            "RelayOutputs": [
                {"token": f"{_RELAY_PREFIX}{number + 1}", "Properties": settings}
                for number, settings in enumerate(relays)
            ]
        }

    async def GetRelayOutputOptions(self, call: Call, RelayOutputToken: str | None) -> dict[str, object]:
        unit = self._physical.io
        if RelayOutputToken is not None:
            unit, _ = self._relay(RelayOutputToken)
        told = await passed(unit.relay_options()) if unit and unit.relay_count else ()
        options = []
        for one in told:
            token = f"{_RELAY_PREFIX}{one['number'] + 1}"
            if RelayOutputToken in {None, token}:
                options.append({**{k: v for k, v in one.items() if k != "number"}, "token": token})
        return {"RelayOutputOptions": options}

    async def SetRelayOutputState(
        self, call: Call, RelayOutputToken: str, LogicalState: str
    ) -> dict[str, object]:
        unit, number = self._relay(RelayOutputToken)
        await passed(unit.set_relay(number, LogicalState))
        _log.info("relay set", user=call.user, relay=RelayOutputToken, state=LogicalState)
        self._notices.publish(
            Notice(
                RELAY,
                self._clock.utc(),
                source={"RelayToken": RelayOutputToken},
                data={"LogicalState": LogicalState},
                change="Changed",
            )
        )
        return {}

    async def SetRelayOutputSettings(self, call: Call, RelayOutput: Any) -> dict[str, object]:
        wanted = plain(RelayOutput)
        return await self.configure(call, wanted["token"], wanted["Properties"])

    async def configure(self, call: Call, token: str, settings: Values) -> dict[str, object]:
        """Change a relay's tt:RelayOutputSettings, for this service and for Device."""
        unit, number = self._relay(token)
        await passed(unit.configure_relay(number, settings))
        _log.info("relay configured", user=call.user, relay=token)
        return {}

    async def GetDigitalInputs(self, call: Call) -> dict[str, object]:
        unit = self._physical.io
        inputs = await passed(unit.inputs()) if unit and unit.input_count else ()
        return {
            "DigitalInputs": [
                {"token": f"{_INPUT_PREFIX}{number + 1}", **one} for number, one in enumerate(inputs)
            ]
        }


class DeviceRelays:
    """The operation of the Device service that sets up relays: its arguments are others than here."""

    def __init__(self, connectors: DeviceIoService) -> None:
        self._connectors = connectors

    async def SetRelayOutputSettings(
        self, call: Call, RelayOutputToken: str, Properties: Any
    ) -> dict[str, object]:
        return await self._connectors.configure(call, RelayOutputToken, plain(Properties))
