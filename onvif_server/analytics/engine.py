"""What looks at the scene, in ONVIF's configuration description language: two modules and one rule.

One module follows objects and tells them in the metadata. The other takes the whole picture for one cell, and a rule
of ONVIF's cell motion detector says whether anything moves in it: the rule that NVRs know, with nothing to configure.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from onvif_server.motion import HOLD, ON_DELAY, SHARE
from onvif_server.notification import TT
from onvif_server.topic import CELL_MOTION_TOPIC

TOKEN = "analytics"  # noqa: S105
"""The one video analytics configuration."""
SOURCE_CONFIGURATION = "camera_whole"
"""The video source configuration that it belongs to."""

_TRACKER = "garim:ObjectTracker"
_ENGINE = "tt:CellMotionEngine"
_DETECTOR = "tt:CellMotionDetector"
_ONE_CELL = base64.b64encode(bytes([0x00, 0x80])).decode()
"""The bit mask of one active cell: a literal run of one byte in PackBits (TIFF 6.0), whose first bit is set."""


@dataclass(frozen=True, slots=True)
class Part:
    """A module or rule. `parameters` are its simple items; `types` are those of all its items, for descriptions."""

    name: str
    type: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    layout: bool = False
    """Whether it has the layout of the cells."""
    watches: bool = False
    """Whether it publishes the messages of `CELL_MOTION_TOPIC`."""

    def written(self) -> dict[str, object]:
        """The tt:Config."""
        items: dict[str, object] = {
            "SimpleItem": [{"Name": name, "Value": value} for name, value in self.parameters.items()]
        }
        if self.layout:
            items["ElementItem"] = [{"Name": "Layout", "_value_1": _layout()}]
        return {"Name": self.name, "Type": self.type, "Parameters": items}

    def described(self) -> dict[str, object]:
        """The tt:ConfigDescription: there is one of its kind, always."""
        parameters: dict[str, object] = {"SimpleItemDescription": _described(self.types)}
        if self.layout:
            parameters["ElementItemDescription"] = [{"Name": "Layout", "Type": "tt:CellLayout"}]
        message = {
            "IsProperty": CELL_MOTION_TOPIC.property,
            "Source": {"SimpleItemDescription": _described(CELL_MOTION_TOPIC.source)},
            "Data": {"SimpleItemDescription": _described(CELL_MOTION_TOPIC.data)},
            "ParentTopic": f"tns1:{CELL_MOTION_TOPIC.path}",
        }
        return {
            "Name": self.type,
            "fixed": True,
            "maxInstances": 1,
            "Parameters": parameters,
            "Messages": [message] if self.watches else [],
        }


TRACKER = Part("Objects", _TRACKER)
"""Follows faces, people, plates and vehicles."""
MODULES = (
    TRACKER,
    Part(
        "Cells",
        _ENGINE,
        {"Sensitivity": str(round(100 * (1 - SHARE)))},
        {"Sensitivity": "xs:integer"},
        layout=True,
    ),
)
"""The analytics modules."""
RULES = (
    Part(
        "Motion",
        _DETECTOR,
        {
            "MinCount": "1",
            "AlarmOnDelay": str(round(1000 * ON_DELAY)),
            "AlarmOffDelay": str(round(1000 * HOLD)),
            "ActiveCells": _ONE_CELL,
        },
        {
            "MinCount": "xs:integer",
            "AlarmOnDelay": "xs:integer",
            "AlarmOffDelay": "xs:integer",
            "ActiveCells": "xs:base64Binary",
        },
        watches=True,
    ),
)
"""The rules."""
RULE_SOURCE: Mapping[str, str] = {
    "VideoSourceConfigurationToken": SOURCE_CONFIGURATION,
    "VideoAnalyticsConfigurationToken": TOKEN,
    "Rule": RULES[0].name,
}
"""The source of the rule's messages."""


def configuration() -> dict[str, object]:
    """The tt:VideoAnalyticsConfiguration, which media profiles may hold; its UseCount is for them to say."""
    return {
        "token": TOKEN,
        "Name": "Objects and motion",
        "UseCount": 0,
        "AnalyticsEngineConfiguration": {"AnalyticsModule": [module.written() for module in MODULES]},
        "RuleEngineConfiguration": {"Rule": [rule.written() for rule in RULES]},
    }


def _described(types: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": kind} for name, kind in types.items()]


def _layout() -> etree._Element:
    """One cell from the upper left corner to the lower right."""
    layout = etree.Element(f"{{{TT}}}CellLayout", {"Columns": "1", "Rows": "1"}, {"tt": TT})
    transformation = etree.SubElement(layout, f"{{{TT}}}Transformation")
    etree.SubElement(transformation, f"{{{TT}}}Translate", {"x": "-1", "y": "1"})
    etree.SubElement(transformation, f"{{{TT}}}Scale", {"x": "2", "y": "-2"})
    return layout
