from __future__ import annotations

from aiortc.sdp import SessionDescription

from onvif_server.rtsp.sdp import Media, describe

VIDEO = Media("video", 96, "H264/90000", "packetization-mode=1;profile-level-id=42C028", "trackID=0")


def test_another_parser_reads_it() -> None:
    text = describe("North gate\r\na=evil", "192.0.2.7", 3, [VIDEO])
    parsed = SessionDescription.parse(text)
    assert parsed.name == "North gate a=evil"
    assert parsed.origin == "- 3 3 IN IP4 192.0.2.7"
    [video] = parsed.media
    assert (video.kind, video.profile, video.fmt, video.direction) == ("video", "RTP/AVP", [96], "recvonly")
    [codec] = video.rtp.codecs
    assert (codec.mimeType, codec.clockRate) == ("video/H264", 90_000)
    assert codec.parameters == {"packetization-mode": "1", "profile-level-id": "42C028"}


def test_lines_end_as_they_must() -> None:
    text = describe("", "fe80::1%eth0", 0, [VIDEO])
    assert text.startswith("v=0\r\no=- 0 0 IN IP6 fe80::1\r\ns=-\r\nc=IN IP6 ::\r\n")
    assert text.endswith("a=control:trackID=0\r\na=recvonly\r\n")
    assert text.count("\n") == text.count("\r\n")
