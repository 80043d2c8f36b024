"""ONVIF's own schemas by XSD 1.1, which neither zeep nor libxml2 knows: is a reply valid?"""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

from lxml import etree
from xmlschema import XMLSchema11

from onvif_server.schemas import FOLDER, schema_file
from onvif_server.wsdl import FILES

_XS = "{http://www.w3.org/2001/XMLSchema}"
# The types of tt are in two files, and whoever imports their namespace twice gets the first of them.
_TYPES = """
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.onvif.org/ver10/schema">
  <xs:include schemaLocation="onvif.xsd"/>
  <xs:include schemaLocation="metadatastream.xsd"/>
</xs:schema>
"""
_SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"


@cache
def schemas() -> Any:
    """All services and the metadata stream as one schema; built in about 1.5 s."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder = schema_file("ver10/schema/onvif.xsd").resolve().parent
        built: Any = XMLSchema11(_TYPES, base_url=str(folder), allow="local", build=False)
        for path in ((FOLDER / file).resolve() for file in FILES.values()):
            for schema in etree.parse(str(path)).iter(f"{_XS}schema"):
                text = etree.tostring(schema).decode()
                XMLSchema11(text, base_url=str(path.parent), allow="local", global_maps=built.maps, build=False)
        built.maps.build()
    return built


def problems(element: etree._Element) -> list[str]:
    """What the schemas forbid in `element`: where and why; empty when it is valid."""
    return [f"{error.path}: {error.reason}" for error in schemas().iter_errors(element)]


def reply_problems(data: bytes) -> list[str]:
    """What is wrong with a reply: all of it in SOAP 1.2, the content of the body in SOAP 1.1."""
    root = etree.fromstring(data)
    if etree.QName(root).namespace != _SOAP_11:
        return problems(root)
    content = root.find(f"{{{_SOAP_11}}}Body/*")
    if content is None:
        return ["the body is empty"]
    if etree.QName(content).namespace == _SOAP_11:
        return []
    # As a document of its own it declares every prefix that the envelope declares for it.
    return problems(etree.fromstring(etree.tostring(content)))
