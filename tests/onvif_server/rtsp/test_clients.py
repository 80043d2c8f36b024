"""Clients that nobody here wrote receive exactly the pictures that were published."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections.abc import Awaitable, Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import av
import cv2
import numpy as np
import pytest
from av.codec.context import CodecContext
from av.error import FFmpegError
from av.video.frame import VideoFrame

from vcam.base.media import MaskedUnit

if TYPE_CHECKING:
    from tests.onvif_server.rtsp.conftest import Film, Gst, Run, Stage

    Start = Callable[..., Awaitable[Stage]]

SECONDS = int(os.environ.get("GARIM_INTEROP_SECONDS", "0"))
"""How long each client receives, at 25 pictures a second; 0 for as few and as fast as will do."""
FRAMES = 25 * SECONDS or 45
EVERY = 0.04 if SECONDS else 0.01
SIZE = 320 * 192 * 3 // 2

PASSWORD = "correct horse"

transports = pytest.mark.parametrize("transport", ["tcp", "udp", "http"])


def digests(raw: bytes) -> list[str]:
    """SHA-256 of each raw picture."""
    return [hashlib.sha256(raw[at : at + SIZE]).hexdigest() for at in range(0, len(raw), SIZE)]


def played(film: Film, count: int) -> list[str]:
    return [film.digests[number % len(film.digests)] for number in range(count)]


@transports
async def test_ffmpeg(stage: Start, run: Run, film: Film, transport: str) -> None:
    one = await stage(secured=True, metadata=True)
    one.roll(every=EVERY)
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-rtsp_transport",
        transport,
        "-i",
        one.url(),
        "-fps_mode",
        "passthrough",
    ]
    code, out, errors = await run(*command, "-frames:v", str(FRAMES), "-f", "rawvideo", "-")
    assert (code, errors) == (0, "")
    assert digests(out) == played(film, FRAMES)


@pytest.mark.parametrize("transport", ["tcp", "http"])
async def test_a_users_name_may_be_in_hangul(stage: Start, run: Run, transport: str) -> None:
    one = await stage(secured=True)
    one.roll()
    url = one.url().replace("nvr", quote("관제실"))
    command = ["ffmpeg", "-v", "error", "-rtsp_transport", transport, "-i", url]
    code, out, errors = await run(*command, "-frames:v", "1", "-f", "rawvideo", "-")
    assert (code, errors) == (0, "")
    assert len(out) == SIZE


@transports
async def test_gstreamer(stage: Start, gst: Gst, film: Film, transport: str, tmp_path: Path) -> None:
    one = await stage(secured=True, metadata=True)
    one.roll(every=max(EVERY, 0.02))
    file = tmp_path / "frames"
    # It tunnels interleaved streams only, and only where the scheme says so.
    scheme, protocols = ("rtsph", "tcp+http") if transport == "http" else ("rtsp", transport)
    url = one.url(credentials=False).replace("rtsp", scheme)
    pipeline = (
        f"rtspsrc location={url} user-id=nvr user-pw=@ protocols={protocols} ! "
        "rtph264depay ! h264parse ! avdec_h264 max-threads=1 ! video/x-raw,format=I420 ! "
        f"identity eos-after={FRAMES} ! filesink location={file}"
    )
    words = ["correct horse".join(word.split("@")) if "user-pw" in word else word for word in pipeline.split()]
    assert await gst(*words) == ""
    received = digests(file.read_bytes())
    assert len(received) >= FRAMES - 1
    assert received == played(film, len(received))


async def test_the_tunnel_enters_by_the_web_port(
    stage: Start, film: Film, run: Run, gst: Gst, build: Any
) -> None:
    one = await stage(secured=True, metadata=True)
    made = build(tunnel=one.server.adopt)
    one.port = await made.device.start("127.0.0.1", 0)
    one.roll(every=EVERY)
    command = ["ffmpeg", "-v", "error", "-rtsp_transport", "http", "-i", one.url(), "-fps_mode", "passthrough"]
    code, out, errors = await run(*command, "-frames:v", str(FRAMES), "-f", "rawvideo", "-")
    assert (code, errors) == (0, "")
    assert digests(out) == played(film, FRAMES)
    words = f"location={one.url(credentials=False)} user-id=nvr user-pw=@ protocols=tcp+http".split()
    words = [word.replace("@", PASSWORD).replace("=rtsp:", "=rtsph:") for word in words]
    file = ["identity", "eos-after=60", "!", "fakesink"]
    assert await gst("rtspsrc", *words, "!", "rtph264depay", "!", *file) == ""
    await one.server.stop()
    await made.device.stop()


@transports
async def test_pyav(stage: Start, film: Film, transport: str) -> None:
    one = await stage(secured=True, metadata=True)
    one.roll(every=EVERY)

    def receive() -> list[tuple[int, str]]:
        options = {"rtsp_transport": transport, "timeout": "10000000"}
        with av.open(one.url(), options=options) as container:
            stream = container.streams.video[0]
            stream.codec_context.thread_count = 1
            frames = zip(range(FRAMES), container.decode(stream), strict=False)
            return [
                (frame.pts or 0, hashlib.sha256(frame.to_ndarray().tobytes()).hexdigest())
                for _, frame in frames
            ]

    received = await asyncio.to_thread(receive)
    assert [digest for _, digest in received] == played(film, FRAMES)
    # The first packet's pts is not known to FFmpeg before it has seen a report and a picture.
    assert [pts - received[1][0] for pts, _ in received[1:]] == [3600 * number for number in range(FRAMES - 1)]


async def test_ffprobe_tells_what_is_served(stage: Start, run: Run) -> None:
    one = await stage(secured=True)
    one.roll(every=EVERY)
    entries = "stream=codec_name,profile,width,height,r_frame_rate"
    code, out, errors = await run(
        "ffprobe", "-v", "error", "-show_entries", entries, "-of", "csv=p=0", one.url()
    )
    assert (code, errors) == (0, "")
    assert out.decode().strip() == "h264,Constrained Baseline,320,192,25/1"


async def test_ffmpeg_is_refused_with_a_wrong_password(stage: Start, run: Run) -> None:
    one = await stage(secured=True)
    one.publish(1)
    url = one.url(credentials=False).replace("rtsp://", "rtsp://nvr:wrong@")
    code, _, errors = await run("ffprobe", "-v", "error", url)
    assert code != 0
    assert "401 Unauthorized" in errors


async def test_pyav_is_refused_without_a_password(stage: Start) -> None:
    one = await stage(secured=True)
    one.publish(1)
    with pytest.raises(FFmpegError, match=r"(?i)unauthorized"):
        await asyncio.to_thread(av.open, one.url(credentials=False), options={"timeout": "10000000"})


async def test_another_size_is_followed(stage: Start, film: Film, tmp_path: Path) -> None:
    one = await stage()
    smaller = type(film)(160, 96)
    one.publish(10)

    async def change() -> None:
        while one.server.clients == 0:
            await asyncio.sleep(0.01)
        one.publish(10)
        one.film, one.number = smaller, 0
        while True:
            one.publish(1)
            await asyncio.sleep(0.01)

    def receive() -> list[tuple[int, str]]:
        with av.open(one.url(), options={"rtsp_transport": "tcp", "timeout": "10000000"}) as container:
            container.streams.video[0].codec_context.thread_count = 1
            frames = zip(range(40), container.decode(video=0), strict=False)
            return [
                (frame.width, hashlib.sha256(frame.to_ndarray().tobytes()).hexdigest()) for _, frame in frames
            ]

    changing = asyncio.create_task(change())
    received = await asyncio.to_thread(receive)
    changing.cancel()
    assert received == [(320, digest) for digest in film.digests[:20]] + [
        (160, digest) for digest in smaller.digests[:20]
    ]


class Reel:
    """A film in H.265."""

    def __init__(self) -> None:
        encoder = CodecContext.create("libx265", "w")
        encoder.width, encoder.height, encoder.pix_fmt = 320, 192, "yuv420p"
        encoder.time_base = Fraction(1, 25)
        encoder.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "x265-params": "log-level=none:pools=none:frame-threads=1:keyint=10:min-keyint=10:repeat-headers=1",
            "crf": "12",
        }
        packets = []
        for index in range(50):
            frame = VideoFrame(320, 192, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes((index * 3 + at * at // 97) % 200 for at in range(plane.buffer_size)))
            frame.pts = index
            packets += encoder.encode(frame)
        packets += encoder.encode(None)
        self.data = [(bytes(packet), packet.is_keyframe) for packet in packets]

    def unit(self, number: int) -> MaskedUnit:
        data, key = self.data[number % len(self.data)]
        return MaskedUnit(data, number * 3600, number * 3600, number * 40_000, key, number, 320, 192)


async def test_h265(stage: Start, run: Run, film: Film) -> None:
    reel = Reel()
    one = await stage(codec="h265", film=reel)
    one.roll(every=EVERY)
    command = ["ffmpeg", "-v", "error", "-rtsp_transport", "tcp", "-i", one.url(), "-fps_mode", "passthrough"]
    code, out, errors = await run(*command, "-frames:v", "30", "-f", "rawvideo", "-")
    assert (code, errors) == (0, "")
    assert digests(out) == film.decoded((data for data, _ in reel.data), "hevc")[:30]


async def test_ffmpeg_receives_the_metadata(stage: Start, run: Run) -> None:
    one = await stage(metadata=True)
    one.roll(every=EVERY)
    command = ["ffmpeg", "-v", "error", "-rtsp_transport", "tcp", "-i", one.url(), "-map", "0:d", "-c", "copy"]
    code, out, errors = await run(*command, "-frames:d", "60", "-f", "data", "-")
    assert (code, errors) == (0, "")
    # FFmpeg hands on packet by packet, so that the last document may be cut.
    numbers = [int(number) for number in re.findall(rb"<seen>x* (\d+)</seen>", out)]
    assert len(numbers) >= 10
    assert out.startswith(b"".join(map(one.document, range(numbers[0], numbers[0] + len(numbers)))))


class Album:
    """A film of numbered JPEG pictures."""

    def __init__(self) -> None:
        random = np.random.default_rng(11)
        self.data = []
        for _ in range(50):
            coarse = random.integers(0, 255, (24, 40, 3), dtype=np.uint8)
            picture = cv2.resize(coarse, (320, 192), interpolation=cv2.INTER_CUBIC)
            self.data.append(cv2.imencode(".jpg", picture)[1].tobytes())

    def unit(self, number: int) -> MaskedUnit:
        data = self.data[number % len(self.data)]
        return MaskedUnit(data, number * 3600, number * 3600, number * 40_000, True, number, 320, 192)


@pytest.fixture(scope="module")
def album() -> Album:
    return Album()


def turned(wanted: list[str], received: list[str]) -> list[str]:
    """As many of the pictures wanted, over and over, from the one on that was received first."""
    first = wanted.index(received[0])
    return [wanted[(first + number) % len(wanted)] for number in range(len(received))]


@transports
async def test_mjpeg_by_ffmpeg(stage: Start, run: Run, film: Film, album: Album, transport: str) -> None:
    one = await stage(codec="mjpeg", film=album, secured=True)
    one.roll(every=EVERY)
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-rtsp_transport",
        transport,
        "-i",
        one.url(),
        "-fps_mode",
        "passthrough",
    ]
    code, out, errors = await run(*command, "-frames:v", str(FRAMES), "-f", "rawvideo", "-")
    assert (code, errors) == (0, "")
    received = digests(out)
    assert len(received) == FRAMES
    assert received == turned(film.decoded(album.data, "mjpeg"), received)


async def test_mjpeg_by_gstreamer(stage: Start, gst: Gst, film: Film, album: Album, tmp_path: Path) -> None:
    one = await stage(codec="mjpeg", film=album)
    one.roll(every=EVERY)
    pipeline = (
        f"rtspsrc location={one.url(credentials=False)} protocols=tcp ! rtpjpegdepay ! "
        f"identity eos-after={FRAMES} ! multifilesink location={tmp_path}/%05d.jpg"
    )
    assert await gst(*pipeline.split()) == ""
    received = film.decoded((file.read_bytes() for file in sorted(tmp_path.iterdir())), "mjpeg")
    assert len(received) >= FRAMES - 1
    assert received == turned(film.decoded(album.data, "mjpeg"), received)
