"""개인영상정보 관리대장, the ledger of personal video, and the register of what was provided."""

from __future__ import annotations

from collections.abc import Iterator

from recorder.audit.entry import Action
from recorder.audit.log import Logged
from recorder.ledger.destruction import Destroyed, destroyed
from recorder.ledger.form import Cell, Form, Table, Term
from recorder.ledger.matter import Matter, basis, files, form, kind, receiver, text

USED = Term("이용", "use")
PROVIDED = Term("제공", "provision")
ACCESSED = Term("열람", "access")
DESTROYED = Term("파기", "destruction")

_LEDGER = (
    Term("번호", "Number"),
    Term("구분", "Kind"),
    Term("일시", "Date and time"),
    Term("파일명/형태", "File name or form"),
    Term("담당자", "Person in charge"),
    Term("목적/사유", "Purpose or reason"),
    Term("이용·제공받는 제3자/열람 등 요구자", "Recipient"),
    Term("이용·제공 근거", "Basis"),
    Term("이용·제공 형태", "Form"),
    Term("기간", "Period"),
)
_REGISTER = (
    Term("번호", "Number"),
    Term("개인영상정보 파일의 명칭", "File name"),
    Term("이용하거나 제공받은 기관", "Receiving body"),
    Term("이용 또는 제공의 목적", "Purpose"),
    Term("이용 또는 제공의 법적 근거", "Legal basis"),
    Term("이용 또는 제공의 항목", "Items"),
    Term("이용 또는 제공의 날짜·주기 또는 기간", "Date or period"),
    Term("이용 또는 제공의 형태", "Form"),
    Term("제한하거나 필요한 조치를 요청한 내용", "Limits asked of the recipient"),
)


def ledger(matter: Matter) -> Form:
    """Every use, provision, access and destruction, by time, numbered from 1."""
    lines = [(each.entry.time, _given(each, matter)) for each in given(matter)]
    lines += [(each.first.entry.time, _gone(each, matter)) for each in destroyed(matter)]
    lines.sort(key=lambda line: line[0])
    rows = [[str(number), *row] for number, (_, row) in enumerate(lines, 1)]
    return Form(
        Term("개인영상정보 관리대장", "Ledger of personal video"),
        Term("표준 개인정보 보호지침", "Guidelines"),
        [Table(_LEDGER, rows)],
    )


def register(matter: Matter) -> Form:
    """Everything that was provided to others."""
    provided = [each for each in given(matter) if sort(each) is PROVIDED]
    rows = [[str(number), *_provided(each, matter)] for number, each in enumerate(provided, 1)]
    return Form(
        Term("개인영상정보 목적 외 이용·제공 대장", "Provision register"),
        Term("개인정보 보호법 시행령 제15조 제1호부터 제8호까지", "PIPA Decree 15, items 1 to 8"),
        [Table(_REGISTER, rows)],
    )


def given(matter: Matter) -> Iterator[Logged]:
    """Exports, shares, and looks at originals or for a request."""
    for each in matter.of(Action.EXPORTED, Action.SHARED, Action.VIEWED):
        details = each.entry.details
        if (
            each.entry.action is not Action.VIEWED
            or details.get("kind") == "original"
            or details.get("request")
        ):
            yield each


def sort(logged: Logged) -> Term:
    """Use, provision or access: by the legal basis, and by who received it. Who only looks, uses."""
    details = logged.entry.details
    if logged.entry.action is Action.VIEWED:
        return USED
    if "data-subject" in {details.get("basis"), details.get("receiving_body")}:
        return ACCESSED
    return USED if details.get("basis") == "internal" else PROVIDED


def _given(logged: Logged, matter: Matter) -> list[Cell]:
    details = logged.entry.details
    return [
        sort(logged),
        matter.moments.text(logged.entry.time),
        files(details) or kind(details),
        matter.in_charge(logged),
        text(details.get("purpose")) or text(details.get("task")),
        matter.institution if sort(logged) is USED else receiver(details),
        basis(details),
        form(details) or kind(details),
        _period(logged, matter),
    ]


def _gone(each: Destroyed, matter: Matter) -> list[Cell]:
    return [
        DESTROYED,
        matter.moments.text(each.first.entry.time),
        (files(each.first.entry.details) if each.runs == 1 else "") or each.kind(),
        matter.in_charge(each.first),
        each.reason(),
        "",
        "",
        each.kind(),
        each.span(matter.moments),
    ]


def _provided(logged: Logged, matter: Matter) -> list[Cell]:
    details = logged.entry.details
    when = matter.moments.text(logged.entry.time)
    period = _period(logged, matter)
    return [
        files(details) or logged.entry.subject,
        receiver(details),
        text(details.get("purpose")),
        basis(details),
        text(details.get("items")) or kind(details),
        f"{when}; {period}" if period else when,
        form(details),
        text(details.get("limits")),
    ]


def _period(logged: Logged, matter: Matter) -> str:
    """How long the recipient may use it, or else of when the footage is."""
    details, moments = logged.entry.details, matter.moments
    use = moments.span(details.get("period_start"), details.get("period_end"))
    return use or moments.span(details.get("start"), details.get("end"))
