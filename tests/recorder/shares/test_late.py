"""Recording begins without the share store, and uses it once it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder.shares.late import LateStore
from recorder.shares.store import ShareStore
from vcam.base.clock import ManualClock
from vcam.base.errors import RecordError


def test_it_is_used_once_it_can_be(tmp_path: Path) -> None:
    path = tmp_path / "shares.sqlite"
    path.write_bytes(b"no share store at all" * 100)
    late = LateStore(path, ManualClock())
    with pytest.raises(RecordError, match="cannot be used"):
        late.destroy(["gate/2026-01-01/09"])
    path.unlink()
    ShareStore.open(path).close()
    assert late.destroy(["gate/2026-01-01/09"]) == 1
    assert (late.alive(["gate/2026-01-01/09"]), late.epochs()) == (set(), [])
    late.close()
