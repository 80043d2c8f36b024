"""The register of requests, with the ten days of PIPA 35."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from recorder.audit.entry import Action
from recorder.audit.log import Logged
from recorder.ledger.form import Cell, Form, Table, Term
from recorder.ledger.matter import Matter, basis, receiver, text
from recorder.requests.basis import GROUNDS, Ground
from vcam.base.canonical import Json

_COLUMNS = (
    Term("번호", "Number"),
    Term("접수일시", "Received"),
    Term("요구 근거", "Basis"),
    Term("요구자", "Asked by"),
    Term("목적/사유", "Purpose"),
    Term("카메라", "Cameras"),
    Term("촬영 기간", "Footage of"),
    Term("첨부 문서", "Documents"),
    Term("처리 기한", "Due"),
    Term("처리일시", "Answered"),
    Term("결과", "Result"),
    Term("거절·연기 사유", "Ground of refusal or extension"),
    Term("담당자", "Handled by"),
    Term("기한 준수", "In time"),
)
_RESULTS = {
    Action.REQUEST_DRAFTED: Term("작성 중", "drafted"),
    Action.REQUEST_SUBMITTED: Term("검토 중", "submitted"),
    Action.REQUEST_APPROVED: Term("승인", "approved"),
    Action.REQUEST_REFUSED: Term("거절", "refused"),
    Action.RELEASED: Term("원본 개봉", "released"),
    Action.EXPORTED: Term("제공 완료", "exported"),
    Action.REQUEST_EXPIRED: Term("기한 만료", "expired"),
    Action.REQUEST_CLOSED: Term("종결", "closed"),
}
_ANSWERS = {Action.REQUEST_REFUSED, Action.EXPORTED}
_IN_TIME = Term("준수", "yes")
_LATE = Term("초과", "LATE")
_RUNNING = Term("진행 중", "running")


@dataclass(slots=True)
class _Case:
    """What the log tells of one request, later entries over earlier ones."""

    number: str
    details: dict[str, Json] = field(default_factory=dict)
    documents: list[str] = field(default_factory=list)
    result: Cell = ""
    ground: Cell = ""
    received: int = 0
    answered: int | None = None
    by: str = ""

    def take(self, logged: Logged) -> None:
        entry = logged.entry
        if entry.action is Action.REQUEST_DRAFTED:
            self.received = entry.time
        self.details |= {name: value for name, value in entry.details.items() if name != "documents"}
        self.documents += _documents(entry.details)
        self.result = _RESULTS.get(entry.action, self.result)
        if entry.action in _ANSWERS and self.answered is None:
            self.answered = entry.time
        if entry.action is Action.REQUEST_REFUSED:
            self.ground = _ground(entry.details)
        elif entry.action is Action.REQUEST_EXTENDED:
            self.ground = text(entry.details.get("reason"))
        self.by = entry.actor

    def in_time(self, now: int) -> Cell:
        due = self.details.get("due")
        if not isinstance(due, int):
            return ""
        if (self.answered or now) > due:
            return _LATE
        return _RUNNING if self.answered is None else _IN_TIME


def requests(matter: Matter) -> Form:
    """All requests that entries tell of, by number."""
    found: dict[str, _Case] = {}
    for logged in matter.of(*_RESULTS, Action.REQUEST_EXTENDED, Action.REQUEST_CHANGED):
        number = text(logged.entry.details.get("request"))
        if number:
            found.setdefault(number, _Case(number)).take(logged)
    rows = [_row(found[number], matter) for number in sorted(found)]
    return Form(
        Term("개인영상정보 요구 처리 대장", "Request register"),
        Term("개인정보 보호법 제35조", "PIPA 35"),
        [Table(_COLUMNS, rows)],
    )


def _row(case: _Case, matter: Matter) -> list[Cell]:
    moments, details = matter.moments, case.details
    return [
        case.number,
        moments.text(details.get("received", case.received)),
        basis(details),
        receiver(details),
        text(details.get("purpose")),
        text(details.get("cameras")),
        moments.span(details.get("start"), details.get("end")),
        ", ".join(case.documents),
        moments.text(details.get("due")),
        moments.text(case.answered),
        case.result,
        case.ground,
        case.by,
        case.in_time(matter.now),
    ]


def _documents(details: Mapping[str, Json]) -> list[str]:
    found = details.get("documents")
    each = found if isinstance(found, list | tuple) else ()
    return [
        f"{text(one.get('name'))} (SHA-256 {text(one.get('sha256'))})"
        for one in each
        if isinstance(one, Mapping)
    ]


def _ground(details: Mapping[str, Json]) -> Cell:
    said, more = text(details.get("ground")), text(details.get("explanation"))
    if said not in set(Ground):
        return f"{said}: {more}" if more else said
    return Term(*(f"{each}: {more}" if more else each for each in GROUNDS[Ground(said)]))
