"""The web server of a device: who gets in, and what it withstands."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import io
import logging
import random
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import ClientConnectionError, ClientSession, DigestAuthMiddleware
from lxml import etree
from zeep.wsse import username

from onvif_server import device as module
from onvif_server.soap import BODY_LIMIT
from onvif_server.wsdl import DEVICE, MEDIA
from vcam.base.errors import ServeError

SOAP = "http://www.w3.org/2003/05/soap-envelope"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
USER = "operator"
PASSWORD = "correct horse battery staple"
OPEN = ("GetWsdlUrl", "GetServiceCapabilities", "GetCapabilities", "GetHostname", "GetSystemDateAndTime")


def envelope(
    name: str, namespace: str = DEVICE, inner: str = "", *, token: Any = None, soap: str = SOAP
) -> bytes:
    text = f'<{name} xmlns="{namespace}">{inner}</{name}>'
    text = f'<e:Envelope xmlns:e="{soap}"><e:Header/><e:Body>{text}</e:Body></e:Envelope>'
    if token is None:
        return text.encode()
    signed, _ = token.apply(etree.fromstring(text), {})
    return etree.tostring(signed)


def token(running: Any, password: str = PASSWORD, user: str = USER, ago: float = 0.0) -> Any:
    made: Any = username.UsernameToken
    created = datetime.fromtimestamp(running.clock.utc() / 1e6 - ago, UTC)
    return made(user, password, use_digest=True, created=created)


@pytest.fixture
async def web() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def post(web: ClientSession, running: Any, data: bytes, **headers: str) -> tuple[int, bytes]:
    async with web.post(
        f"{running.url}/onvif/device_service", data=io.BytesIO(data), headers=headers
    ) as response:
        return response.status, await response.read()


@pytest.mark.parametrize("operation", OPEN)
async def test_some_operations_are_open(web: ClientSession, running: Any, operation: str) -> None:
    status, data = await post(web, running, envelope(operation))
    assert status == 200
    assert f"{operation}Response".encode() in data


async def test_services_are_open_too(web: ClientSession, running: Any) -> None:
    data = envelope("GetServices", inner="<IncludeCapability>true</IncludeCapability>")
    assert (await post(web, running, data))[0] == 200
    assert (await post(web, running, envelope("GetServiceCapabilities", MEDIA)))[0] == 200


@pytest.mark.parametrize(
    ("operation", "namespace"),
    [("GetDeviceInformation", DEVICE), ("GetProfiles", MEDIA), ("SystemReboot", DEVICE), ("Nothing", "urn:x")],
)
async def test_the_rest_asks_for_credentials(
    web: ClientSession, running: Any, operation: str, namespace: str
) -> None:
    async with web.post(running.url, data=envelope(operation, namespace)) as response:
        assert response.status == 401
        challenges = response.headers.getall("WWW-Authenticate")
        assert ["SHA-256" in challenges[0], "MD5" in challenges[1], len(challenges)] == [True, True, 2]
        assert b"NotAuthorized" in await response.read()
        assert response.headers["Server"] == "Garim"


@pytest.mark.parametrize("soap", [SOAP, SOAP_11])
async def test_replies_come_in_kind(web: ClientSession, running: Any, soap: str) -> None:
    kind = "text/xml" if soap == SOAP_11 else "application/soap+xml"
    for data in (envelope("GetHostname", soap=soap), envelope("Nothing", soap=soap)):
        async with web.post(running.url, data=data) as response:
            assert response.content_type == kind
            assert response.charset == "utf-8"
            assert etree.fromstring(await response.read()).tag == f"{{{soap}}}Envelope"


async def test_a_token_lets_in(web: ClientSession, running: Any) -> None:
    signed = envelope("GetDeviceInformation", token=token(running))
    status, data = await post(web, running, signed)
    assert status == 200
    assert running.device.identity.serial.encode() in data
    status, data = await post(web, running, signed)
    assert status == 400, "a replay"
    assert b"NotAuthorized" in data


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"user": "nobody"}, {"ago": 301.0}, {"ago": -301.0}, {"user": ""}]
)
async def test_a_wrong_token_does_not(web: ClientSession, running: Any, wrong: Any) -> None:
    status, data = await post(web, running, envelope("GetDeviceInformation", token=token(running, **wrong)))
    assert status == 400
    assert b"NotAuthorized" in data
    assert running.device.identity.serial.encode() not in data
    assert PASSWORD.encode() not in data


async def test_digest_lets_in(running: Any) -> None:
    async with ClientSession(middlewares=[DigestAuthMiddleware(USER, PASSWORD)]) as web:
        for _ in range(3):
            assert (await post(web, running, envelope("GetDeviceInformation")))[0] == 200
        async with web.get(f"{running.url}/snapshot") as response:
            assert response.status == 200
            assert response.content_type == "image/jpeg"
            assert await response.read() == running.camera.picture


async def test_the_still_needs_credentials(web: ClientSession, running: Any) -> None:
    async with web.get(f"{running.url}/snapshot") as response:
        assert response.status == 401
        assert len(response.headers.getall("WWW-Authenticate")) == 2
    async with (
        ClientSession(middlewares=[DigestAuthMiddleware(USER, "wrong")]) as wrong,
        wrong.get(f"{running.url}/snapshot") as response,
    ):
        assert response.status == 401


async def test_without_a_masked_picture_there_is_no_still(running: Any) -> None:
    running.camera.picture = None
    async with (
        ClientSession(middlewares=[DigestAuthMiddleware(USER, PASSWORD)]) as web,
        web.get(f"{running.url}/snapshot") as response,
    ):
        assert response.status == 503
        assert int(response.headers["Retry-After"]) > 0


async def test_guessing_is_locked_out(web: ClientSession, running: Any) -> None:
    seen = []
    for _ in range(8):
        wrong = envelope("GetDeviceInformation", token=token(running, "wrong"))
        seen.append((await post(web, running, wrong))[0])
    assert seen == [400] * 6 + [429] * 2
    async with web.post(running.url, data=envelope("GetScopes", token=token(running))) as response:
        assert response.status == 429, "also with the right password"
        assert int(response.headers["Retry-After"]) == 1
    assert (await post(web, running, envelope("GetHostname")))[0] == 200, "open operations stay open"
    running.clock.advance(1.1)
    assert (await post(web, running, envelope("GetScopes", token=token(running))))[0] == 200


async def test_a_forgotten_clock_is_no_guess(web: ClientSession, running: Any) -> None:
    for _ in range(20):
        data = envelope("GetScopes", token=token(running, ago=4000))
        assert (await post(web, running, data))[0] == 400
    assert (await post(web, running, envelope("GetScopes", token=token(running))))[0] == 200


async def test_the_path_does_not_matter(web: ClientSession, running: Any) -> None:
    for path in ("/", "", "/onvif/ptz", "/a%20b/c?d=e"):
        async with web.post(running.url + path, data=envelope("GetHostname")) as response:
            assert response.status == 200


@pytest.mark.parametrize(
    ("host", "wanted"),
    [
        ("camera.example:8080", "http://camera.example:8080/onvif/device_service"),
        ("[2001:db8::1]:81", "http://[2001:db8::1]:81/onvif/device_service"),
        ("192.0.2.7", "http://192.0.2.7:PORT/onvif/device_service"),
        ("camera.example:65536", "http://camera.example:PORT/onvif/device_service"),
        ("[:::]:81", "http://127.0.0.1:PORT/onvif/device_service"),
        ("evil/<x>", "http://127.0.0.1:PORT/onvif/device_service"),
        ("user:pass@evil", "http://127.0.0.1:PORT/onvif/device_service"),
    ],
)
async def test_addresses_are_those_that_the_client_used(
    web: ClientSession, running: Any, host: str, wanted: str
) -> None:
    _, data = await post(web, running, envelope("GetCapabilities"), Host=host)
    assert f"<tt:XAddr>{wanted.replace('PORT', str(running.port))}</tt:XAddr>".encode() in data


async def test_a_host_that_is_set_goes_first(web: ClientSession, running: Any) -> None:
    running.device._host = "cameras.example"
    _, data = await post(web, running, envelope("GetCapabilities"))
    address = f"http://cameras.example:{running.port}/onvif/device_service"
    assert address.encode() in data
    assert running.device.xaddrs("192.0.2.1") == [address]


@pytest.mark.parametrize("encoding", [None, "gzip", "deflate"])
async def test_oversized_bodies_are_refused(web: ClientSession, running: Any, encoding: str | None) -> None:
    data = envelope("GetHostname", inner=" " * (BODY_LIMIT * 40))
    headers = {}
    if encoding:
        headers["Content-Encoding"] = encoding
        data = gzip.compress(data) if encoding == "gzip" else zlib.compress(data)
    status, _ = await post(web, running, data, **headers)
    assert status == 413


async def test_a_body_without_an_end_is_refused(web: ClientSession, running: Any) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1000):
            yield b" " * 65536

    # It may hang up while the client is still sending.
    with contextlib.suppress(ClientConnectionError):
        async with web.post(running.url, data=endless()) as response:
            assert response.status == 413
    assert (await post(web, running, envelope("GetHostname")))[0] == 200


async def test_hostile_xml_is_refused_and_leaks_nothing(web: ClientSession, running: Any) -> None:
    xxe = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    plain = envelope("GetHostname", inner="&a;")
    for data in (
        xxe + plain,
        plain,
        b"<a>" * 50_000,
        envelope("GetHostname", inner="<b>" * 200 + "</b>" * 200),
    ):
        status, reply = await post(web, running, data)
        assert status == 400
        assert b"Fault" in reply
        assert b"root:" not in reply


async def test_random_bytes_never_upset_it(web: ClientSession, running: Any) -> None:
    chance = random.Random(17)
    valid = envelope("GetStreamUri", MEDIA)
    for _ in range(300):
        data = bytearray(valid)
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        for body in (bytes(data), chance.randbytes(chance.randrange(200))):
            status, reply = await post(web, running, body)
            assert status in {200, 400, 401, 500}
            assert b"Traceback" not in reply


async def test_random_bytes_on_the_wire_never_upset_it(
    web: ClientSession, running: Any, caplog: pytest.LogCaptureFixture
) -> None:
    chance = random.Random(23)
    for _ in range(50):
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(chance.randbytes(300) + b"\r\n\r\n")
        await writer.drain()
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 5)
        writer.close()
        await writer.wait_closed()
    assert (await post(web, running, envelope("GetHostname")))[0] == 200
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_connections_are_limited(
    web: ClientSession, monkeypatch: pytest.MonkeyPatch, running: Any
) -> None:
    monkeypatch.setattr(module, "MAX_CONNECTIONS", 3)
    held = [await asyncio.open_connection("127.0.0.1", running.port) for _ in range(3)]
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    assert await asyncio.wait_for(reader.read(), 5) == b""
    for each in (writer, *(writer for _, writer in held)):
        each.close()
        await each.wait_closed()
    seen = set()
    for _ in range(50):
        with contextlib.suppress(ClientConnectionError):
            seen.add((await post(web, running, envelope("GetHostname")))[0])
    assert seen == {200}


@pytest.mark.parametrize(
    "sent", [b"", b"POST / HTTP/1.1\r\nHost: x\r\n", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n<"]
)
async def test_slow_clients_are_let_go(monkeypatch: pytest.MonkeyPatch, sent: bytes, build: Any) -> None:
    monkeypatch.setattr(module, "IDLE_TIMEOUT", 0.3)
    monkeypatch.setattr(module, "READ_TIMEOUT", 0.3)
    made = build()
    port = await made.device.start("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    await asyncio.wait_for(reader.read(), 20)
    writer.close()
    await writer.wait_closed()
    await made.device.stop()


async def test_a_client_that_hangs_up_before_its_turn_upsets_nothing(
    running: Any, caplog: pytest.LogCaptureFixture
) -> None:
    # The second request's body is still awaited when the client is gone; when is up to the event loop.
    first = b"GET /snapshot HTTP/1.1\r\nHost: x\r\n\r\n"
    second = b"POST /onvif/device_service HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n<"
    for ticks in range(12):
        _, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(first + second)
        for _ in range(ticks):
            await asyncio.sleep(0)
        writer.transport.abort()
        await asyncio.sleep(0.01)
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


async def test_a_port_in_use_is_named(running: Any, build: Any) -> None:
    with pytest.raises(ServeError, match=f"front.*{running.port}"):
        await build().device.start("127.0.0.1", running.port)


async def test_many_devices_live_side_by_side(web: ClientSession, build: Any) -> None:
    made = [build(f"camera-{number}") for number in range(20)]
    for each in made:
        each.port = await each.device.start("127.0.0.1", 0)
    replies = await asyncio.gather(*(post(web, each, envelope("GetEndpointReference")) for each in made))
    for each, (status, data) in zip(made, replies, strict=True):
        assert status == 200
        assert each.device.identity.endpoint.encode() in data
        await each.device.stop()
        assert each.device.xaddrs("127.0.0.1") == []
