"""Notifications go to the host that has subscribed, and nowhere else."""

from __future__ import annotations

import pytest
from lxml import etree

from onvif_server.events.consumer import PARAMETERS_LIMIT, Refused, consumer
from tests.support.events import NAMESPACES

OWN = frozenset({("127.0.0.1", 80)})
WSA = NAMESPACES["wsa"]


def reference(address: str | None, parameters: str = "") -> etree._Element:
    element = etree.Element(f"{{{NAMESPACES['wsnt']}}}ConsumerReference")
    if address is not None:
        etree.SubElement(element, f"{{{WSA}}}Address").text = address
    if parameters:
        text = f'<wsa:ReferenceParameters xmlns:wsa="{WSA}">{parameters}</wsa:ReferenceParameters>'
        element.append(etree.fromstring(text))
    return element


@pytest.mark.parametrize(
    ("address", "peer"),
    [
        ("http://192.0.2.7:9000/hook?id=1", "192.0.2.7"),
        (" https://192.0.2.7/ ", "192.0.2.7"),
        ("http://[2001:db8::7]:9000/", "2001:db8::7"),
        ("http://192.0.2.7/", "::ffff:192.0.2.7"),
        ("http://[fe80::1]/", "fe80::1%eth0"),
        ("http://127.0.0.1:9000/", "127.0.0.1"),
        ("http://localhost:9000/", "127.0.0.1"),
    ],
)
async def test_a_client_may_have_them_sent_to_itself(address: str, peer: str) -> None:
    found = await consumer(reference(address), peer, OWN)
    assert found.url == address.strip()
    assert found.address in peer


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "ftp://192.0.2.7/",
        "file:///etc/passwd",
        "//192.0.2.7/",
        "http://",
        "http://user:secret@192.0.2.7/",
        "http://192.0.2.8/",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:9000/",
        "http://localhost:9000/",
        "http://name.invalid/",
        "http://192.0.2.7:99999/",
        "http://[::1/",
        "http://192.0.2.7/\r\nHost: other",
        "http://192.0.2.7/a b",
    ],
)
async def test_everything_else_is_refused(address: str | None) -> None:
    with pytest.raises(Refused):
        await consumer(reference(address), "192.0.2.7", OWN)


async def test_a_device_does_not_notify_itself() -> None:
    for address in ("http://127.0.0.1/x", "http://localhost:80/"):
        with pytest.raises(Refused, match="own"):
            await consumer(reference(address), "127.0.0.1", OWN)


async def test_reference_parameters_come_back_and_have_a_limit() -> None:
    found = await consumer(reference("http://192.0.2.7/", "<a>3</a>"), "192.0.2.7", OWN)
    assert [(each.tag, each.text) for each in found.parameters] == [("a", "3")]
    long = f"<a>{'x' * PARAMETERS_LIMIT}</a>"
    with pytest.raises(Refused):
        await consumer(reference("http://192.0.2.7/", long), "192.0.2.7", OWN)
