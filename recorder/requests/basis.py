"""The closed list of legal bases on which footage may be asked for. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Basis(StrEnum):
    """Why footage may be used or given out."""

    WARRANT = "warrant"
    INQUIRY = "inquiry"
    VOLUNTARY = "voluntary"
    URGENT = "urgent"
    COURT = "court"
    INVESTIGATION = "investigation"
    SUBJECT = "data-subject"
    INTERNAL = "internal"


class Receiver(StrEnum):
    """Who may get footage."""

    INVESTIGATOR = "investigator"
    COURT = "court"
    HELPER = "helper"
    SUBJECT = "data-subject"
    INSTITUTION = "institution"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a basis asks for. `document` says whether none is submitted without the document that shows it."""

    korean: str
    english: str
    article_korean: str
    article: str
    receivers: frozenset[Receiver]
    document: bool
    emergency: bool = False
    """Whether two approvers at once may stand in for the document, with a review afterwards."""
    days: int | None = None
    """Days in which the law wants an answer."""
    public_only: bool = False
    """Whether public institutions alone may rely on it."""


_POLICE: Final = frozenset({Receiver.INVESTIGATOR})

RULES: Final[Mapping[Basis, Rule]] = MappingProxyType(
    {
        Basis.WARRANT: Rule(
            "압수·수색영장",
            "Warrant",
            "형사소송법 제215조",
            "Criminal Procedure Act 215",
            _POLICE,
            document=True,
        ),
        Basis.INQUIRY: Rule(
            "공무소 등에 대한 조회",
            "Official inquiry",
            "형사소송법 제199조제2항",
            "Criminal Procedure Act 199(2)",
            _POLICE,
            document=True,
        ),
        Basis.VOLUNTARY: Rule(
            "임의제출",
            "Voluntary submission",
            "형사소송법 제218조",
            "Criminal Procedure Act 218",
            _POLICE,
            document=True,
        ),
        Basis.URGENT: Rule(
            "급박한 생명·신체·재산의 이익",
            "Urgent need to protect life, body or property",
            "개인정보 보호법 제18조제2항제3호",
            "PIPA 18(2)3",
            frozenset({Receiver.INVESTIGATOR, Receiver.HELPER}),
            document=True,
            emergency=True,
        ),
        Basis.COURT: Rule(
            "법원의 재판업무 수행",
            "Conduct of a trial by a court",
            "개인정보 보호법 제18조제2항제8호",
            "PIPA 18(2)8",
            frozenset({Receiver.COURT}),
            document=True,
        ),
        Basis.INVESTIGATION: Rule(
            "범죄의 수사와 공소의 제기 및 유지",
            "Investigation of a crime, and its prosecution",
            "개인정보 보호법 제18조제2항제7호",
            "PIPA 18(2)7",
            _POLICE,
            document=True,
            public_only=True,
        ),
        Basis.SUBJECT: Rule(
            "정보주체의 열람 요구",
            "Access by the data subject",
            "개인정보 보호법 제35조",
            "PIPA 35",
            frozenset({Receiver.SUBJECT}),
            document=False,
            days=10,
        ),
        Basis.INTERNAL: Rule(
            "내부 사고 조사",
            "Internal incident",
            "영상정보처리기기 운영·관리 방침",
            "The institution's operating policy (Decree 25(1))",
            frozenset({Receiver.INSTITUTION}),
            document=False,
        ),
    }
)
"""What each basis asks for. The Criminal Procedure Act is 형사소송법, PIPA is 개인정보 보호법."""


class Ground(StrEnum):
    """Why a request is refused."""

    LAW = "law"
    OTHERS = "others"
    PUBLIC_DUTY = "public-duty"
    INVESTIGATION = "investigation"
    DESTROYED = "destroyed"
    IDENTITY = "identity"
    BASIS = "basis"
    SCOPE = "scope"
    OTHER = "other"


GROUNDS: Final[Mapping[Ground, tuple[str, str]]] = MappingProxyType(
    {
        Ground.LAW: ("법률에 따라 열람이 금지되거나 제한됨", "Access is forbidden or limited by a law"),
        Ground.OTHERS: (
            "다른 사람의 생명·신체를 해하거나 재산과 그 밖의 이익을 부당하게 침해할 우려",
            "It might harm somebody else's life or body, or wrongly infringe their property or other interests",
        ),
        Ground.PUBLIC_DUTY: (
            "공공기관의 법정 업무 수행에 중대한 지장",
            "It would gravely hinder a public institution's duties under a law",
        ),
        Ground.INVESTIGATION: (
            "범죄수사·공소유지·재판수행에 중대한 지장",
            "It would gravely hinder an investigation, prosecution or trial",
        ),
        Ground.DESTROYED: ("보관기간이 지나 파기됨", "The footage was destroyed when its time was over"),
        Ground.IDENTITY: (
            "본인 또는 정당한 대리인임을 확인할 수 없음",
            "The requester is not shown to be the data subject or a rightful agent",
        ),
        Ground.BASIS: ("법적 근거 또는 문서가 갖추어지지 않음", "The legal basis or its document is wanting"),
        Ground.SCOPE: ("요청 범위가 목적에 비해 지나침", "The scope is wider than the purpose needs"),
        Ground.OTHER: ("그 밖의 정당한 사유", "Another just cause, which the text must state"),
    }
)
"""Each ground in Korean and English."""

SUBJECT_GROUNDS: Final = frozenset(
    {
        Ground.LAW,
        Ground.OTHERS,
        Ground.PUBLIC_DUTY,
        Ground.INVESTIGATION,
        Ground.DESTROYED,
        Ground.IDENTITY,
        Ground.OTHER,
    }
)
"""Grounds on which a data subject's request (PIPA 35) may be refused."""
