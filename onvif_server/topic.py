"""The topics of events, and what the messages of each hold: the topic set of ONVIF's services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MOTION_ALARM = "VideoSource/MotionAlarm"
"""Something moves (ONVIF Imaging)."""
GLOBAL_SCENE_CHANGE = "VideoSource/GlobalSceneChange/ImagingService"
"""The camera shows another scene than before (ONVIF Imaging, tampering)."""
IMAGE_TOO_DARK = "VideoSource/ImageTooDark/ImagingService"
"""The camera is covered (ONVIF Imaging, tampering)."""
SIGNAL_LOSS = "VideoSource/SignalLoss"
"""No pictures come from the camera (ONVIF Imaging, tampering)."""
CELL_MOTION = "RuleEngine/CellMotionDetector/Motion"
"""A rule of the analytics service sees motion (ONVIF Analytics, cell motion detector)."""
PROFILE_CHANGED = "Media/ProfileChanged"
"""A media profile was made, changed or deleted (ONVIF Media2)."""
CONFIGURATION_CHANGED = "Media/ConfigurationChanged"
"""A configuration of a media profile has changed (ONVIF Media2)."""

TOKEN = "tt:ReferenceToken"  # noqa: S105
BOOLEAN = "xs:boolean"
STRING = "xs:string"


@dataclass(frozen=True, slots=True)
class Topic:
    """What the messages of one topic look like (tt:MessageDescription).

    `source` and `data` map the names of simple items to XML Schema types, prefixed by tt or xs. A property has a
    state, which lasts.
    """

    path: str
    source: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    property: bool = False


def _state(path: str) -> Topic:
    return Topic(path, {"Source": TOKEN}, {"State": BOOLEAN}, property=True)


SOURCE_TOPICS = tuple(map(_state, (MOTION_ALARM, GLOBAL_SCENE_CHANGE, IMAGE_TOO_DARK, SIGNAL_LOSS)))
"""The states of a video source."""
CELL_MOTION_TOPIC = Topic(
    CELL_MOTION,
    {"VideoSourceConfigurationToken": TOKEN, "VideoAnalyticsConfigurationToken": TOKEN, "Rule": STRING},
    {"IsMotion": BOOLEAN},
    property=True,
)
"""The state of the rule that watches for motion."""
MEDIA_TOPICS = (
    Topic(PROFILE_CHANGED, {"Token": TOKEN}),
    Topic(CONFIGURATION_CHANGED, {"Token": TOKEN, "Type": STRING}),
)
"""What happens to media profiles."""
