"""Records of destruction."""

from __future__ import annotations

from recorder.audit.entry import SYSTEM, Action, Entry
from recorder.ledger.destruction import destructions
from recorder.ledger.form import said
from tests.recorder.ledger.conftest import HOUR, START, Make, entry
from vcam.base.canonical import Json


def purged(hours: float, **more: Json) -> Entry:
    details: dict[str, Json] = {
        "kind": "original",
        "segments": 2,
        "bytes": 10,
        "start": START + round(hours * HOUR) - HOUR,
        "end": START + round(hours * HOUR),
        "cycle_days": 14,
        "reason": "retention",
        "files": ["a", "b"],
    }
    return Entry(START + round(hours * HOUR), SYSTEM, Action.PURGED, "camera/gate", details | more)


def test_automatic_purges_of_a_day_are_one_line(make: Make) -> None:
    rows = destructions(make(purged(1), purged(2), purged(20))).tables[0].rows
    assert len(rows) == 2
    first = [said(cell, "ko") for cell in rows[0]]
    assert first[0] == "2026-01-01 10:00:00+09:00 ~ 2026-01-01 11:00:00+09:00"
    assert first[1:] == [
        "gate",
        "원본 영상",
        "2026-01-01 09:00:00+09:00 ~ 2026-01-01 11:00:00+09:00",
        "4",
        "",
        "14",
        "보관 기간 만료",
        "자동",
        "정보보호 담당관",
        "",
    ]
    assert [said(cell, "en") for cell in rows[1]][:1] == ["2026-01-02 05:00:00+09:00"]
    assert rows[1][5] == "a, b"


def test_keys_are_said_to_be_destroyed_for_the_reason_that_the_log_has(make: Make) -> None:
    def why(gone: Entry) -> str:
        return [said(cell, "en") for cell in destructions(make(gone)).tables[0].rows[0]][7]

    keys: list[Json] = ["gate/2025-12-01/00"]
    assert why(entry(Action.SHREDDED, 1, actor=SYSTEM, epochs=keys, reason="disk-full")) == "the disk was full"
    assert why(entry(Action.SHREDDED, 1, actor=SYSTEM, epochs=keys, reason="retention")) == "its time was over"
    assert why(entry(Action.SHREDDED, 1, actor=SYSTEM, epochs=keys)) == ""


def test_a_destroyed_export_is_a_line_of_its_own(make: Make) -> None:
    gone = entry(Action.EXPORT_DESTROYED, 1, "export/e1", "officer-2", reason="the link has expired")
    (row,) = destructions(make(gone)).tables[0].rows
    assert [said(cell, "en") for cell in row] == [
        "2026-01-01 10:00:00+09:00",
        "export/e1",
        "files of an export",
        "",
        "",
        "",
        "",
        "the link has expired",
        "officer-2",
        "정보보호 담당관",
        "",
    ]


def test_other_causes_and_cameras_stay_apart(make: Make) -> None:
    form = destructions(
        make(
            purged(1),
            purged(1, kind="masked"),
            purged(1, cycle_days=7),
            entry(Action.PURGED_EARLY, 1, actor=SYSTEM, kind="original", segments=1, reason="disk-full"),
            entry(
                Action.PURGED,
                1,
                actor="officer-2",
                kind="original",
                segments=1,
                reason="request",
                certificate="C1",
            ),
            entry(Action.PURGED, 1, "camera/yard", SYSTEM, kind="original", segments=1, reason="retention"),
        )
    )
    said_by = [[said(cell, "en") for cell in row] for row in form.tables[0].rows]
    assert len(said_by) == 6
    assert [row[7] for row in said_by][3:5] == ["the disk was full", "destroyed on request"]
    assert said_by[4][8] == "officer-2"
    assert said_by[4][10] == "C1"
