"""WS-Discovery from the side of those who search."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server import wsd
from onvif_server.scopes import first_scopes, fixed_scopes
from vcam.base.errors import ServeError
from vcam.physical.search import Candidate, candidates, probe, search, shown

ENDPOINT = f"urn:uuid:{uuid.UUID(int=9)}"
ORDER = wsd.Order(1, 1)


def answer(*xaddrs: str, scopes: tuple[str, ...] = ()) -> bytes:
    target = wsd.Target(ENDPOINT, scopes, xaddrs)
    return wsd.reply(wsd.Probe("urn:uuid:1"), target, ORDER)


@pytest.mark.parametrize(
    "kind",
    [
        ("dn", "http://www.onvif.org/ver10/network/wsdl", "NetworkVideoTransmitter"),
        ("tds", "http://www.onvif.org/ver10/device/wsdl", "Device"),
    ],
)
def test_our_own_responder_understands_the_search(kind: tuple[str, str, str]) -> None:
    question = wsd.read(probe(*kind))
    assert isinstance(question, wsd.Probe)
    assert question.matches(("onvif://www.onvif.org/name/x",))
    assert wsd.read(probe(*kind)) != question


@pytest.mark.parametrize(
    ("xaddrs", "port"),
    [
        (["http://192.0.2.7/onvif/device_service"], 80),
        (["http://192.0.2.7:8080/onvif/device_service"], 8080),
        (["http://169.254.1.1:81/x", "http://192.0.2.7:8080/x"], 8080),
        (["http://[fe80::1]:82/x"], 82),
        (["http://10.9.9.9:83/x", "http://10.9.9.8:84/x"], 83),
        (["https://192.0.2.7/x"], 0),
        (["http://192.0.2.7:99999/x"], 0),
        ([""], 0),
    ],
)
def test_the_camera_is_where_its_answer_came_from(xaddrs: list[str], port: int) -> None:
    found = list(candidates(answer(*xaddrs), "192.0.2.7"))
    assert found == ([Candidate("192.0.2.7", port, ENDPOINT)] if port else [])


def test_scopes_say_who_it_is() -> None:
    scopes = (*fixed_scopes("Model \x1b[31m7\n"), *first_scopes("Front door", "City hall"))
    (found,) = candidates(answer("http://192.0.2.7/", scopes=scopes), "192.0.2.7")
    assert (found.scope("name"), found.scope("hardware")) == ("Front door", "Model [31m7")
    assert found.scope("colour") == ""


@given(st.binary(max_size=200) | st.builds(lambda cut: answer("http://192.0.2.7/")[:cut], st.integers(0, 900)))
def test_anything_may_arrive(datagram: bytes) -> None:
    for found in candidates(datagram, "192.0.2.7"):
        assert found.port == 80


@given(st.text(max_size=200))
def test_what_is_shown_is_one_plain_line(text: str) -> None:
    assert shown(text).isprintable()
    assert len(shown(text)) <= 64


async def test_an_address_that_is_not_ours() -> None:
    with pytest.raises(ServeError, match=r"192\.0\.2\.9"):
        await search(0.5, "192.0.2.9")
