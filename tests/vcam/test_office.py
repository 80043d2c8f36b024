"""The office of a running site."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp

from vcam.app import index_url
from vcam.base.clock import SystemClock
from vcam.base.settings import CameraSettings, RecorderSettings, Settings, SiteSettings, SourceSettings
from vcam.base.settings_custody import CustodySettings
from vcam.base.settings_requests import ConsoleSettings
from vcam.office import office


def site(folder: Path, *, console: bool) -> Settings:
    return Settings(
        site=SiteSettings(state=folder),
        recorder=RecorderSettings(enabled=False),
        console=ConsoleSettings(enabled=console, port=0),
        custody=CustodySettings(runtime=folder / "runtime", exports=folder / "exports"),
        camera=[CameraSettings(name="gate", source=SourceSettings(url="rtsp://192.0.2.7/"))],
    )


async def test_the_console_is_served_while_the_site_runs(tmp_path: Path) -> None:
    settings = site(tmp_path, console=True)
    async with aiohttp.ClientSession() as http:
        async with (
            office(settings, index_url(settings), SystemClock()) as address,
            http.get(f"{address}/sign-in") as answer,
        ):
            assert answer.status == 200
        try:
            async with http.get(f"{address}/sign-in"):
                served = True
        except aiohttp.ClientConnectionError:
            served = False
    assert not served


async def test_what_a_killed_export_has_left_goes_while_the_site_runs(tmp_path: Path) -> None:
    settings = site(tmp_path, console=True)
    left = [tmp_path / "runtime" / "export-0123", tmp_path / "exports" / ".E20260101-00c0ffee.part"]
    for folder in left:
        folder.mkdir(parents=True)
        (folder / "plain").write_bytes(b"x")
    async with asyncio.timeout(30), office(settings, index_url(settings), SystemClock()):
        while any(folder.exists() for folder in left):
            await asyncio.sleep(0.01)


async def test_without_console_and_recorder_there_is_no_office(tmp_path: Path) -> None:
    settings = site(tmp_path, console=False)
    async with office(settings, index_url(settings), SystemClock()) as address:
        assert address is None
    assert not list(tmp_path.iterdir())
