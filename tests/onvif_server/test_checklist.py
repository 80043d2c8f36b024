"""A profile is advertised when, and only when, the device has all that it asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from onvif_server import scopes
from onvif_server.analytics.engine import RULE_SOURCE
from onvif_server.dispatch import Call
from onvif_server.media.tokens import VIDEO_SOURCE
from onvif_server.soap import Request
from onvif_server.watcher import Watcher
from onvif_server.wsdl import DEVICE, types
from tests.onvif_server.checklist import PROFILES, Ask, _names, missing
from vcam.base.rendition import Rendition

STREAMS = (Rendition("main"), Rendition("sub"), Rendition("jpeg", codec="mjpeg"))


def _asker(device: Any) -> Ask:
    async def ask(name: str) -> etree._Element:
        call = Call("127.0.0.1:80", "127.0.0.1", "127.0.0.1", "operator", level="Administrator")
        reply = await device._dispatcher.answer(Request("1.2", etree.Element(name)), call)
        return etree.fromstring(reply.data)[-1][0]

    return ask


async def test_scopes_name_the_profiles_that_are_complete(build: Callable[..., Any]) -> None:
    made = build(streams=STREAMS)
    device = made.device
    Watcher(made.notices, VIDEO_SOURCE, made.clock, RULE_SOURCE)  # as every station has one
    lacking = {
        name: await missing(profile, device.operations, _asker(device)) for name, profile in PROFILES.items()
    }
    complete = {name for name in PROFILES if not lacking[name]}
    assert set(scopes.PROFILES) == complete, lacking
    told = {scope.rpartition("/")[2] for scope in device.scopes if "/Profile/" in scope}
    assert told == complete


@pytest.mark.parametrize("name", PROFILES)
def test_every_row_is_an_operation_of_the_standard(name: str) -> None:
    profile = PROFILES[name]
    for row in _names(profile.operations) | _names(profile.conditional):
        assert types().operation(row) is not None, row


async def test_each_row_counts(build: Callable[..., Any]) -> None:
    device = build(streams=STREAMS).device
    served = set(device.operations)
    before = await missing(PROFILES["Streaming"], served, _asker(device))
    served.remove(f"{{{DEVICE}}}GetDNS")
    after = await missing(PROFILES["Streaming"], served, _asker(device))
    assert set(after) - set(before) == {f"{{{DEVICE}}}GetDNS"}
