"""How long subscriptions last, and what they hold."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from requests.auth import HTTPDigestAuth

from onvif_server.events.filter import Filter
from onvif_server.events.subscription import LIMIT, Subscriptions
from onvif_server.notice import Notices
from onvif_server.wsdl import DEVICE
from tests.support.events import create, envelope, motion
from vcam.base.clock import ManualClock

SECONDS = st.floats(0.5, 100)


@given(SECONDS, st.lists(st.tuples(st.sampled_from(["pass", "renew", "keep"]), SECONDS), max_size=12))
def test_one_lasts_until_its_time_is_over_and_no_longer(first: float, steps: list[tuple[str, float]]) -> None:
    clock = ManualClock()
    subscriptions = Subscriptions(Notices(), clock)
    made = subscriptions.add(Filter(), first)
    lasting = left = first
    for step, seconds in steps:
        if step == "pass":
            clock.advance(seconds)
            left -= seconds
        elif step == "renew" and left > 0:
            made.renew(seconds)
            lasting = left = seconds
        elif left > 0:
            made.keep(seconds)
            left = max(left, seconds, lasting)
        if abs(left) > 1e-6:
            assert (subscriptions.find(made.key) is not None) == (left > 0)
        if left > 0:
            assert made.remaining == pytest.approx(left, abs=1e-6)


def test_one_does_not_end_while_its_client_waits() -> None:
    clock = ManualClock()
    subscriptions = Subscriptions(Notices(), clock)
    made = subscriptions.add(Filter(), 1)
    made.waiting = lambda: True
    clock.advance(10)
    assert subscriptions.find(made.key) is made
    made.waiting = None
    assert subscriptions.find(made.key) is None


async def test_those_of_a_user_who_was_removed_end(running: Any, client: Any) -> None:
    def pull(user: str) -> int:
        body = envelope(create()).decode()
        auth = HTTPDigestAuth(user, "correct horse battery staple")
        reply = requests.post(f"{running.url}/onvif/event_service", body, auth=auth, timeout=10)
        return reply.status_code

    device = client(DEVICE)
    user = {"Username": "viewer", "Password": "correct horse battery staple", "UserLevel": "User"}
    await device("CreateUsers", User=[user])
    assert [await asyncio.to_thread(pull, "viewer") for _ in range(LIMIT + 1)] == [200] * LIMIT + [500]
    assert await asyncio.to_thread(pull, "operator") == 500
    await device("DeleteUsers", Username=["viewer"])
    assert await asyncio.to_thread(pull, "operator") == 200


def test_keys_cannot_be_guessed_from_each_other() -> None:
    subscriptions = Subscriptions(Notices(), ManualClock())
    keys = {subscriptions.add(Filter(), 60).key for _ in range(LIMIT)}
    assert len(keys) == LIMIT
    assert all(len(bytes.fromhex(key)) == 16 for key in keys)
    assert subscriptions.full(sent=False)
    assert not subscriptions.full(sent=True)


def test_after_a_stop_nothing_is_heard_until_a_start() -> None:
    notices = Notices()
    subscriptions = Subscriptions(notices, ManualClock())
    before = subscriptions.add(Filter(), 60)
    subscriptions.stop()
    assert before.over
    assert list(subscriptions) == []
    assert subscriptions.full(sent=True)
    subscriptions.start()
    assert not subscriptions.full(sent=True)
    subscriptions.start()
    after = subscriptions.add(Filter(), 60)
    notices.publish(motion(True))
    assert len(after.queue) == 1
    assert not before.queue
