"""The topic set of GetEventProperties: a tree of topics, each with the description of its messages (WS-Topics)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lxml import etree

from onvif_server.notification import TNS1, TT
from onvif_server.topic import Topic

WSTOP = "http://docs.oasis-open.org/wsn/t-1"
"""Namespace of WS-Topics."""


def topic_set(topics: Iterable[Topic]) -> etree._Element:
    """The wstop:TopicSet. Root topics are in ONVIF's namespace, those below in none."""
    root = etree.Element(f"{{{WSTOP}}}TopicSet", nsmap={"wstop": WSTOP, "tns1": TNS1, "tt": TT})
    places: dict[tuple[str, ...], etree._Element] = {(): root}
    for topic in topics:
        names = tuple(topic.path.split("/"))
        for depth in range(1, len(names) + 1):
            if names[:depth] not in places:
                tag = names[depth - 1] if depth > 1 else f"{{{TNS1}}}{names[0]}"
                places[names[:depth]] = etree.SubElement(places[names[: depth - 1]], tag)
        place = places[names]
        place.set(f"{{{WSTOP}}}topic", "true")
        _describe(place, topic)
    return root


def _describe(place: etree._Element, topic: Topic) -> None:
    # A topic that has topics below it is described before them.
    description = etree.Element(f"{{{TT}}}MessageDescription", {"IsProperty": str(topic.property).lower()})
    place.insert(0, description)
    _items(description, "Source", topic.source)
    _items(description, "Data", topic.data)


def _items(parent: etree._Element, name: str, items: Mapping[str, str]) -> None:
    if items:
        group = etree.SubElement(parent, f"{{{TT}}}{name}")
        for key, kind in items.items():
            etree.SubElement(group, f"{{{TT}}}SimpleItemDescription", {"Name": key, "Type": kind})
