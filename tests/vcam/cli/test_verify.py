"""`garim verify`: the same verdicts as the verifier that receivers run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from recorder.evidence import minisign
from recorder.evidence.bundle import verifier
from recorder.evidence.verifier.check import STAMP
from tests.recorder.evidence.support import KEY, OTHER, write
from tests.recorder.evidence.test_stamp import authority, certificate
from vcam.cli import main

__all__ = ["authority"]
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


def test_a_time_stamp_that_is_asked_for_must_be_there_and_fit(tmp_path: Path, capsys: Capture) -> None:
    pytest.importorskip("rfc3161_client", reason="the extra 'timestamp' is not installed")
    folder = write(tmp_path / "export", {"gate.h264": b"units"})
    key = ("--key", minisign.key_line(KEY.public), "--lang", "en")
    root, _ = certificate("root", None)
    (tmp_path / "root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    assert run(folder, *key, "--tsa-root", tmp_path / "root.pem") == 1
    assert "there is no time stamp" in capsys.readouterr().out
    (folder / STAMP).write_bytes(b"nonsense")
    capsys.readouterr()
    assert run(folder, *key) == 0
    assert f"{STAMP}: not checked here, and not signed" in capsys.readouterr().out
    assert run(folder, *key, "--tsa-root", tmp_path / "root.pem") == 1
    assert "the time stamp does not fit" in capsys.readouterr().out


def test_an_export_is_stamped_by_an_authority(
    authority: tuple[Callable[[bytes], bytes], x509.Certificate], tmp_path: Path, capsys: Capture
) -> None:
    pytest.importorskip("rfc3161_client", reason="the extra 'timestamp' is not installed")
    answer, _ = authority
    folder = write(tmp_path / "export", {"gate.h264": b"units"})
    assert main(["exports", "stamp", str(folder), "--query", str(tmp_path / "q.tsq")]) == 0
    (tmp_path / "r.tsr").write_bytes(answer((tmp_path / "q.tsq").read_bytes()))
    root = str(tmp_path / "root.pem")
    assert main(["exports", "stamp", str(folder), "--reply", str(tmp_path / "r.tsr"), "--root", root]) == 0
    assert main(["exports", "stamp", str(folder)]) == 2
    capsys.readouterr()
    assert run(folder, "--key", minisign.key_line(KEY.public), "--lang", "en", "--tsa-root", root) == 0
    said = capsys.readouterr().out
    assert "Time stamp: 20" in said
    assert "not checked" not in said
