"""A device's web port that carries RTSP tunnels and everything else."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession, DigestAuthMiddleware

from onvif_server import device as module
from onvif_server.rtsp import Mount, RtspServer

COOKIE = b"x-sessioncookie: a2V5\r\n"


@pytest.fixture
async def port(build: Any) -> AsyncIterator[int]:
    """The web port of a device with tunnels."""
    server = RtspServer({"/main": Mount()}, None)
    made = build(tunnel=server.adopt)
    yield await made.device.start("127.0.0.1", 0)
    await server.stop()
    await made.device.stop()


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Talk = Callable[..., Awaitable[Streams]]


@pytest.fixture
async def talk() -> AsyncIterator[Talk]:
    """Connects to a port and sends what is given, part by part."""
    made: list[asyncio.StreamWriter] = []

    async def connect(port: int, *parts: bytes) -> Streams:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        made.append(writer)
        for part in parts:
            writer.write(part)
            await writer.drain()
        return reader, writer

    yield connect
    for writer in made:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_tunnels_and_pages_share_the_port(talk: Talk, port: int, size: int) -> None:
    get = b"GET /main HTTP/1.0\r\n" + COOKIE + b"\r\n"
    down, _ = await talk(port, *(get[at : at + size] for at in range(0, len(get), size)))
    async with asyncio.timeout(20):
        assert (await down.readline()).startswith(b"HTTP/1.0 200")
        await down.readuntil(b"\r\n\r\n")
        post = b"POST /main HTTP/1.0\r\n" + COOKIE + b"Content-Length: 5\r\n\r\n"
        await talk(port, post + b"T1BUSU9OUyAqIFJUU1AvMS4wDQpDU2VxOiA3DQoNCg==")
        assert (await down.readuntil(b"\r\n\r\n")).startswith(b"RTSP/1.0 200 OK\r\nCSeq: 7\r\n")
        snapshot = f"http://127.0.0.1:{port}/snapshot"
        digest = DigestAuthMiddleware("operator", "correct horse battery staple")
        async with ClientSession(middlewares=[digest]) as web, web.get(snapshot) as response:
            assert (response.status, response.content_type) == (200, "image/jpeg")


@pytest.mark.parametrize(
    "sent", [b"PUT / HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01\n\r\n", b"GET /" + b"a" * 20_000 + b"\r\n"]
)
async def test_the_web_server_refuses_the_rest(talk: Talk, port: int, sent: bytes) -> None:
    reader, _ = await talk(port, sent)
    async with asyncio.timeout(20):
        assert (await reader.readline()).partition(b" ")[2].startswith(b"40")


@pytest.mark.parametrize("sent", [b"", b"G", b"POST / HTTP/1.1\r\nHost: x\r\n"])
async def test_who_does_not_ask_is_let_go(
    monkeypatch: pytest.MonkeyPatch, build: Any, talk: Talk, sent: bytes
) -> None:
    monkeypatch.setattr(module, "READ_TIMEOUT", 0.05)
    made = build(tunnel=lambda reader, writer: None)
    port = await made.device.start("127.0.0.1", 0)
    reader, _ = await talk(port, sent)
    async with asyncio.timeout(20):
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
    await made.device.stop()


async def test_who_has_not_asked_yet_does_not_hold_up_a_stop(build: Any, talk: Talk) -> None:
    made = build(tunnel=lambda reader, writer: None)
    port = await made.device.start("127.0.0.1", 0)
    reader, _ = await talk(port, b"GET")
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await made.device.stop()
        with contextlib.suppress(ConnectionError):
            await reader.read()
