from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from onvif_server.rtsp import Mount
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
