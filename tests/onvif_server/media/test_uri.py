"""What the services' URLs lead to."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import ClientSession, DigestAuthMiddleware

USER = "operator"
PASSWORD = "correct horse battery staple"


@pytest.mark.parametrize("profile", ["main", "sub", "jpeg"])
async def test_a_snapshot_is_of_the_profiles_stream(
    media2: Any, running: Any, profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def snapshot(stream: str) -> bytes:
        return stream.encode()

    monkeypatch.setattr(running.camera, "snapshot", snapshot)
    uri = await media2("GetSnapshotUri", ProfileToken=profile)
    async with (
        ClientSession(middlewares=[DigestAuthMiddleware(USER, PASSWORD)]) as web,
        web.get(uri) as response,
    ):
        assert response.content_type == "image/jpeg"
        assert await response.read() == profile.encode()


async def test_there_is_no_snapshot_of_other_streams(running: Any) -> None:
    async with (
        ClientSession(middlewares=[DigestAuthMiddleware(USER, PASSWORD)]) as web,
        web.get(f"{running.url}/snapshot/other") as response,
    ):
        assert response.status == 404
    async with ClientSession() as web, web.get(f"{running.url}/snapshot/sub") as response:
        assert response.status == 401


async def test_a_profile_follows_its_encoder(media2: Any, running: Any) -> None:
    change = {"ProfileToken": "main", "Configuration": [{"Type": "VideoEncoder", "Token": "jpeg_encoder"}]}
    await media2("AddConfiguration", **change)
    assert (await media2("GetStreamUri", Protocol="RTSP", ProfileToken="main")).endswith("/front/jpeg")
    assert await media2("GetSnapshotUri", ProfileToken="main") == f"{running.url}/snapshot/jpeg"
