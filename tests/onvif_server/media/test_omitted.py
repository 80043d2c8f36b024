"""What a client leaves out of a configuration stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from onvif_server.media.omitted import completed

PRESENT = "<c token='x'><a>1</a><b><p>2</p><q>3</q></b><d>4</d></c>"


def _merged(asked: str) -> str:
    return etree.tostring(completed(etree.fromstring(asked), etree.fromstring(PRESENT))).decode()


@pytest.mark.parametrize(
    ("asked", "whole"),
    [
        ("<c/>", "<c><a>1</a><b><p>2</p><q>3</q></b><d>4</d></c>"),
        ("<c><d>9</d></c>", "<c><a>1</a><b><p>2</p><q>3</q></b><d>9</d></c>"),
        ("<c><b><q>9</q></b></c>", "<c><a>1</a><b><p>2</p><q>9</q></b><d>4</d></c>"),
        ("<c><a>9</a><z/><d>9</d></c>", "<c><a>9</a><b><p>2</p><q>3</q></b><z/><d>9</d></c>"),
        ("<c><!-- a --><a/></c>", "<c><!-- a --><a/><b><p>2</p><q>3</q></b><d>4</d></c>"),
        ("<c><a/><a/></c>", "<c><a/><a/></c>"),
    ],
    ids=["nothing", "one", "within", "more", "comment", "twice"],
)
def test_what_is_left_out_is_put_in_its_place(asked: str, whole: str) -> None:
    assert _merged(asked) == whole


@given(st.sets(st.sampled_from(["a", "b/p", "b/q", "d"])))
def test_what_was_taken_out_comes_back(gone: set[str]) -> None:
    asked = etree.fromstring(PRESENT)
    for path in gone:
        part = asked.find(path)
        assert part is not None
        parent = part.getparent()
        assert parent is not None
        parent.remove(part)
        if len(parent) == 0 and parent is not asked:
            asked.remove(parent)
    before = etree.tostring(asked)
    assert etree.tostring(completed(asked, etree.fromstring(PRESENT))) == etree.tostring(
        etree.fromstring(PRESENT)
    )
    assert etree.tostring(asked) == before
