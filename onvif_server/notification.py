"""Notices as XML: wsnt:NotificationMessage (WS-BaseNotification 1.3) around tt:Message (ONVIF Core, events)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from lxml import etree

from onvif_server.notice import Notice

TT = "http://www.onvif.org/ver10/schema"
WSNT = "http://docs.oasis-open.org/wsn/b-2"
TNS1 = "http://www.onvif.org/ver10/topics"
"""Namespace of ONVIF's topics, whose prefix stands before the root topic only."""

CONCRETE_SET = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
"""ONVIF's dialect of topic expressions."""

_NAMESPACES = {"wsnt": WSNT, "tt": TT, "tns1": TNS1}


def utc(time: int) -> str:
    """Microseconds UTC as an xs:dateTime."""
    return datetime.fromtimestamp(time / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def written(value: object) -> str:
    """A simple item's value as its XML Schema type asks."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def message(notice: Notice) -> etree._Element:
    """The tt:Message that says what has happened."""
    element = etree.Element(f"{{{TT}}}Message", {"UtcTime": utc(notice.time)}, {"tt": TT})
    if notice.change is not None:
        element.set("PropertyOperation", notice.change)
    _items(element, "Source", notice.source)
    _items(element, "Data", notice.data)
    return element


def notification(notice: Notice) -> etree._Element:
    """The wsnt:NotificationMessage that carries `message`."""
    element = etree.Element(f"{{{WSNT}}}NotificationMessage", nsmap=_NAMESPACES)
    topic = etree.SubElement(element, f"{{{WSNT}}}Topic", {"Dialect": CONCRETE_SET})
    topic.text = f"tns1:{notice.topic}"
    etree.SubElement(element, f"{{{WSNT}}}Message").append(message(notice))
    return element


def _items(parent: etree._Element, name: str, items: Mapping[str, object]) -> None:
    if items:
        place = etree.SubElement(parent, f"{{{TT}}}{name}")
        for key, value in items.items():
            etree.SubElement(place, f"{{{TT}}}SimpleItem", {"Name": key, "Value": written(value)})
