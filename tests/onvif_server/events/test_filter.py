"""Filters of requests, and the faults for those that are none."""

from __future__ import annotations

import pytest
from lxml import etree

from onvif_server.events.filter import read_filter
from onvif_server.notice import Notice
from onvif_server.soap import Fault
from tests.support.events import ITEMS, NAMESPACES, NOW, SET, motion

TOPICS = ("VideoSource/MotionAlarm", "VideoSource/SignalLoss", "Media/ProfileChanged")


def element(inner: str) -> etree._Element:
    declared = " ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in NAMESPACES.items())
    return etree.fromstring(f"<tev:Filter {declared}>{inner}</tev:Filter>")


def topic(text: str, dialect: str = SET) -> str:
    return f'<wsnt:TopicExpression Dialect="{dialect}">{text}</wsnt:TopicExpression>'


def content(text: str, dialect: str = ITEMS) -> str:
    return f'<wsnt:MessageContent Dialect="{dialect}">{text}</wsnt:MessageContent>'


def test_no_filter_lets_all_through() -> None:
    for nothing in (None, element("")):
        assert read_filter(nothing, TOPICS, NOW).passes(motion(True))


def test_all_filters_must_let_a_notice_through() -> None:
    both = read_filter(
        element(topic("tns1:VideoSource//.") + content("boolean(//tt:SimpleItem[@Value='true'])")), TOPICS, NOW
    )
    assert both.passes(motion(True))
    assert not both.passes(motion(False))
    assert not both.passes(Notice("Media/ProfileChanged", NOW, {"Token": "true"}))


def test_one_topic_of_several_that_exists_is_enough() -> None:
    either = read_filter(
        element(topic("tns1:RuleEngine/CellMotionDetector/Motion|tns1:VideoSource/MotionAlarm")), TOPICS, NOW
    )
    assert either.passes(motion(True))


@pytest.mark.parametrize(
    ("inner", "name"),
    [
        (topic("tns1:VideoSource", "urn:x"), "TopicExpressionDialectUnknownFault"),
        ("<wsnt:TopicExpression>tns1:VideoSource</wsnt:TopicExpression>", "TopicExpressionDialectUnknownFault"),
        (topic("tns9:VideoSource"), "InvalidTopicExpressionFault"),
        (topic("tns1:VideoSource/Nothing"), "TopicNotSupportedFault"),
        (topic("tt:VideoSource//."), "TopicNotSupportedFault"),
        (content("boolean(//tt:SimpleItem)"), "InvalidMessageContentExpressionFault"),
        (
            content("//*", "http://www.w3.org/TR/1999/REC-xpath-19991116"),
            "InvalidMessageContentExpressionFault",
        ),
        (
            '<wsnt:ProducerProperties Dialect="urn:x">x</wsnt:ProducerProperties>',
            "InvalidProducerPropertiesExpressionFault",
        ),
        ("<tt:Odd/><odd/>", "InvalidFilterFault"),
    ],
)
def test_what_is_no_filter_is_refused_by_its_fault(inner: str, name: str) -> None:
    with pytest.raises(Fault) as caught:
        read_filter(element(inner), TOPICS, NOW)
    assert caught.value.detail is not None
    assert caught.value.detail.tag == f"{{{NAMESPACES['wsnt']}}}{name}"
    assert caught.value.detail.findtext("wsrf:Timestamp", "", NAMESPACES) == "2026-01-01T00:00:00.000000Z"


def test_a_filter_that_is_unknown_is_named() -> None:
    with pytest.raises(Fault) as caught:
        read_filter(element('<tt:Odd/><x:Odd xmlns:x="urn:x"/><odd/>'), TOPICS, NOW)
    assert caught.value.detail is not None
    names = caught.value.detail.findall("wsnt:UnknownFilter", NAMESPACES)
    assert [each.text for each in names] == ["tt:Odd", "foreign:Odd", "odd"]
    assert names[1].nsmap["foreign"] == "urn:x"
