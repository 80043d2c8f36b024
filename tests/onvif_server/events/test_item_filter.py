"""ItemFilter against the examples of the standard, against an XPath engine, and against nonsense."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from onvif_server.events.item_filter import DEPTH_LIMIT, LENGTH_LIMIT, InvalidExpression, Items, item_filter
from onvif_server.notice import Notice
from onvif_server.notification import TT, message

NAMESPACES: dict[str | None, str] = {"tt": TT, "other": "urn:other"}
SOURCE_1 = ("VideoSourceConfigurationToken", "1")
ANALYTICS_2 = ("VideoAnalyticsConfigurationToken", "2")


def passes(expression: str, *items: tuple[str, str]) -> bool:
    return item_filter(expression, NAMESPACES)(items)


def test_the_examples_of_the_standard() -> None:
    source = 'boolean(//tt:SimpleItem[@Name="VideoSourceConfigurationToken" and @Value="1"])'
    assert passes(source, SOURCE_1)
    assert not passes(source, ("VideoSourceConfigurationToken", "2"), ("Other", "1"))
    no_analytics = 'not( boolean(//tt:SimpleItem[@Name="VideoAnalyticsConfigurationToken"] ) )'
    assert passes(no_analytics, SOURCE_1)
    assert not passes(no_analytics, ANALYTICS_2)
    both = f'{source}\n and boolean(//tt:SimpleItem[@Name="VideoAnalyticsConfigurationToken" and @Value="2"] )'
    assert passes(both, SOURCE_1, ANALYTICS_2)
    assert not passes(both, SOURCE_1)
    assert passes(f"{source} and {no_analytics}", SOURCE_1)


def test_and_binds_before_or() -> None:
    a, b, c = (f"boolean(//SimpleItem[@Name='{name}'])" for name in "abc")
    assert passes(f"{a} or {b} and {c}", ("a", ""))
    assert not passes(f"({a} or {b}) and {c}", ("a", ""))
    assert passes("boolean(//SimpleItem[@Name='a' or @Name='b' and @Value='1'])", ("a", "0"))
    assert not passes("boolean(//SimpleItem[(@Name='a' or @Name='b') and not(@Value='0')])", ("a", "0"))


def test_there_are_no_element_items() -> None:
    assert not passes('boolean(//tt:ElementItem[@Name="a"])', ("a", ""))


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "true()",
        "//tt:SimpleItem",
        "boolean(//tt:SimpleItem)",
        "boolean(//tt:SimpleItem[])",
        "boolean(//other:SimpleItem[@Name='a'])",
        "boolean(//undeclared:SimpleItem[@Name='a'])",
        "boolean(//tt:Message[@Name='a'])",
        "boolean(//tt:SimpleItem[@Type='a'])",
        "boolean(//tt:SimpleItem[@Name=a])",
        "boolean(//tt:SimpleItem[@Name='a'",
        "boolean(//tt:SimpleItem[@Name='a'])) or",
        "boolean(//tt:SimpleItem[@Name='a']) boolean(//tt:SimpleItem[@Name='a'])",
        "boolean(//tt:SimpleItem[@Name='a' and])",
        "not boolean(//tt:SimpleItem[@Name='a'])",
        "document('file:///etc/passwd')",
        "boolean(//tt:SimpleItem[@Name=concat('a','b')])",
        "(" * (DEPTH_LIMIT + 1) + "boolean(//SimpleItem[@Name='a'])" + ")" * (DEPTH_LIMIT + 1),
        "boolean(//SimpleItem[@Name='" + "a" * LENGTH_LIMIT + "'])",
    ],
)
def test_what_the_grammar_does_not_know_is_refused(expression: str) -> None:
    with pytest.raises(InvalidExpression):
        item_filter(expression, NAMESPACES)


WORD = st.sampled_from(["a", "b", "State", "true"])
ATTRIBUTE = st.builds('@{}="{}"'.format, st.sampled_from(["Name", "Value"]), WORD)


def logic(leaves: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions of `leaves`, which lean on precedence where they may."""
    return st.recursive(
        leaves,
        lambda inner: (
            st.builds("{} and {}".format, inner, inner)
            | st.builds("{} or {}".format, inner, inner)
            | st.builds("({})".format, inner)
            | st.builds("not({})".format, inner)
        ),
        max_leaves=6,
    )


EXPRESSION = logic(st.builds("boolean(//tt:SimpleItem[{}])".format, logic(ATTRIBUTE)))


@given(EXPRESSION, st.dictionaries(WORD, WORD, max_size=3), st.dictionaries(WORD, WORD, max_size=2))
def test_it_means_what_xpath_means(expression: str, source: dict[str, str], data: dict[str, str]) -> None:
    items: Items = (*source.items(), *data.items())
    document = message(Notice("VideoSource/MotionAlarm", 0, source, data))
    assert passes(expression, *items) == document.xpath(expression, namespaces={"tt": TT})


@given(st.text() | EXPRESSION.flatmap(lambda text: st.integers(0, len(text)).map(lambda end: text[:end])))
def test_any_text_is_a_filter_or_refused_and_never_more_than_xpath_allows(text: str) -> None:
    try:
        item_filter(text, NAMESPACES)(())
    except InvalidExpression:
        return
    etree.XPath(text, namespaces={"tt": TT})
