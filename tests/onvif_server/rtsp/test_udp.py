"""Packets by UDP, to one client and to a group."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from onvif_server.rtsp.rtp import Burst, Numberer
from onvif_server.rtsp.udp import UdpCarrier

HOST = "127.0.0.1"


class Pair:
    """A client's pair of UDP ports."""

    def __init__(self) -> None:
        self.sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for one in self.sockets:
            one.setblocking(False)
            one.bind((HOST, 0))
        self.rtp, self.rtcp = self.sockets
        self.ports = (self.rtp.getsockname()[1], self.rtcp.getsockname()[1])

    async def receive(self, one: socket.socket) -> bytes:
        async with asyncio.timeout(20):
            return await asyncio.get_running_loop().sock_recv(one, 2000)


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    made = Pair()
    yield made
    for one in made.sockets:
        one.close()


def deaf(_data: bytes, _peer: str) -> None: ...


def burst(packets: int) -> Burst:
    return Numberer(96).burst([bytes([number % 256]) * 1200 for number in range(packets)], 0, 0, key=True)


async def test_udp_packets_come_from_the_ports_that_were_told(pair: Pair) -> None:
    heard: asyncio.Queue[tuple[bytes, str]] = asyncio.Queue()
    carrier = await UdpCarrier.open(HOST, HOST, pair.ports, lambda *said: heard.put_nowait(said))
    assert carrier.ports[0] % 2 == 0
    assert carrier.ports[1] == carrier.ports[0] + 1
    sent = burst(3)
    carrier.send(sent)
    assert [await pair.receive(pair.rtp) for _ in range(3)] == sent.packets
    carrier.control(b"report")
    assert await pair.receive(pair.rtcp) == b"report"
    pair.rtcp.sendto(b"alive", (HOST, carrier.ports[1]))
    assert await heard.get() == (b"alive", HOST)
    carrier.close()


async def test_others_are_not_heard(pair: Pair) -> None:
    heard: asyncio.Queue[tuple[bytes, str]] = asyncio.Queue()
    carrier = await UdpCarrier.open(HOST, HOST, pair.ports, lambda *said: heard.put_nowait(said))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.sendto(b"stranger", (HOST, carrier.ports[1]))
    pair.rtcp.sendto(b"alive", (HOST, carrier.ports[1]))
    assert await heard.get() == (b"alive", HOST)
    assert heard.empty()
    carrier.close()


async def test_a_large_picture_is_spread_over_time(pair: Pair) -> None:
    carrier = await UdpCarrier.open(HOST, HOST, pair.ports, deaf)
    sent = burst(600)  # many times what the receiver's buffer holds
    carrier.send(sent)
    assert [await pair.receive(pair.rtp) for _ in range(600)] == sent.packets
    carrier.close()


async def test_what_waits_is_forgotten_when_it_closes(pair: Pair) -> None:
    carrier = await UdpCarrier.open(HOST, HOST, pair.ports, deaf)
    carrier.send(burst(600))
    carrier.close()
    await asyncio.sleep(0.02)
    received = 0
    while True:
        try:
            pair.rtp.recv(2000)
        except BlockingIOError:
            break
        received += 1
    assert received < 100


async def test_a_client_that_is_gone_breaks_nothing(pair: Pair) -> None:
    carrier = await UdpCarrier.open(HOST, HOST, pair.ports, deaf)
    for one in pair.sockets:
        one.close()
    for _ in range(5):
        carrier.send(burst(2))
        carrier.control(b"report")
        await asyncio.sleep(0.01)
    carrier.close()


async def test_an_address_of_another_machine_cannot_be_bound(pair: Pair) -> None:
    with pytest.raises(OSError, match=r"[Cc]annot assign"):
        await UdpCarrier.open("192.0.2.1", HOST, pair.ports, deaf)
