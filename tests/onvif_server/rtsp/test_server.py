from __future__ import annotations

import asyncio
import hashlib
import socket
from collections.abc import Awaitable, Callable
from random import Random
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from onvif_server.rtsp import Limits, RtspServer
from vcam.base.clock import ManualClock
from vcam.base.errors import ServeError

if TYPE_CHECKING:
    from tests.onvif_server.rtsp.conftest import Client, Stage

    Start = Callable[..., Awaitable[Stage]]

UDP = "RTP/AVP;unicast;client_port=5000-5001"
RECEIVER_REPORT = bytes.fromhex("80c9000100000001")


async def digest_of(client: Client, packets: int) -> str:
    """SHA-256 of the first RTP packets that a client receives."""
    total = hashlib.sha256()
    while packets:
        channel, data = await client.frame()
        if channel == 0:
            total.update(data)
            packets -= 1
    return total.hexdigest()


async def test_twenty_clients_are_sent_the_same(stage: Start) -> None:
    one = await stage(secured=True)
    one.publish(1)
    clients = [await one.client() for _ in range(20)]
    for client in clients:
        await client.log_in()
        assert (await client.play()).status == 200
    assert one.server.clients == 20
    one.roll(clients=20, every=0.005)
    digests = await asyncio.gather(*(digest_of(client, 300) for client in clients))
    assert len(set(digests)) == 1


async def test_a_client_that_does_not_read_is_dropped_alone(stage: Start) -> None:
    one = await stage(limits=Limits(backlog=200_000))
    one.publish(1)
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        raw.connect(("127.0.0.1", one.port))
        raw.sendall(b"SETUP rtsp://a/main RTSP/1.0\r\nCSeq: 1\r\nTransport: RTP/AVP/TCP\r\n\r\n")
        raw.setblocking(False)
        head = await asyncio.get_running_loop().sock_recv(raw, 4096)
        session = head.decode().partition("Session: ")[2].partition(";")[0]
        raw.send(f"PLAY rtsp://a/main RTSP/1.0\r\nCSeq: 2\r\nSession: {session}\r\n\r\n".encode())
        await one.until(lambda: one.server.clients == 1)
        client = await one.client()
        await client.play()
        assert one.server.clients == 2
        reading = asyncio.create_task(digest_of(client, 5000))
        while one.server.clients == 2:
            one.publish(1)
            await asyncio.sleep(0)
        assert one.server.clients == 1
        while not reading.done():
            one.publish(1)
            await asyncio.sleep(0)
        assert await reading


async def test_there_is_an_end_to_the_number_of_clients(stage: Start) -> None:
    one = await stage(limits=Limits(clients=2))
    one.publish(1)
    clients = [await one.client() for _ in range(3)]
    await clients[0].play()
    await clients[1].play()
    refused = await clients[2].ask("SETUP", Transport="RTP/AVP/TCP")
    assert (refused.status, refused.body) == (503, b"There are too many clients\r\n")
    await clients[0].ask("TEARDOWN")
    assert (await clients[2].play()).status == 200


async def test_there_is_an_end_to_the_number_of_connections(stage: Start) -> None:
    one = await stage(limits=Limits(clients=1))
    for _ in range(18):
        await (await one.client()).ask("OPTIONS")
    crowd = await one.client()
    assert (await crowd.answer()).status == 503
    assert await crowd.ended()


async def test_silent_sessions_end_and_living_ones_do_not(stage: Start) -> None:
    clock = ManualClock()
    one = await stage(clock=clock)
    one.publish(1)
    silent, asking, reporting, distant = [await one.client() for _ in range(4)]
    for client in (silent, asking, reporting):
        await client.play()
    await distant.play(UDP)
    for _ in range(3):
        clock.advance(40)
        await asking.ask("GET_PARAMETER")
        await reporting.send(b"$\x01\x00\x08" + RECEIVER_REPORT)
        await reporting.ask("OPTIONS", "*")  # until this is answered the report may not have been read
        await distant.ask("OPTIONS")
        one.server.sweep()
    assert one.server.clients == 3
    assert await silent.ended()
    assert (await distant.ask("GET_PARAMETER")).status == 200


async def test_a_session_over_udp_outlives_its_connection_until_it_is_silent(stage: Start) -> None:
    clock = ManualClock()
    one = await stage(clock=clock)
    one.publish(1)
    client = await one.client()
    await client.play(UDP)
    other = await one.client()
    other.session = client.session
    client.writer.transport.abort()
    assert (await other.ask("GET_PARAMETER")).status == 200
    assert one.server.clients == 1
    clock.advance(61)
    one.server.sweep()
    assert one.server.clients == 0


async def test_strangers_do_not_stay(stage: Start) -> None:
    clock = ManualClock()
    one = await stage(secured=True, clock=clock)
    stranger = await one.client()
    await stranger.ask("OPTIONS")
    one.server.sweep()
    await stranger.ask("OPTIONS")
    clock.advance(16)
    one.server.sweep()
    assert await stranger.ended()


async def test_reports_come_in_time(stage: Start) -> None:
    clock = ManualClock()
    one = await stage(clock=clock)
    one.publish(1)
    client = await one.client()
    await client.play()
    for _ in range(4):
        clock.advance(2.5)
        one.server.sweep()
    await client.ask("OPTIONS")
    assert [channel for channel, _ in client.frames].count(1) == 3


async def test_clients_go_on_when_the_stream_comes_back(stage: Start) -> None:
    clock = ManualClock()
    one = await stage(clock=clock)
    one.publish(3)
    client = await one.client()
    await client.play()
    one.mount.interrupt()
    clock.advance(30)
    one.publish(1)  # not an IDR picture: it is not sent
    one.number = 0
    one.publish(2)
    await client.ask("OPTIONS")
    stamps = [int.from_bytes(data[4:8], "big") for channel, data in client.frames if channel == 0]
    numbers = [int.from_bytes(data[2:4], "big") for channel, data in client.frames if channel == 0]
    steps = sorted({(stamp - stamps[0]) % 2**32 for stamp in stamps})
    assert steps == [0, 3600, 7200, 7200 + 30 * 90_000, 10_800 + 30 * 90_000]
    assert [(number - numbers[0]) % 65_536 for number in numbers] == list(range(len(numbers)))


async def test_a_client_waits_for_an_idr_picture_when_none_is_kept(stage: Start) -> None:
    one = await stage()
    one.publish(3)
    one.mount.interrupt()
    client = await one.client()
    play = await client.play()
    assert play.get("rtp-info") == ""
    one.publish(7)
    await client.ask("OPTIONS")
    assert client.frames == []
    one.publish(1)
    assert (await client.frame())[0] == 1


async def test_an_address_in_use_is_an_error(stage: Start) -> None:
    one = await stage()
    with pytest.raises(ServeError, match=f"127.0.0.1 port {one.port}"):
        await RtspServer({}, None).start("127.0.0.1", one.port)


async def test_it_stops_in_the_middle_of_everything(stage: Start) -> None:
    one = await stage()
    clients = [await one.client() for _ in range(4)]
    waiting = asyncio.create_task(clients[0].ask("DESCRIBE"))
    await clients[1].ask("OPTIONS")
    await clients[2].send(b"DESCR")
    await clients[3].play(UDP)
    await one.server.stop()
    await one.server.stop()
    for client in clients[1:]:
        assert await client.ended()
    with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
        await waiting


async def test_no_request_brings_it_down(stage: Start) -> None:
    one = await stage(secured=True, limits=Limits(clients=200))
    one.publish(1)
    random = Random(5)
    fuzzing = await one.client()
    await fuzzing.log_in()
    assert (await fuzzing.ask("DESCRIBE")).status == 200
    whole = [
        fuzzing.text(method, f"{fuzzing.url}{track}", Transport=transport, Session="a")
        for method in ("OPTIONS", "DESCRIBE", "SETUP", "PLAY", "GET_PARAMETER")
        for track in ("", "/trackID=0")
        for transport in ("RTP/AVP/TCP;unicast;interleaved=0-1", UDP)
    ]
    whole += [
        f"{method} /main HTTP/1.0\r\nx-sessioncookie: {cookie}\r\nContent-Length: 9\r\n\r\nT1BUSU9OUyA=".encode()
        for method in ("GET", "POST")
        for cookie in ("a", "b")
    ]
    with capture_logs() as logs:
        for _ in range(400):
            client = await one.client()
            raw = bytearray(b"".join(random.choices(whole, k=3)))
            for _ in range(random.choice((0, 1, 5, 50))):
                at = random.randrange(len(raw))
                raw[at : at + random.randrange(3)] = random.randbytes(random.randrange(4))
            client.writer.write(raw)
            client.writer.write_eof()
            assert await client.ended()
    assert not [entry for entry in logs if entry["log_level"] == "error"]
    assert (await fuzzing.ask("DESCRIBE")).status == 200


async def test_it_serves_ipv6(stage: Start) -> None:
    one = await stage()
    one.publish(1)
    plain = await one.client()
    try:
        one.port = await one.server.start("::1", 0)
    except ServeError:
        pytest.skip("this machine has no IPv6")
    client = type(plain)(*await asyncio.open_connection("::1", one.port), url=f"rtsp://[::1]:{one.port}/main")
    described = await client.ask("DESCRIBE")
    assert described.get("content-base") == f"{client.url}/"
    assert b"IN IP6 ::1" in described.body
    assert (await client.play(UDP)).status == 200
    client.writer.transport.abort()
