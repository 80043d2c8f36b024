"""`make custody-demo`: every step of the story comes true, and its results check out with tools of others."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MINISIGN = shutil.which("minisign")
AGE = shutil.which("age")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    out = tmp_path_factory.mktemp("story") / "out"
    command = [sys.executable, "-m", "vcam.demo.story", "--out", str(out)]
    return out, subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.timeout(600)
def test_every_step_comes_true(told: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    out, done = told
    steps = json.loads(done.stdout.splitlines()[-1])
    assert [name for name, true in steps.items() if true is False] == [], done.stdout
    assert steps["all"] is True
    assert done.returncode == 0
    names = {"export", "verify.pyz", "institution.pub", "segment.age", "identity.txt", "segment.h264"}
    assert {path.name for path in out.iterdir()} == names


@pytest.mark.skipif(MINISIGN is None, reason="minisign is not installed")
def test_minisign_checks_its_manifest(told: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    out, _ = told
    command = [
        "minisign",
        "-V",
        "-p",
        str(out / "institution.pub"),
        "-m",
        str(out / "export" / "manifest.json"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(AGE is None, reason="age is not installed")
def test_age_opens_its_segment_with_its_identity_alone(
    told: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    out, _ = told
    plain = (out / "segment.h264").read_bytes()
    command = ["age", "-d", "-i", str(out / "identity.txt"), str(out / "segment.age")]
    assert subprocess.run(command, capture_output=True, check=True).stdout == plain
    other = tmp_path / "other.txt"
    subprocess.run(["age-keygen", "-o", str(other)], capture_output=True, check=True)
    command[3] = str(other)
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
