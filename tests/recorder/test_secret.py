"""Secrets are made once, for their owner only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recorder.secret import kept
from vcam.base.errors import RecordError


def test_all_who_come_at_once_get_the_same(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "one.key"
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: kept(path, 32), range(16)))
    assert len(found) == 1
    assert len(found.pop()) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["one.key"]


def test_a_damaged_one_is_named_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "one.key"
    path.write_bytes(b"short")
    with pytest.raises(RecordError, match="damaged"):
        kept(path, 32)
    assert path.read_bytes() == b"short"
