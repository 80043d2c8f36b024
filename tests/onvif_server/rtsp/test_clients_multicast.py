"""Clients that nobody here wrote join a group over a network of their own, and miss no picture."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from onvif_server.rtsp import Multicast

if TYPE_CHECKING:
    from tests.onvif_server.rtsp.conftest import Film, Gst, Run, Stage

    Start = Callable[..., Awaitable[Stage]]

FRAMES = 25 * int(os.environ.get("GARIM_INTEROP_SECONDS", "0")) or 45
SIZE = 320 * 192 * 3 // 2
SERVER, CLIENT = "10.92.0.1", "10.92.0.2"
PLACE = Multicast("239.255.92.1", 45_600, 2)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture(scope="module")
def namespace() -> Iterator[str]:
    """A network namespace at 10.92.0.2, joined to this one at 10.92.0.1 by virtual Ethernet."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("making network namespaces needs root and the command ip")
    name, outer, inner = f"gm{os.getpid()}", f"gmo{os.getpid()}", f"gmi{os.getpid()}"
    try:
        try:
            _ip("netns", "add", name)
            _ip("link", "add", outer, "type", "veth", "peer", "name", inner, "netns", name)
        except subprocess.CalledProcessError:
            pytest.skip("network namespaces cannot be made here")
        _ip("addr", "add", f"{SERVER}/24", "dev", outer)
        _ip("link", "set", outer, "up")
        _ip("-n", name, "addr", "add", f"{CLIENT}/24", "dev", inner)
        _ip("-n", name, "link", "set", "lo", "up")
        _ip("-n", name, "link", "set", inner, "up")
        _ip("-n", name, "route", "add", "224.0.0.0/4", "dev", inner)
        yield name
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)


async def served(stage: Start) -> Stage:
    one = await stage(secured=True, metadata=True)
    one.mount.multicast = PLACE
    one.port = await one.server.start(SERVER, 0)
    one.host = SERVER
    one.roll(every=0.02)
    return one


def pictures(film: Film, raw: bytes) -> tuple[list[str], list[str]]:
    """What was received, and what was played from the first picture received on."""
    received = [hashlib.sha256(raw[at : at + SIZE]).hexdigest() for at in range(0, len(raw), SIZE)]
    first = film.digests.index(received[0])
    return received, [film.digests[(first + number) % len(film.digests)] for number in range(len(received))]


async def test_ffmpeg(stage: Start, film: Film, run: Run, namespace: str) -> None:
    one = await served(stage)
    command = ["ip", "netns", "exec", namespace, "ffmpeg", "-v", "error", "-rtsp_transport", "udp_multicast"]
    words = ["-i", one.url(), "-fps_mode", "passthrough", "-frames:v", str(FRAMES), "-f", "rawvideo", "-"]
    code, out, errors = await run(*command, *words)
    assert (code, errors) == (0, "")
    received, wanted = pictures(film, out)
    assert len(received) == FRAMES
    assert received == wanted


async def test_gstreamer(stage: Start, film: Film, gst: Gst, namespace: str, tmp_path: Path) -> None:
    one = await served(stage)
    file = tmp_path / "frames"
    pipeline = (
        f"rtspsrc location={one.url(credentials=False)} user-id=nvr user-pw=@ protocols=udp-mcast ! "
        "rtph264depay ! h264parse ! avdec_h264 max-threads=1 ! video/x-raw,format=I420 ! "
        f"identity eos-after={FRAMES} ! filesink location={file}"
    )
    words = [re.sub("@", "correct horse", word) for word in pipeline.split()]
    assert await gst(*words, within=("ip", "netns", "exec", namespace)) == ""
    received, wanted = pictures(film, file.read_bytes())
    assert len(received) >= FRAMES - 1
    assert received == wanted
