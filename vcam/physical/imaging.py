"""Exposure, colours and focus of the physical camera (ONVIF Imaging service)."""

from __future__ import annotations

from typing import Any

from onvif_server.physical import Declined, Values
from onvif_server.wsdl import IMAGING
from vcam.physical.client import Client, Nonsense


class Imaging:
    """The physical `onvif_server.physical.ImagingUnit`; see there for its methods."""

    def __init__(self, client: Client, source: str, options: Values, move_options: Values) -> None:
        self._client = client
        self._source = {"VideoSourceToken": source}
        self.options = options
        self.move_options = move_options

    @classmethod
    async def open(cls, client: Client, source: str) -> Imaging | None:
        """What sets the picture of video source `source`; None when nothing of it can be set."""
        asked = {"VideoSourceToken": source}
        options = (await client.call(IMAGING, "GetOptions", asked))["ImagingOptions"]
        moves: dict[str, Any] = {}
        try:
            moves = (await client.call(IMAGING, "GetMoveOptions", asked))["MoveOptions"]
        except (Declined, Nonsense):
            # Without a focus that moves, some decline, and some answer what is no reply.
            moves = {}
        unit = cls(client, source, _set(options), _set(moves))
        return unit if unit.options or unit.move_options else None

    async def settings(self) -> Values:
        answer = await self._client.call(IMAGING, "GetImagingSettings", self._source)
        settings: dict[str, Any] = answer["ImagingSettings"]
        return settings

    async def change(self, settings: Values, persist: bool) -> None:
        await self._do("SetImagingSettings", {"ImagingSettings": settings, "ForcePersistence": persist})

    async def status(self) -> Values:
        found = (await self._client.call(IMAGING, "GetStatus", self._source))["Status"]
        focus = dict(found.get("FocusStatus20") or {})
        focus.pop("Error", None)
        return {"FocusStatus20": focus} if focus else {}

    async def move(self, focus: Values) -> None:
        await self._do("Move", {"Focus": focus})

    async def stop(self) -> None:
        await self._do("Stop", {})

    async def _do(self, operation: str, values: dict[str, object]) -> None:
        await self._client.ask(IMAGING, operation, {**self._source, **values})


def _set(values: Values) -> dict[str, Any]:
    """Without what is empty."""
    return {name: value for name, value in values.items() if value not in ([], {}, None)}
