"""The filter of a subscription: which notices a client is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from onvif_server.events.faults import base_fault, invalid_filter
from onvif_server.events.item_filter import ITEM_FILTER, InvalidExpression, Predicate, item_filter
from onvif_server.events.topic_filter import DIALECTS, InvalidTopic, TopicFilter, topic_filter
from onvif_server.notice import Notice
from onvif_server.notification import WSNT, written
from onvif_server.soap import Fault

_TOPIC = f"{{{WSNT}}}TopicExpression"
_CONTENT = f"{{{WSNT}}}MessageContent"
_PRODUCER = f"{{{WSNT}}}ProducerProperties"


@dataclass(frozen=True, slots=True)
class Filter:
    """All of these must let a notice through; one without any lets all through."""

    topics: tuple[TopicFilter, ...] = ()
    contents: tuple[Predicate, ...] = ()

    def passes(self, notice: Notice) -> bool:
        """Whether the client wants `notice`."""
        if not all(topic.matches(notice.topic) for topic in self.topics):
            return False
        items = tuple(
            (name, written(value)) for part in (notice.source, notice.data) for name, value in part.items()
        )
        return all(content(items) for content in self.contents)


def read_filter(element: etree._Element | None, topics: Iterable[str], now: int) -> Filter:
    """What a Filter element of a request means. `topics` are the paths that exist, `now` in microseconds UTC.

    Raises Fault as WS-BaseNotification asks.
    """
    children = list(element) if element is not None else []
    unknown = [str(child.tag) for child in children if child.tag not in {_TOPIC, _CONTENT, _PRODUCER}]
    if unknown:
        raise invalid_filter(unknown, now)
    if any(child.tag == _PRODUCER for child in children):
        reason = "Filters by properties of the producer are not supported"
        raise base_fault("InvalidProducerPropertiesExpressionFault", reason, now)
    known = tuple(topics)
    return Filter(
        tuple(_topics(child, known, now) for child in children if child.tag == _TOPIC),
        tuple(_content(child, now) for child in children if child.tag == _CONTENT),
    )


def _topics(element: etree._Element, known: tuple[str, ...], now: int) -> TopicFilter:
    dialect = element.get("Dialect", "").strip()
    if dialect not in DIALECTS:
        raise base_fault("TopicExpressionDialectUnknownFault", f"The dialect {dialect!r} is not known", now)
    text = (element.text or "").strip()
    try:
        meant = topic_filter(text, dialect, element.nsmap)
    except InvalidTopic as error:
        raise base_fault("InvalidTopicExpressionFault", str(error), now) from error
    if not meant.reaches(known):
        raise base_fault("TopicNotSupportedFault", f"{text!r} is none of this device's topics", now)
    return meant


def _content(element: etree._Element, now: int) -> Predicate:
    if element.get("Dialect", "").strip() != ITEM_FILTER:
        raise _invalid_content("Messages are filtered by ONVIF's ItemFilter alone", now)
    try:
        return item_filter(element.text or "", element.nsmap)
    except InvalidExpression as error:
        raise _invalid_content(str(error), now) from error


def _invalid_content(reason: str, now: int) -> Fault:
    return base_fault("InvalidMessageContentExpressionFault", reason, now)
