"""The place for figures in a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcam.base.errors import ConfigError
from vcam.quality.docs import BEGIN, END, check_docs, markdown, renew_docs
from vcam.quality.evaluation import Evaluation
from vcam.quality.recall import RecallFigures
from vcam.quality.tables import Table

ROOT = Path(__file__).parents[3]


def test_only_what_is_between_the_markers_changes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# Head\n\n{BEGIN}\nold\n{END}\n\ntail\n", encoding="utf-8")
    evaluation = Evaluation([], recall=[RecallFigures("faces", "face", 1.0)])
    renew_docs(page, evaluation)
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# Head\n\n{BEGIN}\n\n### Recall in pictures\n")
    assert text.endswith(f"\n{END}\n\ntail\n")
    assert "old" not in text
    assert "| faces | 1 | 0/0 |" in text
    renew_docs(page, evaluation)
    assert page.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("text", ["", "# Head\n", f"{BEGIN}\n", f"{END}\n{BEGIN}\n"])
def test_a_page_without_a_place_is_told(tmp_path: Path, text: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"page\.md") as caught:
        check_docs(page)
    assert BEGIN in caught.value.mend


def test_a_page_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.md"):
        check_docs(tmp_path / "nowhere.md")


def test_a_table_is_markdown() -> None:
    table = Table("Title", ("A", "B"), [("1", "2"), ("3", "4")], "Note.")
    assert markdown(table) == "### Title\n\nNote.\n\n| A | B |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n"


def test_the_projects_own_page_has_a_place() -> None:
    check_docs(ROOT / "docs" / "quality.md")
