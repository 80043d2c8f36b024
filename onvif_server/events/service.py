"""The Event service (ONVIF Core, event.wsdl and WS-BaseNotification 1.3): one method for each operation."""

# ruff: noqa: ARG002, N802, N803  Methods bear the names of the WSDL, and take what all of them take.

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from lxml import etree

from onvif_server.dispatch import Call
from onvif_server.events.consumer import Consumer, Refused, consumer
from onvif_server.events.delivery import Deliverer
from onvif_server.events.faults import base_fault, pull_limits, resource_unknown, unrecognized_policy
from onvif_server.events.filter import Filter, read_filter
from onvif_server.events.item_filter import ITEM_FILTER
from onvif_server.events.subscription import LIMIT, QUEUE, Subscription, Subscriptions
from onvif_server.events.termination import lasting
from onvif_server.events.topic_filter import DIALECTS
from onvif_server.events.topic_set import topic_set
from onvif_server.notice import Notices
from onvif_server.notification import notification
from onvif_server.soap import invalid
from onvif_server.wsdl import EVENTS, WSNT, raw
from vcam.base.clock import Clock

PATH = "/onvif/event_service"
"""Path of this service."""
SUBSCRIPTION_PATH = "/onvif/subscription/"
"""Where the addresses of subscriptions begin; their keys follow."""
PULL_LIMIT = timedelta(minutes=10)
"""Longest time-out of PullMessages."""

CAPABILITIES: dict[str, object] = {
    "WSSubscriptionPolicySupport": False,
    "WSPausableSubscriptionManagerInterfaceSupport": False,
    "MaxNotificationProducers": LIMIT,
    "MaxPullPoints": LIMIT,
    "PersistentNotificationStorage": False,
    # No attribute of the schema any more, though some clients look for it.
    "_attr_1": {"WSPullPointSupport": "true"},
}
LEGACY: dict[str, object] = {
    "WSSubscriptionPolicySupport": False,
    "WSPullPointSupport": True,
    "WSPausableSubscriptionManagerInterfaceSupport": False,
}
"""What GetCapabilities tells of this service."""

_CHANGED_ONLY = f"{{{EVENTS}}}ChangedOnly"
_TOPICS = "http://www.onvif.org/onvif/ver10/topics/topicns.xml"
_SCHEMA = "http://www.onvif.org/ver10/schema/onvif.xsd"


class EventService:
    """The Event service of one virtual device, which tells its clients of `notices` while they are `known` users."""

    def __init__(self, notices: Notices, clock: Clock, known: Callable[[str], bool] = lambda _: True) -> None:
        self._notices = notices
        self._clock = clock
        self._subscriptions = Subscriptions(notices, clock, known)

    async def start(self) -> None:
        """Take subscriptions, as from the beginning."""
        self._subscriptions.start()

    def stop(self) -> None:
        """End all subscriptions."""
        self._subscriptions.stop()

    async def GetServiceCapabilities(self, call: Call) -> dict[str, object]:
        return {"Capabilities": CAPABILITIES}

    async def GetEventProperties(self, call: Call) -> dict[str, object]:
        return {
            "TopicNamespaceLocation": [_TOPICS],
            "FixedTopicSet": True,
            "TopicSet": raw(topic_set(self._notices.topics)),
            "TopicExpressionDialect": list(DIALECTS),
            "MessageContentFilterDialect": [ITEM_FILTER],
            "MessageContentSchemaLocation": [_SCHEMA],
        }

    async def CreatePullPointSubscription(
        self, call: Call, Filter: object, InitialTerminationTime: str | None, SubscriptionPolicy: object
    ) -> dict[str, object]:
        made = self._subscribe(call, EVENTS, InitialTerminationTime)
        return {"SubscriptionReference": _reference(call, made), **self._times(made)}

    async def Subscribe(
        self,
        call: Call,
        ConsumerReference: object,
        Filter: object,
        InitialTerminationTime: str | None,
        SubscriptionPolicy: object,
    ) -> dict[str, object]:
        where = await self._consumer(call)
        made = self._subscribe(call, WSNT, InitialTerminationTime, where)
        return {"SubscriptionReference": _reference(call, made), **self._times(made)}

    async def PullMessages(self, call: Call, Timeout: timedelta, MessageLimit: int) -> dict[str, object]:
        subscription = self._asked(call)
        now = self._clock.utc()
        # zeep has another type for durations of months and years.
        if not isinstance(Timeout, timedelta) or Timeout > PULL_LIMIT:
            raise pull_limits(f"PT{PULL_LIMIT.seconds}S", QUEUE)
        if Timeout < timedelta() or MessageLimit < 1:
            raise invalid("Timeout and MessageLimit must not be negative or nothing")
        if subscription.sink is not None:
            raise base_fault("UnableToGetMessagesFault", "The messages of this subscription are sent", now)
        if subscription.waiting is not None and subscription.waiting():
            raise base_fault("UnableToGetMessagesFault", "Another PullMessages waits for messages", now)
        subscription.waiting = call.connected
        try:
            async with asyncio.timeout(Timeout.total_seconds()):
                await subscription.stirred.wait()
        except TimeoutError:
            pass
        finally:
            # A later request may have taken the place of one whose client has gone.
            mine = subscription.waiting is call.connected
            if mine:
                subscription.waiting = None
        if subscription.over:
            raise resource_unknown(self._clock.utc())
        subscription.keep(Timeout.total_seconds())
        taken = subscription.take(MessageLimit) if mine and call.connected() else []
        return {
            **self._times(subscription),
            "NotificationMessage": [raw(notification(notice)) for notice in taken],
        }

    async def SetSynchronizationPoint(self, call: Call) -> dict[str, object]:
        self._subscriptions.synchronize(self._asked(call))
        return {}

    async def Renew(self, call: Call, TerminationTime: str | None) -> dict[str, object]:
        subscription = self._asked(call)
        now = self._clock.utc()
        subscription.renew(lasting(TerminationTime, now, "UnacceptableTerminationTimeFault"))
        times = self._times(subscription)
        return {"TerminationTime": times["TerminationTime"], "CurrentTime": times["CurrentTime"]}

    async def Unsubscribe(self, call: Call) -> dict[str, object]:
        self._subscriptions.end(self._asked(call))
        return {}

    def _asked(self, call: Call) -> Subscription:
        """The subscription that a request is for. Raises Fault.

        It is named by the path that was asked or by the address of WS-Addressing. Some clients know no address but
        this service's: theirs is the one that they made, if they made but one.
        """
        to = urlsplit(call.request.to).path if call.request is not None and _is_url(call.request.to) else ""
        for path in (call.path, to):
            if path.startswith(SUBSCRIPTION_PATH):
                found = self._subscriptions.find(path.removeprefix(SUBSCRIPTION_PATH))
                if found is None:
                    break
                return found
        else:
            own = [each for each in self._subscriptions if (each.user, each.peer) == (call.user, call.peer)]
            if len(own) == 1:
                return own[0]
        raise resource_unknown(self._clock.utc())

    def _subscribe(
        self, call: Call, namespace: str, termination: str | None, where: Consumer | None = None
    ) -> Subscription:
        """A new subscription by what the request asks for, sent to `where` or pulled. Raises Fault."""
        now = self._clock.utc()
        wanted, changes_only = self._wanted(call, namespace)
        seconds = lasting(termination, now, "UnacceptableInitialTerminationTimeFault")
        if self._subscriptions.full(sent=where is not None):
            raise base_fault("SubscribeCreationFailedFault", f"There are {LIMIT} subscriptions already", now)
        return self._subscriptions.add(
            wanted,
            seconds,
            user=call.user,
            peer=call.peer,
            changes_only=changes_only,
            sink=None if where is None else Deliverer(where),
        )

    def _wanted(self, call: Call, namespace: str) -> tuple[Filter, bool]:
        """The filter of a request, whose elements are of `namespace`, and whether it is for changes alone."""
        if call.request is None:
            return Filter(), False
        now = self._clock.utc()
        content = call.request.content
        wanted = read_filter(
            content.find(f"{{{namespace}}}Filter"), [topic.path for topic in self._notices.topics], now
        )
        policies = [str(each.tag) for each in content.iterfind(f"{{{namespace}}}SubscriptionPolicy/*")]
        unknown = [policy for policy in policies if policy != _CHANGED_ONLY]
        if unknown:
            raise unrecognized_policy(unknown, now)
        return wanted, bool(policies)

    async def _consumer(self, call: Call) -> Consumer:
        """Where a client wants its notifications sent. Raises Fault."""
        reference: etree._Element | None = None
        if call.request is not None:
            reference = call.request.content.find(f"{{{WSNT}}}ConsumerReference")
        # The port that the client has used, and the one that it says it has.
        ports = {call.port, int(call.authority.rpartition(":")[2])}
        own = frozenset((host, port) for host in (call.local, call.host) for port in ports)
        try:
            return await consumer(reference, call.peer, own)
        except Refused as error:
            raise base_fault("SubscribeCreationFailedFault", str(error), self._clock.utc()) from error

    def _times(self, subscription: Subscription) -> dict[str, object]:
        now = self._clock.utc()
        ends = now + round(subscription.remaining * 1_000_000)
        return {"CurrentTime": _moment(now), "TerminationTime": _moment(ends)}


def _moment(time: int) -> datetime:
    return datetime.fromtimestamp(time / 1_000_000, UTC)


def _is_url(text: str) -> bool:
    try:
        return bool(urlsplit(text).scheme)
    except ValueError:
        return False


def _reference(call: Call, subscription: Subscription) -> dict[str, object]:
    return {"Address": {"_value_1": call.url(f"{SUBSCRIPTION_PATH}{subscription.key}")}}
