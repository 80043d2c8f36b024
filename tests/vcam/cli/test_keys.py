"""`garim keys new`."""

from __future__ import annotations

import stat
from pathlib import Path

import pyrage
import pytest

from vcam.cli import main


def test_it_prints_the_public_half_and_keeps_the_private_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "officer.key"
    assert main(["keys", "new", "--out", str(out)]) == 0
    printed = capsys.readouterr()
    identity = pyrage.x25519.Identity.from_str(out.read_text(encoding="ascii").splitlines()[-1])
    assert printed.out.strip() == str(identity.to_public())
    assert "SECRET" not in printed.out + printed.err
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_key_in_use_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "officer.key"
    main(["keys", "new", "--out", str(out)])
    before = out.read_bytes()
    assert main(["keys", "new", "--out", str(out)]) == 1
    assert "exists already" in capsys.readouterr().err
    assert out.read_bytes() == before
