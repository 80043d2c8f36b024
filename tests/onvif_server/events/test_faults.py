"""Faults of WS-BaseNotification: each detail is valid by the schemas of OASIS, in both versions of SOAP."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import pytest
from lxml import etree
from xmlschema import XMLSchema11

from onvif_server.events import faults
from onvif_server.schemas import schema_file
from onvif_server.soap import Envelope, Fault
from tests.onvif_server.schema import problems

NOW = 1_767_225_600_000_000


@cache
def resources() -> Any:
    """The schema of WS-Resource, which no service's schema imports."""
    path = schema_file("schema/common/r-2.xsd").resolve()
    return XMLSchema11(str(path), allow="local")


def each() -> list[Fault]:
    return [
        faults.resource_unknown(NOW),
        faults.base_fault("SubscribeCreationFailedFault", "There are too many", NOW),
        faults.unacceptable_time("UnacceptableTerminationTimeFault", NOW, NOW + 1, NOW + 2),
        faults.unacceptable_time("UnacceptableInitialTerminationTimeFault", NOW, NOW + 1, NOW + 2),
        faults.invalid_filter(["{urn:x}a", "b"], NOW),
        faults.unrecognized_policy(["{urn:x}a", "b"], NOW),
        faults.pull_limits("PT600S", 100),
    ]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_details_are_valid(version: Literal["1.1", "1.2"]) -> None:
    for fault in each():
        reply = Envelope(version).fault(fault)
        assert reply.status == 500
        root = etree.fromstring(reply.data)
        (detail,) = [found for found in root.iter() if etree.QName(found).localname.lower() == "detail"]
        content = etree.fromstring(etree.tostring(detail[0]))
        if etree.QName(content).localname == "ResourceUnknownFault":
            resources().validate(content)
        else:
            assert problems(content) == []
