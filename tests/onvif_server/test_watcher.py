"""The states of a video source, as they are published."""

from __future__ import annotations

from onvif_server.notice import Notice, Notices
from onvif_server.topic import CELL_MOTION, GLOBAL_SCENE_CHANGE, IMAGE_TOO_DARK, MOTION_ALARM, SIGNAL_LOSS
from onvif_server.watcher import Watcher
from vcam.base.clock import ManualClock
from vcam.base.media import Kind, Region
from vcam.base.scene import Scene, Tampering

RULE = {"VideoSourceConfigurationToken": "sc", "VideoAnalyticsConfigurationToken": "va", "Rule": "Motion"}


class _Watched:
    def __init__(self, rule: dict[str, str] | None = None) -> None:
        self.clock = ManualClock()
        self.notices = Notices()
        self.heard: list[Notice] = []
        self.notices.listen(self.heard.append)
        self.watcher = Watcher(self.notices, "source", self.clock, rule)

    def walk(self, pictures: int) -> None:
        """Somebody walks through."""
        for index in range(pictures):
            region = Region(10 * index, 100, 10 * index + 100, 300, Kind.PERSON, 1)
            self.watcher.scene(Scene(self.clock.utc(), 0, 1920, 1080, (region,)))
            self.clock.advance(0.2)

    def told(self) -> list[tuple[str, object, str | None]]:
        told = [(each.topic, *each.data.values(), each.change) for each in self.heard]
        self.heard.clear()
        return told  # type: ignore[return-value]


def test_the_initial_states_are_told_at_once_and_kept() -> None:
    watched = _Watched()
    topics = {MOTION_ALARM, GLOBAL_SCENE_CHANGE, IMAGE_TOO_DARK, SIGNAL_LOSS}
    assert set(watched.told()) == {(topic, False, "Initialized") for topic in topics}
    assert {each.topic for each in watched.notices.properties()} == topics
    assert {topic.path for topic in watched.notices.topics} == topics
    assert all(each.source == {"Source": "source"} for each in watched.notices.properties())


def test_motion_is_told_as_it_begins_and_ends() -> None:
    watched = _Watched()
    watched.told()
    watched.walk(30)
    assert watched.told() == [(MOTION_ALARM, True, "Changed")]
    for _ in range(60):
        watched.watcher.scene(Scene(watched.clock.utc(), 0, 1920, 1080))
        watched.clock.advance(0.2)
    assert watched.told() == [(MOTION_ALARM, False, "Changed")]


def test_motion_is_told_under_the_rule_too_where_there_is_one() -> None:
    watched = _Watched(RULE)
    assert (CELL_MOTION, False, "Initialized") in watched.told()
    watched.walk(30)
    assert watched.heard[0].source == RULE
    assert watched.told() == [(CELL_MOTION, True, "Changed"), (MOTION_ALARM, True, "Changed")]


def test_tampering_is_told_only_as_it_changes() -> None:
    watched = _Watched()
    watched.told()
    watched.watcher.tampering(Tampering(5, covered=True, moved=False))
    watched.watcher.tampering(Tampering(6, covered=True, moved=True))
    assert [each.time for each in watched.heard] == [5, 6]
    assert watched.told() == [(IMAGE_TOO_DARK, True, "Changed"), (GLOBAL_SCENE_CHANGE, True, "Changed")]
    watched.watcher.tampering(Tampering(7, covered=False, moved=False))
    assert watched.told() == [(IMAGE_TOO_DARK, False, "Changed"), (GLOBAL_SCENE_CHANGE, False, "Changed")]


def test_nothing_moves_while_the_signal_is_lost() -> None:
    watched = _Watched()
    watched.walk(30)
    watched.told()
    watched.watcher.signal(True, 9)
    watched.watcher.signal(True, 10)
    assert watched.told() == [(SIGNAL_LOSS, True, "Changed"), (MOTION_ALARM, False, "Changed")]
    watched.watcher.signal(False, 11)
    assert watched.told() == [(SIGNAL_LOSS, False, "Changed")]
