"""`garim run` where it cannot run: a plain message with its mend, and no traceback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vcam.cli import main

Capture = pytest.CaptureFixture[str]

CONFIG = """
[site]
state = "state"
[onvif]
bind = "127.0.0.1"
port = 0
rtsp_port = 0
discovery = false
password = { file = "onvif.password" }
[recorder]
folder = "media"
keep_original = false
[[camera]]
name = "gate"
source = { url = "file:gate.mp4" }
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "onvif.password").write_text("correct-horse-battery\n", encoding="utf-8")
    path = tmp_path / "garim.toml"
    path.write_text(CONFIG, encoding="utf-8")
    return path


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that is in use."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def refused(config: Path, capsys: Capture, code: int) -> str:
    """What `garim run` says when it ends at once with `code`."""
    assert main(["run", "--config", str(config)]) == code
    said = capsys.readouterr()
    assert said.out == ""
    what, mend, *_ = said.err.splitlines()
    assert what.startswith("garim: ")
    assert mend.startswith("  ")
    assert "Traceback" not in said.err
    return said.err


@pytest.mark.parametrize("key", ["port", "rtsp_port"])
def test_a_port_in_use(key: str, config: Path, taken: int, capsys: Capture) -> None:
    text = CONFIG.replace(f"\n{key} = 0", f"\n{key} = {taken}")
    config.write_text(text, encoding="utf-8")
    said = refused(config, capsys, 1)
    assert "Camera gate" in said
    assert str(taken) in said
    assert f"onvif.{key}" in said


def test_an_address_of_another_machine(config: Path, capsys: Capture) -> None:
    config.write_text(CONFIG.replace("127.0.0.1", "192.0.2.1"), encoding="utf-8")
    said = refused(config, capsys, 1)
    assert "192.0.2.1" in said
    assert "onvif.bind" in said


@pytest.mark.parametrize(
    "content", ["[[camera]\nname =", "[camera]\nname = 7\n", "\0\1\2", "[recorder]\nnoise = 1"]
)
def test_broken_settings(content: str, config: Path, capsys: Capture) -> None:
    config.write_text(content, encoding="utf-8")
    assert "line " in refused(config, capsys, 2)


@pytest.mark.parametrize("setting", ["site.state", "recorder.folder"])
def test_a_folder_that_is_a_file(setting: str, config: Path, capsys: Capture) -> None:
    folder = config.parent / {"site.state": "state", "recorder.folder": "media"}[setting]
    folder.write_bytes(b"a file")
    said = refused(config, capsys, 1)
    assert str(folder) in said
    assert setting in said
    assert folder.read_bytes() == b"a file"


def test_an_index_that_is_none(config: Path, capsys: Capture) -> None:
    (config.parent / "state").mkdir()
    (config.parent / "state" / "index.sqlite").write_bytes(b"These are notes, and no database at all.")
    assert "index.sqlite" in refused(config, capsys, 1)


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_no_password(content: str | None, config: Path, capsys: Capture) -> None:
    path = config.parent / "onvif.password"
    path.unlink()
    if content is not None:
        path.write_text(content, encoding="utf-8")
    said = refused(config, capsys, 2)
    assert "onvif.password" in said


def humble() -> list[str]:
    """What runs a command without root's right to pass over the rights of files."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root needs setpriv to give up its rights")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def close_media(folder: Path) -> None:
    (folder / "media").mkdir(0o555)


def close_state(folder: Path) -> None:
    (folder / "state").mkdir(0o555)


def close_password(folder: Path) -> None:
    (folder / "onvif.password").chmod(0)


def close_config(folder: Path) -> None:
    (folder / "garim.toml").chmod(0)


@pytest.mark.parametrize(
    ("close", "named"),
    [
        (close_media, "media"),
        (close_state, "state"),
        (close_password, "onvif.password"),
        (close_config, "garim.toml"),
    ],
)
def test_rights_that_are_missing(close: Callable[[Path], None], named: str, config: Path) -> None:
    close(config.parent)
    command = [*humble(), sys.executable, "-m", "vcam.cli", "run", "--config", "garim.toml"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        command, cwd=config.parent, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode in {1, 2}
    assert named in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_site_whose_originals_nobody_could_open_does_not_start(config: Path, capsys: Capture) -> None:
    config.write_text(CONFIG.replace("keep_original = false\n", ""), encoding="utf-8")
    said = refused(config, capsys, 2)
    assert "could never be read" in said
    assert "garim custodian create" in said
