"""Parsed arguments as plain values, to be passed on."""

from __future__ import annotations

from typing import Any

from zeep import xsd


def plain(value: Any) -> Any:
    """`value` of zeep's as mappings, lists and simple values, without what is absent, empty or of no known type."""
    if isinstance(value, xsd.CompoundValue):
        fields = {name: plain(inner) for name, inner in value.__values__.items() if not name.startswith("_")}
        return {name: inner for name, inner in fields.items() if inner not in (None, [], {})}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value
