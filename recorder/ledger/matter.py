"""What forms are made from: entries of the log, and what the settings say of the institution and its cameras."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from recorder.audit.entry import Action
from recorder.audit.log import Logged
from recorder.ledger.form import Cell, Term
from recorder.ledger.moment import Moments
from recorder.requests.basis import RULES, Basis
from vcam.base.canonical import Json
from vcam.base.settings import Settings

MASKED = Term("마스킹된 사본 제공", "Share of masked footage")
UNSAID = Term("(설정에 없음)", "(not in the settings)")
"""Stands where settings leave out what a form needs."""

_BASES: Mapping[str, Term] = {
    **{basis.value: Term(RULES[basis].korean, RULES[basis].english) for basis in Basis},
    "masked": MASKED,
}
_KINDS = {
    "original": Term("원본 영상", "original footage"),
    "masked": Term("마스킹된 영상", "masked footage"),
    "selective": Term("선택 마스킹 영상", "selectively masked footage"),
    "stills": Term("정지 화면", "stills"),
    "share": Term("마스킹된 공유 영상", "share of masked footage"),
}
_FORMS = {
    "file": Term("파일", "file"),
    "link": Term("기한이 있는 링크", "expiring link"),
    "viewing": Term("열람", "viewing"),
}
SUBJECT = Term("정보주체", "data subject")
_NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Matter:
    """`entries` in order; `now` in us UTC."""

    entries: Sequence[Logged]
    settings: Settings
    now: int

    @property
    def moments(self) -> Moments:
        """Times in the site's zone."""
        return Moments.of(self.settings.site.timezone)

    @property
    def institution(self) -> str:
        """Its name."""
        return self.settings.custody.institution or self.settings.site.name

    @property
    def officer(self) -> Cell:
        """Who is in charge of personal video."""
        return self.settings.custody.officer or UNSAID

    @property
    def contact(self) -> Cell:
        """Where to ask for access."""
        return self.settings.custody.contact or UNSAID

    def of(self, *actions: Action) -> Iterator[Logged]:
        """The entries of those actions."""
        return (logged for logged in self.entries if logged.entry.action in actions)

    def in_charge(self, logged: Logged) -> Cell:
        """Who answers for what the entry tells."""
        return text(logged.entry.details.get("person_in_charge")) or self.officer


def text(value: Json) -> str:
    """A value of an entry's details, for a cell."""
    match value:
        case None:
            return ""
        case str():
            return value
        case Mapping():
            return ", ".join(f"{name}: {text(each)}" for name, each in value.items())
        case list() | tuple():
            return ", ".join(map(text, value))
        case _:
            return str(value)


def basis(details: Mapping[str, Json]) -> Cell:
    """The legal basis and its article."""
    named, article = _BASES.get(text(details.get("basis"))), text(details.get("article"))
    if named is None:
        return article
    return Term(*(f"{each}, {article}" if article else each for each in named))


def kind(details: Mapping[str, Json]) -> Cell:
    """What sort of footage."""
    said = text(details.get("kind"))
    return _KINDS.get(said, said)


def form(details: Mapping[str, Json]) -> Cell:
    """The form in which it was given."""
    said = text(details.get("form"))
    return _FORMS.get(said, said)


def receiver(details: Mapping[str, Json]) -> Cell:
    """Who got it; a data subject without a name."""
    said = text(details.get("receiving_body"))
    return SUBJECT if said == "data-subject" or (not said and details.get("basis") == "data-subject") else said


def files(details: Mapping[str, Json]) -> str:
    """Names of files, the first few."""
    found = details.get("files")
    names = [
        text(each["name"]) if isinstance(each, Mapping) and "name" in each else text(each)
        for each in (found if isinstance(found, list | tuple) else ())
    ]
    more = f" (+{len(names) - _NAMES_SHOWN})" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(names[:_NAMES_SHOWN]) + more
