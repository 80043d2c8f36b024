from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest

from onvif_server.rtsp import Mount
from onvif_server.rtsp.mount import LINGER
from vcam.base.clock import ManualClock
from vcam.base.errors import ServeError

if TYPE_CHECKING:
    from tests.onvif_server.rtsp.conftest import Film


async def test_it_is_ready_once_it_can_be_described(film: Film) -> None:
    mount = Mount()
    assert mount.size is None
    assert not await mount.ready(0.01)
    waiting = asyncio.create_task(mount.ready(20))
    await asyncio.sleep(0)
    mount.publish(film.units[1])
    assert not waiting.done()
    mount.publish(film.units[10])
    assert await waiting
    assert mount.size == (320, 192)
    mount.interrupt()
    assert await mount.ready(0)


def test_codecs_without_a_payload_format_are_refused() -> None:
    with pytest.raises(ServeError, match="vp9"):
        Mount("vp9")


def test_demand_lasts_until_nobody_has_used_it_for_a_while(film: Film) -> None:
    clock, demanded = ManualClock(), list[bool]()
    mount = Mount(clock=clock, demand=demanded.append)
    mount.sweep()
    assert demanded == []
    mount.touch()
    mount.join("guest", lambda: None)
    assert demanded == [True]
    mount.publish(film.units[0])
    clock.advance(10 * LINGER)
    mount.sweep()
    assert mount.video.media is not None
    mount.leave("guest")
    clock.advance(LINGER - 1)
    mount.sweep()
    assert demanded == [True]
    clock.advance(1)
    mount.sweep()
    mount.sweep()
    assert demanded == [True, False]
    # It may come back as another: nothing is told of it before.
    assert mount.video.media is None
    mount.touch()
    assert demanded == [True, False, True]


async def test_a_stream_that_was_given_up_is_described_when_it_comes_back(film: Film) -> None:
    clock = ManualClock()
    mount = Mount(clock=clock, demand=lambda _: None)
    mount.touch()
    mount.publish(film.units[0])
    assert await mount.ready(0)
    clock.advance(LINGER)
    mount.sweep()
    assert not await mount.ready(0.01)
    mount.publish(film.units[10])
    assert await mount.ready(0)


async def test_another_codec_sends_its_guests_away(film: Film) -> None:
    mount, gone = Mount(), list[str]()
    mount.publish(film.units[0])
    before = mount.video
    for name in ("a", "b"):
        mount.join(name, partial(gone.append, name))
    mount.change("h264")
    assert (gone, mount.video) == ([], before)
    mount.change("mjpeg")
    assert (gone, mount.codec, mount.size) == (["a", "b"], "mjpeg", None)
    assert mount.video is not before
    assert mount.video.version > before.version
    assert not await mount.ready(0.01)
    with pytest.raises(ServeError, match="vp9"):
        mount.change("vp9")
    assert mount.codec == "mjpeg"


def test_a_mount_may_have_no_metadata() -> None:
    assert Mount(metadata=False).metadata is None
    assert [track.control for track in Mount().tracks] == ["trackID=0", "trackID=1"]
