"""All forms by name, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal

from recorder.ledger.accesses import accesses
from recorder.ledger.cases import requests
from recorder.ledger.destruction import destructions
from recorder.ledger.form import Form, Language, said
from recorder.ledger.matter import Matter
from recorder.ledger.page import page
from recorder.ledger.public import board, policy
from recorder.ledger.sheet import BOM, sheet
from recorder.ledger.uses import ledger, register

Format = Literal["html", "csv"]

FORMS: Final[Mapping[str, Callable[[Matter], Form]]] = MappingProxyType(
    {
        "ledger": ledger,
        "provisions": register,
        "destructions": destructions,
        "accesses": accesses,
        "requests": requests,
        "policy": policy,
        "notice-board": board,
    }
)
"""What is made from the log, but for the last two, which are made from the settings."""


def written(name: str, matter: Matter, language: Language, format_: Format) -> str:
    """The form `name` (a key of FORMS) as text; CSV begins with a byte order mark."""
    form = FORMS[name](matter)
    if format_ == "html":
        return page(form, language, institution=matter.institution, made=matter.moments.text(matter.now))
    rows: list[list[str]] = []
    for table in form.tables:
        rows += [[]] if rows else []
        rows += [[table.title.to(language)]] if table.title is not None else []
        rows.append([column.to(language) for column in table.columns])
        rows += [[said(cell, language) for cell in row] for row in table.rows]
    return BOM + sheet(rows)
