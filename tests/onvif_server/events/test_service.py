"""Event handling as clients meet it: subscribing, pulling, renewing, ending, and every refusal."""

from __future__ import annotations

import asyncio

import pytest
from lxml import etree

from onvif_server.events.subscription import LIMIT, QUEUE
from onvif_server.soap import Fault
from onvif_server.topic import MOTION_ALARM, SIGNAL_LOSS
from tests.support.events import (
    NAMESPACES,
    SYNCHRONIZE,
    UNSUBSCRIBE,
    Talk,
    address,
    create,
    motion,
    pull,
    renew,
    told,
)


def detail(fault: Fault) -> str:
    """The local name of a fault's detail."""
    assert fault.detail is not None
    return etree.QName(fault.detail).localname


async def test_each_pull_point_has_an_address_of_its_own() -> None:
    talk = Talk()
    replies = [await talk.ask(create()) for _ in range(2)]
    assert address(replies[0]) != address(replies[1])
    assert address(replies[0]).startswith("http://127.0.0.1:80/onvif/subscription/")
    assert replies[0].findtext("wsnt:CurrentTime", "", NAMESPACES).startswith("2026-01-01T00:00:00")
    assert replies[0].findtext("wsnt:TerminationTime", "", NAMESPACES).startswith("2026-01-01T00:01:00")
    assert replies[0].findtext("wsnt:TerminationTime", "", NAMESPACES).endswith("Z")


async def test_a_subscriber_is_first_told_how_things_stand() -> None:
    talk = Talk()
    talk.notices.publish(motion(True))
    path = await talk.subscribe()
    assert told(await talk.ask(pull(), path)) == [(MOTION_ALARM, "Initialized", "true")]
    assert told(await talk.ask(pull(), path)) == []


async def test_who_wants_changes_alone_is_told_of_changes_alone() -> None:
    talk = Talk()
    talk.notices.publish(motion(False))
    path = await talk.subscribe(create(policy="<tev:ChangedOnly/>"))
    talk.notices.publish(motion(True))
    assert told(await talk.ask(pull(), path)) == [(MOTION_ALARM, "Changed", "true")]


async def test_messages_come_in_order_and_as_many_as_are_asked_for() -> None:
    talk = Talk()
    path = await talk.subscribe()
    for index in range(5):
        talk.notices.publish(motion(index % 2 == 0))
    assert [state for _, _, state in told(await talk.ask(pull(limit=2), path))] == ["true", "false"]
    assert [state for _, _, state in told(await talk.ask(pull(), path))] == ["true", "false", "true"]


async def test_a_pull_waits_for_the_next_message() -> None:
    talk = Talk()
    path = await talk.subscribe()
    waiting = asyncio.create_task(talk.ask(pull("PT1M"), path))
    await asyncio.sleep(0)
    assert not waiting.done()
    talk.notices.publish(motion(True))
    assert told(await waiting) == [(MOTION_ALARM, "Changed", "true")]


async def test_a_synchronization_point_repeats_how_things_stand() -> None:
    talk = Talk()
    talk.notices.publish(motion(True))
    path = await talk.subscribe()
    await talk.ask(pull(), path)
    await talk.ask(SYNCHRONIZE, path)
    assert told(await talk.ask(pull(), path)) == [(MOTION_ALARM, "Initialized", "true")]


async def test_only_what_passes_the_filters_is_told() -> None:
    talk = Talk()
    content = 'boolean(//tt:SimpleItem[@Name="State" and @Value="true"])'
    path = await talk.subscribe(create("tns1:VideoSource/MotionAlarm|tns1:Media//.", content))
    talk.notices.publish(motion(True))
    talk.notices.publish(motion(False))
    assert told(await talk.ask(pull(), path)) == [(MOTION_ALARM, "Changed", "true")]


async def test_of_too_many_messages_the_oldest_are_dropped() -> None:
    talk = Talk()
    path = await talk.subscribe()
    for index in range(QUEUE + 7):
        talk.notices.publish(motion(True, time=index))
    reply = await talk.ask(pull(limit=1000), path)
    times = [each.get("UtcTime", "") for each in reply.iter("{http://www.onvif.org/ver10/schema}Message")]
    assert len(times) == QUEUE
    assert times[0].endswith("00.000007Z")


async def test_a_subscription_ends_at_its_time() -> None:
    talk = Talk()
    path = await talk.subscribe()
    talk.clock.advance(59)
    await talk.ask(SYNCHRONIZE, path)
    talk.clock.advance(1)
    with pytest.raises(Fault) as caught:
        await talk.ask(pull(), path)
    assert detail(caught.value) == "ResourceUnknownFault"
    assert caught.value.code == "Receiver"


async def test_a_pull_keeps_a_subscription_alive() -> None:
    talk = Talk()
    path = await talk.subscribe()
    for _ in range(3):
        talk.clock.advance(50)
        reply = await talk.ask(pull(), path)
    assert reply.findtext("tev:TerminationTime", "", NAMESPACES).startswith("2026-01-01T00:03:30")


async def test_a_subscription_is_renewed_by_a_duration_or_a_time() -> None:
    talk = Talk()
    path = await talk.subscribe()
    reply = await talk.ask(renew("PT1H"), path)
    assert reply.findtext("wsnt:TerminationTime", "", NAMESPACES).startswith("2026-01-01T01:00:00")
    reply = await talk.ask(renew("2026-01-01T02:00:00Z"), path)
    assert reply.findtext("wsnt:TerminationTime", "", NAMESPACES).startswith("2026-01-01T02:00:00")
    talk.clock.advance(7199)
    await talk.ask(SYNCHRONIZE, path)


@pytest.mark.parametrize("time", ["2025-12-31T23:59:59Z", "PT0S", "-PT5S", "P2D", "P10Y", "tomorrow", "P"])
async def test_a_time_out_of_range_is_refused_with_the_range(time: str) -> None:
    talk = Talk()
    for body, name in ((create(time=time), "Initial"), (renew(time), "")):
        path = await talk.subscribe()
        with pytest.raises(Fault) as caught:
            await talk.ask(body, path)
        assert detail(caught.value) == f"Unacceptable{name}TerminationTimeFault"
        assert caught.value.detail is not None
        earliest = caught.value.detail.findtext("wsnt:MinimumTime", "", NAMESPACES)
        latest = caught.value.detail.findtext("wsnt:MaximumTime", "", NAMESPACES)
        assert earliest < latest


async def test_what_is_unsubscribed_is_gone_and_its_pull_ends() -> None:
    talk = Talk()
    path = await talk.subscribe()
    waiting = asyncio.create_task(talk.ask(pull("PT1M"), path))
    await asyncio.sleep(0)
    await talk.ask(UNSUBSCRIBE, path)
    with pytest.raises(Fault) as caught:
        await waiting
    assert detail(caught.value) == "ResourceUnknownFault"
    with pytest.raises(Fault):
        await talk.ask(renew("PT1M"), path)


async def test_a_request_to_the_service_itself_is_for_the_address_of_its_header() -> None:
    talk = Talk()
    paths = [await talk.subscribe(), await talk.subscribe()]
    talk.notices.publish(motion(True))
    header = f"<wsa:To>http://elsewhere:99{paths[1]}</wsa:To>"
    assert told(await talk.ask(pull(), header=header))
    assert not told(await talk.ask(pull(), paths[1]))
    assert told(await talk.ask(pull(), paths[0]))


async def test_a_request_to_the_service_itself_is_for_the_only_subscription_of_its_client() -> None:
    talk = Talk()
    await talk.subscribe(user="operator")
    await talk.subscribe(user="viewer")
    talk.notices.publish(motion(True))
    assert told(await talk.ask(pull(), header="<wsa:To>http://[</wsa:To>"))
    with pytest.raises(Fault):
        await talk.ask(pull(), peer="127.0.0.2")
    await talk.subscribe(user="operator")
    with pytest.raises(Fault) as caught:
        await talk.ask(pull())
    assert detail(caught.value) == "ResourceUnknownFault"


async def test_an_address_that_is_gone_is_no_other() -> None:
    talk = Talk()
    await talk.subscribe()
    with pytest.raises(Fault) as caught:
        await talk.ask(pull(), "/onvif/subscription/0")
    assert detail(caught.value) == "ResourceUnknownFault"


async def test_two_pulls_at_once_are_one_too_many() -> None:
    talk = Talk()
    path = await talk.subscribe()
    waiting = asyncio.create_task(talk.ask(pull("PT1M"), path))
    await asyncio.sleep(0)
    with pytest.raises(Fault) as caught:
        await talk.ask(pull("PT1M"), path)
    assert detail(caught.value) == "UnableToGetMessagesFault"
    talk.notices.publish(motion(True))
    assert told(await waiting)


async def test_a_client_that_has_gone_takes_no_messages_along() -> None:
    talk = Talk()
    path = await talk.subscribe()
    gone = asyncio.create_task(talk.ask(pull("PT1M"), path, connected=lambda: False))
    await asyncio.sleep(0)
    again = asyncio.create_task(talk.ask(pull("PT1M"), path))
    await asyncio.sleep(0)
    talk.notices.publish(motion(True))
    assert not told(await gone)
    assert told(await again) == [(MOTION_ALARM, "Changed", "true")]


async def test_nobody_pulls_longer_than_the_limit() -> None:
    talk = Talk()
    path = await talk.subscribe()
    for timeout in ("PT11M", "P1Y"):
        with pytest.raises(Fault) as caught:
            await talk.ask(pull(timeout), path)
        assert caught.value.detail is not None
        assert detail(caught.value) == "PullMessagesFaultResponse"
        assert caught.value.detail.findtext("tev:MaxTimeout", "", NAMESPACES) == "PT600S"
    for timeout, limit in (("-PT1S", 1), ("PT1S", 0), ("PT1S", -5)):
        with pytest.raises(Fault) as caught:
            await talk.ask(pull(timeout, limit), path)
        assert caught.value.subcodes == ("InvalidArgVal",)


async def test_there_is_an_end_to_pull_points() -> None:
    talk = Talk()
    for _ in range(LIMIT):
        await talk.subscribe()
    with pytest.raises(Fault) as caught:
        await talk.subscribe()
    assert detail(caught.value) == "SubscribeCreationFailedFault"
    talk.clock.advance(60)
    await talk.subscribe()


async def test_the_topic_set_has_its_prefix_at_the_roots_alone() -> None:
    reply = await Talk().ask("<tev:GetEventProperties/>")
    topics = reply.find("{http://docs.oasis-open.org/wsn/t-1}TopicSet")
    assert topics is not None
    assert [root.tag for root in topics] == [
        f"{{{NAMESPACES['tns1']}}}{name}" for name in ("Media", "VideoSource")
    ]
    topic = topics.find("tns1:VideoSource/GlobalSceneChange/ImagingService", NAMESPACES)
    assert topic is not None
    assert topic.get("{http://docs.oasis-open.org/wsn/t-1}topic") == "true"
    description = topic.find("tt:MessageDescription", NAMESPACES)
    assert description is not None
    assert description.get("IsProperty") == "true"
    item = description.find("tt:Data/tt:SimpleItemDescription", NAMESPACES)
    assert item is not None
    assert (item.get("Name"), item.get("Type")) == ("State", "xs:boolean")
    assert item.nsmap["xs"] == "http://www.w3.org/2001/XMLSchema"
    assert topics.find("tns1:VideoSource/SignalLoss", NAMESPACES) is not None
    assert SIGNAL_LOSS == "VideoSource/SignalLoss"


async def test_capabilities_are_what_there_is() -> None:
    capabilities = (await Talk().ask("<tev:GetServiceCapabilities/>"))[0]
    assert capabilities.get("MaxPullPoints") == str(LIMIT)
    assert capabilities.get("PersistentNotificationStorage") == "false"
    with pytest.raises(Fault, match="not implemented"):
        await Talk().ask("<tev:Seek><tev:UtcTime>2026-01-01T00:00:00Z</tev:UtcTime></tev:Seek>")
