"""The console's words, in Korean and English."""

from __future__ import annotations

from typing import Final, Literal

Language = Literal["ko", "en"]

WORDS: Final[dict[str, tuple[str, str]]] = {
    "sign in": ("로그인", "Sign in"),
    "sign out": ("로그아웃", "Sign out"),
    "name": ("성명 또는 아이디", "Name"),
    "password": ("비밀번호", "Password"),
    "code": ("일회용 인증번호 (승인자·보관자·감사자)", "One-time code (approvers, custodians, auditors)"),
    "requests": ("영상 요청", "Requests"),
    "new": ("새 요청", "New request"),
    "links": ("공유 링크", "Links"),
    "log": ("감사 기록", "Audit log"),
    "number": ("번호", "Number"),
    "state": ("상태", "State"),
    "basis": ("법적 근거", "Legal basis"),
    "receiver": ("제공받는 자의 구분", "Kind of receiver"),
    "receiving_body": ("제공받는 기관", "Receiving body"),
    "purpose": ("목적", "Purpose"),
    "cameras": ("카메라", "Cameras"),
    "from": ("시작 일시", "From"),
    "to": ("종료 일시", "To"),
    "limits": ("제공받는 자에게 요구하는 제한", "Limits asked of the receiver"),
    "confirmation": ("넓은 범위가 필요한 이유", "Why a wide scope is needed"),
    "emergency": ("긴급 (두 명 승인, 사후 검토)", "Emergency (two approve, a review follows)"),
    "received": ("접수 일시", "Received"),
    "form": ("정보주체의 열람 요구서", "Form of the data subject's request"),
    "contact": ("연락처", "Contact"),
    "asked": ("요구 내용", "What is asked"),
    "identity": ("신원 확인 방법", "Proof of identity"),
    "identity_sha256": ("신원 확인 서류의 SHA-256", "SHA-256 of the proof of identity"),
    "place": ("장소", "Place"),
    "period": ("기간", "Period"),
    "agent": ("대리인 성명", "Agent"),
    "agency_sha256": ("위임장의 SHA-256", "SHA-256 of the proof of agency"),
    "fee": ("수수료 (원)", "Fee (won)"),
    "due": ("기한", "Answer by"),
    "requester": ("요청자", "Requester"),
    "submit": ("제출", "Submit"),
    "approve": ("승인", "Approve"),
    "refuse": ("거절", "Refuse"),
    "extend": ("기한 연장", "Extend"),
    "attach": ("문서 첨부", "Attach a document"),
    "paid": ("수수료 납부 확인", "Fee paid"),
    "close": ("종결", "Close"),
    "review": ("사후 검토", "Review"),
    "revoke": ("링크 취소", "Revoke"),
    "text": ("의견", "Text"),
    "ground": ("거절 사유", "Ground"),
    "days": ("일수", "Days"),
    "reason": ("이유", "Reason"),
    "sha256": ("SHA-256", "SHA-256"),
    "file": ("문서 (해시값만 기록)", "Document (only its hash is kept)"),
    "kind": ("종류", "Kind"),
    "outcome": ("처리 결과", "Outcome"),
    "finding": ("검토 결과", "Finding"),
    "draft": ("작성", "Draft"),
    "export": ("내보내기", "Export"),
    "expires": ("만료", "Expires"),
    "used": ("내려받은 횟수", "Downloads"),
    "time": ("일시", "Time"),
    "actor": ("행위자", "Who"),
    "action": ("행위", "What"),
    "subject": ("대상", "Of what"),
    "origin": ("접속지", "From where"),
    "details": ("내용", "Details"),
    "older": ("이전 기록", "Older"),
    "nothing": ("없음", "Nothing"),
    "back": ("돌아가기", "Back"),
    "drafted": ("작성됨", "drafted"),
    "submitted": ("제출됨", "submitted"),
    "approved": ("승인됨", "approved"),
    "refused": ("거절됨", "refused"),
    "released": ("열람 개시", "released"),
    "exported": ("내보냄", "exported"),
    "closed": ("종결됨", "closed"),
    "expired": ("만료됨", "expired"),
}
"""Each word by its key; a key that is not here is shown as it is."""


def say(key: str, language: Language) -> str:
    """The word for `key`."""
    found = WORDS.get(key)
    return key if found is None else found[0 if language == "ko" else 1]


def preferred(header: str) -> Language:
    """Korean or English, whichever the Accept-Language `header` (RFC 9110, 12.5.4) prefers; Korean where neither."""
    weights = {"ko": 0.0, "en": 0.0}
    for part in header[:500].split(","):
        name, _, parameter = part.strip().partition(";")
        language = name.partition("-")[0].lower()
        if language not in weights:
            continue
        try:
            weight = float(parameter.replace(" ", "").removeprefix("q=") or 1)
        except ValueError:
            continue
        weights[language] = max(weights[language], weight)
    return "en" if weights["en"] > weights["ko"] else "ko"
