"""A case in lines, for people to read."""

from __future__ import annotations

from datetime import tzinfo

from recorder.requests import deadline
from recorder.requests.basis import GROUNDS, RULES
from recorder.requests.case import Request
from recorder.requests.fields import shown


def lines(case: Request, zone: tzinfo | None) -> list[tuple[str, str]]:
    """What there is to say of `case`, as pairs of a word and its value; nothing personal of a data subject."""
    rule = RULES[case.basis]
    due = "" if case.due is None else deadline.last_day(case.due, zone).isoformat()
    ground = "" if case.ground is None else f"{case.ground}: {' / '.join(GROUNDS[case.ground])}"
    found = [
        ("number", case.number),
        ("state", case.state.value),
        ("basis", f"{rule.korean} / {rule.english}, {rule.article_korean} ({rule.article})"),
        ("emergency", "yes" if case.emergency else ""),
        ("purpose", case.purpose),
        ("receiver", f"{case.receiver} {case.receiving_body}".strip()),
        ("limits", case.limits),
        ("cameras", " ".join(case.scope.cameras)),
        ("from", shown(case.scope.start, zone)),
        ("to", shown(case.scope.end, zone)),
        ("confirmation", case.confirmation),
        *(("document", f"{each.kind} {each.name} {each.sha256}") for each in case.documents),
        ("requester", case.requester),
        ("approver", case.approver or ""),
        ("second approver", case.second or ""),
        ("reviewer", case.reviewer or ""),
        ("received", shown(case.received, zone)),
        ("submitted", shown(case.submitted, zone)),
        ("answer by", due),
        ("decided", shown(case.decided, zone)),
        ("ground", ground),
        ("said", case.answer),
        ("released", shown(case.released, zone)),
        ("exported", shown(case.exported, zone)),
        ("reviewed", shown(case.reviewed, zone)),
        ("finding", case.finding),
        ("ended", shown(case.closed, zone)),
    ]
    return [(word, value) for word, value in found if value]
