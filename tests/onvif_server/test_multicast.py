"""The multicast socket, on the loopback."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import pytest

from onvif_server.interfaces import interfaces
from onvif_server.multicast import GROUP, PORT, Datagram, MulticastSocket
from vcam.base.errors import ServeError


@pytest.fixture
def joined() -> Iterator[MulticastSocket]:
    try:
        made = MulticastSocket(next(each for each in interfaces() if each.address == "127.0.0.1"))
    except ServeError as error:
        pytest.skip(str(error))
    yield made
    made.close()


@pytest.fixture
def peer() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(5)
        yield sock


async def _arrived(joined: MulticastSocket, limit: int = 100) -> Datagram | None:
    ready = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(joined, ready.set)
    try:
        await asyncio.wait_for(ready.wait(), 5)
    finally:
        loop.remove_reader(joined)
    return joined.receive(limit)


async def test_a_question_tells_where_it_came_in(joined: MulticastSocket, peer: socket.socket) -> None:
    peer.sendto(b"hello", (GROUP, PORT))
    assert await _arrived(joined) == Datagram(b"hello", peer.getsockname(), joined.index)
    assert joined.receive(100) is None


async def test_long_datagrams_are_cut(joined: MulticastSocket, peer: socket.socket) -> None:
    peer.sendto(b"x" * 5000, (GROUP, PORT))
    found = await _arrived(joined, 10)
    assert found is not None
    assert found.data == b"x" * 10


def test_an_answer_leaves_from_the_address_asked_for(joined: MulticastSocket, peer: socket.socket) -> None:
    joined.send(b"here", peer.getsockname(), "127.0.0.5")
    assert peer.recvfrom(100) == (b"here", ("127.0.0.5", PORT))


def test_what_cannot_be_sent_is_lost(joined: MulticastSocket, peer: socket.socket) -> None:
    joined.send(b"x" * 70_000, peer.getsockname(), "127.0.0.1")
    joined.send(b"x", peer.getsockname(), "192.0.2.77")


def test_two_programs_may_listen(joined: MulticastSocket) -> None:
    MulticastSocket(next(each for each in interfaces() if each.address == "127.0.0.1")).close()
