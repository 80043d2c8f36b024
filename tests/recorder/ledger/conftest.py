"""A site's settings, and entries as the parts write them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from recorder.audit.entry import Action, Entry
from recorder.audit.log import Logged
from recorder.ledger.matter import Matter
from vcam.base.canonical import Json
from vcam.base.settings import Settings

START = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z, which is 09:00 in Seoul."""
HOUR = 3_600_000_000
DAY = 24 * HOUR

ORIGIN = "192.0.2.9"

Make = Callable[..., Matter]


@pytest.fixture
def settings() -> Settings:
    return Settings.model_validate(
        {
            "site": {"timezone": "Asia/Seoul", "name": "City hall"},
            "custody": {"officer": "정보보호 담당관", "contact": "privacy desk, extension 1"},
            "recorder": {"keep_original": False, "retention_days": 14},
            "camera": [
                {"name": "gate", "source": {"url": "file:a"}, "purpose": "시설 안전", "place": "정문"},
                {
                    "name": "yard",
                    "source": {"url": "file:b"},
                    "purpose": "시설 안전",
                    "place": "마당",
                    "retention_days": 7,
                },
            ],
        }
    )


@pytest.fixture
def make(settings: Settings) -> Make:
    def made(*entries: Entry, now: int = START + 30 * DAY) -> Matter:
        return Matter([Logged(number, entry) for number, entry in enumerate(entries)], settings, now)

    return made


def entry(
    action: Action, hours: float, subject: str = "camera/gate", actor: str = "officer-1", **details: Json
) -> Entry:
    return Entry(START + round(hours * HOUR), actor, action, subject, details, ORIGIN)


def export(hours: float = 0, basis: str = "warrant", **more: Json) -> Entry:
    details: dict[str, Json] = {
        "request": "2026-0001",
        "basis": basis,
        "article": "형사소송법 제215조 (Criminal Procedure Act 215)",
        "purpose": "수사",
        "receiving_body": "police station",
        "cameras": ["gate"],
        "start": START - HOUR,
        "end": START,
        "kind": "original",
        "items": ["얼굴", "차량번호"],
        "form": "file",
        "limits": "목적 외 이용 금지",
        "files": [{"name": "gate.mkv", "sha256": "00" * 32, "size": 7}],
        **more,
    }
    return Entry(START + round(hours * HOUR), "officer-1", Action.EXPORTED, "export/1", details, ORIGIN)
