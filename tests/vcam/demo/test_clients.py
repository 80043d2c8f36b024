"""ONVIF clients."""

from __future__ import annotations

import json
import socket
import sys
from pathlib import Path

import pytest

from vcam.demo.clients import IN_PROCESS, MARKER, Device, installed, run_clients, run_driver, run_in_process


@pytest.fixture
def nobody() -> Device:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return Device("127.0.0.1", free.getsockname()[1], "garim", "secret-word")


def client(root: Path, name: str, text: str) -> Path:
    folder = root / name
    folder.mkdir()
    command = [sys.executable, "-c", text]
    (folder / MARKER).write_text(json.dumps({"command": command, "environment": {"WHERE": "here"}}))
    return folder


async def test_nobody_there_is_told(nobody: Device) -> None:
    problem = await run_in_process(nobody)
    assert problem
    assert "secret-word" not in problem


def test_a_driver_gets_the_device(tmp_path: Path, nobody: Device) -> None:
    text = (
        "import os, sys\n"
        "good = sys.argv[1] == '127.0.0.1' and sys.argv[3] == 'garim' and int(sys.argv[2]) > 0\n"
        "good = good and os.environ['ONVIF_PASSWORD'] == 'secret-word' and os.environ['WHERE'] == 'here'\n"
        "sys.exit(0 if good else 1)"
    )
    assert run_driver(client(tmp_path, "good", text), nobody) == ""


def test_what_a_driver_says_is_told_without_the_password(tmp_path: Path, nobody: Device) -> None:
    text = "import os, sys\nprint('it fails with', os.environ['ONVIF_PASSWORD'])\nsys.exit(1)"
    assert run_driver(client(tmp_path, "bad", text), nobody) == "it fails with ***"
    assert run_driver(client(tmp_path, "silent", "raise SystemExit(3)"), nobody) == "exit status 3"


def test_a_broken_installation_is_told(tmp_path: Path, nobody: Device) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / MARKER).write_text("{}")
    assert "cannot be run" in run_driver(folder, nobody)


def test_all_that_are_installed_run(tmp_path: Path, nobody: Device) -> None:
    client(tmp_path, "good", "")
    client(tmp_path, "bad", "raise SystemExit('no')")
    client(tmp_path, IN_PROCESS, "")
    (tmp_path / "not-installed").mkdir()
    finder = client(tmp_path, "finder", "")
    (finder / MARKER).write_text(json.dumps({"command": [], "environment": {}}))
    assert [folder.name for folder in installed(tmp_path)] == ["bad", "good", IN_PROCESS]
    outcome = run_clients(nobody, tmp_path)
    assert outcome.ok == ("good",)
    assert set(outcome.failed) == {"bad", IN_PROCESS}
    assert "secret-word" not in repr(nobody)
