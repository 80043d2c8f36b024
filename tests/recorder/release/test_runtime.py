"""One-time keys lie in memory, and leave it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from recorder.release.runtime import Runtime, kind_of
from vcam.base.errors import CustodyError
from vcam.base.settings_custody import CustodySettings

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
25 22 0:24 / /run/memory rw,nosuid shared:4 - tmpfs tmpfs rw
26 22 0:25 / /mnt/a\\040b rw master:3 propagate_from:2 - ramfs none rw
27 25 8:2 / /run/memory/disk rw - xfs /dev/sda2 rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/nowhere/state", "ext4"),
        ("/run/memory/garim", "tmpfs"),
        ("/run/memory/disk/garim", "xfs"),
        ("/run/memoryooth", "ext4"),
        ("/mnt/a b/c", "ramfs"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(path: str, kind: str) -> None:
    assert kind_of(Path(path), MOUNTS) == kind


def test_a_disk_is_refused_unless_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recorder.release.runtime.kind_of", lambda path: "ext4")
    with pytest.raises(CustodyError, match="lies on a disk"):
        Runtime(tmp_path / "run")
    assert Runtime(tmp_path / "run", on_disk=True).folder.stat().st_mode & 0o077 == 0


_SHM = CustodySettings().runtime.parent


@pytest.mark.skipif(kind_of(_SHM) != "tmpfs", reason=f"{_SHM} is no tmpfs here")
def test_memory_is_recognised(tmp_path: Path) -> None:
    folder = _SHM / f"garim-{tmp_path.name}"
    runtime = Runtime(folder)
    try:
        assert runtime.new("r1").startswith("age1")
    finally:
        runtime.destroy("r1")
        folder.rmdir()


def test_an_identity_is_there_until_it_is_destroyed(tmp_path: Path) -> None:
    runtime = Runtime(tmp_path, on_disk=True)
    runtime.new("r1")
    assert runtime.has("r1")
    assert runtime.identity("r1").startswith("AGE-SECRET-KEY-1")
    assert (tmp_path / "r1.identity").stat().st_mode & 0o077 == 0
    with pytest.raises(CustodyError, match="cannot be written"):
        runtime.new("r1")
    runtime.destroy("r1")
    runtime.destroy("r1")
    assert not runtime.has("r1")
    with pytest.raises(CustodyError, match="is gone"):
        runtime.identity("r1")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CustodyError, match="cannot be used for one-time keys"):
        Runtime(tmp_path / "file" / "run")


def test_a_folder_that_somebody_else_made_first_is_refused(tmp_path: Path) -> None:
    """In /dev/shm everybody may make a folder: whoever owns it can exchange what lies in it."""
    folder = tmp_path / "run"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(CustodyError, match="Others may write"):
        Runtime(folder, on_disk=True)
    folder.chmod(0o700)
    assert Runtime(folder, on_disk=True).folder == folder
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(folder, 65534, 65534)
    with pytest.raises(CustodyError, match="somebody else"):
        Runtime(folder, on_disk=True)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    os.chown(link, 65534, 65534, follow_symlinks=False)
    with pytest.raises(CustodyError, match="somebody else"):
        Runtime(link, on_disk=True)
