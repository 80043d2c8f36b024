"""WS-Discovery messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from onvif_server import wsd
from onvif_server.scopes import STRCMP0, first_scopes, fixed_scopes
from onvif_server.wsd import WSA, WSD, Order, Probe, Resolve, Target

SOAP = "http://www.w3.org/2003/05/soap-envelope"
TARGET = Target(
    "urn:uuid:00000000-0000-0000-0000-000000000001",
    (*fixed_scopes("Garim"), *first_scopes("Front", "City hall")),
    ("http://192.0.2.1:8081/onvif/device_service",),
)


def question(body: str, message_id: str = "urn:uuid:17", soap: str = SOAP) -> bytes:
    names = (
        f'xmlns:e="{soap}" xmlns:a="{WSA}" xmlns:d="{WSD}" xmlns:dn="http://www.onvif.org/ver10/network/wsdl"'
    )
    names += ' xmlns:tds="http://www.onvif.org/ver10/device/wsdl"'
    header = f"<a:MessageID>{message_id}</a:MessageID>" if message_id else ""
    return f"<e:Envelope {names}><e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>".encode()


@pytest.mark.parametrize(
    ("types", "found"),
    [
        ("", True),
        ("<d:Types/>", True),
        ("<d:Types>dn:NetworkVideoTransmitter</d:Types>", True),
        ("<d:Types>tds:Device dn:NetworkVideoTransmitter</d:Types>", True),
        ("<d:Types>tds:Device dn:NetworkVideoDisplay</d:Types>", False),
        ("<d:Types>NetworkVideoTransmitter</d:Types>", False),
        ("<d:Types>no:NetworkVideoTransmitter</d:Types>", False),
        ("<d:Types xmlns='http://www.onvif.org/ver10/device/wsdl'>Device</d:Types>", True),
    ],
)
def test_a_probe_is_for_certain_types(types: str, found: bool) -> None:
    probe = wsd.read(question(f"<d:Probe>{types}</d:Probe>"))
    assert isinstance(probe, Probe)
    assert wsd.asks_for(probe, TARGET) is found


def test_a_probe_is_for_certain_scopes() -> None:
    scope = "onvif://www.onvif.org/location"
    for rule, found in (("", True), (f' MatchBy="{STRCMP0}"', False), (' MatchBy="urn:other"', False)):
        probe = wsd.read(question(f"<d:Probe><d:Scopes{rule}> {scope} </d:Scopes></d:Probe>"))
        assert isinstance(probe, Probe)
        assert wsd.asks_for(probe, TARGET) is found


def test_a_resolve_is_for_one_endpoint() -> None:
    for endpoint, found in ((TARGET.endpoint, True), ("urn:uuid:2", False), ("", False)):
        reference = f"<a:EndpointReference><a:Address>{endpoint}</a:Address></a:EndpointReference>"
        resolve = wsd.read(question(f"<d:Resolve>{reference}</d:Resolve>"))
        assert isinstance(resolve, Resolve)
        assert wsd.asks_for(resolve, TARGET) is found


@pytest.mark.parametrize(
    "datagram",
    [
        b"",
        b"\0" * 100,
        b"<a/>",
        question("<d:Probe/>", message_id=""),
        question("<d:Hello/>"),
        question(""),
        question("<d:Probe/>", soap="urn:x"),
        b"<!DOCTYPE a>" + question("<d:Probe/>"),
        question("<d:Probe><d:Scopes>" + "x" * wsd.DATAGRAM_LIMIT + "</d:Scopes></d:Probe>"),
    ],
)
def test_everything_else_is_left_alone(datagram: bytes) -> None:
    assert wsd.read(datagram) is None


@given(st.one_of(st.binary(max_size=300), st.text(max_size=200).map(question)))
def test_random_datagrams_are_left_alone(datagram: bytes) -> None:
    wsd.read(datagram)


@given(st.text(max_size=100), st.text(max_size=60))
def test_random_texts_in_a_probe_do_no_harm(types: str, rule: str) -> None:
    body = etree.Element(f"{{{WSD}}}Probe")
    try:
        etree.SubElement(body, f"{{{WSD}}}Types").text = types
        etree.SubElement(body, f"{{{WSD}}}Scopes", MatchBy=rule).text = types
    except ValueError:
        return
    probe = wsd.read(question(etree.tostring(body).decode()))
    assert isinstance(probe, Probe)
    wsd.asks_for(probe, TARGET)


@pytest.mark.parametrize(
    ("ask", "kind"), [(Probe("urn:uuid:17"), "Probe"), (Resolve("urn:uuid:17", "x"), "Resolve")]
)
def test_an_answer_names_its_question(ask: Probe | Resolve, kind: str) -> None:
    root = etree.fromstring(wsd.reply(ask, TARGET, Order(5, 6)))
    header = root.find(f"{{{SOAP}}}Header")
    assert header is not None
    assert header.findtext(f"{{{WSA}}}RelatesTo") == "urn:uuid:17"
    assert header.findtext(f"{{{WSA}}}Action") == f"{WSD}/{kind}Matches"
    assert header.findtext(f"{{{WSA}}}To") == f"{WSA}/role/anonymous"
    sequence = header.find(f"{{{WSD}}}AppSequence")
    assert sequence is not None
    assert (sequence.get("InstanceId"), sequence.get("MessageNumber")) == ("5", "6")
    found = root.find(f"{{{SOAP}}}Body/{{{WSD}}}{kind}Matches/{{{WSD}}}{kind}Match")
    assert found is not None
    assert found.findtext(f"{{{WSA}}}EndpointReference/{{{WSA}}}Address") == TARGET.endpoint
    assert found.findtext(f"{{{WSD}}}XAddrs") == TARGET.xaddrs[0]
    types = found.find(f"{{{WSD}}}Types")
    assert types is not None
    assert types.nsmap["dn"] == "http://www.onvif.org/ver10/network/wsdl"
    assert types.text == "dn:NetworkVideoTransmitter tds:Device"


@pytest.mark.parametrize("kind", ["Hello", "Bye"])
def test_announcements_go_to_all(kind: wsd.Announcement) -> None:
    root = etree.fromstring(wsd.announce(kind, TARGET, Order(1, 2)))
    assert root.findtext(f"{{{SOAP}}}Header/{{{WSA}}}To") == "urn:schemas-xmlsoap-org:ws:2005:04:discovery"
    assert root.find(f"{{{SOAP}}}Body/{{{WSD}}}{kind}") is not None
    assert root.find(f"{{{SOAP}}}Header/{{{WSA}}}RelatesTo") is None


def test_datagrams_fit_in_one_packet() -> None:
    assert len(wsd.reply(Probe("urn:uuid:17"), TARGET, Order(2**31, 2**31))) < 1472
