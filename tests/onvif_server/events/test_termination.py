"""When subscriptions end."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.events.termination import DEFAULT, LONGEST, SHORTEST, lasting
from onvif_server.soap import Fault

NOW = 1_767_225_600_000_000
FAULT = "UnacceptableTerminationTimeFault"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT60S", 60),
        ("PT1M", 60),
        ("PT1.5S", 1.5),
        ("PT0H10M", 600),
        ("P1D", 86_400),
        ("P0Y0M0DT0H1M0S", 60),
        (" PT1H ", 3600),
        (None, DEFAULT),
        ("", DEFAULT),
        ("2026-01-01T00:01:00Z", 60),
        ("2026-01-01T00:01:00.500Z", 60.5),
        ("2026-01-01T09:01:00+09:00", 60),
        ("2026-01-01T00:01:00", 60),
    ],
)
def test_durations_and_times(text: str | None, seconds: float) -> None:
    assert lasting(text, NOW, FAULT) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["P", "PT", "1H", "PT1H1", "P1H", "PT-1S", "-PT60S", "soon", "P99999999999Y", "9" * 99]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Fault):
        lasting(text, NOW, FAULT)


@given(st.floats(SHORTEST, LONGEST), st.integers(-12, 12))
def test_a_time_is_that_far_away_in_any_zone(seconds: float, hours: int) -> None:
    end = datetime.fromtimestamp(NOW / 1e6, UTC) + timedelta(seconds=seconds)
    text = end.astimezone(timezone(timedelta(hours=hours))).isoformat()
    assert lasting(text, NOW, FAULT) == pytest.approx(seconds, abs=1e-5)


@given(st.text())
def test_any_text_is_a_time_or_refused(text: str) -> None:
    with contextlib.suppress(Fault):
        assert SHORTEST <= lasting(text, NOW, FAULT) <= LONGEST
