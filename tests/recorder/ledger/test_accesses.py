"""The access log and its monthly review."""

from __future__ import annotations

from typing import Any

from recorder.audit.entry import SYSTEM, Action
from recorder.ledger.accesses import accesses
from recorder.ledger.form import said
from tests.recorder.ledger.conftest import HOUR, START, Make, entry, export


def test_each_access_tells_who_when_whence_whose_what_and_why(make: Make) -> None:
    form = accesses(make(export(1), entry(Action.LOGIN_FAILED, 2, actor=SYSTEM, door="rtsp", count=40)))
    exported, failed = ([said(cell, "en") for cell in row] for row in form.tables[1].rows)
    assert exported == [
        "0",
        "officer-1",
        "2026-01-01 10:00:00+09:00",
        "192.0.2.9",
        "gate, 2026-01-01 08:00:00+09:00 ~ 2026-01-01 09:00:00+09:00",
        "export",
        "수사",
    ]
    assert failed[4:] == ["camera/gate", "failed login: rtsp x40", ""]


def test_the_review_sums_each_month_up(make: Make) -> None:
    form = accesses(
        make(
            entry(Action.LOGIN, 0, door="console"),
            entry(Action.LOGIN_FAILED, 1, actor=SYSTEM, door="rtsp", count=40),
            entry(Action.EXPORT_FETCHED, 2, "export/1", "officer-2"),
            export(3),
            entry(Action.REAIMED, 4, operation="AbsoluteMove", count=3),
            entry(Action.AUDITED, 24 * 40, "audit", "auditor-1", size=9, findings=0),
            entry(Action.LOGIN, 24 * 40, door="console"),
        )
    )
    first, second = ([said(cell, "en") for cell in row] for row in form.tables[0].rows)
    assert first == ["2026-01", "2", "1", "40", "0", "2", "1", "3", "0", "nobody"]
    assert second == ["2026-02", "1", "1", "0", "0", "0", "0", "0", "0", "auditor-1 2026-02-10"]


def test_months_are_those_of_the_site(make: Make) -> None:
    last_hour = entry(Action.LOGIN, 31 * 24 - 1, door="console")
    assert last_hour.time == START + (31 * 24 - 1) * HOUR
    (row,) = accesses(make(last_hour)).tables[0].rows
    assert row[0] == "2026-02"


def test_a_review_tells_who_looked_what_was_changed_and_why(make: Make) -> None:
    changes: dict[str, Any] = {
        "added": 2,
        "removed": 1,
        "changed": 0,
        "reasons": ["gate: added: a face", "gate: removed: a sign"],
    }
    plain: dict[str, Any] = {"added": 0, "removed": 0, "changed": 0}
    form = accesses(
        make(
            entry(Action.EXPORT_REVIEWED, 1, "export/1", reviewer="officer-2", **changes),
            entry(Action.EXPORT_REVIEWED, 2, "export/2", reviewer="officer-3", **plain),
        )
    )
    first, second = ([said(cell, "en") for cell in row] for row in form.tables[1].rows)
    assert first[4:] == [
        "export/1",
        "review of an export: officer-2",
        "2 added, 1 removed: gate: added: a face, gate: removed: a sign",
    ]
    assert second[5:] == ["review of an export: officer-3", "0 added, 0 removed"]
    assert said(form.tables[1].rows[1][6], "ko") == "추가 0, 해제 0"
