"""Time zones, read from files that zic compiled."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime
from pathlib import Path

import pytest

from onvif_server.zone import host_zone, read_zone


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
