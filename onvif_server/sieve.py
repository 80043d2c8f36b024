"""What of a camera's reply is right by the schema; a camera may have written anything."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from lxml import etree
from zeep import xsd
from zeep.exceptions import Error as ZeepError

Values = dict[str, Any]
"""A complex type's elements and attributes by name: plain values, lists and further such mappings."""

DEPTH_LIMIT = 12
"""Levels of a type that are looked at."""

_LONGEST = {"Name": 64, "ReferenceToken": 64}
"""Characters of ONVIF's own string types (onvif.xsd)."""
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_INT_LIMIT = 2**31
_EXTENSION = "Extension"


def local_name(element: etree._Element) -> str:
    """The name without its namespace, or without a prefix that stands for none; empty for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


class Sieve:
    """Reads elements by zeep's types: what is wrong is left out, and with a part that must be there its whole.

    Elements are known by their local names, as some cameras mistake the namespaces. Extensions are left out.
    `enumerations` tells the values of a type by its name in Clark's notation. `defaults` stand, by name, for what
    must be there and is not.
    """

    def __init__(
        self, enumerations: Mapping[str, frozenset[str]], defaults: Mapping[str, object] | None = None
    ) -> None:
        self._enumerations = enumerations
        self._defaults = defaults or {}

    def read(self, kind: Any, element: etree._Element) -> Values | None:
        """What `element` holds as the complex type `kind`; None when something that must be there is not."""
        return self._complex(kind, element, DEPTH_LIMIT)

    def _complex(self, kind: Any, element: etree._Element, depth: int) -> Values | None:
        values: Values = {}
        for name, attribute in kind.attributes:
            if isinstance(attribute, xsd.Attribute):
                value = self._attribute(name, attribute, element)
                if value is not None:
                    values[name] = value
                elif attribute.required:
                    return None
        for name, inner in kind.elements:
            if not isinstance(inner, xsd.Element) or name == _EXTENSION:
                continue
            found = self._children(name, inner, element, depth)
            if len(found) < inner.min_occurs:
                return None
            if inner.accepts_multiple:
                values[name] = found
            elif found:
                values[name] = found[0]
        return values

    def _attribute(self, name: str, attribute: Any, element: etree._Element) -> Any:
        text = element.get(name)
        value = None if text is None else self._simple(attribute.type, text)
        return self._defaults.get(name) if value is None and attribute.required else value

    def _children(self, name: str, inner: Any, element: etree._Element, depth: int) -> list[Any]:
        """The values of those children called `name` that are right."""
        found = []
        for child in element:
            if depth and local_name(child) == name:
                value: Any
                if isinstance(inner.type, xsd.ComplexType):
                    value = self._complex(inner.type, child, depth - 1)
                else:
                    value = self._simple(inner.type, child.text or "")
                if value is not None:
                    found.append(value)
        if not found and inner.min_occurs and name in self._defaults:
            return [self._defaults[name]]
        return found

    def _simple(self, kind: Any, text: str) -> Any:
        """`text` as a value of the simple type `kind`; None when it is none."""
        word = text.strip()
        allowed = self._enumerations.get(str(kind.qname))
        if allowed is not None:
            return word if word in allowed else None
        if isinstance(kind, xsd.Boolean):
            return _BOOLEANS.get(word.lower())
        if isinstance(kind, xsd.String):
            return text[: _LONGEST.get(kind.qname.localname)] if kind.qname else text
        try:
            value = kind.pythonvalue(word)
        except (ZeepError, ValueError, TypeError, ArithmeticError):
            return None
        return value if _renders(kind, value) else None


def _renders(kind: Any, value: Any) -> bool:
    """Whether a value that was read can be written again."""
    match value:
        case list():
            return all(_renders(kind, item) for item in value)
        case float():
            return math.isfinite(value)
        case int():
            return -_INT_LIMIT <= value < _INT_LIMIT
        case _:
            # Years and months have no length, and zeep misreads what is negative.
            return not isinstance(kind, xsd.Duration) or (
                isinstance(value, timedelta) and value >= timedelta(0)
            )
