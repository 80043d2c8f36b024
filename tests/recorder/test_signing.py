"""Signatures hold for the very bytes and key, as another implementation of RFC 8032 sees it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from recorder.signing import INSTITUTION, RECORDER, SigningKey


def test_a_key_is_the_same_at_every_opening_and_differs_by_name(tmp_path: Path) -> None:
    first = SigningKey.open(tmp_path, RECORDER)
    again = SigningKey.open(tmp_path, RECORDER)
    other = SigningKey.open(tmp_path, INSTITUTION)
    assert again.public == first.public != other.public
    signature = again.sign(b"row")
    assert first.public.verify(signature, b"row")
    assert not first.public.verify(signature, b"Row")
    assert not first.public.verify(signature[:-1] + bytes([signature[-1] ^ 1]), b"row")
    assert not other.public.verify(signature, b"row")
    assert not first.public.verify(b"", b"row")


def test_openssl_agrees(tmp_path: Path) -> None:
    key = SigningKey.generate()
    public = Ed25519PublicKey.from_public_bytes(key.public.raw)
    (tmp_path / "key.pem").write_bytes(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (tmp_path / "data").write_bytes(b"what was seen")
    (tmp_path / "signature").write_bytes(key.sign(b"what was seen"))
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "data"]
    done = subprocess.run(
        [*command, "-sigfile", "signature"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
