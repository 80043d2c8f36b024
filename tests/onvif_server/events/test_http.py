"""Event handling over HTTP: addresses under the web port, faults in their form, connections that break."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from lxml import etree

from tests.onvif_server.conftest import PASSWORD, USER, Running, make
from tests.onvif_server.schema import reply_problems
from tests.support.events import NAMESPACES, UNSUBSCRIBE, address, create, envelope, motion, pull, told
from vcam.base.clock import SystemClock

Post = Callable[..., Any]
MESSAGE = "<wsa:MessageID>urn:uuid:17</wsa:MessageID>"


@pytest.fixture
async def started() -> AsyncIterator[Running]:
    """A started device whose clock runs."""
    made = make(clock=SystemClock())
    made.port = await made.device.start("127.0.0.1", 0)
    yield made
    await made.device.stop()


@pytest.fixture
async def post(started: Running) -> AsyncIterator[Post]:
    """Posts an envelope and gives status and parsed reply, which is valid."""
    digest = aiohttp.DigestAuthMiddleware(USER, PASSWORD)
    async with aiohttp.ClientSession(middlewares=(digest,)) as session:

        async def send(body: str, url: str = "", header: str = "") -> tuple[int, etree._Element]:
            target = url or f"{started.url}/onvif/event_service"
            headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
            async with session.post(target, data=envelope(body, header), headers=headers) as response:
                data = await response.read()
            assert reply_problems(data) == []
            return response.status, etree.fromstring(data)

        yield send


def content(root: etree._Element) -> etree._Element:
    """The element in a reply's body."""
    found = root.find("env:Body/*", NAMESPACES)
    assert found is not None
    return found


@pytest.mark.parametrize("host", ["", "127.0.0.1:9", "elsewhere"])
async def test_the_device_does_not_notify_itself_whatever_it_is_called(started: Running, host: str) -> None:
    body = (
        f"<wsnt:Subscribe><wsnt:ConsumerReference><wsa:Address>{started.url}/hook</wsa:Address>"
        "</wsnt:ConsumerReference></wsnt:Subscribe>"
    )
    digest = aiohttp.DigestAuthMiddleware(USER, PASSWORD)
    headers = {"Host": host} if host else {}
    async with (
        aiohttp.ClientSession(middlewares=(digest,)) as session,
        session.post(f"{started.url}/onvif/event_service", data=envelope(body), headers=headers) as response,
    ):
        assert response.status == 500
        assert "this device's own" in await response.text()


async def test_a_pull_point_from_beginning_to_end(started: Running, post: Post) -> None:
    status, root = await post(create(), header=MESSAGE)
    assert status == 200
    assert root.findtext("env:Header/wsa:RelatesTo", "", NAMESPACES) == "urn:uuid:17"
    action = root.findtext("env:Header/wsa:Action", "", NAMESPACES)
    assert action.endswith("/EventPortType/CreatePullPointSubscriptionResponse")
    url = address(content(root))
    assert url.startswith(f"{started.url}/onvif/subscription/")
    waiting = asyncio.create_task(post(pull("PT30S"), url))
    while not waiting.done():
        started.notices.publish(motion(True))
        await asyncio.sleep(0)
    status, root = waiting.result()
    assert status == 200
    assert ("VideoSource/MotionAlarm", "Changed", "true") in told(content(root))
    assert (await post(UNSUBSCRIBE, url))[0] == 200
    status, root = await post(pull(), url, header=MESSAGE)
    assert status == 500
    assert root.findtext("env:Header/wsa:Action", "", NAMESPACES).endswith("/addressing/soap/fault")
    fault = content(root)
    assert fault.findtext("env:Code/env:Value", "", NAMESPACES) == "env:Receiver"
    (detail,) = fault.find("env:Detail", NAMESPACES)  # type: ignore[misc]
    assert detail.tag == "{http://docs.oasis-open.org/wsrf/r-2}ResourceUnknownFault"


@pytest.mark.parametrize(
    "body",
    [
        create("tns1:Nothing"),
        create("nothing:Nothing"),
        create(content="nonsense"),
        create(time="PT0S"),
        create(policy="<tt:Odd/>"),
        "<tev:CreatePullPointSubscription><tev:Filter><tt:Odd/></tev:Filter></tev:CreatePullPointSubscription>",
        "<tev:CreatePullPointSubscription><tev:Filter><x:Odd xmlns:x='urn:x'/></tev:Filter>"
        "</tev:CreatePullPointSubscription>",
        "<wsnt:Subscribe><wsnt:ConsumerReference><wsa:Address>http://192.0.2.1/</wsa:Address>"
        "</wsnt:ConsumerReference></wsnt:Subscribe>",
    ],
)
async def test_refusals_are_faults_of_the_receiver_with_valid_details(post: Post, body: str) -> None:
    status, root = await post(body)
    assert status == 500
    detail = content(root).find("env:Detail/*", NAMESPACES)
    assert detail is not None
    assert detail.findtext("wsrf:Timestamp", "", NAMESPACES)


async def test_nobody_without_credentials_sees_events(started: Running) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{started.url}/onvif/event_service", data=envelope(create())) as response,
    ):
        assert response.status == 401


async def test_who_hangs_up_loses_no_messages(started: Running, post: Post) -> None:
    _, root = await post(create())
    url = address(content(root))
    lost = asyncio.create_task(post(pull("PT30S"), url))
    # The first request that waits is known by the refusal of a second.
    while (await post(pull("PT0S"), url))[0] == 200:
        pass
    lost.cancel()
    await asyncio.wait([lost])
    while (await post(pull("PT0S"), url))[0] == 500:
        pass
    started.notices.publish(motion(True))
    _, root = await post(pull("PT30S"), url)
    assert told(content(root)) == [("VideoSource/MotionAlarm", "Changed", "true")]


async def test_a_device_that_stops_or_is_reset_ends_subscriptions(started: Running, post: Post) -> None:
    _, root = await post(create())
    url = address(content(root))
    await started.device.reset(hard=False)
    assert (await post(pull(), url))[0] == 500
    _, root = await post(create())
    waiting = asyncio.create_task(post(pull("PT60S"), address(content(root))))
    while (await post(pull("PT0S"), address(content(root))))[0] == 200:
        pass
    await started.device.stop()
    await asyncio.wait([waiting])
    assert waiting.exception() is not None or waiting.result()[0] == 500
