"""Repeated deeds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recorder.audit.bundle import MOST, OTHERS, WINDOW, Bundle
from recorder.audit.entry import SYSTEM, Action, Entry
from vcam.base.clock import ManualClock


def wrong(clock: ManualClock, origin: str) -> Entry:
    return Entry(clock.utc(), SYSTEM, Action.LOGIN_FAILED, "camera/gate", {"door": "rtsp"}, origin)


def test_the_first_is_told_at_once_and_the_others_as_a_count() -> None:
    clock, told = ManualClock(1_000), list[Entry]()
    bundle = Bundle(told.append, clock)
    for _ in range(50):
        bundle.tell(wrong(clock, "192.0.2.1"))
        clock.advance(1)
        bundle.settle()
    bundle.tell(wrong(clock, "192.0.2.2"))
    assert [each.origin for each in told] == ["192.0.2.1", "192.0.2.2"]
    clock.advance(WINDOW)
    bundle.settle()
    assert told[2].details == {"door": "rtsp", "count": 49, "first": 1_001_000, "last": 49_001_000}
    assert len(told) == 3
    clock.advance(2 * WINDOW)
    bundle.settle()
    bundle.tell(wrong(clock, "192.0.2.1"))
    assert len(told) == 4


def test_a_stop_tells_what_was_counted() -> None:
    clock, told = ManualClock(1_000), list[Entry]()
    bundle = Bundle(told.append, clock)
    for _ in range(3):
        bundle.tell(wrong(clock, "192.0.2.1"))
    bundle.settle(all_of_them=True)
    assert [each.details.get("count") for each in told] == [None, 2]


def test_a_guesser_with_many_addresses_does_not_flood_the_log() -> None:
    clock, told = ManualClock(), list[Entry]()
    bundle = Bundle(told.append, clock)
    for number in range(10 * MOST):
        bundle.tell(wrong(clock, f"2001:db8:{number:x}::1"))
    assert len(told) == MOST + 1
    assert told[-1].origin == OTHERS
    bundle.settle(all_of_them=True)
    assert told[-1].details["count"] == 9 * MOST - 1
    bundle.settle(all_of_them=True)
    bundle.settle(all_of_them=True)
    bundle.tell(wrong(clock, "192.0.2.1"))
    assert told[-1].origin == "192.0.2.1"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 90)), max_size=60))
def test_every_deed_is_told_or_counted_once(deeds: list[tuple[str, int]]) -> None:
    clock, told = ManualClock(), list[Entry]()
    bundle = Bundle(told.append, clock)
    for origin, wait in deeds:
        bundle.tell(wrong(clock, origin))
        clock.advance(wait)
        bundle.settle()
    bundle.settle(all_of_them=True)
    for origin in "abc":
        counts = [each.details.get("count", 1) for each in told if each.origin == origin]
        assert sum(int(str(count)) for count in counts) == sum(each == origin for each, _ in deeds)
