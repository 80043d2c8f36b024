"""Who listens is told, and how properties stand is remembered."""

from __future__ import annotations

from onvif_server.notice import Notice, Notices
from onvif_server.topic import Topic


def test_listeners_are_told_until_they_stop() -> None:
    notices = Notices()
    heard: list[Notice] = []
    end = notices.listen(heard.append)
    first = Notice("A", 1)
    notices.publish(first)
    end()
    end()
    notices.publish(Notice("A", 2))
    assert heard == [first]


def test_a_listener_may_stop_while_it_is_told() -> None:
    notices = Notices()
    heard: list[int] = []
    ends = [notices.listen(lambda _: ends[0]()), notices.listen(lambda notice: heard.append(notice.time))]
    notices.publish(Notice("A", 1))
    notices.publish(Notice("A", 2))
    assert heard == [1, 2]


def test_the_newest_state_of_each_property_is_remembered() -> None:
    notices = Notices()
    notices.publish(Notice("A", 1, {"Source": "x"}, {"State": False}, "Initialized"))
    notices.publish(Notice("A", 2, {"Source": "y"}, {"State": False}, "Initialized"))
    notices.publish(Notice("A", 3, {"Source": "x"}, {"State": True}, "Changed"))
    notices.publish(Notice("B", 4, {}, {"State": True}))
    states = {(each.source["Source"], each.data["State"], each.time) for each in notices.properties()}
    assert states == {("x", True, 3), ("y", False, 2)}
    assert {each.change for each in notices.properties()} == {"Initialized"}
    notices.publish(Notice("A", 5, {"Source": "x"}, {}, "Deleted"))
    assert [each.source["Source"] for each in notices.properties()] == ["y"]


def test_topics_are_told_once_each_in_order() -> None:
    notices = Notices()
    notices.declare(Topic("B"), Topic("A"))
    notices.declare(Topic("B", property=True))
    assert [topic.path for topic in notices.topics] == ["A", "B"]
    assert notices.topics[1].property
