"""Times as people type them."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.errors import ConfigError
from vcam.cli.instants import iso, microseconds


@pytest.fixture
def seoul(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("1970-01-01T00:00:01Z", 1_000_000),
        ("1970-01-01T09:00:00+09:00", 0),
        ("2026-03-01T14:30:00.25Z", 1_772_375_400_250_000),
    ],
)
def test_times_with_an_offset(text: str, utc: int) -> None:
    assert microseconds(text) == utc


@pytest.mark.parametrize("text", ["9999-12-31T23:00Z", "0001-01-01T09:00Z", "2300-01-01T00:00Z"])
def test_times_that_no_log_can_hold_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="is no time"):
        microseconds(text)


@pytest.mark.usefixtures("seoul")
def test_times_without_an_offset_are_local() -> None:
    assert microseconds("2026-03-01T14:30") == microseconds("2026-03-01T05:30Z")
    assert microseconds("2026-03-01") == microseconds("2026-02-28T15:00Z")


@pytest.mark.parametrize("text", ["", "yesterday", "14:30", "2026-13-01", "0001-01-01T00:00:00+23:59"])
def test_what_is_no_time_is_explained(text: str) -> None:
    with pytest.raises(ConfigError, match="is no time"):
        microseconds(text)


@given(st.integers(0, 4_102_444_800_000))
def test_written_and_read_it_is_the_same(milliseconds: int) -> None:
    assert microseconds(iso(milliseconds * 1000)) == milliseconds * 1000
