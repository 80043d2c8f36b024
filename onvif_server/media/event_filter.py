"""The filter of the events in the metadata (tt:EventSubscription), as XML that can be kept and told again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from onvif_server.soap import PREFIXES, Fault, invalid

_TT, _WSNT, _TNS1 = PREFIXES["tt"], PREFIXES["wsnt"], PREFIXES["tns1"]
_FILTER = f"{{{_TT}}}Filter"
_TOPIC = f"{{{_WSNT}}}TopicExpression"
_PREFIX = re.compile(r"([^\W\d][\w.-]*):")
_LIMIT = 2000


def asked_filter(events: etree._Element | None) -> str:
    """The filter within a client's tt:Events, with our prefixes; empty when it has none.

    Only topics are filtered by: MaxContentFilterSize is not told of. Raises Fault.
    """
    asked = events.find(_FILTER) if events is not None else None
    if asked is None or not len(asked):
        return ""
    root = etree.Element(_FILTER, nsmap={"tt": _TT, "wsnt": _WSNT, "tns1": _TNS1})
    for expression in asked:
        if expression.tag != _TOPIC:
            raise _refused("The events of the metadata are filtered by topics alone")
        topic = etree.SubElement(root, _TOPIC, Dialect=expression.get("Dialect", "").strip())
        topic.text = _prefixed((expression.text or "").strip(), expression.nsmap)
    text = etree.tostring(root, encoding="unicode")
    if len(text) > _LIMIT:
        raise _refused("The filter is too long")
    return text


def filter_element(text: str) -> etree._Element:
    """The tt:Filter of which `asked_filter` gave the text. Raises ValueError for anything else."""
    try:
        root = etree.fromstring(text, etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise ValueError("the filter is no XML") from error
    if root.tag != _FILTER or any(each.tag != _TOPIC for each in root):
        raise ValueError("the filter is none of topics")
    return root


def _prefixed(text: str, prefixes: Mapping[str | None, str]) -> str:
    """A topic expression with our prefix in place of the client's."""

    def ours(found: re.Match[str]) -> str:
        if prefixes.get(found[1]) != _TNS1:
            raise _refused(f"{found[1]!r} stands for no topics of this device")
        return "tns1:"

    return _PREFIX.sub(ours, text)


def _refused(reason: str) -> Fault:
    return invalid(reason, "ConfigModify")
