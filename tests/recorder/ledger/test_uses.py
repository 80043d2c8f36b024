"""The ledger of personal video and the provision register."""

from __future__ import annotations

import pytest

from recorder.audit.entry import SYSTEM, Action, Entry
from recorder.ledger.form import said
from recorder.ledger.uses import ledger, register
from tests.recorder.ledger.conftest import HOUR, START, Make, entry, export
from vcam.base.canonical import Json


def test_a_provision_stands_in_both(make: Make) -> None:
    matter = make(export(1, period_start=START, period_end=START + HOUR))
    (row,) = ledger(matter).tables[0].rows
    assert [said(cell, "ko") for cell in row] == [
        "1",
        "제공",
        "2026-01-01 10:00:00+09:00",
        "gate.mkv",
        "정보보호 담당관",
        "수사",
        "police station",
        "압수·수색영장, 형사소송법 제215조 (Criminal Procedure Act 215)",
        "파일",
        "2026-01-01 09:00:00+09:00 ~ 2026-01-01 10:00:00+09:00",
    ]
    (row,) = register(matter).tables[0].rows
    assert [said(cell, "en") for cell in row] == [
        "1",
        "gate.mkv",
        "police station",
        "수사",
        "Warrant, 형사소송법 제215조 (Criminal Procedure Act 215)",
        "얼굴, 차량번호",
        "2026-01-01 10:00:00+09:00; 2026-01-01 09:00:00+09:00 ~ 2026-01-01 10:00:00+09:00",
        "file",
        "목적 외 이용 금지",
    ]


@pytest.mark.parametrize(
    ("basis", "body", "kind"),
    [
        ("inquiry", "police station", "provision"),
        ("data-subject", "data-subject", "access"),
        ("internal", "", "use"),
        ("masked", "insurer", "provision"),
        ("masked", "data-subject", "access"),
    ],
)
def test_the_kind_follows_from_basis_and_receiver(make: Make, basis: str, body: str, kind: str) -> None:
    matter = make(export(0, basis, receiving_body=body))
    (row,) = ledger(matter).tables[0].rows
    assert said(row[1], "en") == kind
    assert len(register(matter).tables[0].rows) == (kind == "provision")


def test_everything_is_numbered_by_time(make: Make) -> None:
    purged: dict[str, Json] = {"kind": "original", "segments": 3, "start": START, "end": START + HOUR}
    form = ledger(
        make(
            Entry(START + HOUR, SYSTEM, Action.PURGED, "camera/gate", purged),
            entry(Action.VIEWED, 2, kind="original", task="사고 확인", basis="internal"),
            entry(Action.VIEWED, 3, kind="masked", task="looks at nothing but masks"),
            export(4),
            entry(
                Action.SHREDDED, 5, actor=SYSTEM, epochs=["gate/2025-12-01/00"], start=START, end=START + HOUR
            ),
        )
    )
    rows = form.tables[0].rows
    assert [row[0] for row in rows] == ["1", "2", "3", "4"]
    assert [said(row[1], "ko") for row in rows] == ["파기", "이용", "제공", "파기"]


def test_who_looks_at_an_original_for_somebody_uses_it(make: Make) -> None:
    look = export(0, "data-subject", receiving_body="data-subject", task="list tracks")
    seen = Entry(look.time, look.actor, Action.VIEWED, "request/2026-0001", look.details)
    (row,) = ledger(make(seen)).tables[0].rows
    assert (said(row[1], "en"), row[6]) == ("use", "City hall")


def test_a_data_subject_has_no_name(make: Make) -> None:
    (row,) = ledger(make(export(0, "data-subject", receiving_body="data-subject"))).tables[0].rows
    assert (said(row[6], "ko"), said(row[6], "en")) == ("정보주체", "data subject")
