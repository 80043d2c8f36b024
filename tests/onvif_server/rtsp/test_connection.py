"""The protocol as a client sees it, request by request."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest
from aiortc.rtp import RtcpByePacket, RtcpPacket, RtcpSrPacket, RtpPacket

from onvif_server.lockout import FREE
from onvif_server.rtsp import Limits
from onvif_server.rtsp.rtcp import ntp
from vcam.base.clock import ManualClock

if TYPE_CHECKING:
    from tests.onvif_server.rtsp.conftest import Client, Stage

    Start = Callable[..., Awaitable[Stage]]

TCP = "RTP/AVP/TCP;unicast;interleaved=0-1"


async def rtp(client: Client, count: int) -> list[RtpPacket]:
    """The next RTP packets on channel 0."""
    packets: list[RtpPacket] = []
    while len(packets) < count:
        channel, data = await client.frame()
        if channel == 0:
            packets.append(RtpPacket.parse(data))
    return packets


async def test_a_session_from_options_to_teardown(stage: Start) -> None:
    one = await stage(secured=True)
    one.publish(3)
    client = await one.client()
    options = await client.ask("OPTIONS", "*")
    assert options.status == 200
    assert {"DESCRIBE", "SETUP", "PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER"} <= set(
        options.get("public").split(", ")
    )
    refused = await client.ask("DESCRIBE")
    assert refused.status == 401
    assert [value.partition("algorithm=")[2].split(",")[0] for value in client.challenges] == ["SHA-256", "MD5"]
    client.credentials = "nvr", "correct horse"
    described = await client.ask("DESCRIBE", Accept="application/sdp")
    assert (described.status, described.get("content-type")) == (200, "application/sdp")
    assert described.get("content-base") == f"{one.url(credentials=False)}/"
    assert b"sprop-parameter-sets=" in described.body
    setup = await client.ask("SETUP", f"{client.url}/trackID=0", Transport=TCP)
    assert setup.get("session").endswith(";timeout=60")
    assert setup.get("transport").startswith("RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=")
    play = await client.ask("PLAY")
    [first] = await rtp(client, 1)
    assert play.get("rtp-info") == (
        f"url={client.url}/trackID=0;seq={first.sequence_number};rtptime={first.timestamp}"
    )
    assert f"{first.ssrc:08X}" in setup.get("transport")
    assert (await client.ask("GET_PARAMETER")).status == 200
    assert (await client.ask("SET_PARAMETER")).status == 200
    assert (await client.ask("TEARDOWN")).status == 200
    assert one.server.clients == 0
    assert (await client.ask("PLAY")).status == 454


async def test_reports_map_pictures_to_the_time_of_their_capture(stage: Start) -> None:
    one = await stage()
    one.publish(4)
    client = await one.client()
    await client.play()
    channel, data = await client.frame()
    assert channel == 1
    report = RtcpPacket.parse(data)[0]
    assert isinstance(report, RtcpSrPacket)
    packets = await rtp(client, 20)
    assert report.sender_info.rtp_timestamp == packets[0].timestamp
    assert report.sender_info.ntp_timestamp == ntp(one.film.unit(0).time)


async def test_wrong_credentials_are_refused_and_soon_shown_the_door(stage: Start) -> None:
    one = await stage(secured=True, limits=Limits(wrong_passwords=3))
    one.publish(1)
    client = await one.client()
    await client.ask("DESCRIBE")
    client.credentials = "nvr", "wrong"
    for _ in range(3):
        assert (await client.ask("DESCRIBE")).status == 401
    assert await client.ended()


async def test_who_guesses_must_wait_even_with_the_right_password(stage: Start) -> None:
    clock = ManualClock()
    one = await stage(secured=True, clock=clock)
    one.publish(1)
    neighbour = await one.client()
    await neighbour.log_in()
    assert (await neighbour.ask("DESCRIBE")).status == 200
    for _ in range(FREE + 1):
        client = await one.client()
        await client.log_in(password="guess")
        await client.ask("DESCRIBE")
    client = await one.client()
    client.credentials, client.challenges = neighbour.credentials, neighbour.challenges
    refused = await client.ask("DESCRIBE")
    assert (refused.status, refused.get("retry-after")) == (503, "1")
    assert (await neighbour.ask("DESCRIBE")).status == 200
    clock.advance(1)
    await client.log_in()
    assert (await client.ask("DESCRIBE")).status == 200


async def test_who_is_no_user_any_more_is_sent_nothing_more(stage: Start) -> None:
    clock = ManualClock()
    one = await stage(secured=True, clock=clock)
    one.publish(3)
    client, other = await one.client(), await one.client()
    for each, name in ((client, "nvr"), (other, "viewer")):
        one.users[name] = "correct horse"
        await each.log_in(name)
        assert (await each.play()).status == 200
    del one.users["viewer"]
    assert (await other.ask("GET_PARAMETER")).status == 401
    one.server.sweep()
    assert one.server.clients == 1
    assert (await client.ask("GET_PARAMETER")).status == 200


async def test_a_track_that_cannot_be_set_up_anew_keeps_its_channels(stage: Start) -> None:
    one = await stage()
    one.publish(3)
    client = await one.client()
    assert (await client.ask("SETUP", f"{client.url}/trackID=0", Transport=TCP)).status == 200
    assert (await client.ask("SETUP", f"{client.url}/trackID=0", Transport=f"{TCP};mode=record")).status == 461
    first, client.session = client.session, ""
    assert (await client.ask("SETUP", f"{client.url}/trackID=0", Transport=TCP)).status == 461
    client.session = first
    assert (await client.ask("SETUP", f"{client.url}/trackID=0", Transport=TCP)).status == 200
    assert (await client.ask("PLAY")).status == 200
    client.writer.close()
    await one.until(lambda: one.server.clients == 0)


async def test_who_may_look_does_not_guess_at_another_password_for_nothing(stage: Start) -> None:
    one = await stage(secured=True, clock=ManualClock(), limits=Limits(wrong_passwords=2))
    one.publish(1)
    answers = []
    for guess in range(FREE + 2):
        client = await one.client()
        await client.log_in()
        assert (await client.ask("DESCRIBE")).status == 200
        await client.log_in("admin", str(guess))
        answers.append((await client.ask("DESCRIBE")).status)
    assert answers[0] == 401
    assert answers[-1] == 503


@pytest.mark.parametrize("method", ["DESCRIBE", "SETUP", "PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER"])
async def test_nothing_is_told_to_strangers(stage: Start, method: str) -> None:
    one = await stage(secured=True)
    one.publish(1)
    client = await one.client()
    for uri in (client.url, one.url(credentials=False, path="/no-such-stream")):
        answer = await client.ask(method, uri, Transport=TCP)
        assert (answer.status, answer.body) == (401, b"")


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("RECORD", {}, 405),
        ("ANNOUNCE", {}, 405),
        ("BREW", {}, 501),
        ("DESCRIBE", {"Accept": "text/html"}, 406),
        ("DESCRIBE", {"Require": "onvif-replay"}, 551),
        ("OPTIONS", {"Proxy-Require": "x"}, 551),
        ("SETUP", {}, 461),
        ("SETUP", {"Transport": "RTP/AVP;multicast"}, 461),
        ("SETUP", {"Transport": "RTP/AVP/TCP;mode=record"}, 461),
        ("SETUP", {"Transport": "RTP/AVP;unicast;client_port=5000-5001;destination=192.0.2.9"}, 461),
        ("SETUP", {"Transport": TCP, "Session": "unknown"}, 454),
        ("PLAY", {}, 454),
        ("PAUSE", {"Session": "0" * 32}, 454),
        ("TEARDOWN", {}, 454),
    ],
)
async def test_requests_that_cannot_be_granted(
    stage: Start, method: str, headers: dict[str, str], status: int
) -> None:
    one = await stage()
    one.publish(1)
    client = await one.client()
    answer = await client.ask(method, **headers)
    assert answer.status == status
    if status == 551:
        assert answer.get("unsupported") in headers.values()
    client.session = ""
    assert (await client.ask("DESCRIBE")).status == 200


async def test_parameters_are_not_understood(stage: Start) -> None:
    one = await stage()
    client = await one.client()
    await client.send(b"GET_PARAMETER rtsp://a/main RTSP/1.0\r\nCSeq: 3\r\nContent-Length: 8\r\n\r\nposition")
    assert (await client.answer()).status == 451


async def test_a_stream_without_pictures_is_not_described(stage: Start) -> None:
    one = await stage(limits=Limits(describe_wait=0.05))
    client = await one.client()
    answer = await client.ask("DESCRIBE")
    assert (answer.status, answer.body) == (503, b"The camera has sent no picture yet\r\n")
    assert (await client.ask("DESCRIBE", one.url(credentials=False, path="/other"))).status == 404


async def test_describe_waits_for_the_first_picture(stage: Start) -> None:
    one = await stage()
    client = await one.client()
    asked = asyncio.create_task(client.ask("DESCRIBE"))
    await asyncio.sleep(0.05)
    one.publish(1)
    assert (await asked).status == 200


async def test_pipelined_requests_are_answered_in_order(stage: Start) -> None:
    one = await stage()
    one.publish(1)
    client = await one.client()
    await client.send(b"".join(client.text("OPTIONS", client.url) for _ in range(50)))
    assert [(await client.answer()).get("cseq") for _ in range(50)] == [str(number + 1) for number in range(50)]


async def test_a_request_may_come_byte_by_byte(stage: Start) -> None:
    one = await stage()
    one.publish(1)
    client = await one.client()
    for byte in client.text("DESCRIBE", client.url):
        await client.send(bytes([byte]))
    assert (await client.answer()).status == 200


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"\x16\x03\x01garbage\n", b"400"),
        (b"DESCRIBE " + b"a" * 70_000, b"414"),
        (b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n" + b"X: y\r\n" * 1000, b"400"),
        (b"PUT / HTTP/1.1\r\nHost: a\r\n\r\n", b"505"),
        (b"OPTIONS * RTSP/1.0\r\n\r\n", b"400"),
    ],
)
async def test_garbage_is_answered_and_the_connection_closed(stage: Start, raw: bytes, status: bytes) -> None:
    one = await stage()
    client = await one.client()
    client.writer.write(raw)
    async with asyncio.timeout(20):
        assert (await client.reader.readline()).startswith(b"RTSP/1.0 " + status)
    assert await client.ended()


async def test_pause_and_play_miss_nothing_within_a_gop(stage: Start) -> None:
    one = await stage()
    one.publish(1)
    client = await one.client()
    await client.play()
    started = one.mount.video.start(None)
    assert started is not None
    first = await rtp(client, len(started.bursts[0].packets))
    assert (await client.ask("PAUSE")).status == 200
    assert one.server.clients == 0
    one.publish(3)
    play = await client.ask("PLAY")
    expected = (first[-1].sequence_number + 1) % 65_536
    assert f"seq={expected};" in play.get("rtp-info")
    [packet] = await rtp(client, 1)
    assert packet.sequence_number == expected
    assert (await client.ask("PLAY")).status == 200


async def test_setup_while_playing_is_out_of_order(stage: Start) -> None:
    one = await stage()
    one.publish(1)
    client = await one.client()
    await client.play()
    assert (await client.ask("SETUP", Transport="RTP/AVP/TCP;interleaved=2-3")).status == 455


async def test_a_track_may_be_set_up_anew(stage: Start) -> None:
    one = await stage()
    one.publish(1)
    client = await one.client()
    for _ in range(3):
        assert (await client.ask("SETUP", Transport=TCP)).status == 200
    client.session = ""
    assert (await client.ask("SETUP", Transport=TCP)).status == 461
    other = await client.ask("SETUP", Transport="RTP/AVP/TCP")
    assert "interleaved=2-3" in other.get("transport")


async def test_sessions_belong_to_their_host(stage: Start) -> None:
    one = await stage()
    one.publish(1)
    client = await one.client()
    await client.ask("SETUP", Transport="RTP/AVP;client_port=5000-5001")
    with socket.socket() as raw:
        raw.setblocking(False)
        raw.bind(("127.0.0.2", 0))
        loop = asyncio.get_running_loop()
        await loop.sock_connect(raw, ("127.0.0.1", one.port))
        await loop.sock_sendall(raw, client.text("TEARDOWN", client.url))
        assert b"454" in await loop.sock_recv(raw, 1000)
    assert (await client.ask("TEARDOWN")).status == 200


async def test_the_end_of_a_connection_ends_what_it_carries(stage: Start) -> None:
    one = await stage()
    one.publish(1)
    client = await one.client()
    await client.play()
    assert one.server.clients == 1
    client.writer.transport.abort()
    await one.until(lambda: one.server.clients == 0)


async def test_farewell_when_the_server_stops(stage: Start) -> None:
    one = await stage()
    one.publish(1)
    client = await one.client()
    await client.play()
    await one.server.stop()
    frames = await client.rest()
    assert frames[-1][0] == 1
    assert isinstance(RtcpPacket.parse(frames[-1][1])[-1], RtcpByePacket)
