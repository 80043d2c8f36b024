"""The Imaging service (imaging.wsdl): one method for each operation, named after it.

What the physical camera lets us set is passed through. Of a camera with nothing to set, the settings and options
are empty, as the schema allows: a service that Profile T wants, and nothing that is not there.
"""

# ruff: noqa: ARG002, N802, N803  Methods bear the names of the WSDL, and take what all of them take.

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import structlog

from onvif_server.dispatch import Call
from onvif_server.physical import ImagingUnit, Physical, Values, passed, unsupported
from onvif_server.plain import plain
from onvif_server.soap import invalid

CAPABILITIES: dict[str, object] = {"ImageStabilization": False, "Presets": False}
"""What GetServiceCapabilities tells."""

_NAMES = {
    "IrCutFilter": "IrCutFilterModes",
    "AutoFocusMode": "AutoFocusModes",
    "CrGain": "YrGain",
    "CbGain": "YbGain",
}
"""Settings whose options bear another name."""
_FREE = {"Window"}
"""Settings that have no options; the camera judges them."""
_log = structlog.get_logger()


def beyond(settings: Values, options: Values) -> Iterator[str]:
    """Names of those settings of tt:ImagingSettings20 that `options` (tt:ImagingOptions20) do not allow."""
    for name, value in settings.items():
        allowed = options.get(_NAMES.get(name, name))
        if name in _FREE:
            continue
        if allowed is None:
            yield name
        elif isinstance(value, Mapping):
            yield from (f"{name}/{inner}" for inner in beyond(value, allowed))
        elif isinstance(allowed, list):
            if value not in allowed:
                yield name
        elif not allowed["Min"] <= value <= allowed["Max"]:
            yield name


def _changes(wanted: Values, present: Values) -> dict[str, Any]:
    """What of `wanted` is not so at present."""
    changes = {}
    for name, value in wanted.items():
        now = present.get(name)
        if isinstance(value, Mapping) and isinstance(now, Mapping):
            inner = _changes(value, now)
            if inner:
                changes[name] = inner
        elif value != now:
            changes[name] = value
    return changes


class ImagingService:
    """The Imaging service of one virtual device. `source` is the token of its one video source."""

    def __init__(self, physical: Physical, source: str) -> None:
        self._physical = physical
        self._source = source

    def _unit(self, source: str) -> ImagingUnit | None:
        if source != self._source:
            raise invalid(f"There is no video source {source!r}", "NoSource")
        return self._physical.imaging

    def _focus(self, source: str) -> ImagingUnit:
        unit = self._unit(source)
        if unit is None or not unit.move_options:
            raise unsupported("this camera has no focus that moves", "NoImagingForSource")
        return unit

    async def GetServiceCapabilities(self, call: Call) -> dict[str, object]:
        return {"Capabilities": CAPABILITIES}

    async def GetImagingSettings(self, call: Call, VideoSourceToken: str) -> dict[str, object]:
        unit = self._unit(VideoSourceToken)
        return {"ImagingSettings": await passed(unit.settings()) if unit else {}}

    async def SetImagingSettings(
        self, call: Call, VideoSourceToken: str, ImagingSettings: Any, ForcePersistence: bool | None
    ) -> dict[str, object]:
        unit = self._unit(VideoSourceToken)
        wanted: Values = plain(ImagingSettings)
        # Clients send back all that they were told; only what they change must be allowed.
        changes = _changes(wanted, await passed(unit.settings()) if unit else {})
        wrong = sorted(beyond(changes, unit.options if unit else {}))
        if wrong:
            raise invalid(f"{', '.join(wrong)} cannot be set so", "SettingsInvalid")
        if unit is not None and changes:
            whole = {name: wanted[name] for name in changes}
            await passed(unit.change(whole, ForcePersistence is not False))
            _log.info("imaging changed", user=call.user, settings=sorted(changes))
        return {}

    async def GetOptions(self, call: Call, VideoSourceToken: str) -> dict[str, object]:
        unit = self._unit(VideoSourceToken)
        return {"ImagingOptions": unit.options if unit else {}}

    async def GetMoveOptions(self, call: Call, VideoSourceToken: str) -> dict[str, object]:
        unit = self._unit(VideoSourceToken)
        return {"MoveOptions": unit.move_options if unit else {}}

    async def GetStatus(self, call: Call, VideoSourceToken: str) -> dict[str, object]:
        unit = self._unit(VideoSourceToken)
        return {"Status": await passed(unit.status()) if unit and unit.move_options else {}}

    async def Move(self, call: Call, VideoSourceToken: str, Focus: Any) -> dict[str, object]:
        unit = self._focus(VideoSourceToken)
        focus: Values = plain(Focus) or {}
        for kind, move in focus.items():
            allowed = unit.move_options.get(kind)
            if allowed is None:
                raise unsupported(f"the focus does not move {kind.lower()}", "NoImagingForSource")
            for name, value in move.items():
                limits = allowed.get(name)
                if limits is None or not limits["Min"] <= value <= limits["Max"]:
                    raise invalid(f"{name} is out of bounds", "SettingsInvalid")
        if not focus:
            raise invalid("No movement is given", "SettingsInvalid")
        await passed(unit.move(focus))
        _log.info("focus moved", user=call.user, movements=sorted(focus))
        return {}

    async def Stop(self, call: Call, VideoSourceToken: str) -> dict[str, object]:
        await passed(self._focus(VideoSourceToken).stop())
        return {}
