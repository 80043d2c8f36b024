"""Clients of one RTSP stream that read and throw away: `python -m bench.audience PORT CLIENTS TRANSPORT`.

Says "ready" once all of them play, and how many bytes each has received when its input ends.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys

PATH = "/main"
_HOST = "127.0.0.1"


class _Sink(asyncio.DatagramProtocol):
    """Counts what comes by UDP."""

    def __init__(self) -> None:
        self.octets = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002
        self.octets += len(data)


class Client:
    """One of the audience."""

    def __init__(self) -> None:
        self._octets = 0
        self._sink: _Sink | None = None
        self._writer: asyncio.StreamWriter | None = None

    @property
    def octets(self) -> int:
        """Bytes received so far."""
        return self._sink.octets if self._sink else self._octets

    async def play(self, port: int, transport: str) -> asyncio.StreamReader:
        """SETUP and PLAY; what comes on the connection from then on is to be read."""
        reader, writer = await asyncio.open_connection(_HOST, port)
        self._writer = writer
        url = f"rtsp://{_HOST}:{port}{PATH}"
        offer = "RTP/AVP/TCP;unicast;interleaved=0-1"
        if transport == "udp":
            loop = asyncio.get_running_loop()
            ear, self._sink = await loop.create_datagram_endpoint(_Sink, local_addr=(_HOST, 0))
            ear.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            bound = ear.get_extra_info("sockname")[1]
            offer = f"RTP/AVP;unicast;client_port={bound}-{bound + 1 if bound < 65535 else bound - 1}"
        writer.write(f"SETUP {url}/trackID=0 RTSP/1.0\r\nCSeq: 1\r\nTransport: {offer}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        session = head.partition("Session: ")[2].partition(";")[0]
        writer.write(f"PLAY {url} RTSP/1.0\r\nCSeq: 2\r\nSession: {session}\r\n\r\n".encode())
        await reader.readuntil(b"\r\n\r\n")
        return reader

    async def watch(self, reader: asyncio.StreamReader) -> None:
        """Read to the end."""
        while data := await reader.read(1 << 18):
            self._octets += len(data)


async def attend(port: int, clients: int, transport: str) -> list[int]:
    """Play with that many clients until the input ends; the bytes that each has received."""
    audience = [Client() for _ in range(clients)]
    tasks = [asyncio.create_task(one.watch(await one.play(port, transport))) for one in audience]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return [one.octets for one in audience]


def main() -> int:
    """Attend as the arguments say."""
    octets = asyncio.run(attend(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
    sys.stdout.write(json.dumps(octets) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
