"""Files of regions are read as they were written, or refused by their line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vcam.base.errors import ConfigError
from vcam.base.media import Kind
from vcam.review.line import Line, Shown, read

_GOOD = {"frame": 0, "time": 0.0, "regions": [[1, 2, 3, 4.5, 9, "face"]]}


def _file(tmp_path: Path, *lines: object) -> Path:
    path = tmp_path / "regions.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_line_is_read(tmp_path: Path) -> None:
    whole = {"frame": 1, "time": 0.04, "regions": [[0, 0, 64, 36, 0, "whole"]], "cleared": []}
    first, second = read(_file(tmp_path, _GOOD, whole))
    assert first == Line(0, 0.0, (Shown((1, 2, 3, 4.5), 9, Kind.FACE),))
    assert second.whole
    assert not first.whole


@pytest.mark.parametrize(
    "bad",
    [
        {"frame": 5, "time": 1.0, "regions": []},
        {"frame": 1, "time": 1.0},
        {**_GOOD, "frame": 1, "regions": [[1]]},
        {**_GOOD, "frame": float("inf")},
        {**_GOOD, "frame": 1, "regions": [[1, 2, 3, 4, float("inf"), "face"]]},
        7,
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, bad: object) -> None:
    with pytest.raises(ConfigError, match="line 2"):
        read(_file(tmp_path, _GOOD, bad))


def test_what_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"\xff\xfe{")
    with pytest.raises(ConfigError, match="cannot be read"):
        read(path)
    path.write_bytes(b"[" * 100_000)
    with pytest.raises(ConfigError, match="cannot be read"):
        read(path)
