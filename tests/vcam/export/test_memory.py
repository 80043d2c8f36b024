"""Plaintext has one place, in memory, and does not stay there."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from recorder.release.runtime import kind_of
from vcam.base.errors import CustodyError
from vcam.export.memory import Workspace

HOLD = """
import sys
from pathlib import Path
from vcam.export.memory import Workspace
space = Workspace(Path(sys.argv[1]))
(space.folder / "plain").write_bytes(b"x")
print("there", flush=True)
sys.stdin.read()
"""


def test_what_was_put_there_is_gone(runtime: Path) -> None:
    with Workspace(runtime) as space:
        (space.folder / "plain").write_bytes(b"x")
        assert space.folder.stat().st_mode & 0o777 == 0o700
    assert list(runtime.iterdir()) == []


def test_what_a_killed_export_left_is_removed_and_what_a_living_one_holds_is_not(runtime: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, runtime], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd()
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"there\n"
        with Workspace(runtime) as space:
            assert len(list(runtime.iterdir())) == 2
        holder.send_signal(signal.SIGKILL)
    assert len(list(runtime.iterdir())) == 1
    with Workspace(runtime) as space:
        assert list(runtime.iterdir()) == [space.folder]


def test_a_disk_is_refused(tmp_path: Path) -> None:
    if kind_of(tmp_path) in {"tmpfs", "ramfs"}:
        pytest.skip("temporary files lie in memory here")
    with pytest.raises(CustodyError, match="must never reach a disk"):
        Workspace(tmp_path / "runtime")
    assert list((tmp_path / "runtime").iterdir()) == []


def test_more_than_there_is_room_for_is_refused_before_it_is_tried(runtime: Path) -> None:
    with Workspace(runtime) as space:
        space.need(1)
        with pytest.raises(CustodyError, match="MiB of memory"):
            space.need(shutil.disk_usage(runtime).free)


def test_a_folder_that_cannot_be_made_is_named(runtime: Path) -> None:
    (runtime / "file").write_bytes(b"")
    with pytest.raises(CustodyError, match="cannot be used"):
        Workspace(runtime / "file" / "below")
