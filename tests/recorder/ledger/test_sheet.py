"""CSV that is text alone."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.ledger.sheet import cell, sheet

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "＝1+1", "\n=1", "%0", "|x", "\u3000＠A"]
)
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "1-1", "2026-01-01 09:00:00+09:00", "정문", "'", '"x"', "a=b"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert cell(text) == text


@given(st.lists(st.lists(TEXT, min_size=1, max_size=4), max_size=4))
def test_whatever_stands_in_cells_comes_back(rows: list[list[str]]) -> None:
    read = list(csv.reader(io.StringIO(sheet(rows), newline="")))
    assert [
        [each.removeprefix("'") if cell(was) != was else each for each, was in zip(row, before, strict=True)]
        for row, before in zip(read, rows, strict=True)
    ] == rows
    assert not any(each[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"} for row in read for each in row if each)
