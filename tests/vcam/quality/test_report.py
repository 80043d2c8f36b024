"""The report and the tables, of an evaluation that was made up: what they say, and that they need nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from av.video.frame import VideoFrame

from vcam.quality.clip import ClipFigures, Moment
from vcam.quality.evalset import Label
from vcam.quality.evaluation import Evaluation
from vcam.quality.gallery import Gallery, Spot
from vcam.quality.judge import JudgedKind, Seen, View
from vcam.quality.recall import Outcome, RecallFigures
from vcam.quality.record import record
from vcam.quality.report import write_report
from vcam.quality.tables import tables
from vcam.quality.tally import Look, tally

VOID = {"meta", "img", "rect", "line", "circle", "path", "polyline", "br"}


class Someone:
    """A judge that is never asked."""

    kind: JudgedKind = "face"
    key = "00"

    def __init__(self, name: str, *, independent: bool = False) -> None:
        self.name, self.about, self.independent = name, f"{name} <at full size>", independent

    def look(self, view: View) -> list[Seen]:
        raise AssertionError


def clip(name: str, leaking: int, pictures: int = 40) -> ClipFigures:
    looks = [
        [Look(n, (0, 0, 20, 20, 0.9), 0.2 if n < leaking else 1.0, agreed=n == 0)] for n in range(pictures)
    ]
    moments = [
        Moment(n / 10, 0.05, False, {"centerface": 1}, {"centerface": int(n < leaking)})
        for n in range(pictures)
    ]
    figures = ClipFigures(
        name, 640, 360, 10.0, 4.0, pictures, area=0.05, area_most=0.06, limit=0.08, moments=moments
    )
    for judge in ("centerface", "dlib_hog"):
        figures.tallies[judge] = tally(looks)
        figures.leaks[judge] = [look for some in looks for look in some if look.leaked]
    return figures


@pytest.fixture
def evaluation() -> Evaluation:
    label = Label((0, 0, 10, 10), (0, 0, 10, 10))
    recall = []
    for scale in (1.0, 0.5):
        figures = RecallFigures("faces", "face", scale, 4, label_area=100, own_area=250, any_area=300)
        figures.outcomes = [
            Outcome(f"<b>_{n}.jpg", label, 8.0 + 10 * n, own, own) for n, own in enumerate((0, 1, 1, 1))
        ]
        recall.append(figures)
    clips = [clip("gate & yard", 3), replace(clip("hall", 0), area=0.2), replace(clip("attic", 0), limit=None)]
    judges = [Someone("centerface"), Someone("dlib_hog", independent=True)]
    return Evaluation(judges, recall=recall, clips=clips)


class Page(HTMLParser):
    """What a page is made of. Fails on tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)


def gallery() -> Gallery:
    found = Gallery()
    grey = np.full((60, 80, 3), 90, np.uint8)
    frame = VideoFrame.from_ndarray(grey, format="bgr24").reformat(format="yuv420p")
    found.add("gate & yard", Spot("<i>centerface", (5, 5, 20, 20), 1), frame, [])
    return found


def test_the_report_needs_no_other_file(evaluation: Evaluation, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report(path, evaluation, gallery())
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    links = [
        value for _, attrs in page.tags for key, value in attrs.items() if key in {"src", "href"} and value
    ]
    assert links
    assert all(link.startswith("data:image/jpeg;base64,") for link in links)
    assert "url(" not in text
    assert not any(tag == "script" for tag, _ in page.tags)


def test_only_its_owner_may_read_it_even_where_a_file_was(evaluation: Evaluation, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    write_report(path, evaluation, gallery())
    assert path.stat().st_mode & 0o777 == 0o600


def test_it_warns_only_when_it_shows_somebody(evaluation: Evaluation, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report(path, evaluation)
    plain = Page(path.read_text(encoding="utf-8"))
    assert "unmasked" not in plain.text
    assert not any(tag == "img" for tag, _ in plain.tags)
    write_report(path, evaluation, gallery())
    shown = Page(path.read_text(encoding="utf-8"))
    assert "unmasked" in shown.text
    assert sum(tag == "img" for tag, _ in shown.tags) == 1


def test_plots_stand_on_real_numbers(evaluation: Evaluation, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report(path, evaluation)
    text = path.read_text(encoding="utf-8")
    assert "NaN" not in text
    assert "gate & yard" in Page(text).text
    assert text.count("<svg") == 1 + 1 + len(evaluation.clips)
    assert all(float(number) >= 0 for number in re.findall(r'(?:width|height|x|y)="(-?[\d.]+)"', text))


@pytest.mark.parametrize("part", ["recall", "clips"])
def test_a_part_alone_is_a_report_too(evaluation: Evaluation, part: str, tmp_path: Path) -> None:
    whole = evaluation
    evaluation = Evaluation(whole.judges, **{part: getattr(whole, part)})
    write_report(tmp_path / "report.html", evaluation)
    Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert tables(evaluation)
    json.dumps(record(evaluation))


def test_tables_have_a_cell_for_each_heading(evaluation: Evaluation) -> None:
    found = {table.title: table for table in tables(evaluation)}
    for table in found.values():
        assert table.rows
        assert all(len(row) == len(table.columns) for row in table.rows)
    assert found["Recall in pictures"].rows[0][:4] == ("faces", "1", "3/4", "75.0")
    assert found["Leaks in clips"].rows[0][:4] == ("centerface", "3/120", "25.0", "1")
    assert found["Leaks in clips"].rows[1][0] == "dlib_hog, independent"
    assert [row[6] for row in found["Masked area and cost"].rows] == ["8.0", "8.0 exceeded", "-"]
    assert [row[1] for row in found["Leaks by clip"].rows] == ["3/40, run 3", "0/40", "0/40"]


def test_the_record_is_json_with_every_figure(evaluation: Evaluation) -> None:
    held = json.loads(json.dumps(record(evaluation), allow_nan=False))
    assert held["recall"][0]["hits"] == 3
    assert held["recall"][0]["area_ratio"] == 2.5
    assert [miss["picture"] for miss in held["recall"][0]["missed"]] == ["<b>_0.jpg"]
    assert held["leaks"]["centerface"]["leaked"] == 3
    assert held["clips"]["gate & yard"]["judges"]["centerface"]["leaks"][0]["share"] == 0.2
    assert held["clips"]["hall"]["within"] is False
    assert len(held["clips"]["hall"]["areas"]) == 40
