"""The console's server: TLS, proxies, and settings that would be unsafe."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from pathlib import Path

import aiohttp
import pytest
from multidict import CIMultiDict
from pydantic import ValidationError

from console import server
from console.patience import Patience
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
    assert console._listener is not None
    url = f"http://127.0.0.1:{console._listener.sockets[0].getsockname()[1]}/api/sign-in"
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


async def connected(url: str, said: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write(said)
    return reader, writer


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1\r\nHost:", b""),
        (b"POST /sign-in HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nname", b"HTTP/1.1 408 "),
    ],
    ids=["nothing", "half a head", "half a body"],
)
async def test_who_says_too_little_is_not_waited_for(
    served: Served, monkeypatch: pytest.MonkeyPatch, said: bytes, answer: bytes
) -> None:
    monkeypatch.setattr(Patience.__init__, "__defaults__", (0.1,))
    monkeypatch.setattr(server, "LONGEST_WAIT", 0.1)
    console = Console(
        ConsoleSettings(enabled=True, port=0), Site([], Rules()), served.office.database, served.office.clock
    )
    reader, writer = await connected(await console.start(), said)
    async with asyncio.timeout(30):
        with contextlib.suppress(ConnectionError):
            assert (await reader.readline()).startswith(answer)
            assert answer or reader.at_eof()
    writer.close()
    await console.stop()


async def test_no_more_connections_than_there_is_room_for(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 2)
    whole = b"GET /sign-in HTTP/1.1\r\nHost: a\r\n\r\n"
    writers = []
    async with asyncio.timeout(30):
        for _ in range(2):
            reader, writer = await connected(served.url, whole)
            writers.append(writer)
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        reader, writer = await connected(served.url, whole)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
    for each in (*writers, writer):
        each.close()


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
