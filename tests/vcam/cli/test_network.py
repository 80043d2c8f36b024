"""`garim network` at the command line; what it does to a network is tested in `test_own_address`."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vcam.base.errors import ServeError
from vcam.cli import app

CONFIG = """\
[recorder]
keep_original = false
[[camera]]
name = "front"
address = "127.0.0.2"
source = { url = "rtsp://192.0.2.10/" }
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "my site" / "garim.toml"
    path.parent.mkdir()
    path.write_text(CONFIG, encoding="utf-8")
    return path


def test_a_unit_names_all_by_absolute_paths(config: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["network", "plan", "--unit", "--parent", "eth0", "--config", str(config)])
    assert done.exit_code == 0, done.output
    (line,) = [line for line in done.output.splitlines() if line.startswith("ExecStart=")]
    assert line.startswith("ExecStart=/")
    assert line.endswith(f' network plan --apply --config "{config}" --parent eth0')
    if shutil.which("systemd-analyze"):
        unit = tmp_path / "garim-network.service"
        unit.write_text(done.output, encoding="utf-8")
        judged = subprocess.run(
            ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
        )
        assert "garim-network.service:" not in judged.stderr


@pytest.mark.skipif(shutil.which("ip") is None, reason="needs the command ip")
def test_an_address_in_no_network_of_the_host_is_refused(config: Path) -> None:
    done = CliRunner().invoke(app, ["network", "plan", "--config", str(config)])
    assert isinstance(done.exception, ServeError)
    assert "Camera front: 127.0.0.2 is in no network of this host" in str(done.exception)


@pytest.mark.parametrize("words", [["remove"], ["plan", "--apply", "--config"]])
def test_changes_need_root(config: Path, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    done = CliRunner().invoke(app, ["network", *words, *([str(config)] if len(words) > 1 else [])])
    assert isinstance(done.exception, ServeError)
    assert "needs root" in str(done.exception)
