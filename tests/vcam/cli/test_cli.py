"""The program as a whole: its exit statuses, and that it never answers with a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vcam.cli import app, main


def garim(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vcam.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=60,
        check=False,
    )


def test_it_tells_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("garim ")


def test_without_a_command_it_helps(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    said = capsys.readouterr()
    assert "config" in said.out + said.err


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["config", "check"], ["run", "--nonsense"], ["keys", "new"]]
)
def test_wrong_usage_is_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "--config", "absent.toml"],
        ["check", "--config", "absent.toml"],
        ["purge", "--config", "absent.toml"],
        ["footage", "list", "--config", "absent.toml"],
        ["config", "check", "absent.toml"],
        ["mask", "in.mp4", "out.mp4", "--camera", "gate"],
        ["detect", "in.png", "--config", "absent.toml"],
    ],
)
def test_wrong_settings_are_2_and_are_told_with_their_mend(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("garim: ")
    assert "  Write" in error or "  Name" in error
    assert "Traceback" not in error


def test_a_process_ends_with_the_same_status_and_without_a_traceback(tmp_path: Path) -> None:
    done = garim("config", "check", tmp_path)
    assert done.returncode == 2
    assert "is a folder" in done.stderr
    assert "Traceback" not in done.stderr
    assert not done.stdout


def test_a_closed_pipe_is_no_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "vcam.cli", "config", "example"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_ctrl_c_is_130(tmp_path: Path) -> None:
    pipe = tmp_path / "garim.toml"
    os.mkfifo(pipe)
    with subprocess.Popen(
        [sys.executable, "-m", "vcam.cli", "config", "check", str(pipe)], stderr=subprocess.PIPE
    ) as process:
        with pipe.open("wb"):  # the program is reading now, and waits
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


def test_checking_settings_loads_nothing_heavy(tmp_path: Path) -> None:
    config = tmp_path / "garim.toml"
    heavy = "{'av', 'cv2', 'numpy', 'zeep', 'aiohttp', 'openvino', 'onnxruntime', 'sqlalchemy'}"
    script = (
        "import sys; from vcam.cli import main; code = main(sys.argv[1:]); "
        f"print(sorted({heavy} & set(sys.modules)), file=sys.stderr); sys.exit(code)"
    )
    with config.open("w", encoding="utf-8") as file:
        subprocess.run([sys.executable, "-m", "vcam.cli", "config", "example"], stdout=file, check=True)
    command = [sys.executable, "-c", script, "config", "check", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_every_command_says_what_it_does() -> None:
    groups = {group.name: group.typer_instance for group in app.registered_groups}
    commands = [*app.registered_commands]
    for group in groups.values():
        assert group is not None
        commands += group.registered_commands
    assert len(commands) >= 14
    for command in commands:
        assert command.callback is not None
        assert (command.callback.__doc__ or "").strip().endswith(".")
