"""What the public is told."""

from __future__ import annotations

from recorder.ledger.form import said
from recorder.ledger.public import board, policy
from tests.recorder.ledger.conftest import Make


def test_the_policy_has_all_its_items(make: Make) -> None:
    items, cameras = policy(make()).tables
    assert {said(name, "en"): said(value, "en") for name, value in items.rows} == {
        "Institution": "City hall",
        "Purpose": "시설 안전",
        "Number of cameras": "2",
        "Staff in charge": "정보보호 담당관",
        "Retention": "7, 14 days",
        "Place": "정문; 마당",
        "How to ask for access": "privacy desk, extension 1",
    }
    assert [said(cell, "ko") for cell in cameras.rows[1]] == [
        "yard",
        "시설 안전",
        "마당",
        "(설정에 없음)",
        "7",
        "7",
    ]


def test_the_board_tells_each_thing_once(make: Make) -> None:
    form = board(make())
    assert form.basis.en == "PIPA 25(4)"
    assert [said(value, "ko") for _, value in form.tables[0].rows] == [
        "시설 안전",
        "정문",
        "(설정에 없음)",
        "마당",
        "정보보호 담당관",
        "privacy desk, extension 1",
    ]
