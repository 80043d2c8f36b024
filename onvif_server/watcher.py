"""What NVRs are told of the scene: motion, tampering and the loss of the signal, as ONVIF's properties."""

from __future__ import annotations

from collections.abc import Mapping

from onvif_server.motion import Motion
from onvif_server.notice import Change, Notice, Notices
from onvif_server.topic import (
    CELL_MOTION,
    CELL_MOTION_TOPIC,
    GLOBAL_SCENE_CHANGE,
    IMAGE_TOO_DARK,
    MOTION_ALARM,
    SIGNAL_LOSS,
    SOURCE_TOPICS,
)
from vcam.base.clock import Clock
from vcam.base.scene import Scene, Tampering


class Watcher:
    """Publishes the properties of one video source: their initial states at once, then every change.

    Motion is what `onvif_server.motion.Motion` takes for it. A camera that somebody has covered is too dark, one that
    is aimed elsewhere shows another scene (ONVIF Imaging, tampering). While the signal is lost nothing moves.

    `rule` is the source of the messages of the analytics rule that watches for motion; where it is given, motion is
    told under its topic too, the only one that many NVRs know.
    """

    def __init__(
        self, notices: Notices, source_token: str, clock: Clock, rule: Mapping[str, str] | None = None
    ) -> None:
        self._notices = notices
        self._source: Mapping[str, object] = {"Source": source_token}
        self._rule = rule
        self._clock = clock
        self._motion = Motion()
        self._states: dict[str, bool] = {}
        notices.declare(*SOURCE_TOPICS)
        if rule is not None:
            notices.declare(CELL_MOTION_TOPIC)
        now = clock.utc()
        self._moving(False, now, "Initialized")
        for topic in (GLOBAL_SCENE_CHANGE, IMAGE_TOO_DARK, SIGNAL_LOSS):
            self._state(topic, False, now, "Initialized")

    def scene(self, scene: Scene) -> None:
        """Take in what one picture showed."""
        self._moving(self._motion.see(scene, self._clock.monotonic()), scene.time)

    def tampering(self, tampering: Tampering) -> None:
        """Take in whether somebody tampers with the camera."""
        self._state(IMAGE_TOO_DARK, tampering.covered, tampering.time)
        self._state(GLOBAL_SCENE_CHANGE, tampering.moved, tampering.time)

    def signal(self, lost: bool, time: int) -> None:
        """Take in whether the camera's pictures are missing from `time` (microseconds UTC) on."""
        self._state(SIGNAL_LOSS, lost, time)
        if lost:
            self._motion = Motion()
            self._moving(False, time)

    def _moving(self, moving: bool, time: int, change: Change = "Changed") -> None:
        if self._states.get(MOTION_ALARM) != moving and self._rule is not None:
            self._notices.publish(Notice(CELL_MOTION, time, self._rule, {"IsMotion": moving}, change))
        self._state(MOTION_ALARM, moving, time, change)

    def _state(self, topic: str, state: bool, time: int, change: Change = "Changed") -> None:
        if self._states.get(topic) != state:
            self._states[topic] = state
            self._notices.publish(Notice(topic, time, self._source, {"State": state}, change))
