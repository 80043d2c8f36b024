"""Whether the texts of a request are spelt as their XML Schema types ask.

zeep takes what it cannot convert for absent, any odd text for false, and knows no enumerations; a client that has
misspelt a value must be told instead.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree
from zeep import xsd
from zeep.exceptions import LookupError as ZeepLookupError
from zeep.exceptions import NamespaceError

_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")
_FLOAT = re.compile(_DECIMAL.pattern + r"([eE][+-]?[0-9]+)?")
_BOOLEANS = {"true", "false", "0", "1"}
_RANGES: tuple[tuple[type, float, float], ...] = (
    (xsd.Byte, -(2**7), 2**7 - 1),
    (xsd.Short, -(2**15), 2**15 - 1),
    (xsd.Int, -(2**31), 2**31 - 1),
    (xsd.Long, -(2**63), 2**63 - 1),
    (xsd.UnsignedByte, 0, 2**8 - 1),
    (xsd.UnsignedShort, 0, 2**16 - 1),
    (xsd.UnsignedInt, 0, 2**32 - 1),
    (xsd.UnsignedLong, 0, 2**64 - 1),
    (xsd.PositiveInteger, 1, math.inf),
    (xsd.NonNegativeInteger, 0, math.inf),
    (xsd.Integer, -math.inf, math.inf),
)
"""Of types that zeep derives from each other, the narrowest first."""
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_TYPE = f"{_XSI}type"
_NIL = f"{_XSI}nil"


@dataclass(frozen=True, slots=True)
class Misspelling:
    """A text that is no value of the element or attribute `name`."""

    name: str
    text: str


class Speller:
    """Compares requests with the types of `schema`, zeep's. `enumerations` are values by a type's name."""

    def __init__(self, schema: Any, enumerations: Mapping[str, frozenset[str]]) -> None:
        self._schema = schema
        self._enumerations = enumerations

    def misspelt(self, element: etree._Element, kind: Any) -> Iterator[Misspelling]:
        """Every wrong text in `element` of type `kind`; what the type does not know is passed over.

        Takes out types that elements say they are of where these are not known or say nothing new: zeep fails there.
        """
        if not isinstance(kind, xsd.ComplexType):
            if not self._fits(element.text or "", kind):
                yield Misspelling(etree.QName(element).localname, element.text or "")
            return
        attributes = {
            attribute.qname.text: attribute.type for _, attribute in kind.attributes if attribute.qname
        }
        for key, text in element.attrib.items():
            name = key.decode() if isinstance(key, bytes) else key
            if name in attributes and not self._fits(str(text), attributes[name]):
                yield Misspelling(etree.QName(name).localname, str(text))
        children = {child.qname.text: child for _, child in kind.elements if getattr(child, "qname", None)}
        for child in element:
            declared = children.get(str(child.tag))
            if declared is None:
                continue
            name = etree.QName(child).localname
            if (child.get(_NIL) or "").strip() in {"true", "1"} and not declared.nillable:
                yield Misspelling(name, "nil")
            told = self._told(child)
            if told is not None and not _family(told, declared.type, child.text or ""):
                yield Misspelling(f"the type of {name}", child.get(_TYPE) or "")
                continue
            if _TYPE in child.attrib and not isinstance(told, xsd.ComplexType):
                del child.attrib[_TYPE]
            yield from self.misspelt(child, told or declared.type)

    def _told(self, element: etree._Element) -> Any | None:
        """The type that `element` says it is of (xsi:type); None when it says none that is known."""
        prefix, _, name = (element.get(_TYPE) or "").strip().rpartition(":")
        namespace = element.nsmap.get(prefix or None)
        if not name or namespace is None:
            return None
        try:
            return self._schema.get_type(f"{{{namespace}}}{name}")
        except (ZeepLookupError, NamespaceError, ValueError):
            return None

    def _fits(self, text: str, kind: Any) -> bool:
        text = text.strip()
        allowed = self._enumerations.get(str(kind.qname)) if kind.qname is not None else None
        if allowed is not None:
            return text in allowed
        # An empty element of an optional number or time is how some clients leave it out.
        return not text or not isinstance(kind, xsd.AnySimpleType) or _spelt(text, kind)


def _spelt(text: str, kind: Any) -> bool:
    """Whether `text` is a value of the built-in type from which `kind` comes."""
    if isinstance(kind, xsd.Boolean):
        return text in _BOOLEANS
    bounds = next(((low, high) for each, low, high in _RANGES if isinstance(kind, each)), None)
    if bounds is not None:
        return _INTEGER.fullmatch(text) is not None and bounds[0] <= int(text) <= bounds[1]
    if isinstance(kind, xsd.Decimal):
        return _DECIMAL.fullmatch(text) is not None
    if isinstance(kind, xsd.Float | xsd.Double):
        # No argument of ONVIF means a number without an end, which XML Schema allows.
        return _FLOAT.fullmatch(text) is not None and math.isfinite(float(text))
    try:
        kind.pythonvalue(text)
    except (ValueError, TypeError, ArithmeticError):
        return False
    return True


def _family(told: Any, declared: Any, text: str) -> bool:
    """Whether a value of type `told` may stand where `declared` is expected."""
    if isinstance(declared, xsd.ComplexType):
        # zeep notes with each type those that it extends.
        return isinstance(told, xsd.ComplexType) and declared._value_class in told.accepted_types
    if not isinstance(declared, xsd.AnySimpleType):
        return True
    try:
        return isinstance(told, xsd.AnySimpleType) and type(told.pythonvalue(text)) is type(
            declared.pythonvalue(text)
        )
    except (ValueError, TypeError, ArithmeticError):
        return False
