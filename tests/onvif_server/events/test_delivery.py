"""Notifications as a consumer on the loopback receives them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from lxml import etree

from onvif_server.events.consumer import Consumer
from onvif_server.events.delivery import ACTION, BATCH, Deliverer
from onvif_server.events.filter import Filter
from onvif_server.events.subscription import QUEUE, Subscriptions
from onvif_server.notice import Notices
from onvif_server.soap import Fault
from onvif_server.topic import MOTION_ALARM
from tests.support.events import NAMESPACES, UNSUBSCRIBE, Talk, address, motion, told
from vcam.base.clock import ManualClock


@dataclass
class Receiver:
    """A consumer. `status` is what it answers, once `ready`; `got` what came, parsed."""

    status: int = 202
    got: asyncio.Queue[etree._Element] = field(default_factory=asyncio.Queue)
    paths: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    async def take(self, request: web.Request) -> web.Response:
        self.paths.append(request.path)
        self.types.append(request.headers["Content-Type"])
        await self.ready.wait()
        self.got.put_nowait(etree.fromstring(await request.read()))
        return web.Response(status=self.status, headers={"Location": f"{self.url}/elsewhere"})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    made.ready.set()
    application = web.Application()
    application.router.add_post("/{path:.*}", made.take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    made.ready.set()
    await runner.cleanup()


def states(envelope: etree._Element) -> list[str]:
    """The data of the messages of a Notify."""
    notify = envelope.find("env:Body/wsnt:Notify", NAMESPACES)
    assert notify is not None
    return [state for _, _, state in told(notify)]


def subscribe(url: str) -> str:
    return (
        f"<wsnt:Subscribe><wsnt:ConsumerReference><wsa:Address>{url}</wsa:Address>"
        "<wsa:ReferenceParameters><mine>3</mine></wsa:ReferenceParameters></wsnt:ConsumerReference>"
        "<wsnt:InitialTerminationTime>PT1M</wsnt:InitialTerminationTime></wsnt:Subscribe>"
    )


async def test_a_subscriber_is_notified_until_it_unsubscribes(receiver: Receiver) -> None:
    talk = Talk()
    talk.notices.publish(motion(False))
    path = address(await talk.ask(subscribe(f"{receiver.url}/hook"))).removeprefix("http://127.0.0.1:80")
    first = await receiver.got.get()
    assert first.findtext("env:Header/wsa:Action", "", NAMESPACES) == ACTION
    assert first.findtext("env:Header/wsa:To", "", NAMESPACES) == f"{receiver.url}/hook"
    mine = first.find("env:Header/mine", NAMESPACES)
    assert mine is not None
    assert mine.get(f"{{{NAMESPACES['wsa']}}}IsReferenceParameter") == "true"
    notify = first.find("env:Body/wsnt:Notify", NAMESPACES)
    assert notify is not None
    assert told(notify) == [(MOTION_ALARM, "Initialized", "false")]
    talk.notices.publish(motion(True))
    assert states(await receiver.got.get()) == ["true"]
    assert receiver.types[0].startswith("application/soap+xml")
    await talk.ask(UNSUBSCRIBE, path)
    talk.notices.publish(motion(False))
    assert receiver.paths == ["/hook", "/hook"]
    with pytest.raises(Fault):
        await talk.ask(UNSUBSCRIBE, path)


async def test_a_consumer_elsewhere_is_refused() -> None:
    for url in ("http://192.0.2.1/", "http://127.0.0.1:80/onvif/event_service", "gopher://127.0.0.1/"):
        with pytest.raises(Fault) as caught:
            await Talk().ask(subscribe(url))
        assert caught.value.detail is not None
        assert etree.QName(caught.value.detail).localname == "SubscribeCreationFailedFault"


async def test_what_was_refused_is_sent_again(receiver: Receiver) -> None:
    notices = Notices()
    subscriptions = Subscriptions(notices, ManualClock())
    sink = Deliverer(Consumer(f"{receiver.url}/", "127.0.0.1"), retry=0.01)
    subscriptions.add(Filter(), 60, sink=sink)
    receiver.status = 500
    notices.publish(motion(True))
    assert states(await receiver.got.get()) == ["true"]
    receiver.status = 200
    assert states(await receiver.got.get()) == ["true"]
    notices.publish(motion(False))
    assert states(await receiver.got.get()) == ["false"]
    subscriptions.stop()


@pytest.mark.parametrize("turns", range(5))
async def test_what_comes_as_the_last_has_gone_is_sent_too(receiver: Receiver, turns: int) -> None:
    notices = Notices()
    subscriptions = Subscriptions(notices, ManualClock())
    sink = Deliverer(Consumer(f"{receiver.url}/", "127.0.0.1"))
    subscription = subscriptions.add(Filter(), 60, sink=sink)
    notices.publish(motion(True))
    while subscription.queue:
        await asyncio.sleep(0)
    for _ in range(turns):
        await asyncio.sleep(0)
    notices.publish(motion(False))
    await sink.idle()
    assert not subscription.queue
    assert [states(await receiver.got.get()) for _ in range(2)] == [["true"], ["false"]]
    subscriptions.stop()


async def test_a_redirection_is_not_followed(receiver: Receiver) -> None:
    notices = Notices()
    subscriptions = Subscriptions(notices, ManualClock())
    subscriptions.add(Filter(), 60, sink=Deliverer(Consumer(f"{receiver.url}/", "127.0.0.1"), retry=0.01))
    receiver.status = 307
    notices.publish(motion(True))
    for _ in range(3):
        await receiver.got.get()
    assert set(receiver.paths) == {"/"}
    subscriptions.stop()


async def test_a_name_leads_to_the_client_whatever_it_resolves_to(receiver: Receiver) -> None:
    notices = Notices()
    subscriptions = Subscriptions(notices, ManualClock())
    url = receiver.url.replace("127.0.0.1", "rebound.invalid")
    subscriptions.add(Filter(), 60, sink=Deliverer(Consumer(f"{url}/", "127.0.0.1")))
    notices.publish(motion(True))
    assert states(await receiver.got.get()) == ["true"]
    subscriptions.stop()


async def test_a_slow_consumer_holds_up_nobody_and_misses_the_oldest(receiver: Receiver) -> None:
    notices = Notices()
    subscriptions = Subscriptions(notices, ManualClock())
    receiver.ready.clear()
    slow = subscriptions.add(Filter(), 60, sink=Deliverer(Consumer(f"{receiver.url}/", "127.0.0.1")))
    swift = subscriptions.add(Filter(), 60)
    for index in range(3 * QUEUE):
        notices.publish(motion(True, time=index))
    assert len(slow.queue) == len(swift.queue) == QUEUE
    receiver.ready.set()
    count = 0
    while count < QUEUE:
        got = len(states(await receiver.got.get()))
        assert got <= BATCH
        count += got
    assert count == QUEUE
    subscriptions.stop()


async def test_nothing_is_sent_when_the_time_is_over() -> None:
    clock = ManualClock()
    notices = Notices()
    subscriptions = Subscriptions(notices, clock)
    sink = Deliverer(Consumer("http://127.0.0.1:1/", "127.0.0.1"), retry=0.01)
    subscription = subscriptions.add(Filter(), 60, sink=sink)
    notices.publish(motion(True))
    clock.advance(60)
    await sink.idle()
    assert subscription.over
