"""WS-Discovery messages (April 2005, as ONVIF Core asks): read from and written to datagrams, without any IO."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from onvif_server.scopes import RFC3986, match
from onvif_server.soap import ENVELOPES, read_xml

WSD = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
"""Namespace of WS-Discovery."""
WSA = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
"""Namespace of the WS-Addressing that WS-Discovery uses."""
DATAGRAM_LIMIT = 8192
"""Longest datagram in bytes that is looked at."""

_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_TO_ALL = "urn:schemas-xmlsoap-org:ws:2005:04:discovery"
_TO_SENDER = f"{WSA}/role/anonymous"
_DN = "http://www.onvif.org/ver10/network/wsdl"
_TDS = "http://www.onvif.org/ver10/device/wsdl"
_TYPES = (f"{{{_DN}}}NetworkVideoTransmitter", f"{{{_TDS}}}Device")
_TYPES_TEXT = "dn:NetworkVideoTransmitter tds:Device"
_NSMAP = {"env": _SOAP, "wsa": WSA, "d": WSD, "dn": _DN, "tds": _TDS}

Announcement = Literal["Hello", "Bye"]


@dataclass(frozen=True, slots=True)
class Probe:
    """A search. `types` are in Clark's notation; a search that names no type and no scope is for all devices."""

    message_id: str
    types: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    rule: str = RFC3986

    def matches(self, scopes: Sequence[str]) -> bool:
        """Whether it is for a virtual camera with these scopes."""
        return set(self.types) <= set(_TYPES) and match(self.scopes, scopes, self.rule)


@dataclass(frozen=True, slots=True)
class Resolve:
    """A question for the addresses of one endpoint."""

    message_id: str
    endpoint: str


@dataclass(frozen=True, slots=True)
class Target:
    """One device as its announcements tell it."""

    endpoint: str
    scopes: tuple[str, ...]
    xaddrs: tuple[str, ...]
    version: int = 1


@dataclass(frozen=True, slots=True)
class Order:
    """The AppSequence of a message: `instance` grows with each start, `number` with each message."""

    instance: int
    number: int


def read(datagram: bytes) -> Probe | Resolve | None:
    """The question in a datagram; None for everything else."""
    if len(datagram) > DATAGRAM_LIMIT:
        return None
    try:
        return _question(read_xml(datagram))
    except ValueError:
        return None


def _question(root: etree._Element) -> Probe | Resolve | None:
    name = etree.QName(root)
    soap = name.namespace or ""
    if name.localname != "Envelope" or soap not in ENVELOPES:
        return None
    message_id = (root.findtext(f"{{{soap}}}Header/{{{WSA}}}MessageID") or "").strip()
    probe = root.find(f"{{{soap}}}Body/{{{WSD}}}Probe")
    resolve = root.find(f"{{{soap}}}Body/{{{WSD}}}Resolve")
    if message_id and probe is not None:
        return _probe(message_id, probe)
    if message_id and resolve is not None:
        endpoint = resolve.findtext(f"{{{WSA}}}EndpointReference/{{{WSA}}}Address") or ""
        return Resolve(message_id, endpoint.strip())
    return None


def _probe(message_id: str, probe: etree._Element) -> Probe:
    types, scopes = probe.find(f"{{{WSD}}}Types"), probe.find(f"{{{WSD}}}Scopes")
    return Probe(
        message_id,
        () if types is None else tuple(_clark(types, word) for word in (types.text or "").split()),
        () if scopes is None else tuple((scopes.text or "").split()),
        RFC3986 if scopes is None else scopes.get("MatchBy", RFC3986).strip(),
    )


def _clark(element: etree._Element, name: str) -> str:
    prefix, _, local = name.rpartition(":")
    namespace = element.nsmap.get(prefix or None)
    return f"{{{namespace}}}{local}"


def _message(action: str, to: str, order: Order, relates_to: str = "") -> tuple[etree._Element, etree._Element]:
    root = etree.Element(f"{{{_SOAP}}}Envelope", nsmap=_NSMAP)
    header = etree.SubElement(root, f"{{{_SOAP}}}Header")
    fields = [("MessageID", f"urn:uuid:{uuid.uuid4()}"), ("RelatesTo", relates_to), ("To", to)]
    for name, text in [*fields, ("Action", f"{WSD}/{action}")]:
        if text:
            etree.SubElement(header, f"{{{WSA}}}{name}").text = text
    element = etree.SubElement(header, f"{{{WSD}}}AppSequence")
    element.set("InstanceId", str(order.instance))
    element.set("MessageNumber", str(order.number))
    return root, etree.SubElement(root, f"{{{_SOAP}}}Body")


def _describe(parent: etree._Element, target: Target) -> None:
    reference = etree.SubElement(parent, f"{{{WSA}}}EndpointReference")
    etree.SubElement(reference, f"{{{WSA}}}Address").text = target.endpoint
    for name, text in (
        ("Types", _TYPES_TEXT),
        ("Scopes", " ".join(target.scopes)),
        ("XAddrs", " ".join(target.xaddrs)),
        ("MetadataVersion", str(target.version)),
    ):
        etree.SubElement(parent, f"{{{WSD}}}{name}").text = text


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def announce(kind: Announcement, target: Target, order: Order) -> bytes:
    """A Hello or a Bye, for multicast."""
    root, body = _message(kind, _TO_ALL, order)
    _describe(etree.SubElement(body, f"{{{WSD}}}{kind}"), target)
    return _bytes(root)


def reply(question: Probe | Resolve, target: Target, order: Order) -> bytes:
    """The ProbeMatches or ResolveMatches that answers `question`."""
    kind = type(question).__name__
    root, body = _message(f"{kind}Matches", _TO_SENDER, order, question.message_id)
    matches = etree.SubElement(body, f"{{{WSD}}}{kind}Matches")
    _describe(etree.SubElement(matches, f"{{{WSD}}}{kind}Match"), target)
    return _bytes(root)


def asks_for(question: Probe | Resolve, target: Target) -> bool:
    """Whether `question` is for `target`."""
    if isinstance(question, Probe):
        return question.matches(target.scopes)
    return question.endpoint == target.endpoint
