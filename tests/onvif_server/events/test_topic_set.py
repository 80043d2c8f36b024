"""The tree of topics, by the schemas of ONVIF and OASIS."""

from __future__ import annotations

from lxml import etree

from onvif_server.events.topic_set import WSTOP, topic_set
from onvif_server.notification import TNS1, TT
from onvif_server.topic import BOOLEAN, CELL_MOTION_TOPIC, MEDIA_TOPICS, SOURCE_TOPICS, TOKEN, Topic
from tests.onvif_server.schema import problems

XS = "http://www.w3.org/2001/XMLSchema"


def tree(*topics: Topic) -> etree._Element:
    """The set as it is read within a reply, which declares the prefixes of types."""
    text = etree.tostring(topic_set(topics)).decode()
    return etree.fromstring(text.replace("TopicSet ", f'TopicSet xmlns:xs="{XS}" ', 1))


def test_all_topics_are_described_validly() -> None:
    root = tree(*SOURCE_TOPICS, *MEDIA_TOPICS, CELL_MOTION_TOPIC)
    assert problems(root) == []
    described = list(root.iter(f"{{{TT}}}MessageDescription"))
    assert len(described) == len(SOURCE_TOPICS) + len(MEDIA_TOPICS) + 1


def test_a_topic_may_have_topics_below_it() -> None:
    upper, lower = Topic("A/B", {"Token": TOKEN}), Topic("A/B/C", {}, {"State": BOOLEAN}, property=True)
    for topics in ((upper, lower), (lower, upper)):
        root = tree(*topics)
        place = root.find(f"{{{TNS1}}}A/B")
        assert place is not None
        assert [each.tag for each in place] == [f"{{{TT}}}MessageDescription", "C"]
        assert [each.get(f"{{{WSTOP}}}topic") for each in root.iter(f"{{{TNS1}}}A", "B", "C")] == [
            None,
            "true",
            "true",
        ]
