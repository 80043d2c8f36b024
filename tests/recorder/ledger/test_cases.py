"""The request register."""

from __future__ import annotations

from recorder.audit.entry import Action, Entry
from recorder.ledger.cases import requests
from recorder.ledger.form import said
from tests.recorder.ledger.conftest import DAY, HOUR, START, Make, export
from vcam.base.canonical import Json


def step(action: Action, hours: float, number: str = "2026-0001", **details: Json) -> Entry:
    told: dict[str, Json] = {"request": number, **details}
    return Entry(START + round(hours * HOUR), "officer-1", action, f"request/{number}", told)


def drafted(number: str = "2026-0001") -> Entry:
    return step(
        Action.REQUEST_DRAFTED,
        0,
        number,
        basis="data-subject",
        article="개인정보 보호법 제35조 (PIPA 35)",
        purpose="분실물",
        receiving_body="data-subject",
        cameras=["gate", "yard"],
        start=START - HOUR,
        end=START,
        received=START - 2 * HOUR,
        due=START + 10 * DAY,
        documents=[],
    )


def rows(make: Make, *entries: Entry, now: int = START + DAY) -> list[list[str]]:
    return [[said(cell, "en") for cell in row] for row in requests(make(*entries, now=now)).tables[0].rows]


def test_a_request_is_one_line_however_far_it_came(make: Make) -> None:
    document: Json = [{"name": "form.pdf", "sha256": "ab"}]
    (row,) = rows(
        make,
        drafted(),
        step(Action.REQUEST_CHANGED, 1, documents=document),
        step(Action.REQUEST_SUBMITTED, 2),
        step(Action.REQUEST_APPROVED, 3),
        export(48, "data-subject"),
        step(Action.REQUEST_CLOSED, 50),
    )
    assert row[:2] == ["2026-0001", "2026-01-01 07:00:00+09:00"]
    assert row[5] == "gate"  # as exported
    assert row[7] == "form.pdf (SHA-256 ab)"
    assert row[8:11] == ["2026-01-11 09:00:00+09:00", "2026-01-03 09:00:00+09:00", "closed"]
    assert row[13] == "yes"


def test_the_ten_day_clock_runs(make: Make) -> None:
    assert rows(make, drafted())[0][13] == "running"
    assert rows(make, drafted(), now=START + 11 * DAY)[0][13] == "LATE"
    assert rows(make, drafted(), export(11 * 24, "data-subject"), now=START + 20 * DAY)[0][13] == "LATE"
    extended = step(Action.REQUEST_EXTENDED, 5, due=START + 15 * DAY, reason="휴무")
    (row,) = rows(make, drafted(), extended, now=START + 11 * DAY)
    assert (row[11], row[13]) == ("휴무", "running")


def test_a_refusal_tells_its_ground(make: Make) -> None:
    refused = step(Action.REQUEST_REFUSED, 5, ground="destroyed", explanation="kept 14 days")
    (row,) = rows(make, drafted(), refused)
    assert row[10:12] == ["refused", "The footage was destroyed when its time was over: kept 14 days"]
    assert row[13] == "yes"


def test_requests_are_apart(make: Make) -> None:
    found = rows(make, drafted("2026-0002"), drafted(), step(Action.REQUEST_EXPIRED, 9, "2026-0002"))
    assert [(row[0], row[10]) for row in found] == [("2026-0001", "drafted"), ("2026-0002", "expired")]
