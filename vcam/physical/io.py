"""Relay outputs and digital inputs of the physical camera (ONVIF Device and DeviceIO services)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from onvif_server.physical import Declined, Values
from onvif_server.wsdl import DEVICE, DEVICEIO
from vcam.physical.client import Client, Nonsense

_RELAY_DEFAULTS = {"DelayTime": timedelta(seconds=1)}
_OPTIONS = ("Mode", "DelayTimes", "Discrete")
_INPUT = ("IdleState",)


class Io:
    """The physical `onvif_server.physical.IoUnit`; see there for its methods. Numbers stand for the tokens given."""

    def __init__(self, client: Client, relays: Sequence[str], inputs: Sequence[str]) -> None:
        self._client = client
        self._relays = tuple(relays)
        self._inputs = tuple(inputs)

    @classmethod
    async def open(cls, client: Client) -> Io | None:
        """The camera's connectors; None when it has none."""
        relays: list[dict[str, Any]] = []
        inputs: list[dict[str, Any]] = []
        try:
            relays = await _relays(client)
        except (Declined, Nonsense):
            relays = []
        if DEVICEIO in client.services:
            try:
                inputs = await _inputs(client)
            except (Declined, Nonsense):
                inputs = []
        if not relays and not inputs:
            return None
        return cls(client, [one["token"] for one in relays], [one["token"] for one in inputs])

    @property
    def relay_count(self) -> int:
        return len(self._relays)

    @property
    def input_count(self) -> int:
        return len(self._inputs)

    async def relays(self) -> Sequence[Values]:
        found = {one["token"]: one["Properties"] for one in await _relays(self._client)}
        return [found[token] for token in self._relays if token in found]

    async def relay_options(self) -> Sequence[Values]:
        answer = await self._client.call(DEVICEIO, "GetRelayOutputOptions")
        told = answer.get("RelayOutputOptions") or []
        return [
            {
                **{name: one[name] for name in _OPTIONS if name in one},
                "number": self._relays.index(one["token"]),
            }
            for one in told
            if one["token"] in self._relays
        ]

    async def set_relay(self, number: int, state: str) -> None:
        asked = {"RelayOutputToken": self._relays[number], "LogicalState": state}
        await self._client.ask(DEVICE, "SetRelayOutputState", asked)

    async def configure_relay(self, number: int, settings: Values) -> None:
        asked = {"RelayOutputToken": self._relays[number], "Properties": settings}
        await self._client.ask(DEVICE, "SetRelayOutputSettings", asked)

    async def inputs(self) -> Sequence[Values]:
        found = {one["token"]: one for one in await _inputs(self._client)}
        return [
            {name: found[token][name] for name in _INPUT if name in found[token]}
            for token in self._inputs
            if token in found
        ]


async def _relays(client: Client) -> list[dict[str, Any]]:
    answer = await client.call(DEVICE, "GetRelayOutputs", defaults=_RELAY_DEFAULTS)
    return list(answer.get("RelayOutputs") or [])


async def _inputs(client: Client) -> list[dict[str, Any]]:
    answer = await client.call(DEVICEIO, "GetDigitalInputs")
    return list(answer.get("DigitalInputs") or [])
