"""The access log with its monthly review (Standards 2 and 8): who, when, from where, whose data, task, reason."""

from __future__ import annotations

from collections import Counter, defaultdict

from recorder.audit.entry import SYSTEM, Action
from recorder.audit.log import Logged
from recorder.ledger.form import Cell, Form, Table, Term
from recorder.ledger.matter import Matter, text

_COLUMNS = (
    Term("번호", "Number"),
    Term("접속자", "Who"),
    Term("일시", "When"),
    Term("접속지", "From where"),
    Term("처리한 정보주체 정보", "Whose data"),
    Term("수행 업무", "Task"),
    Term("다운로드 사유", "Reason of the download"),
)
_TASKS = {
    Action.LOGIN: Term("로그인", "login"),
    Action.LOGIN_FAILED: Term("로그인 실패", "failed login"),
    Action.LOGOUT: Term("로그아웃", "logout"),
    Action.VIEWED: Term("열람", "view"),
    Action.RELEASED: Term("원본 개봉", "release of originals"),
    Action.EXPORTED: Term("반출", "export"),
    Action.EXPORT_REVIEWED: Term("반출 검토", "review of an export"),
    Action.EXPORT_FETCHED: Term("다운로드", "download"),
    Action.SHARED: Term("공유", "share"),
    Action.SHARE_FETCHED: Term("공유 다운로드", "download of a share"),
    Action.REAIMED: Term("카메라 방향 조작", "re-aiming"),
    Action.CONFIGURED: Term("설정 변경", "change of settings"),
}
_DOWNLOADS = (Action.EXPORTED, Action.SHARED, Action.EXPORT_FETCHED, Action.SHARE_FETCHED)
_SUMMARY = (
    Term("월", "Month"),
    Term("접속자 수", "Persons"),
    Term("로그인", "Logins"),
    Term("로그인 실패", "Failed logins"),
    Term("열람", "Views"),
    Term("반출·다운로드", "Exports and downloads"),
    Term("사유 없는 다운로드", "Downloads without a reason"),
    Term("카메라 방향 조작", "Re-aimings"),
    Term("설정 변경", "Changes of settings"),
    Term("감사 로그 검증", "Log verified by"),
)


def accesses(matter: Matter) -> Form:
    """Every access, and what the person in charge looks through each month."""
    rows = [_row(each, matter) for each in matter.of(*_TASKS)]
    return Form(
        Term("접속기록 및 월간 점검표", "Access log and monthly review"),
        Term("개인정보의 안전성 확보조치 기준 제2조, 제8조", "Standards 2 and 8"),
        [
            Table(_SUMMARY, _months(matter), Term("월간 점검", "Monthly review")),
            Table(_COLUMNS, rows, Term("접속기록", "Access log")),
        ],
        [
            Term(
                "접속기록은 2년 동안 보관합니다. 감사 로그에서는 아무것도 지워지지 않습니다.",
                "Access records are kept for 2 years. Nothing is ever removed from the audit log.",
            ),
            Term("점검자: ____________  점검일: ____________", "Reviewed by: ____________  on: ____________"),
        ],
    )


def _row(logged: Logged, matter: Matter) -> list[Cell]:
    entry = logged.entry
    details, moments = entry.details, matter.moments
    span = moments.span(details.get("start"), details.get("end"))
    whose = text(details.get("cameras")) or entry.subject
    count = details.get("count")
    task = _TASKS[entry.action]
    said = text(details.get("task")) or text(details.get("operation")) or text(details.get("door"))
    if entry.action is Action.EXPORT_REVIEWED:
        said = text(details.get("reviewer"))
    times = f" x{count}" if count else ""
    return [
        str(logged.number),
        entry.actor,
        moments.text(entry.time),
        entry.origin,
        f"{whose}, {span}" if span else whose,
        Term(*(f"{each}: {said}{times}" if said else each + times for each in task)),
        _reason(logged) if entry.action in _DOWNLOADS else _changes(logged),
    ]


def _changes(logged: Logged) -> Cell:
    """What a reviewer added and removed, and why."""
    details = logged.entry.details
    if logged.entry.action is not Action.EXPORT_REVIEWED:
        return ""
    added, removed = details.get("added"), details.get("removed")
    why = text(details.get("reasons"))
    return Term(
        f"추가 {added}, 해제 {removed}" + (f": {why}" if why else ""),
        f"{added} added, {removed} removed" + (f": {why}" if why else ""),
    )


def _reason(logged: Logged) -> str:
    details = logged.entry.details
    return text(details.get("purpose")) or text(details.get("request"))


def _months(matter: Matter) -> list[list[Cell]]:
    counts: dict[str, Counter[Action | str]] = defaultdict(Counter)
    people: dict[str, set[str]] = defaultdict(set)
    checks: dict[str, set[str]] = defaultdict(set)
    for logged in matter.of(*_TASKS, Action.AUDITED):
        entry = logged.entry
        month, count = matter.moments.month(entry.time), entry.details.get("count")
        if entry.action is Action.AUDITED:
            checks[month].add(f"{entry.actor} {matter.moments.day(entry.time)}")
            continue
        counts[month][entry.action] += count if isinstance(count, int) else 1
        if entry.actor != SYSTEM:
            people[month].add(entry.actor)
        if entry.action in _DOWNLOADS and not _reason(logged):
            counts[month]["unexplained"] += 1
    return [
        [
            month,
            *(
                str(number)
                for number in (
                    len(people[month]),
                    counts[month][Action.LOGIN],
                    counts[month][Action.LOGIN_FAILED],
                    counts[month][Action.VIEWED],
                    sum(counts[month][action] for action in _DOWNLOADS),
                    counts[month]["unexplained"],
                    counts[month][Action.REAIMED],
                    counts[month][Action.CONFIGURED],
                )
            ),
            ", ".join(sorted(checks[month])) or Term("없음", "nobody"),
        ]
        for month in sorted(counts.keys() | checks.keys())
    ]
