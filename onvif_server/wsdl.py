"""ONVIF's own WSDL and XSD files as types: requests are parsed and replies written by them, never by hand.

The files come with the package onvif-zeep-async and are read from disk; zeep's `_operations` is not public API,
so zeep is pinned.
"""

from __future__ import annotations

import importlib.util
import logging
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree
from zeep import xsd
from zeep.exceptions import Error as ZeepError
from zeep.settings import Settings
from zeep.wsdl import Document
from zeep.xsd import context as zeep_context

from onvif_server.soap import Fault
from vcam.base.errors import ServeError

DEVICE = "http://www.onvif.org/ver10/device/wsdl"
"""Namespace of the Device service."""
MEDIA = "http://www.onvif.org/ver10/media/wsdl"
"""Namespace of the Media service, version 1."""

_FILES = {DEVICE: "devicemgmt.wsdl", MEDIA: "media.wsdl"}
_any_object: Any = xsd.AnyObject
_parser_context: Any = zeep_context.XmlParserContext
# zeep logs a traceback for each number or time that a client has misspelt.
logging.getLogger("zeep.xsd.types.simple").setLevel(logging.CRITICAL)
_XS = "{http://www.w3.org/2001/XMLSchema}"


class _Disk:
    """zeep's transport, which reads the folder of WSDL files and nothing else, and notes enumerations."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.enumerations: dict[str, frozenset[str]] = {}

    def load(self, url: str) -> bytes:
        path = Path(url)
        if path.parent != self._folder:
            raise ServeError(f"{url} is not a file of {self._folder}", mend="Install Garim's packages again")
        data = path.read_bytes()
        for schema in etree.fromstring(data).iter(f"{_XS}schema"):
            for simple in schema.iterfind(f"{_XS}simpleType"):
                values = [value.get("value", "") for value in simple.iter(f"{_XS}enumeration")]
                if values:
                    name = f"{{{schema.get('targetNamespace')}}}{simple.get('name')}"
                    self.enumerations[name] = frozenset(values)
        return data


class Operation:
    """One operation of a service."""

    def __init__(self, service: _Service, operation: Any) -> None:
        self._service = service
        self._operation = operation
        self.name: str = operation.name
        self.action: str = operation.soapaction
        self.arguments: tuple[str, ...] = tuple(
            name for name, _ in operation.input.body.type.elements if not name.startswith("_")
        )

    def parse(self, content: etree._Element) -> dict[str, Any]:
        """The arguments of a request by name, None where absent. Raises Fault when it breaks the schema."""
        body = self._operation.input.body
        context = _parser_context(settings=self._service.document.settings)
        try:
            value = body.parse(content, self._service.document.types, context=context)
            if value is not None:
                # zeep checks only what it writes: this finds elements that are missing.
                body.render(etree.Element("check"), value)
        except (ZeepError, ValueError, TypeError, ArithmeticError) as error:
            raise Fault(
                "Sender", ("InvalidArgs",), f"The arguments of {self.name} are wrong: {error}"
            ) from error
        if value is None:
            return {}
        for name, text in self._wrong(value):
            raise Fault("Sender", ("InvalidArgVal",), f"{text!r} is no value of {name}")
        return {name: getattr(value, name) for name in self.arguments}

    def _wrong(self, value: Any) -> Iterator[tuple[str, str]]:
        """Elements within `value` whose text is not one that the schema lists."""
        for name, element in value._xsd_type.elements:
            allowed = self._service.enumerations.get(str(element.type.qname))
            inner = getattr(value, name, None)
            for item in inner if isinstance(inner, list) else [inner]:
                if isinstance(item, xsd.CompoundValue):
                    yield from self._wrong(item)
                elif allowed is not None and item is not None and item not in allowed:
                    yield name, str(item)

    def render(self, parent: etree._Element, values: Mapping[str, object]) -> None:
        """Write the reply made of `values` into `parent`. Raises zeep's errors when they break the schema."""
        body = self._operation.output.body
        body.render(parent, body(**values))


class _Service:
    def __init__(self, folder: Path, file: str) -> None:
        disk = _Disk(folder)
        transport: Any = disk  # zeep asks for its own class but calls nothing but `load`.
        self.document = Document(str(folder / file), transport, settings=Settings(forbid_external=True))
        self.enumerations = disk.enumerations
        self.operations: dict[str, Operation] = {
            operation.input.body.qname.text: Operation(self, operation)
            for binding in self.document.bindings.values()
            for operation in binding._operations.values()
        }


class Types:
    """The services of some namespaces. Immutable, and shared by all devices of a process."""

    def __init__(self, namespaces: Iterable[str]) -> None:
        package = importlib.util.find_spec("onvif")
        if package is None or not package.submodule_search_locations:
            raise ServeError("ONVIF's WSDL files are absent", mend="Install the package onvif-zeep-async")
        folder = Path(package.submodule_search_locations[0]).resolve() / "wsdl"
        self._services = {namespace: _Service(folder, _FILES[namespace]) for namespace in namespaces}

    def operation(self, name: str) -> Operation | None:
        """The operation whose request is the element `name`, in Clark's notation."""
        namespace = etree.QName(name).namespace or ""
        service = self._services.get(namespace)
        return service.operations.get(name) if service else None

    def operations(self, namespace: str) -> list[Operation]:
        """All operations of a service."""
        return list(self._services[namespace].operations.values())

    def element(self, namespace: str, name: str, values: Mapping[str, object]) -> Any:
        """A value for a place where the schema allows any element."""
        element = self._services[namespace].document.types.get_element(f"{{{namespace}}}{name}")
        return _any_object(element, element(**values))


@cache
def types() -> Types:
    """The types of all services that a virtual device has; loaded once, in about a tenth of a second."""
    return Types(_FILES)
