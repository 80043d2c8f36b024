"""Signatures hold for the very bytes and key, as another implementation of RFC 8032 sees it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from recorder.index import Index
from recorder.own_key import own_key
from recorder.signing import INSTITUTION, RECORDER, SigningKey
from tests.recorder.support import START
from tests.recorder.test_index import described
from vcam.base.errors import RecordError


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


@pytest.mark.parametrize("name", [RECORDER, INSTITUTION])
def test_a_key_that_is_lost_is_named_and_never_replaced(tmp_path: Path, name: str) -> None:
    key = SigningKey.open(tmp_path, name)
    path = tmp_path / f"{name}.key"
    kept = path.read_bytes()
    path.unlink()
    for _ in range(2):
        with pytest.raises(RecordError, match=f"{name}.key is lost, which signs .* backup"):
            SigningKey.open(tmp_path, name)
        assert not path.exists()
    path.write_bytes(kept)
    assert SigningKey.open(tmp_path, name).public == key.public


def test_another_key_in_its_place_is_noticed(tmp_path: Path) -> None:
    SigningKey.open(tmp_path / "here", RECORDER)
    SigningKey.open(tmp_path / "there", RECORDER)
    (tmp_path / "there" / "recorder.key").replace(tmp_path / "here" / "recorder.key")
    with pytest.raises(RecordError, match="holds another key"):
        SigningKey.open(tmp_path / "here", RECORDER)


def test_a_key_that_cannot_be_read_is_named_with_what_it_is_for(tmp_path: Path) -> None:
    (tmp_path / "recorder.key").mkdir()
    with pytest.raises(RecordError, match=r"recorder\.key.*rows of segments"):
        SigningKey.open(tmp_path, RECORDER)


def test_a_lost_key_whose_rows_are_in_the_index_is_not_replaced(tmp_path: Path) -> None:
    """The whole folder of keys is gone; a recorder of another name, which never signed, gets a key."""
    keys, url = tmp_path / "keys", f"sqlite:///{tmp_path / 'index.sqlite'}"
    index = Index.open(url, signer=own_key(keys, url, "main"))
    index.add(described(1, START))
    index.close()
    shutil.rmtree(keys)
    with pytest.raises(RecordError, match=r"recorder\.key is lost"):
        own_key(keys, url, "main")
    assert not keys.exists()
    own_key(keys, url, "south")


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
