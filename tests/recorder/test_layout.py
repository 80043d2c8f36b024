"""Names of files: what is written can be read back, and nothing else is taken for ours."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.layout import PART, SUFFIXES, new_id, parse, stem


@given(
    start=st.integers(0, 4_000_000_000_000_000),
    suffix=st.sampled_from([s for kind in SUFFIXES.values() for s in kind]),
    part=st.booleans(),
)
def test_a_name_says_what_it_was_made_of(start: int, suffix: str, part: bool) -> None:
    uid = new_id()
    path = stem("front-gate", start, uid)
    name = parse(path.with_name(path.name + suffix + (PART if part else "")))
    assert name is not None
    assert (name.camera, name.start, name.id, name.suffix, name.part) == (
        "front-gate",
        start,
        uid,
        suffix,
        part,
    )
    assert name.stem == path


def test_the_path_is_in_utc() -> None:
    assert str(stem("gate", 1_750_000_000_123_456, "0" * 16)) == (
        "gate/2025-06-15/15/20250615T150640.123456Z-0000000000000000"
    )


@pytest.mark.parametrize(
    "path",
    [
        "gate/2025-06-15/15/20250615T150640.123456Z-0000000000000000.txt",
        "gate/2025-06-15/15/20250615T150640.123456Z-0000000000000000",
        "gate/2025-06-15/16/20250615T150640.123456Z-0000000000000000.mp4",
        "gate/2025-06-15/15/20251315T150640.123456Z-0000000000000000.mp4",
        "Gate/2025-06-15/15/20250615T150640.123456Z-0000000000000000.mp4",
        "20250615T150640.123456Z-0000000000000000.mp4",
        "../2025-06-15/15/20250615T150640.123456Z-0000000000000000.mp4",
    ],
)
def test_what_is_not_ours_is_not_read(path: str) -> None:
    assert parse(PurePosixPath(path)) is None
