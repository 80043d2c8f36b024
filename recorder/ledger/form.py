"""What a form is: a title, tables of text in two languages, and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Language = Literal["ko", "en"]


class Term(NamedTuple):
    """The same in Korean and English."""

    ko: str
    en: str

    def to(self, language: Language) -> str:
        """In that language."""
        return self.ko if language == "ko" else self.en


Cell = str | Term


def said(cell: Cell, language: Language) -> str:
    """A cell's text in that language; plain text is the same in every one."""
    return cell.to(language) if isinstance(cell, Term) else cell


@dataclass(frozen=True, slots=True)
class Table:
    """One table; without a `title` where the form's own says enough."""

    columns: Sequence[Term]
    rows: Sequence[Sequence[Cell]]
    title: Term | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """`basis` is the law that asks for the form."""

    title: Term
    basis: Term
    tables: Sequence[Table]
    notes: Sequence[Cell] = ()
