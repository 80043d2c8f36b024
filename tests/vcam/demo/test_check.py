"""When the demo says that something is not well."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from vcam.base.errors import WorkerError
from vcam.demo.check import _counters, _problems
from vcam.demo.clients import Outcome
from vcam.demo.custody import Kept
from vcam.demo.folder import CAMERA
from vcam.demo.leaks import Count

COUNTERS = {"frames_in": 500, "frames_out": 480, "whole": 10}
COUNT = Count(480, 0, 700, 0, 10, 10)
CLIENTS = Outcome(("onvif-zeep-async",), {})
KEPT = Kept(4, 4, raw_readable_without_key=False, raw_readable_with_key=True)


def test_all_well() -> None:
    assert _problems(COUNTERS, COUNT, CLIENTS, KEPT, 20) == []


@pytest.mark.parametrize(
    ("counters", "count", "clients", "kept", "word"),
    [
        ({**COUNTERS, "frames_in": 0}, COUNT, CLIENTS, KEPT, "from the camera"),
        ({**COUNTERS, "frames_out": 0}, COUNT, CLIENTS, KEPT, "was masked"),
        (COUNTERS, replace(COUNT, frames=200), CLIENTS, KEPT, "only 200"),
        (COUNTERS, replace(COUNT, unmasked_frames=1), CLIENTS, KEPT, "1 pictures show"),
        (COUNTERS, replace(COUNT, regions_masked=0), CLIENTS, KEPT, "seen masked"),
        (COUNTERS, COUNT, Outcome((), {"npm-onvif": "no"}), KEPT, "npm-onvif"),
        (COUNTERS, COUNT, CLIENTS, replace(KEPT, raw_segments=0), "no original"),
        (COUNTERS, COUNT, CLIENTS, replace(KEPT, masked_segments=0), "no masked segment"),
        (COUNTERS, COUNT, CLIENTS, replace(KEPT, raw_readable_without_key=True), "without the key"),
        (COUNTERS, COUNT, CLIENTS, replace(KEPT, raw_readable_with_key=False), "with the key"),
    ],
)
def test_each_trouble_is_named(
    counters: dict[str, int], count: Count, clients: Outcome, kept: Kept, word: str
) -> None:
    (problem,) = _problems(counters, count, clients, kept, 20)
    assert word in problem


@pytest.mark.parametrize("text", ["", "{}", "[]", json.dumps({CAMERA: {"frames_in": 1}})])
def test_missing_counters_are_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "stats.json"
    path.write_text(text)
    with pytest.raises(WorkerError, match="no counters"):
        _counters(path)
    with pytest.raises(WorkerError, match="no counters"):
        _counters(tmp_path / "absent")
