"""Time zones, read from files that zic compiled."""

from __future__ import annotations

import contextlib
import zoneinfo
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.zone import host_zone, posix_zone, read_zone


def _file(name: str) -> Path:
    found = [Path(folder, name) for folder in zoneinfo.TZPATH if Path(folder, name).is_file()]
    if not found:
        pytest.skip("this host has no time zone files")
    return found[0]


@pytest.mark.parametrize(
    ("name", "posix"),
    [("Asia/Seoul", "KST-9"), ("Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"), ("Etc/UTC", "UTC0")],
)
def test_the_posix_text_of_a_zone(name: str, posix: str) -> None:
    assert read_zone(_file(name)).posix == posix


def test_the_zone_calculates() -> None:
    zone = read_zone(_file("Asia/Seoul"))
    assert datetime(2026, 1, 1, tzinfo=UTC).astimezone(zone.info).hour == 9


@pytest.mark.parametrize("content", [None, b"", b"TZif2", b"no zone at all\n"])
def test_without_a_zone_it_is_utc(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "localtime"
    if content is not None:
        path.write_bytes(content)
    assert read_zone(path).posix == "UTC0"


def test_the_environment_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    _file("Asia/Seoul")
    monkeypatch.setenv("TZ", ":Asia/Seoul")
    assert host_zone().posix == "KST-9"
    monkeypatch.setenv("TZ", "Nowhere/At_all")
    assert host_zone().posix == "UTC0"


@pytest.mark.parametrize(
    "name", ["Asia/Seoul", "Europe/Berlin", "America/New_York", "Australia/Sydney", "Etc/UTC"]
)
def test_a_posix_text_calculates_as_the_file_that_it_comes_from(name: str) -> None:
    zone = read_zone(_file(name))
    text = posix_zone(zone.posix)
    assert text.posix == zone.posix
    for month in range(1, 13):
        moment = datetime(2026, month, 15, 12, tzinfo=UTC)
        assert moment.astimezone(text.info).utcoffset() == moment.astimezone(zone.info).utcoffset()


def test_daylight_saving_time_can_be_passed_over() -> None:
    moment = datetime(2026, 7, 1, 12, tzinfo=UTC)
    offsets = [moment.astimezone(posix_zone("EST5EDT", saving).info).utcoffset() for saving in (True, False)]
    assert offsets == [timedelta(hours=-4), timedelta(hours=-5)]


@pytest.mark.parametrize(
    "text", ["", "Mars", "UTC", "KST-99", "EST5EDT,M13.1.0,M11.1.0", "X" * 100 + "0", "한국-9"]
)
def test_what_is_no_posix_zone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        posix_zone(text)


@given(st.text(alphabet="ABCdef<>+-:,./0123456789MJ \n", max_size=40))
def test_any_text_gives_a_zone_or_a_value_error(text: str) -> None:
    with contextlib.suppress(ValueError):
        datetime(2026, 7, 1, 12, tzinfo=UTC).astimezone(posix_zone(text).info)
