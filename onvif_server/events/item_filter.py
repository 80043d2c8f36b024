"""ONVIF's ItemFilter: which messages a client wants, by their items (ONVIF Core, message content filter).

The dialect is a small part of XPath 1.0. It has a parser of its own here, so that no request reaches an XPath engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from onvif_server.notification import TT

ITEM_FILTER = "http://www.onvif.org/ver10/tev/messageContentFilter/ItemFilter"
"""The dialect."""
LENGTH_LIMIT = 4096
"""Longest expression in characters."""
DEPTH_LIMIT = 32
"""Deepest nesting of parentheses."""

Item = tuple[str, str]
"""Name and value of a simple item."""
Items = tuple[Item, ...]
_Test = Callable[[Item], bool]
_T = TypeVar("_T")
Predicate = Callable[[Items], bool]
"""Whether a message with these simple items is wanted."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|(?P<name>@?[^\W\d][\w.-]*(?::[^\W\d][\w.-]*)?)|(?P<mark>//|[()\[\]=]))"""
)


class InvalidExpression(ValueError):
    """A text that the dialect does not allow."""


def item_filter(expression: str, namespaces: Mapping[str | None, str]) -> Predicate:
    """What `expression` means, prefixes by `namespaces`. Raises InvalidExpression."""
    if len(expression) > LENGTH_LIMIT:
        raise InvalidExpression("The expression is too long")
    parser = _Parser(_Tokens(tuple(_tokens(expression.strip()))), namespaces)
    return parser.whole()


def _tokens(text: str) -> Iterator[str]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise InvalidExpression(f"There is no sense in {text[place : place + 20]!r}")
        place = found.end()
        yield found["text"] or found["name"] or found["mark"]


@dataclass(slots=True)
class _Tokens:
    tokens: tuple[str, ...]
    place: int = 0

    @property
    def next(self) -> str:
        """The token that comes; empty at the end."""
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self) -> str:
        token = self.next
        self.place += 1
        return token

    def took(self, token: str) -> bool:
        """Whether `token` came, which is then gone."""
        if self.next != token:
            return False
        self.place += 1
        return True

    def expect(self, token: str) -> None:
        if not self.took(token):
            raise InvalidExpression(f"There is {self.next or 'an end'!r} where {token!r} must stand")


class _Parser:
    """Recursive descent: `or` binds loosest, then `and`."""

    def __init__(self, tokens: _Tokens, namespaces: Mapping[str | None, str]) -> None:
        self._tokens = tokens
        self._namespaces = namespaces
        self._depth = 0

    def whole(self) -> Predicate:
        """The meaning of all tokens."""
        meaning = self._any(self._message)
        if self._tokens.next:
            raise InvalidExpression(f"There is {self._tokens.next!r} after the end")
        return meaning

    def _any(self, test: Callable[[], Callable[[_T], bool]]) -> Callable[[_T], bool]:
        terms = [self._all(test)]
        while self._tokens.took("or"):
            terms.append(self._all(test))
        return lambda subject: any(term(subject) for term in terms)

    def _all(self, test: Callable[[], Callable[[_T], bool]]) -> Callable[[_T], bool]:
        factors = [self._factor(test)]
        while self._tokens.took("and"):
            factors.append(self._factor(test))
        return lambda subject: all(factor(subject) for factor in factors)

    def _factor(self, test: Callable[[], Callable[[_T], bool]]) -> Callable[[_T], bool]:
        negated = self._tokens.took("not")
        if negated and self._tokens.next != "(":
            raise InvalidExpression("After 'not' must stand '('")
        if not self._tokens.took("("):
            return test()
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise InvalidExpression("Its parentheses are nested too deeply")
        inner = self._any(test)
        self._depth -= 1
        self._tokens.expect(")")
        return (lambda subject: not inner(subject)) if negated else inner

    def _message(self) -> Predicate:
        """boolean(//tt:SimpleItem[...]): whether the message has such an item."""
        for token in ("boolean", "(", "//"):
            self._tokens.expect(token)
        simple = self._element() == "SimpleItem"
        self._tokens.expect("[")
        test = self._any(self._attribute)
        for token in ("]", ")"):
            self._tokens.expect(token)
        # Messages of this device have no items that are elements.
        return lambda items: simple and any(map(test, items))

    def _element(self) -> str:
        prefix, _, name = self._tokens.take().rpartition(":")
        if prefix and self._namespaces.get(prefix) != TT:
            raise InvalidExpression(f"The prefix {prefix!r} is not declared for ONVIF's schema")
        if name not in {"SimpleItem", "ElementItem"}:
            raise InvalidExpression(f"There is no item {name!r}")
        return name

    def _attribute(self) -> _Test:
        """@Name="..." or @Value="..."."""
        place = {"@Name": 0, "@Value": 1}.get(self._tokens.take())
        if place is None:
            raise InvalidExpression("Items have @Name and @Value alone")
        self._tokens.expect("=")
        text = self._tokens.take()
        if text[:1] not in {'"', "'"}:
            raise InvalidExpression("A name or value must stand in quotes")
        wanted = text[1:-1]
        return lambda item: item[place] == wanted
