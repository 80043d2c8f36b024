"""Valid requests of every operation, made from the types of ONVIF's own schemas and what replies have taught."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from lxml import etree
from zeep import xsd
from zeep.xsd.elements.indicators import All, Choice, Group, OrderIndicator

from onvif_server.wsdl import FILES, WSNT, Operation, types

Enumerations = Mapping[str, frozenset[str]]
"""Values by a type's name."""
DEPTH = 9
"""Levels below which optional elements are left out."""
KEPT = 24
"""Values that are remembered for each name."""

_SIMPLE: tuple[tuple[type, tuple[str, ...]], ...] = (
    (xsd.Boolean, ("true", "false", "1", "0")),
    (xsd.Duration, ("PT0S", "PT1S", "PT60S", "P1D", "-PT5S", "PT0.001S")),
    (xsd.DateTime, ("2026-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "2038-01-19T03:14:08+09:00")),
    (xsd.Integer, ("0", "1", "2", "25", "640", "480", "80", "1920", "-1")),
    (xsd.Float, ("0", "1", "0.5", "-0.25", "25", "100")),
    (xsd.Double, ("0", "1", "0.5")),
    (xsd.Decimal, ("0", "1.5")),
    (xsd.Base64Binary, ("AAAA", "Z2FyaW0=")),
    (xsd.AnyURI, ("http://127.0.0.1:9/notify", "urn:uuid:1", "onvif://www.onvif.org/name/x")),
)
_TEXTS = ("main", "sub", "front", "0", "garim", "tns1:RuleEngine//.", "127.0.0.1", "eth0", "H264", "a b")
_TOPICS = "http://www.onvif.org/ver10/topics"


class Bodies:
    """Makes the element of a SOAP body for any operation; the same `chance` gives the same ones."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        known: dict[str, tuple[Operation, Enumerations]] = {}
        for namespace in FILES:
            for operation in types().operations(namespace):
                known.setdefault(operation.request, (operation, operation._service.speller._enumerations))
        self._operations = known
        self.names = sorted(known)
        self._lore: dict[str, list[str]] = defaultdict(list)

    def learn(self, reply: bytes) -> None:
        """Remember tokens and values of a reply, by their names, so that later requests mean something."""
        try:
            root = etree.fromstring(reply)
        except etree.XMLSyntaxError:
            return
        for element in root.iter(etree.Element):
            for key, value in element.attrib.items():
                self._remember(etree.QName(key).localname, str(value))
            if not len(element) and element.text:
                self._remember(etree.QName(element).localname, element.text)

    def _remember(self, name: str, value: str) -> None:
        known = self._lore[name if not name.endswith("Token") else "token"]
        if value in known or len(value) > 200:
            return
        if len(known) >= KEPT:
            known[self._chance.randrange(KEPT)] = value
        else:
            known.append(value)

    def make(self, name: str | None = None) -> etree._Element:
        """A request that keeps to the schema, of the operation whose element is `name`, else of any."""
        name = name or self._chance.choice(self.names)
        operation, enumerations = self._operations[name]
        root = etree.Element(name, nsmap={"tt": "http://www.onvif.org/ver10/schema", "tns1": _TOPICS})
        self._fill(root, operation._operation.input.body.type, enumerations, 0)
        return root

    def _fill(self, into: etree._Element, kind: Any, enums: Enumerations, depth: int) -> None:
        if not isinstance(kind, xsd.ComplexType):
            into.text = self._text(etree.QName(into).localname, kind, enums)
            return
        for _, attribute in kind.attributes:
            name = getattr(attribute, "qname", None)
            if name is not None and (getattr(attribute, "required", False) or self._chance.random() < 0.5):
                into.set(name.text, self._text(name.localname, attribute.type, enums))
        for _, each in kind.elements_nested:
            self._nest(into, each, enums, depth)

    def _nest(self, into: etree._Element, what: Any, enums: Enumerations, depth: int) -> None:
        if isinstance(what, xsd.Element):
            for _ in range(self._times(what, depth)):
                child = etree.SubElement(into, what.qname.text)
                self._fill(child, what.type, enums, depth + 1)
        elif isinstance(what, Choice):
            if len(what):
                self._nest(into, self._chance.choice(list(what)), enums, depth)
        elif isinstance(what, Group):
            self._nest(into, what.child, enums, depth)
        elif isinstance(what, OrderIndicator | All):
            for each in what:
                self._nest(into, each, enums, depth)
        elif into.tag in {f"{{{WSNT}}}Filter"} and self._chance.random() < 0.7:
            topic = etree.SubElement(into, f"{{{WSNT}}}TopicExpression")
            topic.text = self._chance.choice(
                ("tns1:VideoSource//.", "tns1:RuleEngine", "tns1:Media|tns1:Device")
            )
            topic.set("Dialect", "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet")

    def _times(self, element: Any, depth: int) -> int:
        if element.min_occurs:
            return int(element.min_occurs)
        if depth > DEPTH:
            return 0
        most = 3 if element.max_occurs == "unbounded" else min(int(element.max_occurs), 3)
        return self._chance.choice((0, 1, 1, 1, most))

    def _text(self, name: str, kind: Any, enums: Enumerations) -> str:
        known = self._lore.get("token" if name.lower().endswith("token") else name)
        if known and self._chance.random() < 0.7:
            return self._chance.choice(known)
        allowed = enums.get(str(kind.qname)) if kind.qname is not None else None
        if allowed:
            return self._chance.choice(sorted(allowed))
        if "address" in name.lower():
            return "http://127.0.0.1:9/notify" if name == "Address" else "127.0.0.1"
        for simple, values in _SIMPLE:
            if isinstance(kind, simple):
                return self._chance.choice(values)
        return self._chance.choice(_TEXTS)
