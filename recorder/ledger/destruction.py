"""Records of destruction: time or automatic cycle, and person (Guidelines)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recorder.audit.entry import SYSTEM, Action
from recorder.audit.log import Logged
from recorder.ledger.form import Cell, Form, Table, Term
from recorder.ledger.matter import Matter, files, kind, text
from recorder.ledger.moment import Moments

_COLUMNS = (
    Term("일시", "Date and time"),
    Term("카메라 또는 반출 번호", "Camera or export"),
    Term("형태", "Kind"),
    Term("촬영 기간", "Footage of"),
    Term("파일 수", "Files"),
    Term("파일명", "File names"),
    Term("자동 삭제 주기(일)", "Automatic cycle (days)"),
    Term("사유", "Reason"),
    Term("처리자", "Done by"),
    Term("담당자", "Person in charge"),
    Term("확인서", "Certificate"),
)
_REASONS = {
    "retention": Term("보관 기간 만료", "its time was over"),
    "disk-full": Term("저장 공간 부족", "the disk was full"),
    "request": Term("요청에 따른 파기", "destroyed on request"),
}
_ACTIONS = (Action.PURGED, Action.PURGED_EARLY, Action.SHREDDED, Action.EXPORT_DESTROYED)
_CAUSES = ("kind", "reason", "cycle_days", "certificate")
_AUTOMATIC = Term("자동", "automatic")
_EXPORT = Term("반출 파일", "files of an export")
_KEYS = Term("복호화 키", "decryption keys")


@dataclass(slots=True)
class Destroyed:
    """What was destroyed alike within one day: automatic purges come many times a day."""

    first: Logged
    count: int
    start: int
    end: int
    last: int
    runs: int = 0

    def take(self, logged: Logged) -> None:
        """One more."""
        details = logged.entry.details
        self.runs += 1
        self.count += _number(details.get("segments"))
        self.start = min(self.start, _number(details.get("start"), self.start))
        self.end = max(self.end, _number(details.get("end"), self.end))
        self.last = logged.entry.time

    def reason(self) -> Cell:
        """Why."""
        said = text(self.first.entry.details.get("reason"))
        return _REASONS.get(said, said)

    def span(self, moments: Moments) -> str:
        """Of when the footage was."""
        return moments.span(self.start, self.end) if self.end else ""

    def kind(self) -> Cell:
        """Of what sort it was."""
        entry = self.first.entry
        found = {Action.SHREDDED: _KEYS, Action.EXPORT_DESTROYED: _EXPORT}
        return found.get(entry.action) or kind(entry.details)

    def by(self) -> Cell:
        """Who did it."""
        return _AUTOMATIC if self.first.entry.actor == SYSTEM else self.first.entry.actor


def destroyed(matter: Matter) -> Iterator[Destroyed]:
    """What was destroyed, by day, camera, kind, cause and doer; in order of the first of each."""
    found: dict[tuple[object, ...], Destroyed] = {}
    for logged in matter.of(*_ACTIONS):
        entry, details = logged.entry, logged.entry.details
        causes = tuple(text(details.get(name)) for name in _CAUSES)
        alike = (matter.moments.day(entry.time), entry.subject, entry.action, entry.actor, causes)
        if alike not in found:
            span = _number(details.get("start"), entry.time), _number(details.get("end"))
            found[alike] = Destroyed(logged, 0, *span, entry.time)
        found[alike].take(logged)
    return iter(found.values())


def destructions(matter: Matter) -> Form:
    """The records of destruction."""
    rows = [_row(each, matter) for each in destroyed(matter)]
    return Form(
        Term("개인영상정보 파기 기록", "Records of destruction"),
        Term("표준 개인정보 보호지침", "Guidelines"),
        [Table(_COLUMNS, rows)],
        [
            Term(
                "같은 날 같은 사유로 자동 삭제된 영상은 한 줄로 모았으며, 각각은 감사 로그에 있습니다.",
                "What was deleted automatically on one day for one reason is one line; the audit log has each.",
            )
        ],
    )


def _row(each: Destroyed, matter: Matter) -> list[Cell]:
    entry = each.first.entry
    moments = matter.moments
    when = moments.text(entry.time) if each.last == entry.time else moments.span(entry.time, each.last)
    return [
        when,
        entry.subject.removeprefix("camera/"),
        each.kind(),
        each.span(moments),
        str(each.count) if each.count else "",
        files(entry.details) if each.runs == 1 else "",
        text(entry.details.get("cycle_days")),
        each.reason(),
        each.by(),
        matter.in_charge(each.first),
        text(entry.details.get("certificate")),
    ]


def _number(value: object, otherwise: int = 0) -> int:
    return value if isinstance(value, int) else otherwise
