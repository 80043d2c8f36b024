"""ONVIF's own WSDL and XSD files as types: requests are parsed and replies written by them, never by hand.

The files come out of one wheel by `onvif_server.schemas` and are read from disk; zeep's `_operations` is not public
API, so zeep is pinned.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree
from zeep import xsd
from zeep.exceptions import Error as ZeepError
from zeep.settings import Settings
from zeep.wsdl import Document
from zeep.xsd import context as zeep_context

from onvif_server.schemas import FOLDER, schema_file
from onvif_server.sieve import Sieve, Values
from onvif_server.soap import Fault
from onvif_server.spelling import Speller
from vcam.base.errors import ServeError

DEVICE = "http://www.onvif.org/ver10/device/wsdl"
"""Namespace of the Device service."""
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
"""Namespace of the Media service, version 1."""
MEDIA2 = "http://www.onvif.org/ver20/media/wsdl"
"""Namespace of the Media service, version 2."""
EVENTS = "http://www.onvif.org/ver10/events/wsdl"
"""Namespace of the Event service; some of its operations belong to WSNT."""
WSNT = "http://docs.oasis-open.org/wsn/b-2"
"""Namespace of WS-BaseNotification."""
PTZ = "http://www.onvif.org/ver20/ptz/wsdl"
"""Namespace of the PTZ service."""
IMAGING = "http://www.onvif.org/ver20/imaging/wsdl"
"""Namespace of the Imaging service."""
DEVICEIO = "http://www.onvif.org/ver10/deviceIO/wsdl"
"""Namespace of the Device IO service; the requests of two of its operations belong to DEVICE."""
ANALYTICS = "http://www.onvif.org/ver20/analytics/wsdl"
"""Namespace of the Analytics service."""

FILES = {
    DEVICE: "ver10/device/wsdl/devicemgmt.wsdl",
    MEDIA: "ver10/media/wsdl/media.wsdl",
    MEDIA2: "ver20/media/wsdl/media.wsdl",
    EVENTS: "ver10/events/wsdl/event.wsdl",
    PTZ: "ver20/ptz/wsdl/ptz.wsdl",
    IMAGING: "ver20/imaging/wsdl/imaging.wsdl",
    DEVICEIO: "ver10/deviceio.wsdl",
    ANALYTICS: "ver20/analytics/wsdl/analytics.wsdl",
}
"""Path of each service's WSDL in the catalogue of schemas."""

_any_object: Any = xsd.AnyObject
_parser_context: Any = zeep_context.XmlParserContext
_compound: Any = xsd.CompoundValue
# zeep logs a traceback for each number or time that a client has misspelt; `spelling` finds them first.
for _name in ("zeep.xsd.types.simple", "zeep.xsd.elements.attribute"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)
_XS = "{http://www.w3.org/2001/XMLSchema}"
_MIXED = tuple(f"{{{WSNT}}}{name}" for name in ("TopicExpression", "MessageContent", "ProducerProperties"))
"""Filters. Their type is mixed content, which zeep cannot write: handlers take them from the request itself."""
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_SELF_DESCRIBED = (f"{_XSI}type", f"{_XSI}nil")


class _Disk:
    """zeep's transport, which reads the folder of schemas and nothing else, and notes enumerations."""

    def __init__(self) -> None:
        self.enumerations: dict[str, frozenset[str]] = {}

    def load(self, url: str) -> bytes:
        path = Path(url).resolve()
        if not path.is_relative_to(FOLDER.resolve()):
            raise ServeError(
                f"{url} is not a file of {FOLDER}", mend="Run 'make install', which fetches them all"
            )
        data = path.read_bytes()
        for schema in etree.fromstring(data).iter(f"{_XS}schema"):
            for simple in schema.iterfind(f"{_XS}simpleType"):
                values = [
                    value.get("value", "") for value in simple.iterfind(f"{_XS}restriction/{_XS}enumeration")
                ]
                if values:
                    name = f"{{{schema.get('targetNamespace')}}}{simple.get('name')}"
                    self.enumerations[name] = frozenset(values)
        return data


class Operation:
    """One operation of a service. `request` is the name of its request's element, in Clark's notation."""

    def __init__(self, service: _Service, operation: Any) -> None:
        self._service = service
        self._operation = operation
        self.name: str = operation.name
        self.action: str = operation.soapaction
        self.request: str = operation.input.body.qname.text
        self.arguments: tuple[str, ...] = tuple(
            name for name, _ in operation.input.body.type.elements if not name.startswith("_")
        )

    def parse(self, content: etree._Element) -> dict[str, Any]:
        """The arguments of a request by name, None where absent. Raises Fault when it breaks the schema."""
        body = self._operation.input.body
        # What the request is says its name.
        for name in _SELF_DESCRIBED:
            if name in content.attrib:
                del content.attrib[name]
        for wrong in self._service.speller.misspelt(content, body.type):
            raise Fault("Sender", ("InvalidArgVal",), f"{wrong.text[:80]!r} is no value of {wrong.name}")
        context = _parser_context(settings=self._service.document.settings)
        try:
            value = body.parse(_plain(content), self._service.document.types, context=context)
            if value is not None:
                # zeep checks only what it writes: this finds elements that are missing.
                body.render(etree.Element("check"), value)
        except (ZeepError, ValueError, TypeError, ArithmeticError) as error:
            # Other errors than zeep's own speak of zeep's inside.
            what = str(error) if isinstance(error, ZeepError) else "a value is not of its element's type"
            raise Fault(
                "Sender", ("InvalidArgs",), f"The arguments of {self.name} are wrong: {what}"
            ) from error
        if value is None and self.arguments:
            raise Fault("Sender", ("InvalidArgs",), f"The arguments of {self.name} are absent")
        if value is not None:
            _complete(value)
        return {name: getattr(value, name) for name in self.arguments}

    def render(self, parent: etree._Element, values: Mapping[str, object]) -> None:
        """Write the reply made of `values` into `parent`. Raises zeep's errors when they break the schema.

        Where the schema allows any element, a value may be an lxml element, which is moved into the reply.
        """
        body = self._operation.output.body
        body.render(parent, body(**values))

    def ask(self, parent: etree._Element, values: Mapping[str, object]) -> None:
        """Write a request made of `values` into `parent`, for those who ask other devices. Raises as `render`."""
        body = self._operation.input.body
        body.render(parent, body(**values))

    def told(self, content: etree._Element, defaults: Mapping[str, object] | None = None) -> Values | None:
        """What is right of another device's reply, see Sieve; None when too little is."""
        return Sieve(self._service.enumerations, defaults).read(self._operation.output.body.type, content)


def _complete(value: Any) -> None:
    """Raise Fault for gaps in lists, which zeep leaves for empty elements."""
    for name, _ in value._xsd_type.elements:
        inner = getattr(value, name, None)
        for item in inner if isinstance(inner, list) else [inner]:
            if isinstance(item, xsd.CompoundValue):
                _complete(item)
            elif item is None and isinstance(inner, list):
                raise Fault("Sender", ("InvalidArgs",), f"An element {name} is empty")


def _plain(content: etree._Element) -> etree._Element:
    """A copy of a request without its filters, for zeep moves elements that it does not know out of what it reads."""
    content = copy.deepcopy(content)
    for element in list(content.iter(*_MIXED)):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    return content


class _Service:
    def __init__(self, file: str) -> None:
        disk = _Disk()
        transport: Any = disk  # zeep asks for its own class but calls nothing but `load`.
        path = schema_file(file).resolve()
        self.document = Document(str(path), transport, settings=Settings(forbid_external=True))
        self.enumerations = disk.enumerations
        self.speller = Speller(self.document.types, disk.enumerations)
        self.operations: dict[str, Operation] = {
            operation.input.body.qname.text: Operation(self, operation)
            for binding in self.document.bindings.values()
            for operation in binding._operations.values()
        }


class Types:
    """The services of some namespaces. Immutable, and shared by all devices of a process.

    Raises ServeError when ONVIF's files were not fetched.
    """

    def __init__(self, namespaces: Iterable[str]) -> None:
        self._services = {namespace: _Service(FILES[namespace]) for namespace in namespaces}
        self._operations: dict[str, Operation] = {}
        for service in self._services.values():
            for name, operation in service.operations.items():
                self._operations.setdefault(name, operation)

    def operation(self, name: str) -> Operation | None:
        """The operation whose request is the element `name`, in Clark's notation."""
        return self._operations.get(name)

    def operations(self, namespace: str) -> list[Operation]:
        """All operations of a service."""
        return list(self._services[namespace].operations.values())

    def element(self, namespace: str, name: str, values: Mapping[str, object]) -> Any:
        """A value for a place where the schema allows any element."""
        element = self._services[namespace].document.types.get_element(f"{{{namespace}}}{name}")
        return _any_object(element, element(**values))


class _RawType:
    """Stands for a type of the schema where zeep renders a value."""

    def render(self, node: etree._Element, value: Any, *_: object) -> None:
        source = copy.deepcopy(value["element"])
        node.text = source.text
        for key, text in source.attrib.items():
            node.set(key, text)
        node.extend(source)


_raw_type = _RawType()


def raw(element: etree._Element) -> Any:
    """A value for a place whose type zeep cannot write, such as mixed content: what `element` holds, copied.

    Prefixes within its texts must be declared in the reply's envelope (`onvif_server.soap.PREFIXES`).
    """
    value = type("Raw", (_compound,), {"_xsd_type": None})()
    value._xsd_type = _raw_type
    value.__values__ = {"element": element}
    return value


@cache
def types() -> Types:
    """The types of all services that a virtual device may have; loaded once, in about half a second."""
    return Types(FILES)
