"""SOAP to cameras whose clocks are wrong, whose replies are odd, and who are not there."""

from __future__ import annotations

import hashlib
import re
import socket
from collections.abc import AsyncIterator
from contextlib import closing

import pytest
from aiohttp import web

from onvif_server.digest import DigestAuthority
from onvif_server.physical import Declined, Unavailable
from onvif_server.wsdl import DEVICE, IMAGING, MEDIA, PTZ, types
from vcam.base.clock import SystemClock
from vcam.physical.client import Client, Nonsense, Refused

from .conftest import ENVELOPE, PASSWORD, USER, Connect, Odd, Served

SERVICES = (
    "<tds:GetServicesResponse><tds:Service><tds:Namespace>http://www.onvif.org/ver20/ptz/wsdl</tds:Namespace>"
    "<tds:XAddr>{}</tds:XAddr></tds:Service></tds:GetServicesResponse>"
)


async def test_a_clock_hours_off_and_set_meanwhile(served: Served, client: Connect) -> None:
    async with client(served.port) as camera:
        await camera.connect()
        assert {MEDIA, PTZ, IMAGING} <= camera.services
        assert (await camera.call(DEVICE, "GetDeviceInformation"))["Manufacturer"] == "Garim"
        for seconds in (5 * 3600.0, 400 * 86400.0):
            served.clock.advance(seconds)
            assert (await camera.call(DEVICE, "GetDeviceInformation"))["Manufacturer"] == "Garim"


async def test_wrong_credentials_are_tried_once(served: Served, odd: Odd, client: Connect) -> None:
    async with client(served.port, "another") as camera:
        await camera.connect()
        with pytest.raises(Refused):
            await camera.call(DEVICE, "GetDeviceInformation")
    odd.replies["GetDeviceInformation"] = (401, b"")
    async with client(odd.port) as camera:
        with pytest.raises(Refused):
            await camera.call(DEVICE, "GetDeviceInformation")
    assert sum("GetDeviceInformation" in body for _, body in odd.asked) == 1


async def test_the_password_is_never_sent(odd: Odd, client: Connect) -> None:
    odd.replies["GetHostname"] = (200, "<tds:GetHostnameResponse/>")
    async with client(odd.port) as camera:
        await camera.ask(DEVICE, "GetHostname", {})
    ((_, body),) = odd.asked
    assert PASSWORD not in body
    assert USER in body
    assert "PasswordDigest" in body


@pytest.mark.parametrize(
    ("address", "path", "here"),
    [
        ("http://127.0.0.1:{port}/onvif/ptz", "/onvif/ptz", True),
        ("http://192.0.2.66:81/ptz?x=1", "/ptz", True),
        ("http://[::1/ptz", "/onvif/device_service", True),
        ("//evil.example/ptz", "/ptz", True),
        ("ptz", "/ptz", True),
        ("http://127.0.0.1:9/ptz", "/ptz", False),
    ],
)
async def test_requests_stay_with_the_configured_host(
    odd: Odd, client: Connect, address: str, path: str, here: bool
) -> None:
    odd.replies["GetServices"] = (200, SERVICES.format(address.format(port=odd.port)))
    async with client(odd.port) as camera:
        await camera.connect()
        with pytest.raises((Declined, Unavailable)):
            await camera.ask(PTZ, "GetNodes", {})
    assert (odd.asked[-1][0] == path and "GetNodes" in odd.asked[-1][1]) is here


async def test_services_by_capabilities(odd: Odd, client: Connect) -> None:
    odd.replies["GetCapabilities"] = (
        200,
        "<tds:GetCapabilitiesResponse><tds:Capabilities><tt:PTZ><tt:XAddr>/a</tt:XAddr></tt:PTZ>"
        "<tt:Imaging/></tds:Capabilities></tds:GetCapabilitiesResponse>",
    )
    async with client(odd.port) as camera:
        await camera.connect()
        assert camera.services == {PTZ}


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, b"", Nonsense),
        (200, b"<html>Not found", Nonsense),
        (404, b"not here", Nonsense),
        (200, b"\xff\xfe\x00garbage", Nonsense),
        (200, b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", Nonsense),
        (200, b"<a>" * 5000, Nonsense),
        (200, b" " * 300_000, Nonsense),
        (302, b"", Nonsense),
        (403, b"", Refused),
        (401, ENVELOPE.format("<tds:GetHostnameResponse/>").encode(), Refused),
        (500, ENVELOPE.format("<s:Fault/>").encode(), Declined),
        (400, ENVELOPE.format("<s:Fault><faultcode>ter:NotAuthorized</faultcode></s:Fault>").encode(), Refused),
        (200, ENVELOPE.format("<tds:GetHostnameResponse/>").encode(), Nonsense),
        (200, ENVELOPE.format("").encode(), Nonsense),
    ],
)
async def test_odd_replies(odd: Odd, client: Connect, status: int, body: bytes, error: type[Exception]) -> None:
    odd.replies["GetHostname"] = (status, body)
    async with client(odd.port) as camera:
        with pytest.raises(error) as caught:
            await camera.call(DEVICE, "GetHostname")
    assert "127.0.0.1" not in str(caught.value)


async def test_prefixes_without_a_namespace_are_read_over(odd: Odd, client: Connect) -> None:
    answer = (
        "<x:GetHostnameResponse><x:HostnameInformation><y:FromDHCP>TRUE</y:FromDHCP><y:Name>a & b</y:Name>"
        "</x:HostnameInformation></x:GetHostnameResponse>"
    )
    odd.replies["GetHostname"] = (200, answer)
    async with client(odd.port) as camera:
        found = await camera.call(DEVICE, "GetHostname")
    assert found["HostnameInformation"]["FromDHCP"] is True


async def test_silence_and_absence_do_not_hang(client: Connect) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        async with client(server.getsockname()[1], timeout=0.3) as camera:
            with pytest.raises(Unavailable):
                await camera.connect()
        port = server.getsockname()[1]
    async with client(port) as camera:
        with pytest.raises(Unavailable):
            await camera.connect()
    with pytest.raises(Unavailable):
        await camera.ask(DEVICE, "GetHostname", {})


@pytest.mark.parametrize("user", ["a:b", "a\x01b"])
async def test_names_that_cannot_be_written(odd: Odd, user: str) -> None:
    one = Client("127.0.0.1", odd.port, (user, "x"), types=types(), clock=SystemClock(), timeout=5)
    async with one as camera:
        with pytest.raises((Declined, Unavailable)):
            await camera.ask(DEVICE, "GetHostname", {})


async def test_an_operation_that_onvif_does_not_know(client: Connect) -> None:
    async with client(9) as camera:
        with pytest.raises(Declined):
            await camera.ask(DEVICE, "GetCoffee", {})


@pytest.fixture
async def digest_only() -> AsyncIterator[int]:
    """A camera that takes no WS-UsernameToken, but HTTP Digest."""
    authority = DigestAuthority("camera", {USER: PASSWORD}.get, SystemClock())

    async def answer(request: web.Request) -> web.Response:
        if authority.verify(request.method, request.raw_path, request.headers.get("Authorization")) != USER:
            response = web.Response(status=401)
            for challenge in authority.challenges():
                response.headers.add("WWW-Authenticate", challenge)
            return response
        body = await request.text()
        assert re.search("GetHostname", body)
        return web.Response(
            text=ENVELOPE.format(
                "<tds:GetHostnameResponse><tds:HostnameInformation><tt:FromDHCP>1</tt:FromDHCP>"
                "</tds:HostnameInformation></tds:GetHostnameResponse>"
            )
        )

    application = web.Application()
    application.router.add_post("/{path:.*}", answer)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def test_http_digest(digest_only: int, client: Connect) -> None:
    async with client(digest_only) as camera:
        for _ in range(2):
            found = await camera.call(DEVICE, "GetHostname")
            assert found == {"HostnameInformation": {"FromDHCP": True}}
    async with client(digest_only, hashlib.md5(b"x", usedforsecurity=False).hexdigest()) as camera:
        with pytest.raises(Refused):
            await camera.call(DEVICE, "GetHostname")
