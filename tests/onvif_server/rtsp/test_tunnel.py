"""RTSP through HTTP, request by request."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from onvif_server.rtsp import Limits
from vcam.base.clock import ManualClock

if TYPE_CHECKING:
    from tests.onvif_server.rtsp.conftest import Client, Stage

    Start = Callable[..., Awaitable[Stage]]

PASSWORD = "correct horse"
COOKIE = "tD9hKgAAfB8ABCftAAAAAw"


def head(method: str, cookie: str = COOKIE, length: int = 32767, *more: str) -> bytes:
    kind = "Accept: application/x-rtsp-tunnelled"
    if method == "POST":
        kind = f"Content-Type: application/x-rtsp-tunnelled\r\nContent-Length: {length}"
    lines = [f"{method} /main HTTP/1.0", f"x-sessioncookie: {cookie}", kind, *more]
    return "\r\n".join([*lines, "", ""]).encode()


def authorization(method: str, challenge: str, password: str = PASSWORD) -> str:
    """RFC 2069, as old clients answer."""
    fields = dict(re.findall(r'(\w+)="([^"]*)"', challenge))

    def digest(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()  # noqa: S324

    first = digest(f"nvr:{fields['realm']}:{password}")
    answer = digest(f"{first}:{fields['nonce']}:{digest(f'{method}:/main')}")
    return (
        f'Authorization: Digest username="nvr", realm="{fields["realm"]}", nonce="{fields["nonce"]}", '
        f'uri="/main", response="{answer}"'
    )


async def http(client: Client) -> tuple[int, list[str]]:
    """Status and header lines of an HTTP response."""
    async with asyncio.timeout(20):
        text = (await client.reader.readuntil(b"\r\n\r\n")).decode()
    assert text.startswith("HTTP/1.")
    lines = text.split("\r\n")
    length = next((int(line.split(":")[1]) for line in lines if line.startswith("Content-Length")), 0)
    await client.reader.readexactly(length)
    return int(lines[0].split()[1]), lines[1:-2]


class Ends:
    """A client's two connections; RTSP is spoken with `down`, and what it sends goes up in Base64."""

    def __init__(self, down: Client, up: Client) -> None:
        self.down = down
        self.up = up

    async def ask(self, method: str, **headers: str) -> int:
        uri = f"{self.down.url}/trackID=0" if method == "SETUP" else self.down.url
        await self.up.send(b64encode(self.down.text(method, uri, **headers)))
        answer = await self.down.answer()
        self.down.session = answer.get("session").partition(";")[0] or self.down.session
        return answer.status


async def opened(one: Stage, *, length: int = 32767) -> Ends:
    down, up = await one.client(), await one.client()
    await down.send(head("GET"))
    assert (await http(down))[0] == 200
    await up.send(head("POST", length=length))
    return Ends(down, up)


TCP = "RTP/AVP/TCP;unicast;interleaved=0-1"


async def test_pictures_come_down_while_requests_go_up(stage: Start) -> None:
    one = await stage()
    one.publish(3)
    ends = await opened(one)
    assert await ends.ask("DESCRIBE") == 200
    assert await ends.ask("SETUP", Transport=TCP) == 200
    assert await ends.ask("PLAY") == 200
    assert (await ends.down.frame())[0] == 1
    assert await ends.ask("GET_PARAMETER") == 200
    # Nobody is answered on the way up, and the tunnel ends whole.
    assert await ends.ask("TEARDOWN") == 200
    ends.down.writer.close()
    assert await ends.up.ended()
    assert one.server.clients == 0


@pytest.mark.parametrize("length", [0, 100, 10**15])
async def test_a_body_may_be_longer_than_it_said(stage: Start, length: int) -> None:
    one = await stage()
    one.publish(1)
    ends = await opened(one, length=length)
    for _ in range(20):
        assert await ends.ask("OPTIONS") == 200


async def test_quanta_are_cut_anywhere(stage: Start) -> None:
    one = await stage()
    one.publish(1)
    ends = await opened(one)
    for byte in b64encode(ends.down.text("DESCRIBE", ends.down.url)):
        await ends.up.send(bytes([byte]))
    assert (await ends.down.answer()).status == 200


async def test_a_client_may_post_again_and_again(stage: Start) -> None:
    one = await stage()
    one.publish(1)
    ends = await opened(one)
    for _ in range(3):
        assert await ends.ask("OPTIONS") == 200
        ends.up.writer.close()
        ends.up = await one.client()
        await ends.up.send(head("POST"))


async def test_bodies_may_follow_each_other_on_one_connection(stage: Start) -> None:
    one = await stage()
    one.publish(1)
    first = b64encode(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
    ends = await opened(one, length=len(first))
    post = head("POST", length=len(first)) + first
    for data in (first, post, post[:2], post[2:] + post):
        await ends.up.send(data)
    for _ in range(4):
        assert (await ends.down.answer()).status == 200


async def test_both_halves_are_asked_for_the_password(stage: Start) -> None:
    one = await stage(secured=True)
    one.publish(1)
    down, up = await one.client(), await one.client()
    await down.send(head("GET"))
    status, lines = await http(down)
    assert status == 401
    challenge = next(line for line in lines if "MD5" in line)
    await down.send(head("GET", COOKIE, 0, authorization("GET", challenge)))
    assert (await http(down))[0] == 200
    await up.send(head("POST"))
    assert (await http(up))[0] == 401
    assert await up.ended()
    up = await one.client()
    await up.send(head("POST", COOKIE, 32767, authorization("POST", challenge)))
    # The RTSP inside is asked as well.
    ends = Ends(down, up)
    assert await ends.ask("DESCRIBE") == 401


async def test_wrong_passwords_are_counted(stage: Start) -> None:
    one = await stage(secured=True, limits=Limits(wrong_passwords=2))
    client = await one.client()
    for _ in range(2):
        await client.send(head("GET"))
        _, lines = await http(client)
        challenge = next(line for line in lines if "MD5" in line)
        await client.send(head("GET", COOKIE, 0, authorization("GET", challenge, "wrong")))
        assert (await http(client))[0] == 401
    assert await client.ended()


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (head("POST", "nobody-got-this"), 404),
        (b"GET /main HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET nonsense\r\n\r\n", 400),
    ],
)
async def test_other_requests_are_refused(stage: Start, raw: bytes, status: int) -> None:
    one = await stage()
    client = await one.client()
    await client.send(raw)
    assert (await http(client))[0] == status
    assert await client.ended()


async def test_a_cookie_opens_one_tunnel(stage: Start) -> None:
    one = await stage()
    one.publish(1)
    ends = await opened(one)
    other = await one.client()
    await other.send(head("GET"))
    assert (await http(other))[0] == 400
    assert await ends.ask("OPTIONS") == 200


async def test_what_is_no_base64_ends_the_tunnel(stage: Start) -> None:
    one = await stage()
    ends = await opened(one)
    await ends.up.send(b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")
    assert await ends.down.ended()
    assert await ends.up.ended()


async def test_a_head_without_end_is_not_kept(stage: Start) -> None:
    one = await stage()
    client = await one.client()
    with contextlib.suppress(ConnectionError):
        await client.send(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 10_000)
    assert await client.ended()


async def test_halves_that_ask_for_nothing_do_not_stay(stage: Start) -> None:
    clock = ManualClock()
    one = await stage(clock=clock)
    ends = await opened(one)
    half = await one.client()
    await half.send(b"GE")
    await one.until(lambda: len(one.server._open) == 3)
    clock.advance(16)
    one.server.sweep()
    for client in (ends.down, ends.up, half):
        assert await client.ended()


async def test_a_session_outlives_its_post_but_not_its_get(stage: Start) -> None:
    clock = ManualClock()
    one = await stage(clock=clock)
    one.publish(1)
    ends = await opened(one)
    await ends.ask("SETUP", Transport=TCP)
    await ends.ask("PLAY")
    ends.up.writer.close()
    clock.advance(20)
    one.server.sweep()
    assert one.server.clients == 1
    clock.advance(41)
    one.server.sweep()
    assert one.server.clients == 0


async def test_a_stop_in_the_middle_leaves_nothing(stage: Start) -> None:
    one = await stage()
    one.publish(1)
    with capture_logs() as logs:
        ends = await opened(one)
        await ends.ask("SETUP", Transport=TCP)
        await one.server.stop()
    assert await ends.down.ended()
    assert await ends.up.ended()
    assert len(one.server._tunnels) == 0
    assert not [entry for entry in logs if entry["log_level"] == "error"]
