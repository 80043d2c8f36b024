"""The metadata stream's documents (ONVIF Streaming and Analytics, tt:MetadataStream): objects and events as XML."""

from __future__ import annotations

import math
from collections.abc import Sequence

from lxml import etree

from onvif_server.notice import Notice
from onvif_server.notification import TT, notification, utc
from vcam.base.media import Kind, Region
from vcam.base.scene import Scene

OBJECT_TYPES = {
    Kind.FACE: "HumanFace",
    Kind.HEAD: "Human",
    Kind.PERSON: "Human",
    Kind.PLATE: "LicensePlate",
    Kind.PLATE_BAND: "LicensePlate",
    Kind.VEHICLE: "Vehicle",
}
"""tt:ObjectType of what is masked; an object of another kind has none."""
_PLACES = frozenset({Kind.ZONE, Kind.WHOLE})
"""Regions that are masked for where they are, whatever is there."""


def document(scene: Scene | None, notices: Sequence[Notice] = ()) -> bytes:
    """A tt:MetadataStream, UTF-8, of a frame with its objects, then of `notices`; either may be absent.

    Coordinates are ONVIF's normalised ones: -1 to 1 from left to right and from the bottom up, so that the
    transformation is the identity. ObjectId is the number of the track: nothing here tells who somebody is.
    """
    root = etree.Element(f"{{{TT}}}MetadataStream", nsmap={"tt": TT})
    if scene is not None:
        etree.SubElement(root, f"{{{TT}}}VideoAnalytics").append(frame(scene))
    if notices:
        events = etree.SubElement(root, f"{{{TT}}}Event")
        events.extend([notification(notice) for notice in notices])
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def frame(scene: Scene) -> etree._Element:
    """The tt:Frame of one scene."""
    element = etree.Element(f"{{{TT}}}Frame", {"UtcTime": utc(scene.time)}, {"tt": TT})
    transformation = etree.SubElement(element, f"{{{TT}}}Transformation")
    etree.SubElement(transformation, f"{{{TT}}}Translate", {"x": "0", "y": "0"})
    etree.SubElement(transformation, f"{{{TT}}}Scale", {"x": "1", "y": "1"})
    for region in scene.regions:
        box = _box(region, scene)
        if region.kind not in _PLACES and box is not None:
            _object(element, region, box)
    return element


def _box(region: Region, scene: Scene) -> tuple[float, float, float, float] | None:
    """Left, top, right and bottom of what the picture shows of a region; None when that is nothing."""
    if not all(map(math.isfinite, (region.x1, region.y1, region.x2, region.y2))):
        return None
    x1, x2 = (min(max(x, 0), scene.width) * 2 / scene.width - 1 for x in (region.x1, region.x2))
    y1, y2 = (1 - min(max(y, 0), scene.height) * 2 / scene.height for y in (region.y1, region.y2))
    return (x1, y1, x2, y2) if x1 < x2 and y1 > y2 else None


def _object(frame: etree._Element, region: Region, box: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = box
    element = etree.SubElement(frame, f"{{{TT}}}Object", {"ObjectId": str(region.track)})
    appearance = etree.SubElement(element, f"{{{TT}}}Appearance")
    shape = etree.SubElement(appearance, f"{{{TT}}}Shape")
    sides = {"left": f"{left:.4f}", "top": f"{top:.4f}", "right": f"{right:.4f}", "bottom": f"{bottom:.4f}"}
    etree.SubElement(shape, f"{{{TT}}}BoundingBox", sides)
    middle = {"x": f"{(left + right) / 2:.4f}", "y": f"{(top + bottom) / 2:.4f}"}
    etree.SubElement(shape, f"{{{TT}}}CenterOfGravity", middle)
    kind = OBJECT_TYPES.get(region.kind)
    if kind is not None:
        descriptor = etree.SubElement(appearance, f"{{{TT}}}Class")
        likelihood = {"Likelihood": f"{min(max(region.score, 0), 1):.2f}"}
        etree.SubElement(descriptor, f"{{{TT}}}Type", likelihood).text = kind
