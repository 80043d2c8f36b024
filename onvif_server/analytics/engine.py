"""What looks at the scene, in ONVIF's configuration description language: one module and one rule, both fixed.

The module follows objects and tells them in the metadata. The rule says whether anything moves, in the form of
ONVIF's cell motion detector, which NVRs know: as if the whole picture were one cell.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from onvif_server.media.tokens import ANALYTICS_CONFIGURATION, SOURCE_CONFIGURATION
from onvif_server.motion import HOLD, ON_DELAY
from onvif_server.topic import CELL_MOTION_TOPIC

_TRACKER = "garim:ObjectTracker"
_DETECTOR = "tt:CellMotionDetector"
_ONE_CELL = base64.b64encode(bytes([0x00, 0x80])).decode()
"""The bit mask of one active cell: a run of one byte in PackBits (TIFF 6.0), whose first bit is set."""


@dataclass(frozen=True, slots=True)
class Part:
    """A module or rule. `parameters` are its simple items; `types` are those of all its items, for descriptions."""

    name: str
    type: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, str] = field(default_factory=dict)
    watches: bool = False
    """Whether it publishes the messages of `CELL_MOTION_TOPIC`."""

    def written(self) -> dict[str, object]:
        """The tt:Config."""
        items = [{"Name": name, "Value": value} for name, value in self.parameters.items()]
        return {"Name": self.name, "Type": self.type, "Parameters": {"SimpleItem": items}}

    def described(self) -> dict[str, object]:
        """The tt:ConfigDescription: there is one of its kind, always."""
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
            "Parameters": {"SimpleItemDescription": _described(self.types)},
            "Messages": [message] if self.watches else [],
        }


TRACKER = Part("Objects", _TRACKER)
"""Follows faces, people, plates and vehicles."""
MODULES = (TRACKER,)
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
    "VideoAnalyticsConfigurationToken": ANALYTICS_CONFIGURATION,
    "Rule": RULES[0].name,
}
"""The source of the rule's messages."""


def configuration() -> dict[str, object]:
    """The tt:VideoAnalyticsConfiguration, which media profiles may hold; its UseCount is for them to say."""
    return {
        "token": ANALYTICS_CONFIGURATION,
        "Name": "Objects and motion",
        "UseCount": 0,
        "AnalyticsEngineConfiguration": {"AnalyticsModule": [module.written() for module in MODULES]},
        "RuleEngineConfiguration": {"Rule": [rule.written() for rule in RULES]},
    }


def _described(types: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": kind} for name, kind in types.items()]
