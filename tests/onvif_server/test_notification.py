"""Notices as messages that ONVIF's schemas allow."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from onvif_server.notice import Change, Notice
from onvif_server.notification import TNS1, TT, WSNT, notification
from tests.onvif_server.schema import problems

NAMES = {"wsnt": WSNT, "tt": TT}
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=8)
VALUE = TEXT | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
CHANGES: list[Change | None] = ["Initialized", "Changed", "Deleted", None]


@given(
    st.dictionaries(TEXT, VALUE, max_size=2),
    st.dictionaries(TEXT, VALUE, max_size=2),
    st.sampled_from(CHANGES),
    st.integers(0, 4_000_000_000_000_000),
)
def test_any_notice_is_valid_and_holds_its_items(
    source: dict[str, object], data: dict[str, object], change: Change | None, time: int
) -> None:
    element = notification(Notice("VideoSource/MotionAlarm", time, source, data, change))
    assert problems(etree.fromstring(etree.tostring(element))) == []
    items = element.findall(".//tt:SimpleItem", NAMES)
    assert [each.get("Name") for each in items] == [*source, *data]


def test_values_are_spelt_as_xml_schema_does() -> None:
    element = notification(Notice("A/B", 1_500_000, {"Source": "s"}, {"State": True, "Count": 3}, "Changed"))
    assert [each.get("Value") for each in element.findall(".//tt:SimpleItem", NAMES)] == ["s", "true", "3"]
    message = element.find(".//tt:Message", NAMES)
    assert message is not None
    assert message.get("UtcTime") == "1970-01-01T00:00:01.500000Z"
    assert message.get("PropertyOperation") == "Changed"


def test_the_prefix_of_a_topic_is_declared() -> None:
    topic = notification(Notice("A/B", 0)).find("wsnt:Topic", NAMES)
    assert topic is not None
    assert topic.text == "tns1:A/B"
    assert topic.nsmap["tns1"] == TNS1
