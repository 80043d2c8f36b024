"""All streams of a camera as an NVR receives them, from a worker of its own."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import av
import cv2
import numpy as np
import pytest

from onvif_server.notice import Notice
from onvif_server.ptz_service import REAIMED
from recorder.audit.entry import Action, Entry
from recorder.audit.witness import DeviceWitness
from recorder.descriptor import SegmentDescriptor
from recorder.layout import VIDEO, with_suffix
from tests.support.portrait import portrait, wall, write
from vcam.base.channel import Aim, Segment
from vcam.base.clock import SystemClock
from vcam.base.errors import EncodeError
from vcam.base.ports import Witness
from vcam.base.rendition import Overlay, Rendition
from vcam.base.settings import Settings
from vcam.station import Station
from vcam.supervisor import Supervisor

SIZE = (640, 480)
PASSWORD = "correct-horse-battery"
PATIENCE = 30.0


class Site:
    """One camera that plays a drawn file, and what became of its segments."""

    def __init__(self, folder: Path, witness: Witness | None = None) -> None:
        self.folder = folder / "media"
        clip = write(folder / "gate.mp4", [wall(SIZE)] * 50)
        settings = Settings.model_validate(
            {
                "site": {"state": str(folder / "state"), "device": "cpu"},
                "onvif": {"bind": "127.0.0.1", "discovery": False},
                "recorder": {"folder": str(self.folder), "keep_original": False, "segment": 2},
                "camera": [{"name": "gate", "source": {"url": f"file:{clip}"}, "encode": {"gop": 1}}],
            }
        )
        self.segments: list[SegmentDescriptor] = []
        self.station = Station(
            settings.camera[0],
            settings,
            UUID(int=7),
            password=PASSWORD,
            on_segment=self._segment,
            clock=SystemClock(),
            witness=witness,
        )

    def _segment(self, segment: Segment) -> None:
        self.segments.append(SegmentDescriptor.from_json(segment.descriptor))

    async def watch(self, stream: str, count: int = 8) -> tuple[str, list[av.VideoFrame]]:
        """The codec and the first pictures of a stream, as FFmpeg receives it."""
        url = self.station.rtsp_url("127.0.0.1", stream).replace("//", f"//garim:{PASSWORD}@")
        return await asyncio.to_thread(_watch, url, count)

    async def until(self, what: str, found: Callable[[], object]) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while not found():
                    await asyncio.sleep(0.05)
        assert found(), f"waited in vain for {what}"


def _watch(url: str, count: int) -> tuple[str, list[av.VideoFrame]]:
    with av.open(url, options={"rtsp_transport": "tcp"}, timeout=20) as container:
        stream = container.streams.video[0]
        frames = [frame for frame, _ in zip(container.decode(stream), range(count), strict=False)]
        return stream.codec_context.name, frames


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    portrait()  # skips when there are no detectors
    site = Site(tmp_path)
    await site.station.start(0, 0)
    run = asyncio.create_task(site.station.run())
    try:
        assert await site.station.serving(PATIENCE)
        yield site
    finally:
        await site.station.stop()
        await run
        await site.station.close()


def rate(frames: list[av.VideoFrame]) -> float:
    """Pictures a second by their time stamps; the first may have none."""
    stamped = [
        float(frame.pts * frame.time_base) for frame in frames if frame.pts is not None and frame.time_base
    ]
    assert len(stamped) >= len(frames) - 1
    return (len(stamped) - 1) / (stamped[-1] - stamped[0])


async def test_every_stream_is_there_for_whoever_asks(site: Site) -> None:
    station = site.station
    assert [each.name for each in station.renditions()] == ["main", "sub", "jpeg"]
    (main, _), (sub, few), (jpeg, stills) = await asyncio.gather(
        site.watch("main"), site.watch("sub", 24), site.watch("jpeg")
    )
    assert (main, sub, jpeg) == ("h264", "h264", "mjpeg")
    assert {(frame.width, frame.height) for frame in few + stills} == {SIZE}
    # At the most: a busy machine may leave pictures out, never add any.
    assert rate(few) < 17
    assert rate(stills) < 6
    status = station.video("jpeg")
    assert status is not None
    assert (status.width, status.height, status.gop) == (*SIZE, 1)
    assert status.fps < 6


async def test_a_client_that_re_aims_the_camera_is_told_to_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordered: asyncio.Queue[object] = asyncio.Queue()
    monkeypatch.setattr(Supervisor, "order", lambda _, order: ordered.put(order))
    station = Site(tmp_path).station
    notices = station.device._parts.notices
    notices.publish(Notice(REAIMED, 0, {"PTZConfigurationToken": "ptz"}, {"Operation": "GotoPreset"}))
    async with asyncio.timeout(PATIENCE):
        assert await ordered.get() == Aim()


async def test_trouble_with_keys_at_the_worker_goes_on_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries of the log, as the site's own witness makes them of what a worker says."""
    script = (
        "import socket, sys\n"
        "from vcam.base.channel import Keys, Stop, Unpacker, pack\n"
        "s, unpacker, heard = socket.socket(fileno=int(sys.argv[1])), Unpacker(), []\n"
        "s.sendall(pack(Keys('the share store is away', 'mount it')) + pack(Keys()))\n"
        "while Stop() not in heard and (data := s.recv(1 << 16)):\n"
        "    heard += unpacker.feed(data)\n"
    )
    monkeypatch.setattr(Supervisor.__init__, "__kwdefaults__", {"command": (sys.executable, "-c", script)})
    told: list[Entry] = []
    both = asyncio.Event()

    def tell(entry: Entry) -> None:
        told.append(entry)
        if len(told) == 2:
            both.set()

    station = Site(tmp_path, DeviceWitness("gate", tell, SystemClock())).station
    run = asyncio.create_task(station.run())
    async with asyncio.timeout(PATIENCE):
        await both.wait()
        await station.stop()
        await run
    assert [(entry.action, entry.subject, dict(entry.details)) for entry in told] == [
        (Action.KEYS_FAILED, "camera/gate", {"reason": "the share store is away"}),
        (Action.KEYS_RESTORED, "camera/gate", {}),
    ]


async def test_what_is_asked_for_comes_and_what_cannot_be_changes_nothing(site: Site) -> None:
    station = site.station
    main, sub, jpeg = station.renditions()
    small = replace(sub, width=320, height=240, fps=10.0, bit_rate=300_000, gop=20)
    overlay = Overlay("a", text="정문", x=-1, y=1, size=100)
    for impossible in (
        [main, replace(sub, width=321, height=241), jpeg],
        [main, sub, replace(jpeg, width=324, height=240)],
        [replace(main, codec="mjpeg"), sub, jpeg],
        [main, sub, jpeg, Rendition("third")],
    ):
        with pytest.raises(EncodeError):
            await station.encode(impossible, ())
    assert station.renditions() == (main, sub, jpeg)
    _, before = await site.watch("sub", 1)
    await station.encode([replace(main, codec="h265"), small, replace(jpeg, width=320)], [overlay])
    assert station.renditions()[1] == small
    codec = ""
    async with asyncio.timeout(PATIENCE):
        while codec != "hevc":  # who came before the change is sent away, and comes again
            codec, frames = await site.watch("main", 2)
    assert frames[0].width == SIZE[0]
    codec, frames = await site.watch("sub", 12)
    assert (codec, frames[-1].width, frames[-1].height) == ("h264", 320, 240)
    assert rate(frames) < 12
    assert _white_at_top_left(frames[-1]) > _white_at_top_left(before[0]) + 0.01
    still = await station.snapshot("jpeg")
    assert still is not None
    picture = cv2.imdecode(np.frombuffer(still, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (240, 320, 3)
    await site.until("a segment of H.265", lambda: any(each.codec == "hevc" for each in site.segments))
    (last,) = [each for each in site.segments if each.codec == "hevc"][:1]
    with av.open(with_suffix(site.folder / last.path, VIDEO)) as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"
        assert sum(1 for _ in container.decode(video=0)) == last.frames


def _white_at_top_left(frame: av.VideoFrame) -> float:
    luma = frame.to_ndarray(format="gray")[: frame.height // 8, : frame.width // 3]
    return float((luma > 200).mean())
