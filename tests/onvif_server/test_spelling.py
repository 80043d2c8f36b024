"""Texts as their XML Schema types ask: what zeep takes for absent or false is told as wrong."""

from __future__ import annotations

from typing import Any

import pytest
from lxml import etree
from zeep import xsd

from onvif_server.spelling import Speller
from onvif_server.wsdl import EVENTS, types

XS = "http://www.w3.org/2001/XMLSchema"
_zeep: Any = xsd
KINDS: dict[str, Any] = {
    "boolean": _zeep.Boolean(),
    "int": _zeep.Int(),
    "integer": _zeep.Integer(),
    "unsignedByte": _zeep.UnsignedByte(),
    "nonNegativeInteger": _zeep.NonNegativeInteger(),
    "positiveInteger": _zeep.PositiveInteger(),
    "decimal": _zeep.Decimal(),
    "float": _zeep.Float(),
    "duration": _zeep.Duration(),
    "dateTime": _zeep.DateTime(),
    "string": _zeep.String(),
}
TEXTS = [
    "true", "1", "0", "yes", "abc", "-1", "+7", "1_000", "٣", "2147483648", "99999999999999999999", "1.5", "1e3",
    "300", "PT5S", "P1Y2M", "5", "2026-01-01T00:00:00Z", "2026-13-01T00:00:00Z",
]  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
def test_texts_are_judged_as_by_xml_schema(name: str) -> None:
    text = f'<xs:schema xmlns:xs="{XS}"><xs:element name="a" type="xs:{name}"/></xs:schema>'
    schema = etree.XMLSchema(etree.fromstring(text))
    speller = Speller(None, {})
    for written in TEXTS:
        element = etree.Element("a")
        element.text = written
        wrong = [each.text for each in speller.misspelt(element, KINDS[name])]
        assert wrong == ([] if schema.validate(element) else [written]), written


@pytest.mark.parametrize(("text", "wrong"), [("NaN", True), ("INF", True), ("1e400", True), ("0.5", False)])
def test_numbers_without_an_end_are_none(text: str, wrong: bool) -> None:
    element = etree.Element("a")
    element.text = text
    assert bool(list(Speller(None, {}).misspelt(element, KINDS["float"]))) is wrong


@pytest.mark.parametrize(
    ("inner", "wrong"),
    [
        ("<Timeout>PT5S</Timeout><MessageLimit>10</MessageLimit>", []),
        ("<Timeout>PT5S</Timeout><MessageLimit> 10\n</MessageLimit>", []),
        ("<Timeout>5</Timeout><MessageLimit>ten</MessageLimit>", ["Timeout", "MessageLimit"]),
        ("<Timeout i:nil='true'/><MessageLimit>10</MessageLimit>", ["Timeout"]),
        ("<Timeout i:type='x:int'>PT5S</Timeout><MessageLimit>10</MessageLimit>", ["the type of Timeout"]),
        ("<Timeout i:type='x:duration'>PT5S</Timeout><MessageLimit>1</MessageLimit>", []),
        ("<Timeout i:type='x:none'>PT5S</Timeout><MessageLimit>1</MessageLimit>", []),
        ("<Other>ten</Other>", []),
    ],
)
def test_requests_are_read_by_their_types(inner: str, wrong: list[str]) -> None:
    operation = types().operation(f"{{{EVENTS}}}PullMessages")
    assert operation is not None
    text = f"""<PullMessages xmlns="{EVENTS}" xmlns:x="{XS}"
        xmlns:i="http://www.w3.org/2001/XMLSchema-instance">{inner}</PullMessages>"""
    body = operation._operation.input.body
    assert [
        each.name for each in operation._service.speller.misspelt(etree.fromstring(text), body.type)
    ] == wrong
