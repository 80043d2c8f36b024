"""What a thief of the disk would try: is anything of the originals readable without a key?

Plain video is sought in every file, and every string of 16 or 32 bytes that is stored beside the encrypted
bodies (also in hexadecimal, base64 or bech32) is tried as each key that the age v1 format knows.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

from recorder.descriptor import SegmentDescriptor
from recorder.layout import BODY, DESCRIPTOR, HEADER, PART, REGIONS, VIDEO, with_suffix
from recorder.vault.header import FILE_KEY_SIZE, Header, mac_key, unwrap
from recorder.vault.keys import KEY_SIZE, Identity
from recorder.vault.payload import NONCE, SEALED, chunk_nonce
from recorder.vault.sps import holds_video
from vcam.base.errors import RecordError, VaultError

_HEX = re.compile(rb"[0-9a-fA-F]{32,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{22,}={0,2}")
_TEXT = re.compile(rb"[\t\n\r -~]*")
_IDENTITY = re.compile(rb"AGE-SECRET-KEY-1[A-Z0-9]{58}", re.IGNORECASE)
_VARIETY = {FILE_KEY_SIZE: 9, KEY_SIZE: 18}
_ZEROS = {FILE_KEY_SIZE: 4, KEY_SIZE: 5}
"""Distinct bytes that a random key of that size has at least, and zeros that it has at the most, but for one in
ten million: tables of numbers and empty pages need no trial."""
_ZERO_NONCE = bytes(12)
_OVERLAP = 1 << 16
_BLOCK = 1 << 24


@dataclass(frozen=True, slots=True)
class Leak:
    """A file, and why what it holds is readable. Never the key itself."""

    path: Path
    why: str


@dataclass(frozen=True, slots=True)
class _Target:
    """One encrypted segment: its header, and the front of its body."""

    path: Path
    header: Header
    nonce: bytes
    chunk: bytes
    whole: bool
    recipients: tuple[str, ...]

    def identity(self, identity: Identity) -> bool:
        return any(unwrap(stanza, identity) is not None for stanza in self.header.stanzas)

    def wrapping_key(self, cipher: ChaCha20Poly1305) -> bool:
        return any(_opens(cipher, _ZERO_NONCE, stanza.body) for stanza in self.header.stanzas)

    def payload_key(self, key: bytes) -> bool:
        nonce = chunk_nonce(0, last=self.whole)
        # RFC 8439: the data begins at block 1. Video begins with few patterns, so most keys fail here already.
        stream = Cipher(ChaCha20(key, b"\x01\x00\x00\x00" + nonce), None).decryptor()
        front = stream.update(self.chunk[:3])
        if front not in {b"\x00\x00\x00", b"\x00\x00\x01", b"\xff\xd8\xff"}:
            return False
        return _opens(ChaCha20Poly1305(key), nonce, self.chunk)


def _opens(cipher: ChaCha20Poly1305, nonce: bytes, sealed: bytes) -> bool:
    try:
        cipher.decrypt(nonce, sealed, None)
    except InvalidTag:
        return False
    return True


def _target(header: Path) -> _Target | None:
    stem = header.with_name(header.name.removesuffix(HEADER))
    try:
        with with_suffix(stem, BODY).open("rb") as body:
            nonce, chunk = body.read(NONCE), body.read(SEALED)
            whole = not body.read(1)
        text = header.read_bytes()
    except FileNotFoundError:
        return None
    return _Target(header, Header.parse(text), nonce, chunk, whole, _recipients(stem))


def _recipients(stem: Path) -> tuple[str, ...]:
    """Whom the segment was encrypted to, by its descriptor; its own name when that does not say."""
    try:
        return tuple(SegmentDescriptor.load(with_suffix(stem, DESCRIPTOR).read_bytes()).recipients)
    except (OSError, RecordError):
        return (stem.name,)


def _texts(data: bytes) -> Iterator[bytes]:
    """What is written in `data` in hexadecimal or base64."""
    for match in _HEX.findall(data):
        yield binascii.unhexlify(match[: len(match) // 2 * 2])
    for match in _BASE64.findall(data):
        text = match.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
        for begin in range(4):  # a longer run of letters may hold it anywhere
            piece = text[begin : begin + (len(text) - begin) // 4 * 4]
            yield base64.b64decode(piece)
        if len(text) % 4 > 1:
            yield base64.b64decode(text + b"=" * (-len(text) % 4))


def _windows(data: bytes, size: int) -> Iterator[bytes]:
    """Every string of `size` bytes in `data` that could be a random key."""
    least, most = _VARIETY[size], _ZEROS[size]
    for begin in range(len(data) - size + 1):
        window = data[begin : begin + size]
        if window.count(0) <= most and len(set(window)) >= least:
            yield window


def _binary(windows: Iterable[bytes]) -> Iterator[bytes]:
    """Those that are not wholly text: random bytes hardly ever are, and keys written as text are read as such."""
    return (window for window in windows if not _TEXT.fullmatch(window))


def _plain(path: Path) -> bool:
    """Whether a file holds video in the clear. Read block by block, each with the end of the one before."""
    with _open(path) as file:
        before = b""
        while block := file.read(_BLOCK):
            if holds_video(before + block):
                return True
            before = block[-_OVERLAP:]
    return False


def _content(path: Path) -> bytes:
    """What a file holds; the lines of compressed regions, also of a file that is not finished."""
    with _open(path) as file:
        data = file.read()
    if not _is(path, REGIONS):
        return data
    try:
        return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS).decompress(data)
    except zlib.error:
        return data


def _open(path: Path) -> BinaryIO:
    """A file beside a running recorder: it may have got its final name by now, or be gone, which is empty."""
    for name in (path, path.with_name(path.name.removesuffix(PART))):
        try:
            return name.open("rb")
        except FileNotFoundError:
            continue
    return io.BytesIO()


def _is(path: Path, suffix: str) -> bool:
    return path.name.removesuffix(PART).endswith(suffix)


def _keys(stores: Iterable[Path]) -> tuple[set[bytes], set[bytes], set[str]]:
    """Candidates in `stores`: strings of 16 bytes, of 32 bytes, and identities in age's notation."""
    short: set[bytes] = set()
    long: set[bytes] = set()
    identities: set[str] = set()
    for store in stores:
        data = _content(store)
        identities.update(text.decode() for text in _IDENTITY.findall(data))
        for piece in (data, *_texts(data)):
            short.update(_binary(_windows(piece, FILE_KEY_SIZE)))
            long.update(_binary(_windows(piece, KEY_SIZE)))
    return short, long, identities


def _try_identities(targets: list[_Target], identities: set[str]) -> Iterator[Leak]:
    for text in identities:
        try:
            identity = Identity.parse(text)
        except VaultError:
            continue
        yield from (
            Leak(t.path, "an identity that opens it is stored") for t in targets if t.identity(identity)
        )


def _try_long(targets: list[_Target], audiences: list[_Target], key: bytes) -> Iterator[Leak]:
    cipher = ChaCha20Poly1305(key)
    for target in targets:
        if target.wrapping_key(cipher) or target.payload_key(key):
            yield Leak(target.path, "a key of 32 bytes that opens it is stored")
    identity = Identity(X25519PrivateKey.from_private_bytes(key))
    for target in audiences:
        if target.identity(identity):
            yield Leak(target.path, "a private key that opens it is stored")


def leaks(files: Iterable[Path]) -> Iterator[Leak]:
    """Go through `files`: the originals' headers, bodies, tables and descriptors, and the index with its log.

    Masked copies (`.mp4`) are readable by design and are passed over. Raises VaultError on a damaged header.
    """
    paths = [path for path in files if not _is(path, VIDEO)]
    for path in paths:
        if _plain(path):
            yield Leak(path, "video in the clear")
    targets = [t for path in paths if path.name.endswith(HEADER) and (t := _target(path)) is not None]
    short, long, identities = _keys(path for path in paths if not _is(path, BODY))
    yield from _try_identities(targets, identities)
    for key in map(mac_key, short):
        yield from (Leak(t.path, "its file key is stored") for t in targets if t.header.fits(key))
    # A private key that opens one segment opens all that were encrypted to the same recipients: one trial is enough.
    audiences = list({(t.recipients, len(t.header.stanzas)): t for t in targets}.values())
    for key in long:
        yield from _try_long(targets, audiences, key)


def readable_without_key(files: Iterable[Path]) -> bool:
    """Whether anything of the originals in `files` can be read by one who has these files and no key."""
    return next(leaks(files), None) is not None
