"""The filter of the events in the metadata (tt:EventSubscription), as XML that can be kept and told again."""

from __future__ import annotations

import re

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
        topic.text = _PREFIX.sub(lambda found: _ours(found[1], expression), (expression.text or "").strip())
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


def _ours(prefix: str, expression: etree._Element) -> str:
    if expression.nsmap.get(prefix) != _TNS1:
        raise _refused(f"{prefix!r} stands for no topics of this device")
    return "tns1:"


def _refused(reason: str) -> Fault:
    return invalid(reason, "ConfigModify")
