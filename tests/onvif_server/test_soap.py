"""Envelopes, hostile and friendly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from onvif_server.soap import BODY_LIMIT, DEPTH_LIMIT, ENVELOPES, Envelope, Fault, invalid, read, read_xml

SOAP = "http://www.w3.org/2003/05/soap-envelope"
OPEN = f'<e:Envelope xmlns:e="{SOAP}">'


def envelope(body: str, header: str = "", soap: str = SOAP) -> bytes:
    return f'<e:Envelope xmlns:e="{soap}"><e:Header>{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>'.encode()


@pytest.mark.parametrize(("soap", "version"), ENVELOPES.items())
def test_both_versions_are_read(soap: str, version: str) -> None:
    request = read(envelope("<a xmlns='urn:x'/>", soap=soap))
    assert (request.version, request.content.tag) == (version, "{urn:x}a")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_both_encodings_of_soap_are_read(encoding: str) -> None:
    request = read(envelope("<a>문</a>").decode().encode(encoding))
    assert request.content.text == "문"


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(8))
    + "]>"
)
XXE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-16-le"])
@pytest.mark.parametrize(
    "text",
    [
        BOMB + OPEN + "<e:Body><a>&i;</a></e:Body></e:Envelope>",
        BOMB + OPEN + "<e:Body><a x='&i;'/></e:Body></e:Envelope>",
        XXE + OPEN + "<e:Body><a>&a;</a></e:Body></e:Envelope>",
        '<!DOCTYPE x SYSTEM "http://192.0.2.1/x.dtd">' + OPEN + "<e:Body><a/></e:Body></e:Envelope>",
    ],
    ids=["bomb", "bomb in an attribute", "XXE", "foreign DTD"],
)
def test_document_types_are_refused_in_any_encoding(text: str, encoding: str) -> None:
    with pytest.raises(Fault) as caught:
        read(text.encode(encoding))
    assert caught.value.subcodes == ("WellFormed",)
    assert "root:" not in caught.value.reason


def test_a_document_type_cannot_hide_behind_a_declared_encoding() -> None:
    text = (
        f'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x+AD4-{OPEN}<e:Body><a/></e:Body></e:Envelope>'
    )
    with pytest.raises(Fault):
        read(text.encode())


def test_depth_and_number_of_elements_are_limited() -> None:
    read(envelope("<a>" * (DEPTH_LIMIT - 2) + "</a>" * (DEPTH_LIMIT - 2)))
    for body in (
        "<a>" * (DEPTH_LIMIT - 1) + "</a>" * (DEPTH_LIMIT - 1),
        "<a>" * 20_000 + "</a>" * 20_000,
        f"<a>{'<b/>' * 5000}</a>",
    ):
        with pytest.raises(Fault, match="cannot be read"):
            read(envelope(body))
    with pytest.raises(ValueError, match="too long"):
        read_xml(b" " * (BODY_LIMIT + 1))


@pytest.mark.parametrize("data", [b"", b"GET / HTTP/1.0", b"<a/>", b"<a>", OPEN.encode() + b"</e:Envelope>"])
def test_what_is_no_envelope_is_refused(data: bytes) -> None:
    with pytest.raises(Fault):
        read(data)


def test_the_body_holds_one_element() -> None:
    for body in ("", "<a/><b/>"):
        with pytest.raises(Fault, match="one element"):
            read(envelope(body))


def test_headers_that_must_be_understood() -> None:
    block = '<x:b xmlns:x="urn:x" xmlns:e="{}" e:mustUnderstand="{}"/>'
    for must in ("1", "true"):
        with pytest.raises(Fault, match="not understood") as caught:
            read(envelope("<a/>", block.format(SOAP, must)))
        assert caught.value.code == "MustUnderstand"
    read(envelope("<a/>", block.format(SOAP, "0")))
    wsa = "http://www.w3.org/2005/08/addressing"
    header = f'<w:MessageID xmlns:w="{wsa}" e:mustUnderstand="1"> urn:uuid:1 </w:MessageID>'
    assert read(envelope("<a/>", header)).message_id == "urn:uuid:1"


@pytest.mark.parametrize(
    ("version", "status", "kind"), [("1.1", 500, "text/xml"), ("1.2", 400, "application/soap+xml")]
)
def test_faults_are_told_in_the_version_of_the_request(version: str, status: int, kind: str) -> None:
    made = Envelope("1.1") if version == "1.1" else Envelope("1.2")
    reply = made.fault(invalid("There is no <such> thing", "NoProfile"))
    assert reply.status == status
    assert reply.content_type.startswith(kind)
    root = etree.fromstring(reply.data)
    text = "".join(str(part) for part in root.itertext())
    assert "There is no <such> thing" in text
    if version == "1.2":
        values = root.findall(f".//{{{SOAP}}}Value")
        assert [value.text for value in values] == ["env:Sender", "ter:InvalidArgVal", "ter:NoProfile"]
        assert values[1].nsmap["ter"] == "http://www.onvif.org/ver10/error"
    else:
        assert root.findtext(".//faultcode") == "env:Client"


def _one_fault(data: bytes) -> None:
    try:
        read(data)
    except Fault:
        return


@given(st.binary(max_size=400))
def test_random_bytes_give_a_fault_or_a_request(data: bytes) -> None:
    _one_fault(data)


@given(st.lists(st.sampled_from([b"<", b">", b"/", b"e:Envelope", b"e:Body", OPEN.encode(), b"a", b'"', b"="])))
def test_random_markup_gives_a_fault_or_a_request(parts: list[bytes]) -> None:
    _one_fault(b"".join(parts))
