"""An event service asked as the web server asks it: envelopes in, envelopes out, which must be valid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from onvif_server.dispatch import Call, Dispatcher
from onvif_server.events.service import EventService
from onvif_server.notice import Change, Notice, Notices
from onvif_server.soap import read
from onvif_server.topic import MEDIA_TOPICS, MOTION_ALARM, SOURCE_TOPICS
from onvif_server.wsdl import EVENTS, types
from tests.onvif_server.schema import reply_problems
from vcam.base.clock import ManualClock

NAMESPACES = {
    "env": "http://www.w3.org/2003/05/soap-envelope",
    "tev": EVENTS,
    "tt": "http://www.onvif.org/ver10/schema",
    "tns1": "http://www.onvif.org/ver10/topics",
    "wsnt": "http://docs.oasis-open.org/wsn/b-2",
    "wsa": "http://www.w3.org/2005/08/addressing",
    "wsrf": "http://docs.oasis-open.org/wsrf/bf-2",
}
SET = "http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet"
ITEMS = "http://www.onvif.org/ver10/tev/messageContentFilter/ItemFilter"
NOW = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z"""


def envelope(body: str, header: str = "") -> bytes:
    """A SOAP 1.2 request with the prefixes of `NAMESPACES`."""
    declared = " ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in NAMESPACES.items())
    parts = f"<env:Header>{header}</env:Header><env:Body>{body}</env:Body>"
    return f"<env:Envelope {declared}>{parts}</env:Envelope>".encode()


def create(topics: str = "", content: str = "", time: str = "PT60S", policy: str = "") -> str:
    """A CreatePullPointSubscription."""
    filters = f'<wsnt:TopicExpression Dialect="{SET}">{topics}</wsnt:TopicExpression>' if topics else ""
    filters += f'<wsnt:MessageContent Dialect="{ITEMS}">{content}</wsnt:MessageContent>' if content else ""
    return (
        f"<tev:CreatePullPointSubscription><tev:Filter>{filters}</tev:Filter>"
        f"<tev:InitialTerminationTime>{time}</tev:InitialTerminationTime>"
        f"<tev:SubscriptionPolicy>{policy}</tev:SubscriptionPolicy></tev:CreatePullPointSubscription>"
    )


def pull(timeout: str = "PT0S", limit: int = 100) -> str:
    """A PullMessages."""
    return (
        f"<tev:PullMessages><tev:Timeout>{timeout}</tev:Timeout>"
        f"<tev:MessageLimit>{limit}</tev:MessageLimit></tev:PullMessages>"
    )


SYNCHRONIZE = "<tev:SetSynchronizationPoint/>"
UNSUBSCRIBE = "<wsnt:Unsubscribe/>"


def renew(time: str) -> str:
    """A Renew."""
    return f"<wsnt:Renew><wsnt:TerminationTime>{time}</wsnt:TerminationTime></wsnt:Renew>"


def motion(state: bool, change: Change = "Changed", time: int = NOW) -> Notice:
    """A notice of motion."""
    return Notice(MOTION_ALARM, time, {"Source": "source"}, {"State": state}, change)


@dataclass
class Talk:
    """A service with the topics of cameras. `ask` gives the content of the reply's body; it raises Fault."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(utc=NOW, monotonic=1000.0))
    notices: Notices = field(default_factory=Notices)

    def __post_init__(self) -> None:
        self.notices.declare(*SOURCE_TOPICS, *MEDIA_TOPICS)
        self.service = EventService(self.notices, self.clock)
        self._dispatcher = Dispatcher(types(), {EVENTS: self.service})

    async def ask(
        self,
        body: str,
        path: str = "/onvif/event_service",
        *,
        header: str = "",
        user: str = "operator",
        peer: str = "127.0.0.1",
        connected: Callable[[], bool] = lambda: True,
    ) -> etree._Element:
        request = read(envelope(body, header))
        own = "127.0.0.1"
        call = Call(f"{own}:80", own, own, user, path, request, "User", "http", peer, connected)
        reply = await self._dispatcher.answer(request, call)
        assert reply_problems(reply.data) == []
        content = etree.fromstring(reply.data).find("env:Body/*", NAMESPACES)
        assert content is not None
        return content

    async def subscribe(self, body: str | None = None, **options: str) -> str:
        """The path of a new subscription's address."""
        reply = await self.ask(body or create(), **options)  # type: ignore[arg-type]
        return address(reply).removeprefix("http://127.0.0.1:80")


def address(reply: etree._Element) -> str:
    """The address of the subscription that a reply tells."""
    found = reply.findtext("*/wsa:Address", namespaces=NAMESPACES)
    assert found is not None
    return found


def told(reply: etree._Element) -> list[tuple[str, str, str]]:
    """Topic, operation and first datum of the messages of a reply."""
    return [
        (
            message.findtext("wsnt:Topic", "", NAMESPACES).removeprefix("tns1:"),
            message.find("wsnt:Message/tt:Message", NAMESPACES).get("PropertyOperation", ""),  # type: ignore[union-attr]
            next(
                (item.get("Value", "") for item in message.iterfind(".//tt:Data/tt:SimpleItem", NAMESPACES)), ""
            ),
        )
        for message in reply.iterfind("wsnt:NotificationMessage", NAMESPACES)
    ]
