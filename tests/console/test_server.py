"""The console's server: TLS, proxies, and settings that would be unsafe."""

from __future__ import annotations

import ssl
from pathlib import Path

import aiohttp
import pytest
from multidict import CIMultiDict
from pydantic import ValidationError

from console.server import Console, Site
from recorder.requests.rules import Rules
from tests.console.conftest import PASSWORD, Served
from vcam.base.clock import SystemClock
from vcam.base.errors import ServeError
from vcam.base.settings import CameraSettings, RecorderSettings, Settings, SiteSettings, SourceSettings
from vcam.base.settings_requests import ConsoleSettings
from vcam.tls import console_secured


def site(folder: Path, console: ConsoleSettings) -> Settings:
    return Settings(
        site=SiteSettings(state=folder),
        recorder=RecorderSettings(enabled=False),
        console=console,
        camera=[CameraSettings(name="gate", source=SourceSettings(url="rtsp://192.0.2.7/"))],
    )


async def test_over_tls_the_cookie_is_bound_to_the_host(served: Served, tmp_path: Path) -> None:
    given = ConsoleSettings(enabled=True, port=0, tls=True)
    secure = console_secured(site(tmp_path, given), SystemClock())
    assert secure is not None
    console = Console(given, Site(["gate"], Rules()), served.office.database, served.office.clock)
    url = await console.start(secure.context)
    assert url.startswith("https://127.0.0.1:")
    trusted = ssl.create_default_context(cafile=tmp_path / "tls" / "console.crt")
    said = {"name": "officer-1", "password": PASSWORD}
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{url}/api/sign-in", json=said, ssl=trusted) as answer,
    ):
        assert answer.status == 200
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-garim=")
        assert "Secure" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        assert answer.headers["Strict-Transport-Security"]
    await console.stop()


async def test_behind_a_proxy_the_last_address_that_it_adds_counts(served: Served) -> None:
    console = Console(
        ConsoleSettings(enabled=True, port=0, proxy=True, url="https://cctv.example"),
        Site(["gate"], Rules()),
        served.office.database,
        served.office.clock,
    )
    assert await console.start() == "https://cctv.example"
    runner = console._runner
    assert runner is not None
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/sign-in"
    said = {"name": "officer-1", "password": "wrong password"}
    headers = {"X-Forwarded-For": "198.51.100.1, 192.0.2.77"}
    lines = CIMultiDict([("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-For", "192.0.2.78")])
    for given, address in ((headers, "192.0.2.77"), (lines, "192.0.2.78")):
        async with aiohttp.ClientSession() as http, http.post(url, json=said, headers=given) as answer:
            assert answer.status == 403
        assert served.office.entries()[-1]["origin"] == address
    forged = {"name": "officer-1", "password": "wrong password"}
    async with served.stranger().http.post(f"{served.url}/api/sign-in", json=forged, headers=headers):
        assert served.office.entries()[-1]["origin"] == "127.0.0.1"
    await console.stop()


async def test_a_port_in_use_is_named(served: Served) -> None:
    port = int(served.url.rpartition(":")[2])
    taken = Console(
        ConsoleSettings(enabled=True, port=port), Site([], Rules()), served.office.database, served.office.clock
    )
    with pytest.raises(ServeError, match=f"cannot listen on 127.0.0.1:{port}"):
        await taken.start()
    await taken.stop()


@pytest.mark.parametrize(
    "given",
    [
        {"enabled": True, "bind": "0.0.0.0"},
        {"certificate": "console.crt"},
        {"url": "https://user@cctv.example"},
        {"url": "https://cctv.example/path"},
        {"url": "ftp://cctv.example"},
    ],
)
def test_settings_that_cannot_be(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ConsoleSettings.model_validate(given)


def test_settings_that_can() -> None:
    assert ConsoleSettings(enabled=True, bind="0.0.0.0", tls=True).secure
    assert ConsoleSettings(enabled=True, bind="0.0.0.0", proxy=True).secure
    assert not ConsoleSettings(enabled=True).secure


def test_links_lead_where_people_reach_the_console() -> None:
    assert ConsoleSettings(url="https://cctv.example/").link("T") == "https://cctv.example/s/T"
    assert ConsoleSettings(bind="::1", tls=True, port=443).link("T") == "https://[::1]:443/s/T"
    assert ConsoleSettings().link("T") == "http://127.0.0.1:8480/s/T"
