"""The ballast: room that is there when there is none."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from recorder.ballast import Ballast, free_bytes

SIZE = 1 << 20


def test_it_takes_its_room_for_good(tmp_path: Path) -> None:
    path = tmp_path / "ballast"
    ballast = Ballast(path, SIZE)
    assert ballast.make()
    assert path.stat().st_blocks * 512 >= SIZE
    inode = path.stat().st_ino
    assert ballast.make()
    assert path.stat().st_ino == inode


def test_it_is_lent_only_where_room_is_short_and_taken_again(tmp_path: Path) -> None:
    path = tmp_path / "ballast"
    free = SIZE - 1
    ballast = Ballast(path, SIZE, lambda _: free)
    ballast.make()
    with ballast.lent():
        assert not path.exists()
    assert path.stat().st_size == SIZE
    free = SIZE
    with ballast.lent():
        assert path.exists()


def test_it_is_taken_again_when_the_purge_fails(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", SIZE, lambda _: 0)
    with pytest.raises(KeyError), ballast.lent():
        raise KeyError
    assert (tmp_path / "ballast").exists()


def test_without_room_none_is_left_half_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int, offset: int, length: int) -> None:
        os.ftruncate(handle, length // 2)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert not Ballast(tmp_path / "ballast", SIZE).make()
    assert list(tmp_path.iterdir()) == []


def test_none_at_all_is_a_choice(tmp_path: Path) -> None:
    ballast = Ballast(tmp_path / "ballast", 0)
    assert not ballast.make()
    with ballast.lent():
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_is_free_is_what_the_file_system_says(tmp_path: Path) -> None:
    assert 0 < free_bytes(tmp_path) <= os.statvfs(tmp_path).f_blocks * os.statvfs(tmp_path).f_frsize
