"""The rounds go on whatever fails."""

from __future__ import annotations

import asyncio

import pytest

from recorder.requests import rounds
from recorder.requests.upkeep import Reminder
from tests.recorder.requests.conftest import Office, citizen, letter
from vcam.base.errors import RecordError


def test_a_round_reminds_expires_and_erases(office: Office) -> None:
    old = office.book.draft(letter(), by="officer-1").number
    closed = office.book.draft(citizen(), by="officer-1").number
    office.book.close(closed, "withdrawn", by="officer-1")
    office.clock.advance(25 * 86_400)
    waiting = office.book.draft(citizen(), by="officer-1").number
    office.clock.advance(9 * 86_400)
    rounds.make(office.book)
    found = [(each["action"], each["subject"]) for each in office.entries()[-3:]]
    assert found == [
        ("request.reminded", f"request/{waiting}"),
        ("request.expired", f"request/{old}"),
        ("request.changed", f"request/{closed}"),
    ]


async def test_a_round_that_fails_is_not_the_last(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = 0
    again = asyncio.Event()
    loop = asyncio.get_running_loop()

    def remind() -> list[Reminder]:
        nonlocal tried
        tried += 1
        if tried > 1:
            loop.call_soon_threadsafe(again.set)
        raise RecordError("The index cannot be used")

    monkeypatch.setattr(office.book, "remind", remind)
    keeping = asyncio.create_task(rounds.keep(office.book, every=0))
    await again.wait()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    assert keeping.cancelled()
