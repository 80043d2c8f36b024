"""Topic expressions: which topics a client wants (WS-Topics 1.3 and ONVIF Core, topic filter)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from onvif_server.notification import CONCRETE_SET, TNS1

CONCRETE = "http://docs.oasis-open.org/wsn/t-1/TopicExpression/Concrete"
"""WS-Topics' dialect: one topic."""
DIALECTS = (CONCRETE_SET, CONCRETE)
"""Dialects of topic expressions that are understood."""

_NAME = r"[^\W\d][\w.-]*"
_STEP = re.compile(rf"(?:(?P<prefix>{_NAME}):)?(?P<name>{_NAME})")
_SUBTREE = "//."


class InvalidTopic(ValueError):
    """An expression that its dialect does not allow."""


@dataclass(frozen=True, slots=True)
class TopicPath:
    """One topic, with all below it where `subtree` says so. `path` is empty for one of no namespace of ours."""

    path: str
    subtree: bool

    def matches(self, topic: str) -> bool:
        """Whether the topic of that path is meant."""
        return topic == self.path or (self.subtree and topic.startswith(f"{self.path}/"))


@dataclass(frozen=True, slots=True)
class TopicFilter:
    """Any of some topics."""

    paths: tuple[TopicPath, ...]

    def matches(self, topic: str) -> bool:
        """Whether the topic of that path, such as "VideoSource/MotionAlarm", is wanted."""
        return any(path.path and path.matches(topic) for path in self.paths)

    def reaches(self, topics: Iterable[str]) -> bool:
        """Whether any of these topics is wanted."""
        return any(map(self.matches, topics))


def topic_filter(expression: str, dialect: str, namespaces: Mapping[str | None, str]) -> TopicFilter:
    """What an expression of one of `DIALECTS` means, prefixes by `namespaces`. Raises InvalidTopic."""
    alternatives = expression.split("|") if dialect == CONCRETE_SET else [expression]
    return TopicFilter(tuple(_path(each.strip(), dialect, namespaces) for each in alternatives))


def _path(text: str, dialect: str, namespaces: Mapping[str | None, str]) -> TopicPath:
    subtree = dialect == CONCRETE_SET and text.endswith(_SUBTREE)
    names, ours = [], True
    for step in text.removesuffix(_SUBTREE if subtree else "").split("/"):
        found = _STEP.fullmatch(step)
        if found is None:
            raise InvalidTopic(f"{text!r} is no topic")
        prefix, name = found["prefix"], found["name"]
        if prefix and prefix not in namespaces:
            raise InvalidTopic(f"The prefix of {text!r} is not declared")
        # Topics below the root belong to no namespace; some clients prefix them all the same.
        ours = ours and (not prefix or namespaces[prefix] == TNS1)
        names.append(name)
    return TopicPath("/".join(names) if ours else "", subtree)
