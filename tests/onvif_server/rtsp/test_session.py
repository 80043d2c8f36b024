"""Sessions of several tracks, as a client sees them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest
from aiortc.rtp import RtcpByePacket, RtcpPacket, RtcpSrPacket, RtpPacket
from aiortc.sdp import SessionDescription

from onvif_server.rtsp.mount import LINGER, Mount
from onvif_server.rtsp.rtcp import ntp
from vcam.base.clock import ManualClock

if TYPE_CHECKING:
    from onvif_server.rtsp.metadata_track import MetadataTrack
    from tests.onvif_server.rtsp.conftest import Answer, Client, Stage

    Start = Callable[..., Awaitable[Stage]]

NOW = 1_700_000_000_000_000
DOCUMENT = b"<tt:MetadataStream>" + b"x" * 3000 + b"</tt:MetadataStream>"


def metadata(one: Stage) -> MetadataTrack:
    assert one.mount.metadata is not None
    return one.mount.metadata


async def set_up(client: Client, *tracks: int) -> list[Answer]:
    return [
        await client.ask(
            "SETUP",
            f"{client.url}/trackID={track}",
            Transport=f"RTP/AVP/TCP;unicast;interleaved={2 * track}-{2 * track + 1}",
        )
        for track in tracks
    ]


async def frames(client: Client, channel: int, count: int) -> list[bytes]:
    """The next frames of one channel; those of others go by."""
    found: list[bytes] = []
    while len(found) < count:
        at, data = await client.frame()
        if at == channel:
            found.append(data)
    return found


async def test_both_tracks_are_described(stage: Start) -> None:
    one = await stage(metadata=True)
    one.publish(1)
    client = await one.client()
    text = (await client.ask("DESCRIBE")).body.decode()
    parsed = SessionDescription.parse(text)
    assert (parsed.media[0].kind, parsed.media[0].fmt) == ("video", [96])
    assert (
        "m=application 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\na=control:trackID=1\r\n"
        in text
    )


async def test_both_tracks_play_together(stage: Start) -> None:
    one = await stage(metadata=True)
    one.publish(1)
    client = await one.client()
    video, xml = await set_up(client, 0, 1)
    assert (video.status, xml.status) == (200, 200)
    assert xml.get("transport").startswith("RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=")
    play = await client.ask("PLAY", f"{client.url}/")
    told = re.fullmatch(
        rf"url={client.url}/trackID=0;seq=(\d+);rtptime=(\d+), ?url={client.url}/trackID=1;seq=(\d+)",
        play.get("rtp-info").replace(",", ", "),
    )
    assert told is not None, play
    first = RtpPacket.parse((await frames(client, 0, 1))[0])
    assert (str(first.sequence_number), str(first.timestamp)) == (told[1], told[2])
    metadata(one).publish(DOCUMENT, NOW)
    packets = [RtpPacket.parse(data) for data in await frames(client, 2, 3)]
    assert b"".join(packet.payload for packet in packets) == DOCUMENT
    assert [packet.marker for packet in packets] == [0, 0, 1]
    assert str(packets[0].sequence_number) == told[3]
    assert f"{packets[0].ssrc:08X}" in xml.get("transport")


async def test_each_track_has_reports_of_its_own(stage: Start) -> None:
    one = await stage(metadata=True)
    one.publish(1)
    client = await one.client()
    await set_up(client, 0, 1)
    await client.ask("PLAY")
    metadata(one).publish(DOCUMENT, NOW)
    reports: dict[int, object] = {}
    while len(reports) < 2:
        channel, data = await client.frame()
        if channel in {1, 3}:
            reports[channel] = RtcpPacket.parse(data)[0]
    video, xml = reports[1], reports[3]
    assert isinstance(video, RtcpSrPacket)
    assert isinstance(xml, RtcpSrPacket)
    assert video.ssrc == one.mount.video.ssrc
    assert xml.ssrc == metadata(one).ssrc
    assert xml.sender_info.ntp_timestamp == ntp(NOW)
    assert (await client.ask("TEARDOWN")).status == 200
    byes = [RtcpPacket.parse(data)[-1] for channel, data in client.frames if channel in {1, 3}]
    assert not byes
    last = [RtcpPacket.parse((await frames(client, channel, 1))[0])[-1] for channel in (1, 3)]
    assert all(isinstance(packet, RtcpByePacket) for packet in last)


async def test_video_alone_costs_no_metadata(stage: Start) -> None:
    one = await stage(metadata=True)
    one.publish(1)
    client = await one.client()
    await set_up(client, 0)
    await client.ask("PLAY")
    before = metadata(one).sequence
    metadata(one).publish(DOCUMENT, NOW)
    assert (metadata(one).wanted, metadata(one).sequence) == (False, before)
    await client.ask("OPTIONS")
    assert {channel for channel, _ in client.frames} == {0, 1}


async def test_metadata_may_be_had_alone(stage: Start) -> None:
    one = await stage(metadata=True)
    one.publish(1)
    client = await one.client()
    await set_up(client, 1)
    assert (await client.ask("PLAY", f"{client.url}/trackID=1")).status == 200
    one.publish(3)
    metadata(one).publish(b"<a/>", NOW)
    assert (await frames(client, 2, 1))[0][12:] == b"<a/>"
    assert not one.mount.video.wanted


async def test_tracks_are_set_up_one_by_one_and_played_together(stage: Start) -> None:
    one = await stage(metadata=True)
    one.publish(1)
    client = await one.client()
    assert (await client.ask("SETUP", Transport="RTP/AVP/TCP")).status == 459
    await set_up(client, 0, 1)
    for method in ("PLAY", "PAUSE", "TEARDOWN"):
        assert (await client.ask(method, f"{client.url}/trackID=1")).status == 460
    assert (await client.ask("PLAY")).status == 200
    assert (await client.ask("PAUSE")).status == 200
    assert (one.mount.video.wanted, metadata(one).wanted) == (False, False)
    assert (await client.ask("PLAY", Range="npt=0.000-")).status == 200
    refused = await client.ask("PLAY", Range="clock=20260101T000000Z-")
    assert (refused.status, one.server.clients) == (457, 1)


async def test_a_session_is_of_one_mount(stage: Start) -> None:
    one = await stage()
    one.publish(1)
    one.mounts["/sub"] = Mount(metadata=False)
    client = await one.client()
    await set_up(client, 0)
    other = one.url(credentials=False, path="/sub")
    assert (await client.ask("SETUP", f"{other}/trackID=0", Transport="RTP/AVP/TCP")).status == 459
    for method in ("PLAY", "PAUSE", "TEARDOWN"):
        assert (await client.ask(method, other)).status == 455


@pytest.mark.parametrize("transport", ["RTP/AVP/TCP;interleaved=0-1", "RTP/AVP;client_port=5000-5001"])
async def test_another_codec_sends_clients_away(stage: Start, transport: str) -> None:
    one = await stage()
    one.publish(1)
    client = await one.client()
    await client.play(transport)
    one.mount.change("mjpeg")
    assert await client.ended()
    assert one.server.clients == 0
    again = await one.client()
    waiting = asyncio.create_task(again.ask("DESCRIBE"))
    await asyncio.sleep(0)
    one.mount.change("h264")
    one.number = 0
    one.publish(1)
    assert b"H264/90000" in (await waiting).body


async def test_a_stream_is_demanded_from_describe_to_well_after_the_last_session(stage: Start) -> None:
    clock, demanded = ManualClock(), list[bool]()
    one = await stage(clock=clock)
    one.mount = one.mounts["/main"] = Mount(clock=clock, demand=demanded.append, metadata=False)
    client = await one.client()
    asked = asyncio.create_task(client.ask("DESCRIBE"))
    await one.until(lambda: demanded == [True])
    one.publish(1)
    assert (await asked).status == 200
    await client.play()
    clock.advance(50)
    one.server.sweep()
    await client.ask("TEARDOWN")
    clock.advance(LINGER - 1)
    one.server.sweep()
    assert demanded == [True]
    clock.advance(1)
    one.server.sweep()
    assert demanded == [True, False]
