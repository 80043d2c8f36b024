"""A camera's SOAP reply, read as far as it can be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from lxml import etree

from onvif_server.sieve import local_name
from onvif_server.soap import BODY_LIMIT

ELEMENT_LIMIT = 20_000
"""Most elements of a reply that is looked at."""

_MOMENT = ("Date/Year", "Date/Month", "Date/Day", "Time/Hour", "Time/Minute", "Time/Second")


def read(data: bytes) -> etree._Element | None:
    """The first element of the SOAP body; None when there is none, or too much.

    Prefixes that are not declared and ampersands that stand alone are read over. Entities are not.
    """
    if len(data) > BODY_LIMIT or b"<!DOCTYPE" in data[:BODY_LIMIT]:
        return None
    parser = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    # With recovery, lxml gives None for what holds no element at all.
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        return None
    if sum(1 for _ in zip(root.iter(), range(ELEMENT_LIMIT + 1), strict=False)) > ELEMENT_LIMIT:
        return None
    body = root if local_name(root) == "Body" else child(root, "Body")
    return next((each for each in body if local_name(each)), None) if body is not None else None


def child(element: etree._Element | None, path: str) -> etree._Element | None:
    """The first descendant at `path`, local names with slashes between them."""
    for name in path.split("/"):
        if element is None:
            return None
        element = next((each for each in element if local_name(each) == name), None)
    return element


def children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    """All children called `name`."""
    return (each for each in element if local_name(each) == name) if element is not None else iter(())


def text(element: etree._Element | None, path: str) -> str:
    """Text at `path`, empty when there is none."""
    found = child(element, path)
    return (found.text or "").strip() if found is not None else ""


def number(element: etree._Element | None, path: str) -> int:
    """Whole number at `path`, 0 when there is none."""
    try:
        return int(text(element, path))
    except ValueError:
        return 0


def fault_codes(element: etree._Element) -> tuple[str, ...] | None:
    """The codes of a fault without their prefixes, outermost first; None for what is no fault."""
    if local_name(element) != "Fault":
        return None
    codes = []
    for each in element.iter():
        if local_name(each) in {"Value", "faultcode"} and each.text:
            codes.append(each.text.strip().rpartition(":")[2])
    return tuple(codes)


def utc(answer: etree._Element) -> datetime | None:
    """The time of GetSystemDateAndTime; None when it tells none."""
    moment = child(answer, "SystemDateAndTime/UTCDateTime")
    values = [text(moment, path) for path in _MOMENT]
    try:
        year, month, day, hour, minute, second = map(int, values)
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
