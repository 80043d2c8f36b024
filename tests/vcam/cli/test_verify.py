"""`garim verify`: the same verdicts as the verifier that receivers run."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder.evidence import minisign
from recorder.evidence.bundle import verifier
from tests.recorder.evidence.support import KEY, OTHER, write
from vcam.cli import main

Capture = pytest.CaptureFixture[str]


def run(*arguments: str | Path) -> int:
    return main(["verify", *map(str, arguments)])


def test_the_status_is_the_verdict(tmp_path: Path, capsys: Capture) -> None:
    folder = write(tmp_path / "export", {"gate.h264": b"units"})
    minisign.write_public(tmp_path / "institution.pub", KEY.public)
    assert run(folder, "--key", tmp_path / "institution.pub", "--lang", "en") == 0
    assert "verified" in capsys.readouterr().out
    assert run(folder, "--lang", "en") == 2
    assert "not authenticated" in capsys.readouterr().out
    assert run(folder, "--lang", "ko", "--key", minisign.key_line(OTHER.public)) == 1
    assert "다른 키로 서명됨" in capsys.readouterr().out
    (folder / "gate.h264").write_bytes(b"Units")
    assert run(folder, "--key", minisign.key_line(KEY.public), "--lang", "en") == 1
    assert "gate.h264: altered" in capsys.readouterr().out


def test_a_key_that_cannot_be_read_is_no_verdict(tmp_path: Path, capsys: Capture) -> None:
    assert run(write(tmp_path / "export", {"a": b""}), "--key", tmp_path / "nowhere", "--lang", "en") == 64
    assert "cannot be read" in capsys.readouterr().err


def test_the_verifier_is_written_as_one_file(tmp_path: Path, capsys: Capture) -> None:
    assert run("--write-pyz", tmp_path / "verify.pyz") == 0
    assert (tmp_path / "verify.pyz").read_bytes() == verifier()
    assert run() == 2
    assert "No export is named" in capsys.readouterr().err
