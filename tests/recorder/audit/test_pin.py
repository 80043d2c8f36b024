"""The public key's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from recorder.audit.pin import fingerprint, read, text
from recorder.signing import SigningKey
from vcam.base.errors import CustodyError


def test_a_key_comes_back(tmp_path: Path) -> None:
    public = SigningKey.generate().public
    file = tmp_path / "log.pub"
    file.write_text(text(public), encoding="utf-8")
    assert read(file) == public


def test_minisigns_own_key_is_read(tmp_path: Path) -> None:
    """The key that minisign's author publishes for its releases."""
    file = tmp_path / "minisign.pub"
    file.write_text(
        "untrusted comment: minisign public key E7620F1842B4E81F\n"
        "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n",
        encoding="utf-8",
    )
    key = read(file)
    assert key.id[::-1].hex() == "e7620f1842b4e81f"
    assert text(key) == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"comment\nRWQ=\n", b"comment\nno base64!\n", b"one line"])
def test_anything_else_is_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "log.pub"
    file.write_bytes(data)
    for path in (file, tmp_path / "none"):
        with pytest.raises(CustodyError, match="no public key"):
            read(path)


def test_a_fingerprint_is_short_enough_to_read_aloud() -> None:
    assert fingerprint(bytes(32)) == "6668 7aad f862 bd77 6c8f c18b 8e9f 8e20 0897 1485"
