"""A new key pair: the file is its owner's alone, and other age implementations accept it."""

from __future__ import annotations

import shutil
import stat
import subprocess
from pathlib import Path

import pyrage
import pytest

from recorder.keys import check_recipient, new_identity
from vcam.base.clock import ManualClock
from vcam.base.errors import RecordError, VaultError


def test_pyrage_reads_what_was_encrypted_to_the_printed_half(tmp_path: Path) -> None:
    path = tmp_path / "officer.key"
    recipient = new_identity(path, ManualClock(utc=1_700_000_000_000_000))
    secret = path.read_text(encoding="ascii").splitlines()[-1]
    identity = pyrage.x25519.Identity.from_str(secret)
    assert str(identity.to_public()) == recipient
    sealed = pyrage.encrypt(b"footage", [pyrage.x25519.Recipient.from_str(recipient)])
    assert pyrage.decrypt(sealed, [identity]) == b"footage"


@pytest.mark.skipif(shutil.which("age-keygen") is None, reason="Debian's age is not installed")
def test_age_keygen_derives_the_same_public_half(tmp_path: Path) -> None:
    path = tmp_path / "officer.key"
    recipient = new_identity(path, ManualClock())
    found = subprocess.run(["age-keygen", "-y", str(path)], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == recipient


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    path = tmp_path / "officer.key"
    new_identity(path, ManualClock())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_in_use_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "officer.key"
    new_identity(path, ManualClock())
    before = path.read_bytes()
    with pytest.raises(RecordError, match="exists already"):
        new_identity(path, ManualClock())
    assert path.read_bytes() == before


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="cannot be written"):
        new_identity(tmp_path / "absent" / "officer.key", ManualClock())


def test_a_recipient_with_one_wrong_letter_is_refused(tmp_path: Path) -> None:
    recipient = new_identity(tmp_path / "officer.key", ManualClock())
    check_recipient(recipient)
    wrong = recipient[:-1] + ("q" if recipient[-1] != "q" else "p")
    with pytest.raises(VaultError):
        check_recipient(wrong)
