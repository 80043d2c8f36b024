from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from onvif_server.rtsp import wire as module
from onvif_server.rtsp.wire import TcpWire


class Ends:
    """A TCP connection on loopback: the server's end as a wire, and the client's end."""

    async def open(self, backlog: int) -> tuple[TcpWire, asyncio.StreamReader, asyncio.StreamWriter]:
        arrived: asyncio.Future[asyncio.StreamWriter] = asyncio.get_running_loop().create_future()
        self.server = await asyncio.start_server(
            lambda _, writer: arrived.set_result(writer), "127.0.0.1", 0, limit=1024
        )
        port = self.server.sockets[0].getsockname()[1]
        reader, self.writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        self.far = await arrived
        return TcpWire(self.far, backlog), reader, self.writer

    async def close(self) -> None:
        self.server.close()
        for writer in (self.writer, self.far):
            writer.transport.abort()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def test_what_is_written_arrives() -> None:
    ends = Ends()
    wire, reader, _ = await ends.open(1000)
    assert (wire.peer, wire.local) == ("127.0.0.1", "127.0.0.1")
    wire.write(b"one")
    wire.write(b"two")
    wire.close()
    assert await reader.read() == b"onetwo"
    wire.write(b"three")
    await ends.close()


async def test_one_that_does_not_read_is_dropped() -> None:
    ends = Ends()
    wire, _, _ = await ends.open(100_000)
    with capture_logs() as logs:
        while not ends.far.transport.is_closing():
            wire.write(bytes(50_000))
            await asyncio.sleep(0)
        wire.write(b"more")
    assert [(entry["event"], entry["reason"]) for entry in logs] == [
        ("RTSP client dropped", "it reads too slowly")
    ]
    await ends.close()


async def test_closing_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LINGER", 0.05)
    ends = Ends()
    wire, _, _ = await ends.open(10_000_000)
    for _ in range(100):
        wire.write(bytes(100_000))
    assert ends.far.transport.get_write_buffer_size() > 0
    wire.close()
    async with asyncio.timeout(20):
        while ends.far.transport.get_write_buffer_size():
            await asyncio.sleep(0.01)
    await ends.close()
