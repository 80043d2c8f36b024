"""Sends notices to those who subscribed by the basic notification interface: one Notify after another."""

from __future__ import annotations

import asyncio
import copy
import socket

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult
from lxml import etree

from onvif_server.events.consumer import Consumer
from onvif_server.events.subscription import Subscription
from onvif_server.notice import Notice
from onvif_server.notification import WSNT, notification
from onvif_server.soap import WSA, Envelope, Reply

ACTION = "http://docs.oasis-open.org/wsn/bw-2/NotificationConsumer/Notify"
"""The action of Notify."""
TIMEOUT = 5.0
"""Seconds that one Notify may take."""
BATCH = 16
"""Notices of one Notify at the most."""
RETRY = 1.0
"""Seconds before a Notify that failed is sent again; the wait doubles up to `RETRY_MOST`."""
RETRY_MOST = 30.0

_log = structlog.get_logger()


class _Pinned(AbstractResolver):
    """Resolves every name to the address of the client that subscribed."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        family = socket.AF_INET6 if ":" in self._address else socket.AF_INET
        return [
            ResolveResult(
                hostname=host,
                host=self._address,
                port=port,
                family=family,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Nothing is held."""


class Deliverer:
    """Sends what waits in a subscription, in a task that lives as long as something does."""

    def __init__(self, consumer: Consumer, *, retry: float = RETRY) -> None:
        self._consumer = consumer
        self._retry = retry
        self._task: asyncio.Task[None] | None = None

    def __call__(self, subscription: Subscription) -> None:
        """See `onvif_server.events.subscription.Sink`."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(subscription))

    async def idle(self) -> None:
        """Wait until nothing is being sent."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _run(self, subscription: Subscription) -> None:
        # Letting a session go takes turns of the loop: what comes in them finds this task still there.
        while subscription.queue and not subscription.over:
            await self._empty(subscription)

    async def _empty(self, subscription: Subscription) -> None:
        """Send until nothing waits."""
        connector = aiohttp.TCPConnector(resolver=_Pinned(self._consumer.address), use_dns_cache=False)
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        wait = self._retry
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            while subscription.queue and not subscription.over:
                batch = list(subscription.queue)[:BATCH]
                if await self._send(session, batch):
                    wait = self._retry
                    # Those that a full queue has dropped meanwhile are gone already.
                    while subscription.queue and any(subscription.queue[0] is sent for sent in batch):
                        subscription.queue.popleft()
                else:
                    await asyncio.sleep(wait)
                    wait = min(2 * wait, RETRY_MOST)

    async def _send(self, session: aiohttp.ClientSession, batch: list[Notice]) -> bool:
        """Whether the consumer took a Notify."""
        reply = notify(self._consumer, batch)
        try:
            async with session.post(
                self._consumer.url,
                data=reply.data,
                headers={"Content-Type": f'{reply.content_type}; action="{ACTION}"'},
                allow_redirects=False,
            ) as response:
                taken = 200 <= response.status < 300
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            _log.debug("notification not delivered", error=type(error).__name__)
            return False
        if not taken:
            _log.debug("notification refused", status=response.status)
        return taken


def notify(consumer: Consumer, notices: list[Notice]) -> Reply:
    """The Notify that tells `consumer` of `notices`, in an envelope."""
    envelope = Envelope("1.2")
    to = etree.Element(f"{{{WSA}}}To")
    to.text = consumer.url
    envelope.head(ACTION, [to, *map(copy.deepcopy, consumer.parameters)])
    body = etree.SubElement(envelope.body, f"{{{WSNT}}}Notify")
    body.extend([notification(notice) for notice in notices])
    return envelope.reply()
