"""The faults of WS-BaseNotification 1.3 and of ONVIF's pull points, each with the detail that it shall have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lxml import etree

from onvif_server.notification import WSNT, utc
from onvif_server.soap import FOREIGN, PREFIXES, Fault
from onvif_server.wsdl import EVENTS

_BASE = "http://docs.oasis-open.org/wsrf/bf-2"
_RESOURCE = "http://docs.oasis-open.org/wsrf/r-2"
_KNOWN = {namespace: prefix for prefix, namespace in PREFIXES.items()}


def resource_unknown(now: int) -> Fault:
    """No subscription is at the address that was asked; `now` in microseconds UTC, here and below."""
    return _fault(f"{{{_RESOURCE}}}ResourceUnknownFault", "There is no such subscription", now)


def base_fault(name: str, reason: str, now: int) -> Fault:
    """A fault of WS-BaseNotification whose detail holds nothing of its own."""
    return _fault(f"{{{WSNT}}}{name}", reason, now)


def unacceptable_time(name: str, now: int, earliest: int, latest: int) -> Fault:
    """A termination time that is out of range: UnacceptableInitialTerminationTimeFault or its like for Renew."""
    fault = base_fault(name, f"The termination time must lie between {utc(earliest)} and {utc(latest)}", now)
    _add(fault, "MinimumTime", [utc(earliest)])
    _add(fault, "MaximumTime", [utc(latest)])
    return fault


def invalid_filter(unknown: Sequence[str], now: int) -> Fault:
    """Filters of unknown kinds, named in Clark's notation."""
    fault = base_fault("InvalidFilterFault", "A filter of that kind is not known", now)
    _names(fault, "UnknownFilter", unknown)
    return fault


def unrecognized_policy(unknown: Sequence[str], now: int) -> Fault:
    """Policies of unknown kinds, named in Clark's notation."""
    fault = base_fault("UnrecognizedPolicyRequestFault", "A policy of that kind is not known", now)
    _names(fault, "UnrecognizedPolicy", unknown)
    return fault


def pull_limits(timeout: str, messages: int) -> Fault:
    """The time-out of PullMessages is too long: the limits, the first as an xs:duration."""
    detail = etree.Element(f"{{{EVENTS}}}PullMessagesFaultResponse", nsmap={"tev": EVENTS})
    etree.SubElement(detail, f"{{{EVENTS}}}MaxTimeout").text = timeout
    etree.SubElement(detail, f"{{{EVENTS}}}MaxMessageLimit").text = str(messages)
    return Fault("Receiver", (), f"The longest time-out is {timeout}", detail)


def _fault(name: str, reason: str, now: int) -> Fault:
    detail = etree.Element(name, nsmap={"wsnt": WSNT, "wsrf": _BASE})
    etree.SubElement(detail, f"{{{_BASE}}}Timestamp").text = utc(now)
    etree.SubElement(detail, f"{{{_BASE}}}Description").text = reason
    # ONVIF Core, SOAP fault messages: those of this service are the receiver's.
    return Fault("Receiver", (), reason, detail)


def _add(fault: Fault, name: str, texts: Iterable[str]) -> None:
    assert fault.detail is not None  # noqa: S101  All of this module have one.
    for text in texts:
        etree.SubElement(fault.detail, f"{{{WSNT}}}{name}").text = text


def _names(fault: Fault, name: str, names: Iterable[str]) -> None:
    assert fault.detail is not None  # noqa: S101  All of this module have one.
    for each in map(etree.QName, names):
        prefix = _KNOWN.get(each.namespace or "", FOREIGN)
        nsmap = {prefix: each.namespace} if each.namespace else None
        element = etree.SubElement(fault.detail, f"{{{WSNT}}}{name}", nsmap=nsmap)
        element.text = f"{prefix}:{each.localname}" if each.namespace else each.localname
