"""Relay outputs and digital inputs of the physical camera (ONVIF Device and DeviceIO services)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from onvif_server.physical import Declined, Unavailable, Values
from onvif_server.wsdl import DEVICE, DEVICEIO
from vcam.physical.client import Client

_RELAY_DEFAULTS = {"DelayTime": "PT1S"}


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
        except (Declined, Unavailable):
            relays = []
        if DEVICEIO in client.services:
            try:
                inputs = await _inputs(client)
            except (Declined, Unavailable):
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
