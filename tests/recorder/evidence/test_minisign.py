"""Minisign's texts, against Debian's minisign, which is not ours."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.evidence import minisign
from recorder.evidence.verifier.minisign import NotMinisign, PublicKey, public_key, signature
from recorder.signing import SigningKey
from vcam.base.errors import CustodyError

KEY = SigningKey(bytes(range(8)), bytes(range(32)))
DATA = b'{"a":1}'


def debian(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    tool = shutil.which("minisign")
    if tool is None:
        pytest.skip("minisign is not installed")
    return subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("legacy", [False, True])
def test_debians_minisign_takes_what_we_sign(tmp_path: Path, legacy: bool) -> None:
    file, public = tmp_path / "manifest.json", tmp_path / "institution.pub"
    file.write_bytes(DATA)
    minisign.write_public(public, KEY.public)
    text = minisign.sign(KEY, DATA, comment="export:E20260101-00000001", legacy=legacy)
    (tmp_path / "manifest.json.minisig").write_text(text, encoding="utf-8")
    for key in (("-p", public), ("-P", minisign.key_line(KEY.public))):
        done = debian("-V", "-m", file, *key)
        assert done.returncode == 0, done.stderr
        assert "E20260101-00000001" in done.stdout
    file.write_bytes(DATA + b" ")
    assert debian("-V", "-m", file, "-p", public).returncode != 0


@pytest.mark.parametrize("flags", [(), ("-l",)])
def test_we_take_what_debians_minisign_signs(tmp_path: Path, flags: tuple[str, ...]) -> None:
    file, public, secret = tmp_path / "data", tmp_path / "key.pub", tmp_path / "secret"
    file.write_bytes(DATA)
    assert debian("-G", "-W", "-p", public, "-s", secret).returncode == 0
    assert debian("-S", *flags, "-s", secret, "-m", file, "-t", "said so").returncode == 0
    key = minisign.read_public(public.read_text(encoding="utf-8"))
    text = Path(f"{file}.minisig").read_text(encoding="utf-8")
    assert minisign.verifies(key, text, DATA)
    assert not minisign.verifies(key, text, DATA + b" ")
    assert not minisign.verifies(key, text.replace("said so", "said no"), DATA)
    assert not minisign.verifies(KEY.public, text, DATA)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.characters(codec="utf-8"))
def test_a_text_with_one_other_character_is_never_taken_for_the_same(at: int, other: str) -> None:
    text = minisign.sign(KEY, DATA, comment="c")
    at %= len(text)
    altered = text[:at] + other + text[at + 1 :]
    first = text.index("\n")
    if altered == text or at < first:  # the untrusted comment is what it says
        return
    assert not minisign.verifies(KEY.public, altered, DATA)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "RW",
        "untrusted comment: x",
        "untrusted comment: x\n!!!\n",
        base64.b64encode(b"Xx" + bytes(40)).decode(),
        base64.b64encode(b"Ed" + bytes(39)).decode(),
        "é" * 56,
        "a\nb\nc",
        "A" * 20_000,
    ],
)
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(NotMinisign):
        public_key(text)
    with pytest.raises(NotMinisign):
        signature(text)
    with pytest.raises(CustodyError, match="This is"):
        minisign.read_public(text)
    assert not minisign.verifies(KEY.public, text, DATA)


def test_a_comment_is_one_line() -> None:
    with pytest.raises(ValueError, match="one printable line"):
        minisign.sign(KEY, DATA, comment="a\nb")


def test_the_number_is_printed_as_minisign_does(tmp_path: Path) -> None:
    assert debian("-G", "-W", "-p", tmp_path / "p", "-s", tmp_path / "s").returncode == 0
    text = (tmp_path / "p").read_text(encoding="utf-8")
    key = public_key(text)
    assert text.splitlines()[0].endswith(f" {key.number}")
    assert minisign.public_text(minisign.read_public(text)).splitlines()[1] == text.splitlines()[1]


def test_leading_zeros_of_the_number_are_left_out() -> None:
    # As minisign 0.11 wrote it for a key of its own making with these eight bytes.
    assert PublicKey(bytes.fromhex("f4df448903558b06"), bytes(32)).number == "68B55038944DFF4"
