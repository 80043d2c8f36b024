"""Dates and times as ONVIF spells their formats."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.base.rendition import Overlay
from vcam.osd.words import LONGEST, words

SEOUL = ZoneInfo("Asia/Seoul")


def at(text: str) -> int:
    """Microseconds UTC of a wall clock time in Seoul."""
    return int(datetime.fromisoformat(text).replace(tzinfo=SEOUL).timestamp() * 1_000_000)


@pytest.mark.parametrize(
    ("form", "wanted"),
    [
        ("M/d/yyyy", "3/7/2026"),
        ("MM/dd/yyyy", "03/07/2026"),
        ("dd/MM/yyyy", "07/03/2026"),
        ("yyyy/MM/dd", "2026/03/07"),
        ("yyyy-MM-dd", "2026-03-07"),
        ("dddd, MMMM dd, yyyy", "Saturday, March 07, 2026"),
        ("MMMM dd, yyyy", "March 07, 2026"),
        ("dd MMMM, yyyy", "07 March, 2026"),
    ],
)
def test_dates(form: str, wanted: str) -> None:
    assert words(Overlay("a", "date", date_format=form), at("2026-03-07T01:02:03"), SEOUL) == wanted


@pytest.mark.parametrize(
    ("form", "time", "wanted"),
    [
        ("h:mm:ss tt", "01:02:03", "1:02:03 AM"),
        ("hh:mm:ss tt", "13:02:03", "01:02:03 PM"),
        ("hh:mm:ss tt", "00:59:59", "12:59:59 AM"),
        ("h:mm:ss tt", "12:00:00", "12:00:00 PM"),
        ("H:mm:ss", "01:02:03", "1:02:03"),
        ("HH:mm:ss", "23:59:59", "23:59:59"),
    ],
)
def test_times(form: str, time: str, wanted: str) -> None:
    assert words(Overlay("a", "time", time_format=form), at(f"2026-03-07T{time}"), SEOUL) == wanted


def test_text_follows_the_time_and_stands_alone_without() -> None:
    noon = at("2026-03-07T12:00:00")
    assert words(Overlay("a", "date_and_time", text="정문"), noon, SEOUL) == "2026-03-07 12:00:00 정문"
    assert words(Overlay("a", "plain", text="정문"), noon, SEOUL) == "정문"
    assert words(Overlay("a", "date_and_time"), noon, UTC) == "2026-03-07 03:00:00"


@given(st.text(), st.text(max_size=30), st.integers(0, 4_000_000_000_000_000))
def test_a_line_is_one_printable_line(text: str, form: str, time: int) -> None:
    line = words(Overlay("a", "date", text=text, date_format=form), time, SEOUL)
    assert len(line) <= LONGEST
    assert line == "" or line.isprintable()
