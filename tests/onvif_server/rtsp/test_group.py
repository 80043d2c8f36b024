"""Multicast on the loopback: clients that join the group there, and the one sender for all of them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterator
from itertools import count
from typing import TYPE_CHECKING

import pytest
from aiortc.rtp import RtcpByePacket, RtcpPacket, RtpPacket

from onvif_server.rtsp import Multicast
from vcam.base.clock import ManualClock
from vcam.base.errors import ServeError

if TYPE_CHECKING:
    from tests.onvif_server.rtsp.conftest import Answer, Client, Stage

    Start = Callable[..., Awaitable[Stage]]

HOST = "127.0.0.1"
TRANSPORT = "RTP/AVP;multicast"
RECEIVER_REPORT = bytes.fromhex("80c9000100000001")
_LAST = count(1)


class Ears:
    """A member of the group on the loopback, for RTP and RTCP."""

    def __init__(self, place: Multicast) -> None:
        self.rtp, self.rtcp = (self._join(place.address, port) for port in place.ports)

    @staticmethod
    def _join(address: str, port: int) -> socket.socket:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(HOST))
        made.bind((address, port))
        made.setsockopt(
            socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(address) + socket.inet_aton(HOST)
        )
        return made

    async def packets(self, number: int) -> list[RtpPacket]:
        async with asyncio.timeout(20):
            return [RtpPacket.parse(await self._receive(self.rtp)) for _ in range(number)]

    async def reports(self, number: int) -> list[object]:
        async with asyncio.timeout(20):
            return [RtcpPacket.parse(await self._receive(self.rtcp))[-1] for _ in range(number)]

    @staticmethod
    async def _receive(one: socket.socket) -> bytes:
        return await asyncio.get_running_loop().sock_recv(one, 2000)

    def silent(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            self.rtp.recv(2000)
            return False
        return True

    def close(self) -> None:
        self.rtp.close()
        self.rtcp.close()


@pytest.fixture
def place() -> Multicast:
    """A group that no other test uses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1] & ~1
    return Multicast(f"239.255.77.{next(_LAST)}", max(port, 1024), 3)


@pytest.fixture
def ears(place: Multicast) -> Iterator[Ears]:
    made = Ears(place)
    yield made
    made.close()


async def played(client: Client) -> Answer:
    setup = await client.ask("SETUP", f"{client.url}/trackID=0", Transport=TRANSPORT)
    assert setup.status == 200
    assert (await client.ask("PLAY")).status == 200
    return setup


async def test_the_server_tells_where_it_sends(stage: Start, place: Multicast, ears: Ears) -> None:
    one = await stage()
    one.mount.multicast = place
    one.publish(2)
    setup = await played(await one.client())
    assert setup.get("transport") == (
        f"RTP/AVP;multicast;destination={place.address};source={HOST};port={place.port}-{place.port + 1};ttl=3"
        f";ssrc={one.mount.video.ssrc:08X}"
    )
    start = one.mount.video.start(None)
    assert start is not None
    packets = await ears.packets(sum(len(burst.packets) for burst in start.bursts))
    assert (packets[0].ssrc, packets[0].sequence_number) == (
        one.mount.video.ssrc,
        start.bursts[0].sequence & 0xFFFF,
    )
    await ears.reports(1)


async def test_one_sender_serves_them_all(stage: Start, place: Multicast, ears: Ears) -> None:
    one = await stage()
    one.mount.multicast = place
    one.publish(1)
    clients = [await one.client() for _ in range(3)]
    for client in clients:
        await played(client)
    assert len(one.server._service.groups) == 1
    one.publish(3)
    start = one.mount.video.start(None)
    assert start is not None
    sent = sum(len(burst.packets) for burst in start.bursts)
    numbers = [packet.sequence_number for packet in await ears.packets(sent)]
    assert numbers == [(start.bursts[0].sequence + step) & 0xFFFF for step in range(sent)]
    await clients[0].ask("PAUSE")
    await clients[1].ask("TEARDOWN")
    one.publish(1)
    await ears.packets(1)
    await clients[2].ask("PAUSE")
    assert not one.mount.video.wanted
    await clients[2].ask("TEARDOWN")
    await clients[0].ask("TEARDOWN")
    assert isinstance((await ears.reports(2))[-1], RtcpByePacket)
    assert len(one.server._service.groups) == 0


async def test_reports_keep_sessions_alive(stage: Start, place: Multicast, ears: Ears) -> None:
    clock = ManualClock()
    one = await stage(clock=clock)
    one.mount.multicast = place
    one.publish(1)
    await played(await one.client())
    await ears.reports(1)
    for _ in range(3):
        clock.advance(40)
        ears.rtcp.sendto(RECEIVER_REPORT, (place.address, place.ports[1]))
        [session] = one.server._sessions._all.values()
        await one.until(lambda session=session: session.silent() == 0)  # type: ignore[misc]
        one.server.sweep()
    assert one.server.clients == 1
    clock.advance(61)
    one.server.sweep()
    assert (one.server.clients, len(one.server._service.groups)) == (0, 0)


@pytest.mark.parametrize("transport", ["RTP/AVP/TCP;multicast", TRANSPORT])
async def test_without_a_group_there_is_no_multicast(stage: Start, place: Multicast, transport: str) -> None:
    one = await stage()
    if "TCP" in transport:
        one.mount.multicast = place
    one.publish(1)
    client = await one.client()
    assert (await client.ask("SETUP", f"{client.url}/trackID=0", Transport=transport)).status == 461


async def test_it_can_be_sent_without_being_asked(stage: Start, place: Multicast, ears: Ears) -> None:
    one = await stage()
    one.mount.multicast = place
    one.publish(1)
    for _ in range(2):
        await one.server.multicast("/main", True, local=HOST)
    await ears.packets(1)
    client = await one.client()
    await played(client)
    await one.server.multicast("/main", False)
    assert one.mount.video.wanted
    await client.ask("TEARDOWN")
    assert not one.mount.video.wanted
    await one.server.multicast("/main", False)


async def test_another_codec_ends_it(stage: Start, place: Multicast, ears: Ears) -> None:
    one = await stage()
    one.mount.multicast = place
    one.publish(1)
    await one.server.multicast("/main", True, local=HOST)
    one.mount.change("mjpeg")
    assert len(one.server._service.groups) == 0
    await one.server.multicast("/main", True, local=HOST)
    await one.server.stop()
    assert len(one.server._service.groups) == 0


async def test_what_cannot_be_sent_is_named(stage: Start, place: Multicast) -> None:
    one = await stage()
    with pytest.raises(ServeError, match="/other"):
        await one.server.multicast("/other", True)
    with pytest.raises(ServeError, match="no multicast address"):
        await one.server.multicast("/main", True)
    one.mount.multicast = place
    with pytest.raises(ServeError, match="cannot be sent"):
        await one.server.multicast("/main", True, local="192.0.2.1")
    assert len(one.server._service.groups) == 0
