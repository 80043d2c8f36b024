"""A running device whose camera has three streams, and clients of both versions of the Media service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from zeep.exceptions import Fault

from onvif_server import VideoStatus
from onvif_server.wsdl import MEDIA, MEDIA2
from vcam.base.rendition import Rendition

STREAMS = (
    Rendition("main"),
    Rendition("sub", width=640, fps=15.0, gop=30),
    Rendition("jpeg", codec="mjpeg", width=640, fps=5.0),
)


@pytest.fixture
def camera_streams() -> tuple[Rendition, ...]:
    return STREAMS


@pytest.fixture
def seen(running: Any) -> VideoStatus:
    """What the camera tells of each of its streams."""
    running.camera.status = VideoStatus(1280, 720, 25.0, 2_000_000, 50, "High")
    return running.camera.status  # type: ignore[no-any-return]


@pytest.fixture
def media1(client: Callable[[str], Any], seen: VideoStatus) -> Any:
    return client(MEDIA)


@pytest.fixture
def media2(client: Callable[[str], Any], seen: VideoStatus) -> Any:
    return client(MEDIA2)


@pytest.fixture
def notices(running: Any) -> list[Any]:
    """Everything that is published from now on."""
    heard: list[Any] = []
    running.notices.listen(heard.append)
    return heard


@pytest.fixture
def refused() -> Callable[..., Any]:
    """Asks for something that must be refused, and gives the fault's subcodes."""

    async def ask(service: Any, operation: str, **arguments: object) -> list[str]:
        with pytest.raises(Fault) as caught:
            await service(operation, **arguments)
        return [each.localname for each in caught.value.subcodes]

    return ask
