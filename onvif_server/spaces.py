"""The coordinate spaces of PTZ, and whether a value lies within one (ONVIF PTZ service, section 5.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onvif_server.physical import unsupported
from onvif_server.soap import invalid

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Measure:
    """A kind of value: the elements that describe its spaces, those of its default spaces, and the fault."""

    pan_tilt: str
    zoom: str
    default_pan_tilt: str
    default_zoom: str
    fault: str


ABSOLUTE = Measure(
    "AbsolutePanTiltPositionSpace",
    "AbsoluteZoomPositionSpace",
    "DefaultAbsolutePantTiltPositionSpace",
    "DefaultAbsoluteZoomPositionSpace",
    "InvalidPosition",
)
RELATIVE = Measure(
    "RelativePanTiltTranslationSpace",
    "RelativeZoomTranslationSpace",
    "DefaultRelativePanTiltTranslationSpace",
    "DefaultRelativeZoomTranslationSpace",
    "InvalidTranslation",
)
CONTINUOUS = Measure(
    "ContinuousPanTiltVelocitySpace",
    "ContinuousZoomVelocitySpace",
    "DefaultContinuousPanTiltVelocitySpace",
    "DefaultContinuousZoomVelocitySpace",
    "InvalidVelocity",
)
SPEED = Measure("PanTiltSpeedSpace", "ZoomSpeedSpace", "", "", "InvalidSpeed")


def within(value: Values, measure: Measure, spaces: Values, configuration: Values) -> None:
    """Refuse a tt:PTZVector or tt:PTZSpeed that lies outside `spaces` (tt:PTZSpaces).

    Where it names no space, that of `configuration` holds, else the first. Raises Fault.
    """
    if not value:
        raise invalid("Neither pan and tilt nor zoom are given", measure.fault)
    for axis, kind, default in (
        ("PanTilt", measure.pan_tilt, measure.default_pan_tilt),
        ("Zoom", measure.zoom, measure.default_zoom),
    ):
        if axis in value:
            _check(value[axis], spaces.get(kind) or [], configuration.get(default), measure.fault)


def _check(value: Values, known: list[Values], default: str | None, fault: str) -> None:
    if not known:
        raise unsupported("the camera does not move so", "PTZNotSupported")
    uri = value.get("space")
    named = [space for space in known if space["URI"] == uri]
    if uri and not named:
        raise invalid("There is no such space", "SpaceNotSupported")
    usual = [space for space in known if space["URI"] == default]
    space = (named or usual or known)[0]
    for coordinate, extent in (("x", "XRange"), ("y", "YRange")):
        # Speeds have two coordinates in a space of one.
        limits = space.get(extent) or space["XRange"]
        if coordinate in value and not limits["Min"] <= value[coordinate] <= limits["Max"]:
            raise invalid(f"{coordinate} is out of bounds", fault)
