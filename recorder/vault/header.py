"""The header of the age v1 format (C2SP, "The age file encryption format"): wrapped file key and MAC.

A file key is 16 random bytes. It lives in memory only: it is never written and never logged.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from recorder.vault.keys import KEY_SIZE, Identity, parse_recipient
from vcam.base.errors import VaultError

FILE_KEY_SIZE = 16
_VERSION = b"age-encryption.org/v1"
_X25519 = "X25519"
_COLUMNS = 64
_ZERO_NONCE = bytes(12)
_LONGEST = 1 << 20


def derive(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    """32 bytes by HKDF-SHA-256 (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose).derive(key)


def new_file_key() -> bytes:
    """A file key from the system's random source."""
    return secrets.token_bytes(FILE_KEY_SIZE)


def _damaged(why: str) -> VaultError:
    return VaultError(f"The age header is damaged: {why}", mend="Restore the header from a backup")


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    """Unpadded, canonical base64. Raises VaultError."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise _damaged("base64 is malformed") from None
    if _encode(data) != text:
        raise _damaged("base64 is not canonical")
    return data


@dataclass(frozen=True, slots=True)
class Stanza:
    """One recipient stanza: its type and arguments, and its body."""

    arguments: tuple[str, ...]
    body: bytes

    def lines(self) -> list[str]:
        """The stanza as text; the body's last line is shorter than 64 characters, and may be empty."""
        text = _encode(self.body)
        folded = [text[i : i + _COLUMNS] for i in range(0, len(text) + 1, _COLUMNS)]
        return ["-> " + " ".join(self.arguments), *folded]


def wrap(file_key: bytes, recipient: str) -> Stanza:
    """`file_key` wrapped to one X25519 recipient by a key used only here."""
    public = parse_recipient(recipient)
    ephemeral = X25519PrivateKey.generate()
    share = ephemeral.public_key().public_bytes_raw()
    wrapping = derive(ephemeral.exchange(public), share + public.public_bytes_raw(), _VERSION + b"/X25519")
    return Stanza((_X25519, _encode(share)), ChaCha20Poly1305(wrapping).encrypt(_ZERO_NONCE, file_key, None))


def unwrap(stanza: Stanza, identity: Identity) -> bytes | None:
    """The file key, or None when the stanza is not for `identity`. Raises VaultError on a damaged stanza."""
    if stanza.arguments[0] != _X25519:
        return None
    if len(stanza.arguments) != 2 or len(stanza.body) != FILE_KEY_SIZE + 16:
        raise _damaged("an X25519 stanza has the wrong shape")
    share = _decode(stanza.arguments[1])
    if len(share) != KEY_SIZE:
        raise _damaged("an X25519 share has the wrong length")
    try:
        secret = identity.key.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError:
        raise _damaged("an X25519 share is of low order") from None
    wrapping = derive(secret, share + identity.key.public_key().public_bytes_raw(), _VERSION + b"/X25519")
    try:
        return ChaCha20Poly1305(wrapping).decrypt(_ZERO_NONCE, stanza.body, None)
    except InvalidTag:
        return None


def mac_key(file_key: bytes) -> bytes:
    """The key of the header's MAC."""
    return derive(file_key, b"", b"header")


def _mac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, hashlib.sha256)


@dataclass(frozen=True, slots=True)
class Header:
    """A parsed header. `signed` is the text that `mac` covers."""

    stanzas: tuple[Stanza, ...]
    signed: bytes
    mac: bytes

    @classmethod
    def seal(cls, file_key: bytes, recipients: Sequence[str]) -> Self:
        """A new header for `recipients`. Raises VaultError when there is none or one is no recipient."""
        if not recipients:
            raise VaultError("There is no recipient to encrypt to", mend="Set recorder.recipients")
        stanzas = tuple(wrap(file_key, recipient) for recipient in recipients)
        lines = [_VERSION.decode(), *(line for stanza in stanzas for line in stanza.lines()), "---"]
        signed = "\n".join(lines).encode()
        return cls(stanzas, signed, _mac(mac_key(file_key), signed))

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a header that fills `data` to its end. Raises VaultError."""
        signed, separator, tail = data.rpartition(b"\n--- ")
        if not separator or len(data) > _LONGEST or not tail.endswith(b"\n"):
            raise _damaged("it has no end")
        try:
            lines = signed.decode("ascii").split("\n")
            mac = _decode(tail[:-1].decode("ascii"))
        except UnicodeDecodeError:
            raise _damaged("it is not ASCII") from None
        if lines[0].encode() != _VERSION:
            raise _damaged("its first line is not that of age v1")
        return cls(_stanzas(lines[1:]), signed + b"\n---", mac)

    def __bytes__(self) -> bytes:
        return self.signed + b" " + _encode(self.mac).encode() + b"\n"

    def open(self, identities: Sequence[Identity]) -> bytes:
        """The file key. Raises VaultError when no identity fits, or when the MAC does not match."""
        for identity in identities:
            for stanza in self.stanzas:
                file_key = unwrap(stanza, identity)
                if file_key is None:
                    continue
                if not self.fits(mac_key(file_key)):
                    raise _damaged("its MAC does not match")
                return file_key
        raise VaultError(
            "None of the keys opens this segment", mend="Give an identity that it was encrypted to"
        )

    def fits(self, key: bytes) -> bool:
        """Whether `key`, as `mac_key` gives it, is that of this header's MAC."""
        return hmac.compare_digest(_mac(key, self.signed), self.mac)


def _stanzas(lines: Sequence[str]) -> tuple[Stanza, ...]:
    stanzas = []
    rest = iter(lines)
    for line in rest:
        head, *arguments = line.split(" ")
        if head != "->" or not arguments or not all(arguments):
            raise _damaged("a stanza does not begin as it must")
        if any(not 33 <= ord(c) <= 126 for argument in arguments for c in argument):
            raise _damaged("a stanza has an argument with an illegal character")
        body = []
        for part in rest:
            body.append(part)
            if len(part) < _COLUMNS:
                break
        if not body or len(body[-1]) >= _COLUMNS or any(len(part) > _COLUMNS for part in body):
            raise _damaged("a stanza's body has no end")
        stanzas.append(Stanza(tuple(arguments), _decode("".join(body))))
    if not stanzas:
        raise _damaged("it has no stanza")
    return tuple(stanzas)
