"""Whatever people type, it is text in a page and never a part of it."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from console.markup import Markup, tag


class Read(HTMLParser):
    """What a browser would make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.text += data


PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="\r\0"), max_size=40)


@given(PLAIN, PLAIN)
def test_text_and_attributes_come_out_as_they_went_in(text: str, value: str) -> None:
    read = Read()
    read.feed(tag("p", text, title=value))
    read.close()
    assert read.elements == [("p", [("title", value)])]
    assert read.text == text


def test_markup_is_put_in_once() -> None:
    assert tag("p", tag("b", "a & b"), "<i>") == "<p><b>a &amp; b</b>&lt;i&gt;</p>"
    assert Markup.of("<", Markup("<br>")) == "&lt;<br>"
    assert tag("input", required=True, disabled=False, class_="x", http_equiv="y") == (
        '<input required class="x" http-equiv="y">'
    )
