"""Types from ONVIF's files."""

from __future__ import annotations

import contextlib
import random
import socket
from datetime import UTC, datetime
from typing import Any

import pytest
from lxml import etree

from onvif_server.soap import Fault
from onvif_server.wsdl import DEVICE, DEVICEIO, EVENTS, FILES, MEDIA, MEDIA2, Types, raw, types
from tests.onvif_server.schema import problems

TT = "http://www.onvif.org/ver10/schema"


def _parse(name: str, inner: str) -> dict[str, Any]:
    operation = types().operation(f"{{{MEDIA}}}{name}")
    assert operation is not None
    return operation.parse(etree.fromstring(f'<{name} xmlns="{MEDIA}" xmlns:tt="{TT}">{inner}</{name}>'))


def _setup(protocol: str) -> str:
    transport = f"<tt:Transport><tt:Protocol>{protocol}</tt:Protocol></tt:Transport>" if protocol else ""
    return f"<StreamSetup><tt:Stream>RTP-Unicast</tt:Stream>{transport}</StreamSetup><ProfileToken>x</ProfileToken>"


def test_loading_never_touches_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    fresh = Types(FILES)
    assert len(fresh.operations(DEVICE)) > 80
    assert len(fresh.operations(MEDIA)) > 70
    assert len(fresh.operations(MEDIA2)) > 50
    assert all(fresh.operations(namespace) for namespace in FILES)


def test_arguments_are_parsed_by_name() -> None:
    found = _parse("GetStreamUri", _setup("RTSP"))
    assert found["ProfileToken"] == "x"
    assert found["StreamSetup"].Transport.Protocol == "RTSP"
    assert _parse("GetProfiles", "") == {}
    assert _parse("GetVideoEncoderConfigurationOptions", "") == {
        "ConfigurationToken": None,
        "ProfileToken": None,
    }


@pytest.mark.parametrize(
    ("name", "inner", "text"),
    [
        ("GetProfile", "", "ProfileToken"),
        ("GetProfile", "<Token>x</Token>", "Token"),
        ("GetProfile", "<ProfileToken>x</ProfileToken><More>1</More>", "More"),
        ("GetStreamUri", _setup(""), "Transport"),
        ("GetStreamUri", _setup("CARRIER PIGEON"), "PIGEON"),
        ("GetOSDs", "<ConfigurationToken/><ConfigurationToken/>", "ConfigurationToken"),
    ],
    ids=["missing", "other", "unknown", "missing within", "no such value", "twice"],
)
def test_arguments_that_break_the_schema_are_refused(name: str, inner: str, text: str) -> None:
    with pytest.raises(Fault, match=text) as caught:
        _parse(name, inner)
    assert caught.value.code == "Sender"


@pytest.mark.parametrize("inner", ["<User/>", "<User><tt:Username>x</tt:Username></User><User/>", ""])
def test_empty_elements_are_no_values(inner: str) -> None:
    operation = types().operation(f"{{{DEVICE}}}CreateUsers")
    assert operation is not None
    with pytest.raises(Fault):
        operation.parse(
            etree.fromstring(f'<CreateUsers xmlns="{DEVICE}" xmlns:tt="{TT}">{inner}</CreateUsers>')
        )


def test_a_request_may_bear_the_namespace_of_another_service() -> None:
    names = {operation.name: operation.request for operation in types().operations(DEVICEIO)}
    assert names["GetRelayOutputs"] == f"{{{DEVICE}}}GetRelayOutputs"
    assert names["GetVideoSources"] == f"{{{DEVICEIO}}}GetVideoSources"


def test_mixed_content_and_any_element_are_rendered() -> None:
    operation = types().operation(f"{{{EVENTS}}}PullMessages")
    assert operation is not None
    topic = etree.fromstring('<x Dialect="urn:dialect">tns1:VideoSource/MotionAlarm</x>')
    message = etree.fromstring(f'<Message xmlns="{TT}" UtcTime="2026-01-01T00:00:00Z"/>')
    now = datetime(2026, 1, 1, tzinfo=UTC)
    notice = {"Topic": raw(topic), "Message": {"_value_1": message}}
    values = {"CurrentTime": now, "TerminationTime": now, "NotificationMessage": [notice]}
    parent = etree.Element("x")
    operation.render(parent, values)
    assert problems(parent[0]) == []
    (found,) = parent.iter("{http://docs.oasis-open.org/wsn/b-2}Topic")
    assert (found.text, found.get("Dialect")) == ("tns1:VideoSource/MotionAlarm", "urn:dialect")
    assert topic.text == found.text, "the source is copied"


def test_elements_of_no_service_are_no_operation() -> None:
    assert types().operation("{urn:x}GetProfiles") is None
    assert types().operation(f"{{{MEDIA}}}GetNothing") is None
    assert types().operation("GetProfiles") is None


def _grow(parent: etree._Element, chance: random.Random, depth: int) -> None:
    """Random children, mostly of the schema's names, with random types, attributes and texts."""
    names = [
        "ProfileToken",
        "Transport",
        "Protocol",
        "Category",
        "Width",
        "H264",
        "SessionTimeout",
        "Date",
        "User",
    ]
    for _ in range(chance.randrange(4)):
        namespace = chance.choice([TT, etree.QName(parent).namespace, "urn:x"])
        child = etree.SubElement(parent, f"{{{namespace}}}{chance.choice(names)}")
        child.text = chance.choice(["", "1", "x", "PT5S", "99999999999999999999", "NaN", "é", None])
        if chance.random() < 0.3:
            kind = chance.choice(["tt:Profile", "tt:H264Configuration", "zz:none", ""])
            child.set("{http://www.w3.org/2001/XMLSchema-instance}type", kind)
        if chance.random() < 0.3:
            child.set("token", "x")
        if depth:
            _grow(child, chance, depth - 1)


def test_random_arguments_of_every_operation_give_a_fault_or_values(caplog: pytest.LogCaptureFixture) -> None:
    chance = random.Random(5)
    for namespace in FILES:
        for operation in types().operations(namespace):
            for _ in range(4):
                root = etree.Element(operation.request, nsmap={"tt": TT})
                for name in operation.arguments:
                    _grow(etree.SubElement(root, f"{{{namespace}}}{name}"), chance, 3)
                with contextlib.suppress(Fault):
                    assert set(operation.parse(root)) <= set(operation.arguments)
    assert not caplog.records
