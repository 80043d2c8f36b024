"""The demo from end to end, as a newcomer starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from vcam.base.settings import Settings
from vcam.demo.scene import Scene

DEMO = [sys.executable, "-m", "vcam.cli", "demo"]


def children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


@pytest.mark.timeout(300)
def test_it_checks_itself(tmp_path: Path, scene: Scene) -> None:
    folder = tmp_path / "demo"
    done = subprocess.run(
        [*DEMO, "--seconds", "12", "--folder", str(folder)], capture_output=True, text=True, check=False
    )
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["unmasked_frames"] == 0, done.stdout
    assert figures["rtsp_frames_received"] > 100
    assert figures["frames_in"] >= figures["frames_out"] > 100
    assert "onvif-zeep-async" in figures["onvif_clients_ok"]
    assert figures["raw_segments"] >= 2
    assert figures["masked_segments"] >= 2
    assert figures["raw_readable_without_key"] is False
    assert figures["raw_readable_with_key"] is True
    # On a machine with no time to spare everything may be masked whole, which the demo reports as not well.
    assert (done.returncode == 0) == (figures["regions_masked"] > 0)
    password = (folder / "onvif.password").read_text().strip()
    said = done.stdout + done.stderr + (folder / "garim.log").read_text() + (folder / "camera.log").read_text()
    assert password not in said
    assert (folder / "camera.password").read_text().strip() not in said
    assert "Traceback" not in said


@pytest.mark.timeout(180)
@pytest.mark.skipif(
    not Path("/proc/self/task").is_dir(), reason="child processes are found through Linux's /proc"
)
def test_ended_it_leaves_nothing_running(tmp_path: Path, scene: Scene) -> None:
    demo = subprocess.Popen([*DEMO, "--folder", str(tmp_path / "demo")], stdout=subprocess.PIPE, text=True)
    assert demo.stdout is not None
    with demo:
        started = any("Ctrl-C ends" in line for line in demo.stdout)
        children = children_of(demo.pid)
        children += [grandchild for child in children for grandchild in children_of(child)]
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(60) == 0
    assert started
    assert len(children) >= 3
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)


def test_the_configuration_to_start_from(tmp_path: Path, scene: Scene) -> None:
    out, folder = tmp_path / "site.toml", tmp_path / "demo"
    done = subprocess.run(
        [*DEMO, "--config-out", str(out), "--folder", str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    found = Settings.model_validate(tomllib.loads(out.read_text()))
    assert found.camera[0].source.url == f"file:{folder / 'camera.mp4'}"
    assert (folder / "camera.mp4").stat().st_size > 1_000_000


def test_a_folder_that_cannot_be_is_an_error_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [*DEMO, "--folder", str(tmp_path / "file" / "demo")], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "--folder" in done.stderr
