"""SOAP 1.1 and 1.2 envelopes: read with limits, answered in kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from onvif_server.username_token import WSSE

BODY_LIMIT = 256 * 1024
"""Longest request in bytes."""
DEPTH_LIMIT = 32
"""Deepest nesting of elements."""
ELEMENT_LIMIT = 4096
"""Most elements of a request."""

WSA = "http://www.w3.org/2005/08/addressing"
"""Namespace of WS-Addressing."""

FAULT_ACTION = "http://www.w3.org/2005/08/addressing/soap/fault"
"""The action of every fault."""

Version = Literal["1.1", "1.2"]
Code = Literal["Sender", "Receiver", "MustUnderstand", "VersionMismatch"]

ENVELOPES: dict[str, Version] = {
    "http://schemas.xmlsoap.org/soap/envelope/": "1.1",
    "http://www.w3.org/2003/05/soap-envelope": "1.2",
}
_NAMESPACE = {version: namespace for namespace, version in ENVELOPES.items()}
_CONTENT_TYPE = {
    "1.1": "text/xml; charset=utf-8",
    "1.2": "application/soap+xml; charset=utf-8",
}
_CODES_11 = {"Sender": "Client", "Receiver": "Server"}
_TER = "http://www.onvif.org/ver10/error"
_UNDERSTOOD = {WSSE, WSA}
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

PREFIXES = {
    "tt": "http://www.onvif.org/ver10/schema",
    "tds": "http://www.onvif.org/ver10/device/wsdl",
    "trt": "http://www.onvif.org/ver10/media/wsdl",
    "tr2": "http://www.onvif.org/ver20/media/wsdl",
    "tev": "http://www.onvif.org/ver10/events/wsdl",
    "tptz": "http://www.onvif.org/ver20/ptz/wsdl",
    "timg": "http://www.onvif.org/ver20/imaging/wsdl",
    "tmd": "http://www.onvif.org/ver10/deviceIO/wsdl",
    "tan": "http://www.onvif.org/ver20/analytics/wsdl",
    "tns1": "http://www.onvif.org/ver10/topics",
    "wsnt": "http://docs.oasis-open.org/wsn/b-2",
    "wstop": "http://docs.oasis-open.org/wsn/t-1",
    "wsa": WSA,
    "xs": "http://www.w3.org/2001/XMLSchema",
    "garim": "urn:garim:analytics",
}
"""Prefixes that replies use."""
FOREIGN = "foreign"
"""The prefix that stands within a fault's detail for a namespace that has none in `PREFIXES`."""
_IN_TEXT = ["env", "ter", "tt", "tns1", "xs", "garim"]
"""Prefixes that may stand within text, as those of fault codes, types and topics, invisible to the clean-up."""


class Fault(Exception):
    """A request that is refused. `subcodes` are local names of ONVIF's error namespace, outermost first.

    `detail` is the element that some standards ask for in the fault's detail.
    """

    def __init__(
        self, code: Code, subcodes: Sequence[str], reason: str, detail: etree._Element | None = None
    ) -> None:
        super().__init__(reason)
        self.code = code
        self.subcodes = tuple(subcodes)
        self.reason = reason
        self.detail = detail

    @property
    def status(self) -> int:
        """The HTTP status of SOAP 1.2's binding."""
        return 400 if self.code == "Sender" else 500


def invalid(reason: str, *subcodes: str) -> Fault:
    """The fault for an argument that is wrong."""
    return Fault("Sender", ("InvalidArgVal", *subcodes), reason)


@dataclass(frozen=True, slots=True)
class Request:
    """A request's envelope. `content` is the one child of its body.

    `message_id` and `to` are those of WS-Addressing, empty where absent.
    """

    version: Version
    content: etree._Element
    security: etree._Element | None = None
    message_id: str = ""
    to: str = ""


def read_xml(data: bytes) -> etree._Element:
    """The root of an XML text from the network.

    Raises ValueError for anything but well-formed UTF-8 or UTF-16 without a document type, entities, or more
    elements or levels than a request can need.
    """
    if len(data) > BODY_LIMIT:
        raise ValueError("too long")
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        data = data.decode("utf-16").encode()
    # With the encoding overridden, a document type cannot hide from this in another one.
    if b"<!DOCTYPE" in data:
        raise ValueError("a document type is not allowed")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError("not well-formed XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("a document type is not allowed")
    depth = 0
    for count, (event, _) in enumerate(etree.iterwalk(root, events=("start", "end"))):
        depth += 1 if event == "start" else -1
        if depth > DEPTH_LIMIT or count > 2 * ELEMENT_LIMIT:
            raise ValueError("too many elements or levels")
    return root


def read(data: bytes) -> Request:
    """The request in `data`. Raises Fault."""
    try:
        root = read_xml(data)
    except ValueError as error:
        raise Fault("Sender", ("WellFormed",), f"The request cannot be read: {error}") from error
    name = etree.QName(root)
    version = ENVELOPES.get(name.namespace or "")
    if name.localname != "Envelope" or version is None:
        raise Fault("VersionMismatch", (), "The request is no SOAP envelope")
    body = root.find(f"{{{name.namespace}}}Body")
    if body is None or len(body) != 1:
        raise Fault("Sender", ("WellFormed",), "The SOAP body must hold one element")
    security, message_id, to = _headers(root.find(f"{{{name.namespace}}}Header"), name.namespace or "")
    return Request(version, body[0], security, message_id, to)


def _headers(header: etree._Element | None, envelope: str) -> tuple[etree._Element | None, str, str]:
    security, message_id, to = None, "", ""
    for block in header if header is not None else ():
        name = etree.QName(block)
        must = block.get(f"{{{envelope}}}mustUnderstand", "").strip() in {"1", "true"}
        if must and name.namespace not in _UNDERSTOOD:
            raise Fault("MustUnderstand", (), f"The header {name.localname} is not understood")
        if name.text == f"{{{WSSE}}}Security":
            security = block
        elif name.text == f"{{{WSA}}}MessageID":
            message_id = (block.text or "").strip()
        elif name.text == f"{{{WSA}}}To":
            to = (block.text or "").strip()
    return security, message_id, to


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over HTTP."""

    status: int
    content_type: str
    data: bytes


class Envelope:
    """An envelope under construction: fill `body`, then `reply`."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self._soap = _NAMESPACE[version]
        self._root = etree.Element(
            f"{{{self._soap}}}Envelope",
            nsmap={"env": self._soap, "ter": _TER, **PREFIXES},
        )
        self._keep = _IN_TEXT
        self.body = etree.SubElement(self._root, f"{{{self._soap}}}Body")

    def relate(self, message_id: str, action: str) -> None:
        """Say which request this answers (WS-Addressing 1.0)."""
        related = etree.Element(f"{{{WSA}}}RelatesTo")
        related.text = message_id
        self.head(action, [related])

    def head(self, action: str, blocks: Iterable[etree._Element]) -> None:
        """Say which action this is (WS-Addressing 1.0), after other blocks of the header."""
        header = etree.Element(f"{{{self._soap}}}Header")
        header.extend(list(blocks))
        etree.SubElement(header, f"{{{WSA}}}Action").text = action
        self._root.insert(0, header)

    def reply(self, status: int = 200) -> Reply:
        """The envelope as bytes; prefixes that nothing uses are left out."""
        etree.cleanup_namespaces(self._root, keep_ns_prefixes=self._keep)
        data = etree.tostring(self._root, xml_declaration=True, encoding="UTF-8")
        return Reply(status, _CONTENT_TYPE[self._version], data)

    def fault(self, fault: Fault, status: int | None = None) -> Reply:
        """The reply that refuses a request, with `status` instead of the fault's own where given."""
        if fault.detail is not None:
            # It may name anything.
            self._keep = [*_IN_TEXT, *PREFIXES, FOREIGN]
        if self._version == "1.1":
            self._fault_11(fault)
            return self.reply(status or 500)
        self._fault_12(fault)
        return self.reply(status or fault.status)

    def _fault_11(self, fault: Fault) -> None:
        element = etree.SubElement(self.body, f"{{{self._soap}}}Fault")
        code = _CODES_11.get(fault.code, fault.code)
        etree.SubElement(element, "faultcode").text = f"env:{code}"
        etree.SubElement(element, "faultstring").text = fault.reason
        details = [] if fault.detail is None else [fault.detail]
        if code == "Client":
            details += [etree.Element(f"{{{_TER}}}{subcode}") for subcode in fault.subcodes]
        if details:
            etree.SubElement(element, "detail").extend(details)

    def _fault_12(self, fault: Fault) -> None:
        def add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
            element = etree.SubElement(parent, f"{{{self._soap}}}{name}")
            element.text = text
            return element

        element = add(self.body, "Fault")
        code = add(element, "Code")
        add(code, "Value", f"env:{fault.code}")
        for subcode in fault.subcodes:
            code = add(code, "Subcode")
            add(code, "Value", f"ter:{subcode}")
        add(add(element, "Reason"), "Text", fault.reason).set(_LANG, "en")
        if fault.detail is not None:
            add(element, "Detail").append(fault.detail)
