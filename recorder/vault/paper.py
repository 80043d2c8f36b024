"""Identities as people keep them: age identity files, and words on paper (SLIP-0039, one share of one)."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from shamir_mnemonic import MnemonicError, combine_mnemonics, generate_mnemonics

from recorder.vault.envelope import plugin_of
from recorder.vault.keys import Identity
from vcam.base.errors import VaultError

_WORDS = 33
"""Words for a key of 32 bytes."""


def words(identity: Identity) -> str:
    """A private key as 33 words with a checksum, as SLIP-0039 has them."""
    ((text,),) = generate_mnemonics(1, [(1, 1)], identity.key.private_bytes_raw())
    return str(text)


def from_words(text: str) -> Identity:
    """The private key in 33 words. Raises VaultError, which never repeats them."""
    try:
        secret = combine_mnemonics([" ".join(text.split()).lower()])
        return Identity(X25519PrivateKey.from_private_bytes(secret))
    except (MnemonicError, ValueError):
        raise VaultError(
            "These are not the words of an identity", mend="Compare each word with the paper: one is wrong"
        ) from None


def read_identities(path: Path) -> list[str]:
    """The private keys in a file, in age's notation: an age identity file, or words. Raises VaultError."""
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise VaultError(
            f"{path} cannot be read as an identity ({type(error).__name__})",
            mend="Give the file that 'garim custodian create' or 'garim keys new' wrote",
        ) from None
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if lines and all(line.upper().startswith("AGE-") for line in lines):
        for line in lines:
            if plugin_of(line) is None:
                Identity.parse(line)
        return lines
    if len(" ".join(lines).split()) == _WORDS:
        return [from_words(" ".join(lines)).secret()]
    raise VaultError(
        f"{path} holds no identity", mend=f"It must hold AGE-SECRET-KEY-1..., AGE-PLUGIN-... or {_WORDS} words"
    )
