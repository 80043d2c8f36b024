"""Replies of cameras with anything wrong in them: what is told of them can always be written again."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from onvif_server.deviceio_service import DeviceIoService
from onvif_server.dispatch import Call
from onvif_server.imaging_service import ImagingService
from onvif_server.notice import Notices
from onvif_server.ptz_service import PtzService
from onvif_server.sieve import local_name
from onvif_server.store import Store
from onvif_server.wsdl import DEVICEIO, IMAGING, PTZ, Operation, types
from tests.onvif_server.schema import problems
from tests.support.physical import StandInPhysical, StandInPtz
from vcam.base.clock import ManualClock

CALL = Call("h:1", "h", "127.0.0.1")
ODD = ("", " ", "NaN", "INF", "1e999", "-1", "99999999999", "true", "PT-5S", "P1Y", "\u0661", "x" * 300, "AUTO")


@cache
def replies() -> list[tuple[Operation, etree._Element]]:
    """A right reply of each operation that is asked of physical cameras."""
    return asyncio.run(_replies())


async def _replies() -> list[tuple[Operation, etree._Element]]:
    physical, notices, clock = StandInPhysical(), Notices(), ManualClock()
    assert isinstance(physical.ptz, StandInPtz)
    await physical.ptz.set_preset("door", None)
    store = Store(Path("/nonexistent/never/written"))
    ptz = PtzService(physical, lambda: {"main": True}, store, notices, clock)
    imaging, connectors = ImagingService(physical, "s"), DeviceIoService(physical, "s", notices, clock)
    made = []
    profile, source = {"ProfileToken": "main"}, {"VideoSourceToken": "s"}
    asked: list[tuple[str, object, str, Mapping[str, str]]] = [
        (PTZ, ptz, "GetNodes", {}),
        (PTZ, ptz, "GetConfigurations", {}),
        (PTZ, ptz, "GetConfigurationOptions", {"ConfigurationToken": "ptz"}),
        (PTZ, ptz, "GetStatus", profile),
        (IMAGING, imaging, "GetImagingSettings", source),
        (IMAGING, imaging, "GetOptions", source),
        (IMAGING, imaging, "GetMoveOptions", source),
        (IMAGING, imaging, "GetStatus", source),
        (DEVICEIO, connectors, "GetRelayOutputs", {}),
        (DEVICEIO, connectors, "GetDigitalInputs", {}),
    ]
    for namespace, service, name, arguments in asked:
        operation = next(one for one in types().operations(namespace) if one.name == name)
        parent = etree.Element("reply")
        operation.render(parent, await getattr(service, name)(CALL, **arguments))
        made.append((operation, parent[0]))
    return made


def written(operation: Operation, values: Mapping[str, object]) -> etree._Element:
    parent = etree.Element("reply")
    operation.render(parent, values)
    return parent[0]


def test_what_is_right_comes_through_whole() -> None:
    for operation, reply in replies():
        told = operation.told(reply)
        assert told is not None
        assert etree.tostring(written(operation, told), method="c14n") == etree.tostring(reply, method="c14n")


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_wrong_the_rest_is_valid(data: st.DataObject) -> None:
    operation, reply = data.draw(st.sampled_from(replies()))
    broken = copy.deepcopy(reply)
    for _ in range(data.draw(st.integers(1, 6))):
        _break(broken, data)
    told = operation.told(broken)
    if told is not None:
        assert problems(written(operation, told)) == []


def _break(root: etree._Element, data: st.DataObject) -> None:
    """Do one wrong thing somewhere in `root`."""
    element = data.draw(st.sampled_from(list(root.iter())))
    parent = element.getparent()
    match data.draw(st.sampled_from(("drop", "double", "move", "text", "rename", "attribute", "forget"))):
        case "drop" if parent is not None:
            parent.remove(element)
        case "double" if parent is not None:
            parent.append(copy.deepcopy(element))
        case "move":
            root.insert(0, copy.deepcopy(element))
        case "text":
            element.text = data.draw(st.sampled_from(ODD) | st.from_regex(r"[ -~]{0,8}", fullmatch=True))
        case "rename" if parent is not None:
            element.tag = f"{{urn:other}}{local_name(element)}"
        case "attribute":
            name = data.draw(st.sampled_from((*element.attrib.keys(), "token", "x")))
            element.set(name, data.draw(st.sampled_from(ODD)))
        case "forget" if element.attrib:
            del element.attrib[data.draw(st.sampled_from(sorted(map(str, element.attrib))))]


def status(text: str) -> etree._Element:
    return etree.fromstring(f"<GetStatusResponse><PTZStatus>{text}</PTZStatus></GetStatusResponse>")


def test_names_without_namespaces_gaps_and_defaults() -> None:
    operation = next(one for one in types().operations(PTZ) if one.name == "GetStatus")
    gaps = status(
        "<Position><PanTilt x='1'/><Zoom x='.5'/></Position><MoveStatus><PanTilt>{{m}}</PanTilt></MoveStatus>"
    )
    assert operation.told(gaps) is None
    told = operation.told(gaps, {"UtcTime": "then"})
    assert told == {"PTZStatus": {"Position": {"Zoom": {"x": 0.5}}, "MoveStatus": {}, "UtcTime": "then"}}


def test_a_reply_of_great_depth() -> None:
    operation = next(one for one in types().operations(PTZ) if one.name == "GetStatus")
    nested = etree.Element("GetStatusResponse")
    place = nested
    for _ in range(5000):
        place = etree.SubElement(place, "PTZStatus")
    assert operation.told(nested, {"UtcTime": "then"}) == {"PTZStatus": {"UtcTime": "then"}}


@pytest.mark.parametrize(
    ("text", "value"),
    [("PT5S", timedelta(seconds=5)), ("PT1.5S", timedelta(seconds=1.5)), ("PT-5S", None), ("P1Y", None)],
)
def test_durations(text: str, value: timedelta | None) -> None:
    operation = next(one for one in types().operations(PTZ) if one.name == "GetConfigurations")
    body = (
        "<R><PTZConfiguration token='a'><Name>n</Name><UseCount>1</UseCount><NodeToken>n</NodeToken>"
        f"<DefaultPTZTimeout>{text}</DefaultPTZTimeout></PTZConfiguration></R>"
    )
    told = operation.told(etree.fromstring(body))
    assert told is not None
    assert told["PTZConfiguration"][0].get("DefaultPTZTimeout") == value
