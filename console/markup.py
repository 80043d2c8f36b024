"""HTML that is escaped wherever it was not made here."""

from __future__ import annotations

import html
from typing import Self

_VOID = frozenset({"input", "meta", "link", "br"})


class Markup(str):
    """Text that is HTML already. Everything else is escaped when it is put in."""

    __slots__ = ()

    @classmethod
    def of(cls, *parts: str) -> Self:
        """`parts` one after the other, escaped unless they are Markup."""
        return cls("".join(part if isinstance(part, Markup) else html.escape(part) for part in parts))


def tag(element: str, /, *children: str, **attributes: str | bool) -> Markup:
    """An element. An attribute that is False is left out, one that is True stands without a value.

    A trailing underscore and inner ones are for Python alone: `for_` is `for`, `http_equiv` is `http-equiv`.
    """
    shown = "".join(
        f" {_name(name)}" if value is True else f' {_name(name)}="{html.escape(str(value))}"'
        for name, value in attributes.items()
        if value is not False
    )
    if element in _VOID:
        return Markup(f"<{element}{shown}>")
    return Markup(f"<{element}{shown}>{Markup.of(*children)}</{element}>")


def _name(name: str) -> str:
    return name.rstrip("_").replace("_", "-")
