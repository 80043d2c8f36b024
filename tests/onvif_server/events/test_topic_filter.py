"""Topic expressions against the examples of the standard, and in general."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onvif_server.events.topic_filter import CONCRETE, InvalidTopic, topic_filter
from onvif_server.notification import CONCRETE_SET, TNS1

NAMESPACES: dict[str | None, str] = {"tns1": TNS1, "other": "urn:other"}


def matches(expression: str, topic: str, dialect: str = CONCRETE_SET) -> bool:
    return topic_filter(expression, dialect, NAMESPACES).matches(topic)


def test_a_concrete_path_is_that_topic_alone() -> None:
    for dialect in (CONCRETE, CONCRETE_SET):
        assert matches("tns1:VideoSource/MotionAlarm", "VideoSource/MotionAlarm", dialect)
        assert not matches("tns1:VideoSource/MotionAlarm", "VideoSource/MotionAlarm/More", dialect)
        assert not matches("tns1:VideoSource", "VideoSource/MotionAlarm", dialect)


def test_a_subtree_is_the_topic_and_all_below() -> None:
    for topic in (
        "RuleEngine/FieldDetector",
        "RuleEngine/FieldDetector/ObjectsInside",
        "RuleEngine/FieldDetector/a/b",
    ):
        assert matches("tns1:RuleEngine/FieldDetector//.", topic)
    assert not matches("tns1:RuleEngine/FieldDetector//.", "RuleEngine/FieldDetectorB")
    assert not matches("tns1:RuleEngine/FieldDetector//.", "RuleEngine")


def test_alternatives_are_joined() -> None:
    expression = "\n tns1:RuleEngine/FieldDetector//. | tns1:VideoSource/MotionAlarm "
    assert matches(expression, "RuleEngine/FieldDetector/ObjectsInside")
    assert matches(expression, "VideoSource/MotionAlarm")
    assert not matches(expression, "VideoSource/SignalLoss")


def test_children_may_bear_the_prefix_and_roots_none() -> None:
    assert matches("tns1:VideoSource/tns1:MotionAlarm", "VideoSource/MotionAlarm")
    assert matches("VideoSource/MotionAlarm", "VideoSource/MotionAlarm")


def test_topics_of_others_are_none_of_ours() -> None:
    assert not matches("other:VideoSource/MotionAlarm", "VideoSource/MotionAlarm")
    assert not matches("tns1:VideoSource/other:MotionAlarm", "VideoSource/MotionAlarm")
    assert not matches("other:VideoSource//.", "VideoSource/MotionAlarm")
    assert not matches("other:VideoSource", "")


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "|",
        "tns1:",
        "tns1:a/",
        "/a",
        "tns1:a//b",
        "undeclared:a",
        "tns1:a/*",
        "a//.//.",
        "a b",
        "a|",
        "//.",
        "1a",
    ],
)
def test_what_the_grammar_does_not_know_is_refused(expression: str) -> None:
    with pytest.raises(InvalidTopic):
        topic_filter(expression, CONCRETE_SET, NAMESPACES)


@pytest.mark.parametrize("expression", ["tns1:a//.", "tns1:a|tns1:b"])
def test_the_concrete_dialect_names_one_topic(expression: str) -> None:
    with pytest.raises(InvalidTopic):
        topic_filter(expression, CONCRETE, NAMESPACES)


NAME = st.from_regex(r"[A-Z][a-zA-Z0-9.-]{0,6}", fullmatch=True)
PATH = st.lists(NAME, min_size=1, max_size=4)


@given(st.lists(st.tuples(PATH, st.booleans()), min_size=1, max_size=4), PATH)
def test_any_expression_means_what_its_paths_say(paths: list[tuple[list[str], bool]], topic: list[str]) -> None:
    expression = "|".join("tns1:" + "/".join(path) + ("//." if subtree else "") for path, subtree in paths)
    meant = any(topic == path or (subtree and topic[: len(path)] == path) for path, subtree in paths)
    assert matches(expression, "/".join(topic)) == meant
    path, subtree = paths[0]
    assert matches(expression, "/".join(path))
    assert matches(expression, "/".join([*path, "more"])) or not subtree


@given(st.text())
def test_any_text_is_a_filter_or_refused(text: str) -> None:
    with contextlib.suppress(InvalidTopic):
        topic_filter(text, CONCRETE_SET, NAMESPACES).matches("VideoSource/MotionAlarm")
