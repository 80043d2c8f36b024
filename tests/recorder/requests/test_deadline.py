"""Ten days by the calendar, where clocks change too."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.requests import deadline
from vcam.base.errors import CustodyError

SEOUL, BERLIN = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 1_000_000


@pytest.mark.parametrize("time", ["00:00:00", "12:00:00", "23:59:59"])
def test_the_day_of_arrival_does_not_count_and_the_last_counts_whole(time: str) -> None:
    due = deadline.due(at(f"2026-03-02T{time}", SEOUL), 10, SEOUL)
    assert due == at("2026-03-13T00:00:00", SEOUL)
    assert deadline.last_day(due, SEOUL) == date(2026, 3, 12)
    assert deadline.left(due, at("2026-03-12T23:59:59", SEOUL), SEOUL) == 0
    assert deadline.left(due, at("2026-03-13T00:00:00", SEOUL), SEOUL) == -1


def test_a_day_is_a_day_where_the_clock_is_put_forward() -> None:
    due = deadline.due(at("2026-03-25T15:00:00", BERLIN), 10, BERLIN)
    assert due == at("2026-04-05T00:00:00", BERLIN)
    assert due - at("2026-03-26T00:00:00", BERLIN) == (10 * 24 - 1) * 3_600_000_000


def test_the_zone_decides_which_day_it_is() -> None:
    instant = int(datetime(2026, 3, 2, 20, tzinfo=UTC).timestamp()) * 1_000_000
    assert deadline.day_of(instant, SEOUL) == date(2026, 3, 3)
    assert deadline.day_of(instant, BERLIN) == date(2026, 3, 2)


def test_it_is_put_off_by_whole_days() -> None:
    due = deadline.due(at("2026-03-02T12:00:00", SEOUL), 10, SEOUL)
    assert deadline.extended(due, 10, SEOUL) == at("2026-03-23T00:00:00", SEOUL)
    for days in (0, 31):
        with pytest.raises(CustodyError, match="1 to 30 days"):
            deadline.extended(due, days, SEOUL)


@given(
    wanted=st.sets(st.integers(0, 9), max_size=5),
    looks=st.lists(st.integers(0, 15), min_size=1, max_size=12).map(sorted),
)
def test_reminders_come_once_each_in_order_and_the_last_never_fails(wanted: set[int], looks: list[int]) -> None:
    start = at("2026-03-02T12:00:00", SEOUL)
    due = deadline.due(start, 10, SEOUL)
    given_: list[int] = []
    for day in looks:
        now = start + day * 24 * 3_600_000_000
        told = deadline.reminder(due, now, SEOUL, wanted, given_)
        if told is not None:
            assert all(told < each for each in given_)
            assert told in wanted | {deadline.LATE}
            given_.append(told)
        days_left = 10 - day
        if any(each >= days_left for each in wanted):
            assert given_, "a reminder whose day has come was not given"
    if looks[-1] > 10:
        assert given_[-1] == deadline.LATE


def test_days_of_any_instant_begin_before_it() -> None:
    for hours in range(0, 24 * 400, 7):
        instant = at("2026-01-01T00:00:00", BERLIN) + hours * 3_600_000_000
        day = deadline.day_of(instant, BERLIN)
        assert deadline.begin_of(day, BERLIN) <= instant < deadline.begin_of(day + timedelta(days=1), BERLIN)
