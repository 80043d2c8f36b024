"""Shares for keys on tokens: age's own program speaks to a plugin, here one that stands in for a token."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pyrage
import pytest
from pyrage import x25519

from recorder.vault import bech32
from recorder.vault.envelope import check_recipient, plugin_of, seal, unseal
from recorder.vault.keys import Identity
from vcam.base.errors import VaultError

NATIVE = Identity.generate()
SECRET = bytes(range(32))
RECIPIENT = bech32.encode("age1fake", SECRET)
IDENTITY = bech32.encode("age-plugin-fake-", SECRET).upper()

# The state machines of age's plugin protocol, with a lock that a child could pick.
PLUGIN = """#!{python}
import base64, hashlib, sys

def read():
    line = sys.stdin.readline()
    if not line:
        sys.exit(1)
    body = ""
    while True:
        part = sys.stdin.readline().rstrip("\\n")
        body += part
        if len(part) < 64:
            return line.split()[1:], base64.b64decode(body + "=" * (-len(body) % 4))

def write(*arguments, body=b""):
    text = base64.b64encode(body).decode().rstrip("=")
    sys.stdout.write("-> " + " ".join(arguments) + "\\n")
    for at in range(0, len(text) + 1, 64):
        sys.stdout.write(text[at:at + 64] + "\\n")
    sys.stdout.flush()

def lock(name, data):
    key = hashlib.sha256(name.rpartition("1")[2][:20].lower().encode()).digest()
    return bytes(a ^ b for a, b in zip(data, key))

names, keys, stanzas = [], [], []
while True:
    (kind, *arguments), body = read()
    if kind == "done":
        break
    if kind in ("add-recipient", "add-identity"):
        names.append(arguments[0])
    if kind == "wrap-file-key":
        keys.append(body)
    if kind == "recipient-stanza":
        stanzas.append((arguments, body))
if sys.argv[1].endswith("recipient-v1"):
    for number, key in enumerate(keys):
        for name in names:
            write("recipient-stanza", str(number), "fake", body=lock(name, key))
            read()
else:
    for arguments, body in stanzas:
        if arguments[1] == "fake":
            write("file-key", arguments[0], body=lock(names[0], body))
            read()
write("done")
"""


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if shutil.which("age") is None:
        pytest.skip("Debian's age is not installed (apt-get install age)")
    path = tmp_path / "age-plugin-fake"
    path.write_text(PLUGIN.replace("{python}", sys.executable))
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return path


def test_native_envelopes_are_age_files() -> None:
    sealed = seal(b"a share", NATIVE.recipient)
    assert pyrage.decrypt(sealed, [x25519.Identity.from_str(NATIVE.secret())]) == b"a share"
    theirs = pyrage.encrypt(b"another", [x25519.Recipient.from_str(NATIVE.recipient)])
    assert unseal(theirs, [NATIVE.secret()]) == b"another"


def test_a_key_on_a_token_takes_and_gives_a_share(token: Path) -> None:
    check_recipient(RECIPIENT)
    sealed = seal(b"a share", RECIPIENT)
    assert sealed.startswith(b"age-encryption.org/v1\n")
    assert unseal(sealed, [IDENTITY]) == b"a share"
    assert unseal(sealed, [NATIVE.secret(), IDENTITY]) == b"a share"
    assert unseal(seal(b"b", NATIVE.recipient), [IDENTITY, NATIVE.secret()]) == b"b"
    with pytest.raises(VaultError, match="None of the keys"):
        unseal(sealed, [NATIVE.secret()])


def test_a_token_that_is_not_there_is_named(token: Path) -> None:
    sealed = seal(b"a share", RECIPIENT)
    token.unlink()
    with pytest.raises(VaultError, match="age-plugin-fake has failed") as caught:
        check_recipient(RECIPIENT)
    assert "on PATH" in caught.value.mend
    with pytest.raises(VaultError, match="age-plugin-fake") as caught:
        unseal(sealed, [IDENTITY])
    assert IDENTITY not in str(caught.value)


def test_without_the_program_age_there_are_no_tokens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(VaultError, match="'age' is not there"):
        seal(b"a", RECIPIENT)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (RECIPIENT, "fake"),
        (IDENTITY, "fake"),
        (NATIVE.recipient, None),
        (NATIVE.secret(), None),
        ("age1", None),
    ],
)
def test_which_plugin_a_key_belongs_to(key: str, name: str | None) -> None:
    assert plugin_of(key) == name


def test_what_is_no_key_at_all() -> None:
    with pytest.raises(VaultError):
        check_recipient("age1nonsense")


@pytest.mark.parametrize(
    "number",
    [
        0,
        1,
        2**255 - 20,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
        2**255 - 19 + 9,
        int.from_bytes(bech32.decode(NATIVE.recipient)[1], "little") | 1 << 255,
    ],
)
def test_a_key_that_nobody_can_hold_is_refused(number: int) -> None:
    """Points of low order, and other notations of points (RFC 7748)."""
    with pytest.raises(VaultError, match="somebody can hold"):
        check_recipient(bech32.encode("age", number.to_bytes(32, "little")))
